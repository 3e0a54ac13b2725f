package load

import (
	"encoding/csv"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/value"
)

func (r *reader) classifier(m schema.Meta, n *schema.Node) *schema.Classifier {
	c := &schema.Classifier{Meta: m, Owner: text(n, "owner")}
	if c.Owner == "" {
		c.Owner = "package"
	}
	for _, e := range most(r, entries(n, "attributes"), maxProperties, "attributes", n.Pos) {
		r.spelled(e.Key, "attribute")
		p := r.property(m.Name, e)
		if p.Type == nil {
			r.untyped(p.Pos, e.Key.Text, e.Value)
		}
		c.Attributes = append(c.Attributes, p)
	}
	if s := scalar(n, "items"); !s.IsZero() {
		c.Items = r.csvItems(s)
		return c
	}
	for _, e := range most(r, entries(n, "items"), maxItems, "items (a CSV file may hold more)", m.Pos) {
		c.Items = append(c.Items, r.item(e))
	}
	return c
}

// itemWords are the keys of an item that are not attributes.
var itemWords = []string{"title", "from", "to", "parent", "codes", "replacedBy", "description", "law", "was", "before"}

func (r *reader) item(e schema.Entry) *schema.ClassifierItem {
	v := e.Value
	it := &schema.ClassifierItem{Code: e.Key.Text, Pos: e.Key.Pos, Title: text(v, "title"), From: r.date(v, "from").Text, To: r.date(v, "to").Text,
		Parent: text(v, "parent"), ReplacedBy: text(v, "replacedBy"), Codes: textMap(v, "codes")}
	for _, a := range v.Entries {
		if !slices.Contains(itemWords, a.Key.Text) {
			it.Attributes = append(it.Attributes, a)
		}
	}
	return it
}

// csvItems reads the items of a classifier from a file: a head with code, title, from, to, parent, replacedBy,
// codes.<system> or attributes; commas or semicolons; UTF-8.
func (r *reader) csvItems(s schema.Scalar) []*schema.ClassifierItem {
	file := path.Join("classifiers", s.Text)
	src, ok := r.pkg.Files[file]
	if !ok || path.Dir(file) != "classifiers" {
		r.fault(schema.Faultf(s.Pos, "missing-file", "there is no file %q beside the classifier", s.Text).WithHint("items are a map of codes or the name of a CSV file"))
		return nil
	}
	pos := schema.Pos{File: r.pkg.Name + "/" + file, Line: 1, Col: 1}
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(src), "\ufeff")))
	if head, _, _ := strings.Cut(string(src), "\n"); strings.Count(head, ";") > strings.Count(head, ",") {
		in.Comma = ';'
	}
	rows, lines, err := csvRows(in)
	const hint = "the first line names the columns: code,title,from,to,parent"
	switch {
	case err != nil:
		r.fault(schema.Faultf(pos, "bad-csv", "the file is not a table: %v", err).WithHint(hint))
		return nil
	case len(rows) == 0 || !slices.Contains(rows[0], "code"):
		r.fault(schema.Faultf(pos, "bad-csv", "the table has no column code").WithHint(hint))
		return nil
	}
	var out []*schema.ClassifierItem
	for i, row := range rows[1:] {
		pos.Line = lines[i+1]
		out = append(out, r.item(csvEntry(rows[0], row, pos)))
	}
	return out
}

// csvRows reads all rows with the lines on which they begin.
func csvRows(in *csv.Reader) (rows [][]string, lines []int, err error) {
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, lines, nil
		}
		if err != nil {
			return nil, nil, err
		}
		line, _ := in.FieldPos(0)
		rows, lines = append(rows, row), append(lines, line)
	}
}

// csvEntry is a row as the entry that it would be in YAML.
func csvEntry(head, row []string, pos schema.Pos) schema.Entry {
	code := schema.Scalar{Pos: pos}
	v := &schema.Node{Kind: schema.MapNode, Pos: pos}
	codes := &schema.Node{Kind: schema.MapNode, Pos: pos}
	for i, cell := range row {
		if cell == "" {
			continue
		}
		s := schema.Scalar{Text: cell, Pos: pos}
		leaf := &schema.Node{Pos: pos, Scalar: s}
		system, isCode := strings.CutPrefix(head[i], "codes.")
		switch {
		case head[i] == "code":
			code = s
		case isCode:
			codes.Entries = append(codes.Entries, schema.Entry{Key: schema.Scalar{Text: system, Pos: pos}, Value: leaf})
		default:
			v.Entries = append(v.Entries, schema.Entry{Key: schema.Scalar{Text: head[i], Pos: pos}, Value: leaf})
		}
	}
	v.Entries = append(v.Entries, schema.Entry{Key: schema.Scalar{Text: "codes", Pos: pos}, Value: codes})
	return schema.Entry{Key: code, Value: v}
}

func (r *reader) parameter(m schema.Meta, n *schema.Node) *schema.Parameter {
	p := &schema.Parameter{Meta: m, Type: text(n, "type")}
	for _, e := range most(r, entries(n, "columns"), maxProperties, "columns", n.Pos) {
		r.named(e.Key, "column")
		p.Columns = append(p.Columns, &schema.ParameterCol{Name: e.Key.Text, Pos: e.Key.Pos, Type: e.Value.Text()})
	}
	if n.Get("type") != nil || n.Get("columns") != nil || n.Get("keys") != nil {
		r.oneOf(n, "the parameter", []string{"type", "columns"})
	}
	for _, e := range entries(n, "keys") {
		r.named(e.Key, "key")
		p.Keys = append(p.Keys, r.parameterKey(e))
	}
	for _, e := range entries(n, "values") {
		if _, err := value.ParseDate(e.Key.Text); err != nil {
			r.faultf(e.Key.Pos, "bad-date", "%v", err)
			continue
		}
		p.Values = append(p.Values, r.parameterValue(e))
	}
	slices.SortStableFunc(p.Values, func(a, b *schema.ParameterValue) int { return strings.Compare(a.From, b.From) })
	return p
}

func (r *reader) parameterKey(e schema.Entry) *schema.ParameterKey {
	k := &schema.ParameterKey{Name: e.Key.Text, Pos: e.Value.Pos, Match: "exact"}
	words := strings.Fields(e.Value.Text())
	if len(words) == 0 || len(words) > 2 {
		r.fault(schema.Faultf(e.Value.Pos, "bad-value", "the key %q is not a type with exact, floor or tree", k.Name).WithHint("write \"Territory tree\" or \"integer floor\""))
		return k
	}
	k.Type = words[0]
	if len(words) == 2 {
		k.Match = words[1]
	}
	if !slices.Contains([]string{"exact", "floor", "tree"}, k.Match) {
		r.fault(schema.Faultf(e.Value.Pos, "wrong-word", "%q is not a way to find a row", k.Match).WithNearest(k.Match, []string{"exact", "floor", "tree"}))
	}
	return k
}

func (r *reader) parameterValue(e schema.Entry) *schema.ParameterValue {
	v := &schema.ParameterValue{From: e.Key.Text, Pos: e.Key.Pos, Law: law(e.Value), Value: scalar(e.Value, "value"), Times: scalar(e.Value, "times")}
	r.oneOf(e.Value, "the value from "+v.From, []string{"value", "rows", "times"})
	for _, row := range most(r, items(e.Value, "rows"), maxRows, "rows", e.Key.Pos) {
		var cells []schema.Scalar
		for _, c := range row.Items {
			cells = append(cells, c.Scalar)
		}
		v.Rows = append(v.Rows, cells)
	}
	return v
}

func (r *reader) act(m schema.Meta, n *schema.Node) *schema.Act {
	a := &schema.Act{Meta: m, Number: text(n, "number"), Date: r.date(n, "date").Text, URL: text(n, "url")}
	for _, e := range entries(n, "articles") {
		a.Articles = append(a.Articles, &schema.Article{Name: e.Key.Text, Pos: e.Key.Pos, Title: text(e.Value, "title"),
			From: r.date(e.Value, "from").Text, To: r.date(e.Value, "to").Text})
	}
	return a
}

func (r *reader) function(m schema.Meta, n *schema.Node) *schema.Function {
	f := &schema.Function{Meta: m, Returns: typeWord(n.Get("returns")), Is: r.value(n, "is")}
	for _, e := range entries(n, "args") {
		r.named(e.Key, "argument")
		f.Args = append(f.Args, &schema.Arg{Name: e.Key.Text, Pos: e.Key.Pos, Type: typeWord(e.Value)})
	}
	return f
}

// typeWord is a type written as a word, or as a list of one word, which is kept as "[Person]".
func typeWord(v *schema.Node) schema.Scalar {
	switch {
	case v == nil:
		return schema.Scalar{}
	case v.Kind == schema.ScalarNode && !v.Scalar.Null:
		return v.Scalar
	case v.Kind == schema.ListNode && len(v.Items) == 1:
		s := v.Items[0].Scalar
		return schema.Scalar{Text: "[" + s.Text + "]", Pos: s.Pos}
	}
	return schema.Scalar{Pos: v.Pos}
}

package packagetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mera/forms"
	"mera/schema"
)

// typeTest plays the test of a type: a case gives a value, as it is typed, and says what is stored (`is`) or which
// errors are told (`fails`, as code or path code); one case, or rows of a table of these three.
func typeTest(f *forms.Forms, t *schema.Test) []Result {
	var out []Result
	cases := t.Root.Get("cases")
	if cases == nil || len(cases.Entries) == 0 {
		return []Result{{t.Pos.String(), t.Name, errors.New("the test has no cases")}}
	}
	for _, e := range cases.Entries {
		table, rows := e.Value.Get("table"), e.Value.Get("rows")
		if table == nil && rows == nil {
			out = append(out, Result{e.Key.Pos.String(), e.Key.Text, typeCase(f, t.Name, e.Value)})
			continue
		}
		if table == nil || rows == nil {
			out = append(out, Result{e.Key.Pos.String(), e.Key.Text, errors.New("table and rows go together")})
			continue
		}
		for i, row := range rows.Items {
			one, err := rowOf(table, row)
			if err == nil {
				err = typeCase(f, t.Name, one)
			}
			out = append(out, Result{row.Pos.String(), fmt.Sprintf("%s [%d]", e.Key.Text, i+1), err})
		}
	}
	return out
}

// rowOf is a row of a table as the case that it stands for.
func rowOf(table, row *schema.Node) (*schema.Node, error) {
	if len(table.Items) != len(row.Items) {
		return nil, fmt.Errorf("the row has %d values, the table %d columns", len(row.Items), len(table.Items))
	}
	out := &schema.Node{Kind: schema.MapNode, Pos: row.Pos}
	for i, col := range table.Items {
		if cell := row.Items[i]; cell.Kind != schema.ScalarNode || !cell.Scalar.Null {
			out.Entries = append(out.Entries, schema.Entry{Key: col.Scalar, Value: cell})
		}
	}
	return out, nil
}

func typeCase(f *forms.Forms, name string, n *schema.Node) error {
	value, is, fails := n.Get("value"), n.Get("is"), n.Get("fails")
	for _, e := range n.Entries {
		if !slices.Contains([]string{"value", "is", "fails", "title", "description", "law"}, e.Key.Text) {
			return fmt.Errorf("%s: a case of a type has value, is, fails, table, rows, not %s", e.Key.Pos, e.Key.Text)
		}
	}
	switch {
	case value == nil:
		return errors.New("the case gives no value")
	case (is == nil) == (fails == nil):
		return errors.New("a case says what is stored, is, or which errors are told, fails: one of them")
	}
	stored, faults := f.BindType(name, value.Plain(asText))
	if is != nil {
		return same("is", is.Plain(asText), stored, faults)
	}
	var want, got []string
	for _, it := range fails.Items {
		want = append(want, it.Text())
	}
	if fails.Kind == schema.ScalarNode {
		want = []string{fails.Text()}
	}
	for _, e := range faults {
		code := string(e.Code)
		if at := strings.TrimPrefix(strings.TrimPrefix(e.Path, "value"), "."); at != "" {
			code = at + " " + code
		}
		got = append(got, code)
	}
	slices.Sort(want)
	slices.Sort(got)
	if slices.Equal(want, got) {
		return nil
	}
	return fmt.Errorf("  want fails: %s\n  got  fails: %s", strings.Join(want, ", "), strings.Join(got, ", "))
}

// same compares what is stored with what a case says of it.
func same(word string, want, got any, faults []forms.FieldError) error {
	var told []string
	for _, e := range faults {
		told = append(told, e.Error())
	}
	if told != nil {
		return fmt.Errorf("  want %s: %s\n  got  fails: %s", word, shown(want), strings.Join(told, ", "))
	}
	if shown(want) != shown(got) {
		return fmt.Errorf("  want %s: %s\n  got  %s: %s", word, shown(want), word, shown(got))
	}
	return nil
}

// shown writes a value as JSON with every number and truth as text: a test file does not tell them apart.
func shown(v any) string {
	raw, err := json.Marshal(flat(v))
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

func flat(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = flat(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = flat(x)
		}
		return out
	case nil:
		return nil
	}
	return fmt.Sprint(v)
}

// asText is a scalar as it is: a value of a type is typed by the type.
func asText(text string) any { return text }

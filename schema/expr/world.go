package expr

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/value"
)

// StaticWorld is a World in memory: parameters, classifiers and days off from a catalog, and records that were added.
// It serves unit tests of packages. Add everything before the first evaluation; after that it may be shared.
type StaticWorld struct {
	cat     *schema.Catalog
	records map[string][]*Record // by type, in the order added
	byID    map[string]*Record
	params  map[string][]*schema.ParameterValue // in place of the catalog's
	serving map[[2]string]string
	daysOff map[value.Date]bool // true: a working day all the same
}

// NewStaticWorld is a world of a catalog without records.
func NewStaticWorld(cat *schema.Catalog) *StaticWorld {
	w := &StaticWorld{
		cat: cat, records: map[string][]*Record{}, byID: map[string]*Record{},
		params: map[string][]*schema.ParameterValue{}, serving: map[[2]string]string{}, daysOff: map[value.Date]bool{},
	}
	if off := cat.Classifiers["DayOff"]; off != nil {
		for _, it := range off.Items {
			w.addDayOff(it)
		}
	}
	return w
}

// addDayOff notes a day by its code, or by its dates where the code is a word.
func (w *StaticWorld) addDayOff(it *schema.ClassifierItem) {
	works := false
	for _, a := range it.Attributes {
		works = works || a.Key.Text == "works" && a.Value.Text() == "true"
	}
	if day, err := value.ParseDate(it.Code); err == nil {
		w.daysOff[day] = works
		return
	}
	from, err1 := value.ParseDate(it.From)
	to, err2 := value.ParseDate(cmp.Or(it.To, it.From))
	if err1 != nil || err2 != nil {
		return
	}
	for d := from; !d.After(to) && from.DaysUntil(d) <= 366; d = d.AddDays(1) {
		w.daysOff[d] = works
	}
}

// Add puts a record into the world; one of the same id is replaced.
func (w *StaticWorld) Add(r *Record) {
	if r.Data == nil {
		r.Data = map[string]any{}
	}
	if w.byID[r.ID] != nil {
		w.records[r.Type] = slices.DeleteFunc(w.records[r.Type], func(o *Record) bool { return o.ID == r.ID })
	}
	w.byID[r.ID] = r
	w.records[r.Type] = append(w.records[r.Type], r)
}

// SetParameter gives a parameter other values than the catalog's.
func (w *StaticWorld) SetParameter(name string, values ...*schema.ParameterValue) {
	w.params[name] = values
}

// SetServing says which office has a duty in a territory; an empty territory is the answer for all others.
func (w *StaticWorld) SetServing(duty, territory, office string) {
	w.serving[[2]string{duty, territory}] = office
}

// Records are all records of a type, in the order added.
func (w *StaticWorld) Records(typ string) []*Record { return slices.Clone(w.records[typ]) }

// Record implements World.
func (w *StaticWorld) Record(_ context.Context, _, id string) (*Record, error) {
	return w.byID[id], nil
}

// Inverse implements World.
func (w *StaticWorld) Inverse(_ context.Context, typ, id, inverse string) ([]*Record, error) {
	for _, inv := range w.cat.Inverses(typ) {
		if inv.Name == inverse {
			return w.linked(inv.From, inv.Link, id), nil
		}
	}
	if d := w.cat.Documents[typ]; d != nil && inverse == "children" && !d.Tree.IsZero() {
		return w.linked(typ, d.Tree.Text, id), nil
	}
	return nil, fmt.Errorf("%s has no inverse %q", typ, inverse)
}

// linked are the records of a type, or of those that extend it, whose link leads to a record.
func (w *StaticWorld) linked(typ, link, id string) []*Record {
	types := []string{typ}
	if d := w.cat.Documents[typ]; d != nil && d.Abstract {
		types = w.cat.Extending(typ)
	}
	var out []*Record
	for _, t := range types {
		for _, r := range w.records[t] {
			if leads(r.Data[link], id) {
				out = append(out, r)
			}
		}
	}
	return out
}

func leads(v any, id string) bool {
	switch v := v.(type) {
	case string:
		return v == id
	case *Record:
		return v != nil && v.ID == id
	case []any:
		return slices.ContainsFunc(v, func(el any) bool { return leads(el, id) })
	}
	return false
}

// Parameter implements World.
func (w *StaticWorld) Parameter(_ context.Context, name string, day value.Date) ([]ParameterRow, error) {
	p := w.cat.Parameters[name]
	if p == nil {
		return nil, fmt.Errorf("there is no parameter %q", name)
	}
	values := p.Values
	if own, ok := w.params[name]; ok {
		values = own
	}
	return RowsInForce(p, values, day)
}

// Item implements World.
func (w *StaticWorld) Item(_ context.Context, classifier, code string) (*schema.ClassifierItem, error) {
	if cl := w.cat.Classifiers[classifier]; cl != nil {
		return cl.Item(code), nil
	}
	return nil, nil
}

// Under implements World.
func (w *StaticWorld) Under(_ context.Context, classifier, code, ancestor string) (bool, error) {
	cl := w.cat.Classifiers[classifier]
	for hops := 0; cl != nil && code != "" && hops < depthLimit; hops++ {
		if code == ancestor {
			return true, nil
		}
		it := cl.Item(code)
		if it == nil {
			return false, nil
		}
		code = it.Parent
	}
	return false, nil
}

// Serving implements World.
func (w *StaticWorld) Serving(_ context.Context, duty, territory string) (string, error) {
	if id, ok := w.serving[[2]string{duty, territory}]; ok {
		return id, nil
	}
	return w.serving[[2]string{duty, ""}], nil
}

// IsWorkday implements World: Monday to Friday but for days off.
func (w *StaticWorld) IsWorkday(d value.Date) bool {
	if works, ok := w.daysOff[d]; ok {
		return works
	}
	return weekday(d) <= 5
}

// AddWorkdays implements World.
func (w *StaticWorld) AddWorkdays(day value.Date, n int) value.Date {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n = min(n, maxWorkdays); n > 0; {
		if day = day.AddDays(step); w.IsWorkday(day) {
			n--
		}
	}
	return day
}

const maxWorkdays = 100_000

// ByKey finds a record by an outside key: kernel property keys, or the property of that key.
func (w *StaticWorld) ByKey(_ context.Context, typ, system, key string) (string, error) {
	for _, r := range w.records[typ] {
		if keys, ok := r.KernelValue("keys").(map[string]any); ok && keys[system] == key {
			return r.ID, nil
		}
	}
	d := w.cat.Documents[typ]
	if d == nil {
		return "", nil
	}
	for _, k := range d.Keys {
		if k.System != system || len(k.Properties) != 1 {
			continue
		}
		for _, r := range w.records[typ] {
			if r.Data[k.Properties[0].Text] == key {
				return r.ID, nil
			}
		}
	}
	return "", nil
}

// RowsInForce are the rows of a parameter on a day: those of the last date that is not after it, and those that others
// added until then, which stand until their keys are set anew. `times` multiplies the values of the date before; a sum
// of money is rounded to kopecks.
func RowsInForce(p *schema.Parameter, values []*schema.ParameterValue, day value.Date) ([]ParameterRow, error) {
	var rows []ParameterRow
	for _, v := range inOrder(values) {
		from, err := value.ParseDate(v.From)
		if err != nil {
			return nil, err
		}
		if from.After(day) {
			break
		}
		if rows, err = nextRows(p, rows, v); err != nil {
			return nil, fmt.Errorf("parameter %s from %s: %w", p.Name, v.From, err)
		}
	}
	return rows, nil
}

func inOrder(values []*schema.ParameterValue) []*schema.ParameterValue {
	out := slices.Clone(values)
	slices.SortStableFunc(out, func(a, b *schema.ParameterValue) int { return cmp.Compare(a.From, b.From) })
	return out
}

// nextRows are the rows from the date of a value, given those before.
func nextRows(p *schema.Parameter, before []ParameterRow, v *schema.ParameterValue) ([]ParameterRow, error) {
	if !v.Times.IsZero() {
		return timesRows(p, before, v)
	}
	if len(v.Rows) == 0 {
		return []ParameterRow{{Values: []string{canonicalText(p.Type, v.Value.Text)}, Law: v.Law, Source: v.Adds}}, nil
	}
	own := make([]ParameterRow, len(v.Rows))
	for i, row := range v.Rows {
		own[i] = rowOf(p, v, row)
	}
	if v.Adds == "" {
		added := slices.DeleteFunc(slices.Clone(before), func(r ParameterRow) bool { return r.Source == "" })
		return upsert(own, added, false), nil
	}
	return upsert(before, own, true), nil
}

func rowOf(p *schema.Parameter, v *schema.ParameterValue, row []schema.Scalar) ParameterRow {
	n := min(len(p.Keys), len(row))
	texts := make([]string, len(row))
	for j, cell := range row {
		typ := columnType(p, j-n)
		if j < n {
			typ = p.Keys[j].Type
		}
		texts[j] = canonicalText(typ, cell.Text)
	}
	return ParameterRow{Keys: texts[:n], Values: texts[n:], Law: v.Law, Source: v.Adds}
}

// upsert adds rows to others; of two with the same keys the new one stays where new ones win.
func upsert(rows, more []ParameterRow, wins bool) []ParameterRow {
	if len(more) == 0 {
		return rows
	}
	at := make(map[string]int, len(rows))
	out := slices.Clone(rows)
	for i, r := range out {
		at[strings.Join(r.Keys, "\x00")] = i
	}
	for _, r := range more {
		switch i, there := at[strings.Join(r.Keys, "\x00")]; {
		case !there:
			at[strings.Join(r.Keys, "\x00")] = len(out)
			out = append(out, r)
		case wins:
			out[i] = r
		}
	}
	return out
}

func timesRows(p *schema.Parameter, before []ParameterRow, v *schema.ParameterValue) ([]ParameterRow, error) {
	factor, err := value.ParseNumber(v.Times.Text)
	if err != nil {
		return nil, err
	}
	out := make([]ParameterRow, len(before))
	for i, row := range before {
		out[i] = ParameterRow{Keys: row.Keys, Values: slices.Clone(row.Values), Law: v.Law, Source: row.Source}
		if v.Law.IsZero() {
			out[i].Law = row.Law
		}
		for j, text := range row.Values {
			if out[i].Values[j], err = timesText(columnType(p, j), text, factor); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// canonicalText is the text of a number as values write it: 6120 of money is 6120.00. Anything else stays.
func canonicalText(typ, text string) string {
	switch typ {
	case "money":
		if m, err := value.ParseMoney(text); err == nil {
			return m.String()
		}
	case "decimal", "percent", "integer":
		if n, err := value.ParseNumber(text); err == nil {
			return n.String()
		}
	}
	return text
}

func columnType(p *schema.Parameter, i int) string {
	if i >= 0 && i < len(p.Columns) {
		return p.Columns[i].Type
	}
	return p.Type
}

// timesText multiplies a number; texts and dates stay.
func timesText(typ, text string, factor value.Number) (string, error) {
	if typ != "money" && typ != "decimal" && typ != "percent" && typ != "integer" || text == "" {
		return text, nil
	}
	n, err := value.ParseNumber(text)
	if err != nil {
		return "", err
	}
	n = n.Mul(factor)
	switch typ {
	case "money":
		m, ok := n.Money(value.HalfUp)
		if !ok {
			return "", ErrOverflow
		}
		return m.String(), nil
	case "integer":
		n = n.Round(0, value.HalfUp)
	}
	return n.String(), nil
}

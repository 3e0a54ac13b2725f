package printforms

import (
	"context"
	"fmt"
	"strings"
	"time"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// Sources are where the data of a print come from. Doc is the record that the print form is about; its labelled
// properties that the reader may not see must be gone from it already (Template.Labels).
type Sources struct {
	Doc      *expr.Record
	World    expr.World
	Today    value.Date
	Zone     *time.Location // of the office; UTC if nil
	Decision *Decision
	Work     map[string][]Work           // by name; with `each` as many as rows, else one
	Lists    map[string][]map[string]any // rows of the lists by their names in the print form: plain data
}

// Decision is the decision as a print form tells it. Law texts come from Cite.
type Decision struct {
	Number  string
	Date    value.Date
	Asked   value.Date
	Result  string // granted, refused or unclear
	Measure string // name of the definition
	Title   string // of the measure
	Law     string
	Period  value.Period
	Amount  value.Money
	HasSum  bool // the measure has an amount
	Reasons []Reason
}

// Reason is why a right was refused.
type Reason struct{ Condition, Title, Text, Law string }

// Data is the decision in the shape that templates see.
func (d *Decision) Data() map[string]any {
	reasons := make([]any, len(d.Reasons))
	for i, r := range d.Reasons {
		reasons[i] = present(map[string]any{"condition": r.Condition, "title": r.Title, "text": r.Text, "law": r.Law})
	}
	out := map[string]any{
		"number": d.Number, "date": d.Date.String(), "asked": d.Asked.String(), "measure": d.Measure, "title": d.Title, "law": d.Law,
		"result": d.Result, "result__title": d.Result, "granted": d.Result == "granted", "refused": d.Result == "refused",
		"unclear": d.Result == "unclear", "reasons": reasons,
		"period": present(map[string]any{"from": d.Period.From.String(), "to": day(d.Period.To)}),
	}
	if d.HasSum {
		out["amount"] = d.Amount.String()
	}
	return present(out)
}

// Work is a piece of work of the case as a print form tells it.
type Work struct {
	Done   bool
	Choice string
	By     string
	At     time.Time
	Late   bool
}

// Data is the work in the shape that templates see.
func (w Work) Data(zone *time.Location) map[string]any {
	return present(map[string]any{"done": w.Done, "choice": w.Choice, "by": w.By, "at": instant(w.At, zone), "late": w.Late})
}

// present drops empty texts: what is absent is left out.
func present(m map[string]any) map[string]any {
	for k, v := range m {
		if v == "" {
			delete(m, k)
		}
	}
	return m
}

func day(d value.Date) string {
	if d == value.Forever {
		return ""
	}
	return d.String()
}

func instant(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format(time.RFC3339)
}

// Data reads what the template needs: the paths that it uses and no others. An error is a failure of the world; what
// is unknown or absent is left out.
func (t *Template) Data(ctx context.Context, src Sources) (map[string]any, error) {
	out := map[string]any{"doc": map[string]any{}, "case": map[string]any{}, "today": src.Today.String()}
	p := &plainer{ctx: ctx, world: src.World, zone: src.Zone}
	for _, n := range t.needs {
		got, err := n.program.Eval(t.input(ctx, src))
		if err != nil {
			return nil, fmt.Errorf("print form %s: read %s.%s: %w", t.Name, n.root, strings.Join(n.path, "."), err)
		}
		root, _ := out[n.root].(map[string]any)
		if err := p.put(root, n.path, n.program.Type(), got.Value); err != nil {
			return nil, fmt.Errorf("print form %s: %w", t.Name, err)
		}
	}
	if src.Decision != nil {
		out["decision"] = src.Decision.Data()
	}
	if src.Work != nil {
		out["work"] = work(src)
	}
	out["lists"] = src.listData()
	return out, nil
}

func (t *Template) input(ctx context.Context, src Sources) expr.Input {
	vars := map[string]any{"doc": src.Doc, "case": src.Doc, "today": src.Today}
	if d := src.Decision; d != nil {
		vars["decision"] = decisionValue(d)
	}
	return expr.Input{Ctx: ctx, Vars: vars, Day: src.Today, World: src.World}
}

// decisionValue is the decision for the arguments of lists.
func decisionValue(d *Decision) map[string]any {
	return map[string]any{
		"number": d.Number, "date": d.Date, "asked": d.Asked, "measure": d.Measure, "title": d.Title, "law": d.Law, "result": d.Result,
		"granted": d.Result == "granted", "refused": d.Result == "refused", "unclear": d.Result == "unclear",
		"amount": d.Amount, "period": map[string]any{"from": d.Period.From, "to": d.Period.To},
	}
}

func work(src Sources) map[string]any {
	out := map[string]any{}
	for name, all := range src.Work {
		rows := make([]any, len(all))
		for i, w := range all {
			rows[i] = w.Data(src.Zone)
		}
		if out[name] = any(rows); len(rows) == 1 {
			out[name] = rows[0]
		}
	}
	return out
}

func (src Sources) listData() map[string]any {
	out := map[string]any{}
	for name, rows := range src.Lists {
		out[name] = rows
	}
	return out
}

// List is a list that a print form wants to be run, with its arguments in stored form.
type List struct {
	Name  string // in the print form
	List  string
	Given map[string]any
}

// Lists are the lists that the caller runs before Data.
func (t *Template) Lists(ctx context.Context, src Sources) ([]List, error) {
	var out []List
	for _, l := range t.lists {
		one := List{Name: l.name, List: l.list, Given: map[string]any{}}
		for _, a := range l.given {
			if a.program == nil {
				one.Given[a.name] = a.literal
				continue
			}
			got, err := a.program.Eval(t.input(ctx, src))
			if err != nil {
				return nil, fmt.Errorf("print form %s: list %s: %s: %w", t.Name, l.name, a.name, err)
			}
			if got.Value == nil || len(got.Unclear) > 0 {
				continue
			}
			if one.Given[a.name], err = expr.ToStored(a.typ, got.Value); err != nil {
				return nil, fmt.Errorf("print form %s: list %s: %s: %w", t.Name, l.name, a.name, err)
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// plainer makes plain data of values.
type plainer struct {
	ctx   context.Context
	world expr.World
	zone  *time.Location
}

// put places a value under a path of maps, with its parts beside it.
func (p *plainer) put(root map[string]any, path []string, t *expr.Type, v any) error {
	at := root
	for _, name := range path[:len(path)-1] {
		next, ok := at[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[name] = next
		}
		at = next
	}
	return p.field(at, path[len(path)-1], t, v)
}

func (p *plainer) field(at map[string]any, name string, t *expr.Type, v any) error {
	plain, err := p.plain(t, v)
	if err != nil || plain == nil {
		return err
	}
	old, merge := at[name].(map[string]any)
	if more, ok := plain.(map[string]any); ok && merge {
		for k, x := range more {
			old[k] = x
		}
		return nil
	}
	at[name] = plain
	switch v := v.(type) {
	case string:
		if t != nil && t.Kind == schema.Enum {
			at[name+within+"code"], at[name+within+"title"] = v, titleOf(t, v)
		}
	case value.Period:
		for part, text := range map[string]string{"from": v.From.String(), "to": day(v.To)} {
			if text != "" {
				at[name+within+part] = text
			}
		}
		if v.To != value.Forever {
			at[name+within+"days"] = v.Days()
		}
	}
	return nil
}

func titleOf(t *expr.Type, code string) string {
	if title := t.Titles[code]; title != "" {
		return title
	}
	return code
}

// plain is a value as templates see it; nil for what is absent or not known.
func (p *plainer) plain(t *expr.Type, v any) (any, error) {
	switch v := v.(type) {
	case nil, expr.Unknown, expr.PartList:
		return nil, nil
	case bool:
		return v, nil
	case string:
		return v, nil
	case int64:
		return int(v), nil
	case time.Time:
		return instant(v, p.zone), nil
	case value.Date:
		if v == value.Forever {
			return nil, nil
		}
		return v.String(), nil
	case value.Period:
		return periodText(v), nil
	case expr.Item:
		return p.item(v)
	case *expr.Record:
		return map[string]any{"id": v.ID}, nil
	case []any:
		return p.list(t, v)
	case map[string]any:
		return p.object(t, v)
	case fmt.Stringer: // Number, Money, Duration
		return v.String(), nil
	}
	return nil, fmt.Errorf("a value of type %T cannot be printed", v)
}

func (p *plainer) item(v expr.Item) (any, error) {
	it, err := p.world.Item(p.ctx, v.Classifier, v.Code)
	if err != nil {
		return nil, fmt.Errorf("item %s of %s: %w", v.Code, v.Classifier, err)
	}
	out := map[string]any{"code": v.Code, "title": v.Code}
	if it != nil && it.Title != "" {
		out["title"] = it.Title
	}
	return out, nil
}

func (p *plainer) list(t *expr.Type, v []any) (any, error) {
	out := make([]any, 0, len(v))
	for _, x := range v {
		plain, err := p.plain(elem(t), x)
		if err != nil {
			return nil, err
		}
		if plain != nil {
			out = append(out, plain)
		}
	}
	return out, nil
}

func elem(t *expr.Type) *expr.Type {
	if t == nil {
		return nil
	}
	return t.Elem
}

func (p *plainer) object(t *expr.Type, v map[string]any) (any, error) {
	out := map[string]any{}
	for name, x := range v {
		var of *expr.Type
		if t != nil {
			of = t.Fields[name]
		}
		if err := p.field(out, name, of, x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// periodText writes a period that is a month, quarter or year as such, any other by its days.
func periodText(p value.Period) string {
	first := p.From
	switch {
	case p.To == value.Forever || first.Day != 1 || p.To != p.To.MonthEnd():
	case p.To == first.MonthEnd():
		return first.String()[:7]
	case p.To == first.AddMonths(2).MonthEnd() && first.Month%3 == 1:
		return fmt.Sprintf("%04d-Q%d", first.Year, (first.Month+2)/3)
	case p.To == first.AddMonths(11).MonthEnd() && first.Month == 1:
		return first.String()[:4]
	}
	return p.String()
}

package printforms

import (
	"context"
	"fmt"
	"strings"
	"time"

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
	p := &plainer{ctx: ctx, world: src.World, zone: src.Zone, masks: t.masks, engine: t.engine}
	for _, n := range t.needs {
		got, err := n.program.Eval(t.input(ctx, src))
		if err != nil {
			return nil, fmt.Errorf("print form %s: read %s.%s: %w", t.Name, n.root, strings.Join(n.path, "."), err)
		}
		root, _ := out[n.root].(map[string]any)
		if err := p.put(root, n, got.Value); err != nil {
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

package workflows

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
	"mera/workflows/definition"
)

// eval runs a program over the names that it reads.
func (r *run) eval(p *expr.Program, it any) (expr.Result, error) {
	vars, err := p.Vars(func(name string) (any, error) { return r.name(name, it) })
	if err != nil {
		return expr.Result{}, err
	}
	res, err := p.Eval(expr.Input{Ctx: r.in.Ctx, Vars: vars, Day: r.today(), World: r.in.World})
	if err != nil {
		return res, fmt.Errorf("workflow %s: %w", r.m.w.Def.Name, err)
	}
	return res, nil
}

// truth tells that a condition is known to be true; an absent one is.
func (r *run) truth(p *expr.Program, it any) (bool, error) {
	if p == nil {
		return true, nil
	}
	res, err := r.eval(p, it)
	return err == nil && res.True(), err
}

func (r *run) name(name string, it any) (any, error) {
	switch name {
	case "doc":
		return r.doc, nil
	case "case":
		return r.caseValue(), nil
	case "work":
		return r.workValue()
	case "decision":
		return r.decisionValue(), nil
	case "data":
		return r.data, nil
	case "actor":
		return r.actorValue(), nil
	case "today":
		return r.today(), nil
	case "now":
		return r.at.UTC(), nil
	case "allDone":
		return r.allDone(), nil
	case "decidable":
		return r.decidable()
	case "it":
		return it, nil
	}
	return nil, nil
}

func (r *run) caseValue() any {
	fired, entered, spent, due := map[string]any{}, map[string]any{}, map[string]any{}, map[string]any{}
	for _, n := range definition.AllNext(r.m.w.Def) {
		if !n.Event.IsZero() {
			fired[n.Event.Text] = int64(r.s.Fired[n.Event.Text])
		}
	}
	for _, st := range r.m.w.States {
		name := st.Def.Name
		seconds := r.s.Spent[name]
		if name == r.s.State {
			seconds += max(int64(r.at.Sub(r.s.Since)/time.Second), 0)
		}
		entered[name], spent[name] = int64(r.s.Entered[name]), value.Duration{N: int(seconds), Unit: value.Seconds}
	}
	for name, t := range r.s.Terms {
		if !t.Due.IsZero() {
			due[name] = t.Due
		}
	}
	out := map[string]any{
		"fired": fired, "entered": entered, "spent": spent, "due": due, "state": r.s.State, "opened": r.s.Opened, "id": r.doc.ID,
	}
	for _, name := range []string{"number", "worker", "channel"} {
		if v := r.doc.KernelValue(name); v != nil {
			out[name] = v
		}
	}
	return out
}

func (r *run) decisionValue() any {
	d := r.decision
	if d == nil {
		return nil
	}
	reasons := make([]any, len(d.Reasons))
	for i, why := range d.Reasons {
		reasons[i] = map[string]any{"condition": why.Condition, "title": why.Title, "text": why.Text}
	}
	out := map[string]any{
		"measure": d.Measure, "result": d.Result, "reasons": reasons,
		definition.Granted: d.Result == definition.Granted, definition.Refused: d.Result == definition.Refused, definition.Unclear: d.Result == definition.Unclear,
	}
	if n := d.Rows; n != nil {
		out[definition.Granted], out[definition.Refused], out[definition.Unclear] = n.Granted > 0, n.Refused > 0, n.Unclear > 0
		return out
	}
	if d.Result == definition.Granted {
		out["period"], out["amount"] = d.Period, d.Amount
	}
	if d.Number != "" {
		out["number"] = d.Number
	}
	if !d.Date.IsZero() {
		out["date"] = d.Date
	}
	return out
}

func (r *run) actorValue() any {
	a := r.in.Actor
	roles := make([]any, len(a.Roles))
	for i, role := range a.Roles {
		roles[i] = role
	}
	out := map[string]any{"id": a.ID, "kind": a.Kind, "roles": roles}
	if a.Name != "" {
		out["name"] = a.Name
	}
	if a.Person != "" {
		out["person"] = &expr.Record{Type: definition.PersonType, ID: a.Person}
	}
	if a.Office != "" {
		out["office"] = &expr.Record{Type: definition.OfficeType, ID: a.Office}
	}
	return out
}

// workValue is what expressions see of all work. What was never opened is not done, and a list of it is empty.
func (r *run) workValue() (any, error) {
	out := map[string]any{}
	for _, w := range r.m.w.Works {
		if _, seen := out[w.Name]; seen {
			continue
		}
		views := r.views(w)
		var rows []any
		for _, v := range views {
			row, err := r.viewValue(w, v)
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
		switch {
		case w.Many():
			out[w.Name] = rows
		case w.Ask:
			out[w.Name] = askValue(views)
		case len(rows) > 0:
			out[w.Name] = rows[len(rows)-1]
		default:
			out[w.Name] = map[string]any{"done": false, "late": false}
		}
	}
	return out, nil
}

// views are the items of a work as they stand, those that are only planned among them, without cancelled ones.
func (r *run) views(w *definition.Work) []WorkView {
	last := map[string]int{}
	var out []WorkView
	for _, v := range r.in.Work {
		if v.Name != w.Name {
			continue
		}
		if i, seen := last[v.Item]; seen {
			out[i] = v
			continue
		}
		last[v.Item] = len(out)
		out = append(out, v)
	}
	for _, p := range r.planned {
		if p.ref.Name != w.Name {
			continue
		}
		v := WorkView{Kind: WorkKind(w.Kind), Name: w.Name, Item: p.ref.Item, Status: WorkOpen}
		if i, seen := last[v.Item]; seen {
			out[i] = v
		} else {
			out = append(out, v)
		}
	}
	live := out[:0]
	for _, v := range out {
		if v.Status != WorkCancelled {
			live = append(live, v)
		}
	}
	return live
}

func (r *run) viewValue(w *definition.Work, v WorkView) (any, error) {
	out := map[string]any{}
	if v.Child != nil {
		child, err := r.childValue(w, v.Child)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, child)
	}
	out["done"], out["late"] = v.Status == WorkDone, v.Late
	if v.Choice != "" {
		out["choice"] = v.Choice
	}
	if v.By != "" {
		out["by"] = v.By
	}
	if !v.At.IsZero() {
		out["at"] = v.At.UTC()
	}
	return out, nil
}

func (r *run) childValue(w *definition.Work, child *expr.Record) (map[string]any, error) {
	out := map[string]any{}
	for _, name := range schema.KernelNames(true) {
		v := child.KernelValue(name)
		if v == nil {
			continue
		}
		if t, ok := schema.KernelProperty(name, true); ok && t.Kind != schema.Link {
			out[name] = v
		}
	}
	document := r.m.w.Cat.Documents[w.Target]
	if document == nil {
		return out, nil
	}
	for _, p := range document.Properties {
		stored, ok := child.Data[p.Name]
		if !ok || p.Type == nil {
			continue
		}
		v, err := expr.FromStored(p.Type, stored)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %s: %w", child.Type, child.ID, p.Name, err)
		}
		out[p.Name] = v
	}
	out["id"], out[definition.ChildRecord] = child.ID, child
	return out, nil
}

// askValue sums up the requests of an ask.
func askValue(views []WorkView) any {
	done, late := true, false
	for _, v := range views {
		done, late = done && v.Status == WorkDone, late || v.Late
	}
	return map[string]any{"done": done, "late": late}
}

// decidable asks the host about each measure that the state asks.
func (r *run) decidable() (any, error) {
	for _, w := range r.state.Work {
		if !w.Ask {
			continue
		}
		host, err := r.host()
		if err != nil {
			return nil, err
		}
		docs, err := r.askedDocs(w)
		if err != nil {
			return nil, err
		}
		for _, doc := range docs {
			q := r.question(w.Target)
			q.Doc = doc
			if ok, err := host.Decidable(q); !ok || err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

var errNoHost = errors.New("workflows: a measure is asked and Input.Host is nil")

func (r *run) host() (Host, error) {
	if r.in.Host == nil {
		return nil, errNoHost
	}
	return r.in.Host, nil
}

func (r *run) question(measure string) Question {
	return Question{Measure: measure, Doc: r.doc, Answers: r.s.Answers}
}

// idOf is the id of a record, of its reference, or a text itself.
func idOf(v any) string {
	switch v := v.(type) {
	case *expr.Record:
		return v.ID
	case string:
		return v
	}
	return ""
}

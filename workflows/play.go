package workflows

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mera/kernel/calendar"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
	"mera/workflows/definition"
)

// play is a case in a test: what a kernel would store, kept in memory. Names of records in `given` are their ids.
type play struct {
	m        *Machine
	world    *expr.StaticWorld
	calendar calendar.Calendar
	host     *stubHost
	doc      *expr.Record
	snapshot Snapshot
	decision *DecisionView
	work     []WorkView
	timers   []Timer
	now      time.Time
	due      value.Date
	people   map[string]Actor
	records  []*expr.Record // of the world, in the order in which they are given

	states  []string
	effects []string
}

func (m *Machine) newPlay(root, one *schema.Node) (*play, error) {
	p := &play{
		m: m, world: expr.NewStaticWorld(m.w.Cat), calendar: daysOff(m.w.Cat), people: map[string]Actor{},
		now: time.Date(2020, 1, 15, 10, 0, 0, 0, time.UTC),
	}
	p.host = &stubHost{cat: m.w.Cat, play: p, results: map[string][]string{}, rows: map[string][]string{}}
	p.host.say(root.Get("decides"))
	p.host.say(one.Get("decides"))
	p.host.gives(root.Get("takes"))
	p.host.gives(one.Get("takes"))
	if err := p.clock(root); err != nil {
		return nil, err
	}
	if err := p.given(root.Get("given"), one.Get("given")); err != nil {
		return nil, err
	}
	if p.doc == nil {
		p.doc = &expr.Record{Type: m.w.About.Name, ID: "case", Version: 1, Data: map[string]any{}, Kernel: map[string]any{}}
		p.world.Add(p.doc)
	}
	return p, nil
}

func (p *play) clock(root *schema.Node) error {
	if today := root.Get("today").Text(); today != "" {
		day, err := value.ParseDate(today)
		if err != nil {
			return failAt(root.Get("today").Pos, "%w", err)
		}
		p.now = day.Time(time.UTC).Add(10 * time.Hour)
	}
	if now := root.Get("now").Text(); now != "" {
		at, err := parseInstant(now)
		if err != nil {
			return failAt(root.Get("now").Pos, "%w", err)
		}
		p.now = at
	}
	return nil
}

// daysOff is the calendar of the catalog's seed: the kernel's classifier of days off.
func daysOff(cat *schema.Catalog) calendar.Calendar {
	works := map[value.Date]bool{}
	if c := cat.Classifiers["DayOff"]; c != nil {
		for _, it := range c.Items {
			day, err := value.ParseDate(it.Code)
			if err != nil {
				continue // a word: no day
			}
			works[day] = slices.ContainsFunc(it.Attributes, func(e schema.Entry) bool {
				return e.Key.Text == "works" && e.Value.Text() == "true"
			})
		}
	}
	return calendar.New(works)
}

// given makes the records of the world: type → name → properties, patched by those of the case, where a record may
// also be named by `name.property`.
func (p *play) given(base, patch *schema.Node) error {
	records := map[string]*expr.Record{}
	var order []string
	for _, n := range []*schema.Node{base, patch} {
		if n == nil {
			continue
		}
		for _, e := range n.Entries {
			if name, property, dotted := strings.Cut(e.Key.Text, "."); dotted {
				if records[name] == nil {
					return failAt(e.Key.Pos, "there is no record %s", name)
				}
				if err := p.put(records[name], property, e.Value); err != nil {
					return failAt(e.Key.Pos, "%w", err)
				}
				continue
			}
			made, err := p.givenType(records, e)
			if err != nil {
				return err
			}
			order = append(order, made...)
		}
	}
	for _, name := range order {
		rec := records[name]
		p.records = append(p.records, rec)
		p.world.Add(rec)
		if rec.Type == p.m.w.About.Name && p.doc == nil {
			p.doc = rec
		}
	}
	return nil
}

func (p *play) givenType(records map[string]*expr.Record, typ schema.Entry) ([]string, error) {
	if p.m.w.Cat.Documents[typ.Key.Text] == nil {
		return nil, failAt(typ.Key.Pos, "there is no document %s", typ.Key.Text)
	}
	var made []string
	for _, one := range typ.Value.Entries {
		rec := records[one.Key.Text]
		if rec == nil {
			rec = &expr.Record{Type: typ.Key.Text, ID: one.Key.Text, Version: 1, Data: map[string]any{}, Kernel: map[string]any{}}
			records[one.Key.Text] = rec
			made = append(made, one.Key.Text)
		}
		for _, property := range one.Value.Entries {
			if err := p.put(rec, property.Key.Text, property.Value); err != nil {
				return nil, failAt(property.Key.Pos, "%w", err)
			}
		}
	}
	return made, nil
}

func (p *play) put(rec *expr.Record, property string, n *schema.Node) error {
	prop := p.m.w.Cat.Documents[rec.Type].Property(property)
	if prop == nil {
		if _, kernel := schema.KernelProperty(property, true); kernel {
			rec.Kernel[property] = n.Text()
			return nil
		}
		return fmt.Errorf("%s has no property %s", rec.Type, property)
	}
	if n == nil || n.Kind == schema.ScalarNode && n.Scalar.Null {
		delete(rec.Data, property)
		return nil
	}
	stored, err := storedOf(prop.Type, n)
	if err != nil {
		return fmt.Errorf("%s: %w", property, err)
	}
	rec.Data[property] = stored
	return nil
}

// storedOf is the stored form of what a test writes.
func storedOf(t *schema.Type, n *schema.Node) (any, error) {
	switch n.Kind {
	case schema.ListNode:
		if t.Kind != schema.Array {
			return nil, fmt.Errorf("a list is given where %s is wanted", t.Kind)
		}
		out := []any{}
		for _, it := range n.Items {
			v, err := storedOf(t.Elem, it)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case schema.MapNode:
		out := map[string]any{}
		for _, e := range n.Entries {
			field := t.Field(e.Key.Text)
			if field == nil {
				return nil, fmt.Errorf("there is no field %s", e.Key.Text)
			}
			v, err := storedOf(field.Type, e.Value)
			if err != nil {
				return nil, err
			}
			out[e.Key.Text] = v
		}
		return out, nil
	}
	return storedScalar(t, n.Text())
}

func storedScalar(t *schema.Type, text string) (any, error) {
	var stored any = text
	switch t.Kind {
	case schema.Link:
		return text, nil // the name of a record is its id
	case schema.Boolean:
		stored = text == "true"
	case schema.Integer:
		stored = json.Number(text)
	}
	v, err := expr.FromStored(t, stored)
	if err != nil {
		return nil, err
	}
	return expr.ToStored(t, v)
}

func (p *play) eventData(event string, with *schema.Node) (map[string]any, error) {
	out := map[string]any{}
	for _, e := range with.Entries {
		typ := p.askedType(event, e.Key.Text)
		switch {
		case e.Key.Text == definition.AskAnswers:
			answers := map[string]any{}
			for _, a := range e.Value.Entries {
				answers[a.Key.Text] = a.Value.Text() == "true"
			}
			out[definition.AskAnswers] = answers
		case typ == nil:
			out[e.Key.Text] = e.Value.Text() // refused by the event
		default:
			v, err := storedOf(typ, e.Value)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", e.Key.Text, err)
			}
			out[e.Key.Text] = v
		}
	}
	return out, nil
}

func (p *play) askedType(event, name string) *schema.Type {
	for _, s := range p.m.w.States {
		for _, t := range s.Events(event) {
			for _, a := range t.Ask {
				if a.Name == name {
					return a.Type
				}
			}
		}
	}
	return nil
}

func (p *play) input(by Actor, data map[string]any) Input {
	return Input{
		Snapshot: p.snapshot, Doc: p.doc, Work: p.work, Decision: p.decision, Data: data, Actor: by,
		Now: p.now, Zone: time.UTC, World: p.world, Calendar: p.calendar, Host: p.host,
	}
}

// trigger fires and stores the outcome as a kernel would, in the order that Outcome tells.
func (p *play) trigger(t Trigger, by Actor, data map[string]any) error {
	out, err := p.m.Fire(p.input(by, data), t)
	if err != nil {
		return err
	}
	for name, v := range out.Set {
		if v == nil {
			delete(p.doc.Data, name)
		} else {
			p.doc.Data[name] = v
		}
	}
	p.snapshot, p.timers, p.due = out.Snapshot, out.Timers, out.Due
	p.doc.Kernel["state"], p.doc.Kernel["final"] = out.State, out.Final
	if out.Decision != nil {
		p.decision = out.Decision
	}
	for _, done := range out.Done {
		p.end(func(v WorkView) bool { return v.Name == done.Name && v.Item == done.Item }, WorkDone, by.ID)
	}
	p.end(func(v WorkView) bool {
		return slices.Contains(out.Cancel, v.Name) || slices.Contains(out.Drop, WorkRef{v.Name, v.Item})
	}, WorkCancelled, "")
	for _, o := range out.Open {
		p.open(o)
	}
	for _, move := range out.Moved {
		p.states = append(p.states, move.To)
	}
	for _, e := range out.Effects {
		p.effects = append(p.effects, strings.TrimSpace(string(e.Verb)+" "+e.Target))
	}
	return nil
}

func (p *play) end(which func(WorkView) bool, status WorkStatus, by string) {
	for i, v := range p.work {
		if v.Status == WorkOpen && which(v) {
			p.work[i].Status, p.work[i].By, p.work[i].At = status, by, p.now
		}
	}
}

func (p *play) open(o OpenWork) {
	v := WorkView{Kind: o.Kind, Name: o.Name, Item: o.Item, State: o.State, Status: WorkOpen, Worker: o.Worker, Party: o.Party}
	if o.Kind == CaseWork {
		v.Child = &expr.Record{Type: o.Target, ID: o.Name + o.Item, Version: 1, Data: o.Set, Kernel: map[string]any{"final": false}}
		p.world.Add(v.Child)
	}
	if o.Kind == RequestWork {
		p.host.asked = append(p.host.asked, askedItem{o.Name, o.Item, o.Target})
	}
	p.work = append(p.work, v)
}

// ring lets time pass: timers ring in their order, each at its time.
func (p *play) ring(until time.Time) error {
	for range 1000 {
		if len(p.timers) == 0 || p.timers[0].Due.After(until) {
			p.now = until
			return nil
		}
		next := p.timers[0]
		if next.Due.After(p.now) {
			p.now = next.Due
		}
		if err := p.trigger(Trigger{Kind: TimerDue, Name: next.Name, At: next.Due}, Actor{ID: definition.System, Kind: definition.System}, nil); err != nil {
			return fmt.Errorf("timer %s: %w", next.Name, err)
		}
	}
	return errors.New("a thousand timers have rung in one step")
}

// answer ends work: all open requests of the name, or the first open task or child case.
func (p *play) answer(name string, with *schema.Node) error {
	found := false
	for i := range p.work {
		v := &p.work[i]
		if v.Status != WorkOpen || v.Name != name && !p.host.isAsked(*v, name) || found && v.Kind != RequestWork {
			continue
		}
		found = true
		v.Status, v.At = WorkDone, p.now
		v.Choice, v.By = with.Get("choice").Text(), with.Get("by").Text()
		if v.Child == nil {
			continue
		}
		v.Child.Kernel["final"] = true
		if with == nil {
			continue
		}
		for _, e := range with.Entries {
			if err := p.put(v.Child, e.Key.Text, e.Value); err != nil {
				return err
			}
		}
	}
	if !found {
		return fmt.Errorf("no %s is open", name)
	}
	return p.changed()
}

// row decides an unclear row of the case again.
func (p *play) row(name string, with *schema.Node) error {
	data := map[string]any{}
	if given := with.Get(definition.AskAnswers); given != nil {
		answers := map[string]any{}
		for _, a := range given.Entries {
			answers[a.Key.Text] = a.Value.Text() == "true"
		}
		data[definition.AskAnswers] = answers
	}
	if err := p.trigger(Trigger{Kind: Row, Name: name}, Actor{ID: "author", Kind: "staff"}, data); err != nil {
		return fmt.Errorf("row %s: %w", name, err)
	}
	return p.ring(p.now)
}

func (p *play) change(n *schema.Node) error {
	for _, e := range n.Entries {
		if err := p.put(p.doc, e.Key.Text, e.Value); err != nil {
			return err
		}
	}
	return nil
}

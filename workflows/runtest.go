package workflows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mera/schema"
	"mera/schema/value"
	"mera/workflows/definition"
)

// TestResult is one case of a workflow's test file.
type TestResult struct {
	Title   string
	Pos     schema.Pos
	Failure string // "" for a case that passed
}

// RunTest plays the cases of `workflows/x_test.yaml` (section 8 of the language): each makes a case of the record of
// the workflow's type in `given`, walks `path` and compares. There is no database: a measure decides what `decides`
// says - one result, or a list of results in turn -, its requests are those that its facts name, and it is decidable
// once they are answered. A list gives the rows that `takes` says, in turn.
//
// A step is one of
//
//	{fire: EVENT, by: ROLE or PARTY or system, with: DATA, at: INSTANT}   by: NAME with role: [ROLES] is one official,
//	                                                                      the Person of that name if there is one
//	{wait: DURATION}                                                      timers ring on the way
//	{answer: REQUEST or WORK, with: DATA}                                 with: choice of a task, properties of a child
//	{row: NAME, with: {answers: DATA}}                                    a person has looked at an unclear row of a decision
//	{changes: DATA}                                                       somebody changes the document
//	{decides: {Measure: RESULT}}                                          from now on
//
// and a case expects states (all that were entered), denied (events that nobody can fire at the end, or {EVENT: WHO}),
// tasks (the open ones), due (a day, or {deadline: day}) and effects ("print Decision").
func (m *Machine) RunTest(t *schema.Test) []TestResult {
	cases := t.Root.Get("cases")
	if cases == nil {
		return []TestResult{{Title: t.Name, Pos: t.Pos, Failure: "the test has no cases"}}
	}
	var out []TestResult
	for _, e := range cases.Entries {
		result := TestResult{Title: e.Key.Text, Pos: e.Key.Pos}
		if err := m.runCase(t.Root, e.Value); err != nil {
			result.Failure = err.Error()
			var at *stepError
			if errors.As(err, &at) {
				result.Pos = at.pos
			}
		}
		out = append(out, result)
	}
	return out
}

// stepError is a failure at a place of the test.
type stepError struct {
	pos schema.Pos
	err error
}

func (e *stepError) Error() string { return e.err.Error() }
func (e *stepError) Unwrap() error { return e.err }

func failAt(pos schema.Pos, format string, args ...any) error {
	return &stepError{pos, fmt.Errorf(format, args...)}
}

func (m *Machine) runCase(root, one *schema.Node) error {
	p, err := m.newPlay(root, one)
	if err != nil {
		return err
	}
	if err := p.trigger(Trigger{Kind: Created}, Actor{ID: "author", Kind: "staff"}, nil); err != nil {
		return fmt.Errorf("the case cannot be made: %w", err)
	}
	if err := p.ring(p.now); err != nil {
		return err
	}
	for _, step := range items(one.Get("path")) {
		if err := p.step(step); err != nil {
			return failAt(step.Pos, "%w", err)
		}
	}
	return p.expect(one)
}

func (p *play) step(step *schema.Node) error {
	for _, e := range step.Entries {
		switch e.Key.Text {
		case "fire":
			return p.fire(step)
		case "wait":
			d, err := value.ParseDuration(e.Value.Text())
			if err != nil {
				return err
			}
			return p.ring(p.calendar.DueAt(p.now, d, "none"))
		case "answer":
			return p.answer(e.Value.Text(), step.Get("with"))
		case "row":
			return p.row(e.Value.Text(), step.Get("with"))
		case "changes":
			if err := p.change(e.Value); err != nil {
				return err
			}
			return p.changed()
		case "decides":
			p.host.say(e.Value)
			return p.changed()
		}
	}
	return errors.New("a step is one of fire, wait, answer, row, changes and decides")
}

func (p *play) changed() error {
	if err := p.trigger(Trigger{Kind: Changed}, Actor{ID: definition.System, Kind: definition.System}, nil); err != nil {
		return err
	}
	return p.ring(p.now)
}

func (p *play) fire(step *schema.Node) error {
	event := step.Get("fire").Text()
	data := map[string]any{}
	if with := step.Get("with"); with != nil {
		var err error
		if data, err = p.eventData(event, with); err != nil {
			return err
		}
	}
	t := Trigger{Kind: Event, Name: event}
	if at := step.Get("at"); at != nil {
		when, err := parseInstant(at.Text())
		if err != nil {
			return err
		}
		t.At = when
	}
	if err := p.trigger(t, p.actor(step), data); err != nil {
		return fmt.Errorf("fire %s in %s: %w", event, p.snapshot.State, err)
	}
	return p.ring(p.now)
}

// parseInstant reads 2019-07-16T10:00, with seconds or without; the zone of tests is UTC.
func parseInstant(s string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no instant such as 2019-07-16T10:00", s)
}

// actor is who acts in a step: by and role as described at RunTest.
func (p *play) actor(step *schema.Node) Actor {
	by := step.Get("by").Text()
	if roles := words(step.Get("role")); len(roles) > 0 {
		known := p.people[by]
		for _, role := range roles {
			if !slices.Contains(known.Roles, role) {
				known.Roles = append(known.Roles, role)
			}
		}
		known.ID, known.Kind = by, "staff"
		if person, err := p.world.Record(context.Background(), definition.PersonType, by); err == nil && person != nil {
			known.Person = by
		}
		p.people[by] = known
	}
	return p.known(by)
}

// known is a person of the test, or whoever has the role, party or system of that name.
func (p *play) known(name string) Actor {
	if a, ok := p.people[name]; ok {
		return a
	}
	a := Actor{ID: name, Kind: "staff", Roles: []string{name}}
	property := p.m.w.About.Property(name)
	switch {
	case name == definition.System:
		return Actor{ID: definition.System, Kind: definition.System}
	case property == nil || property.Type.Kind != schema.Link:
	case property.Type.Of == definition.PersonType:
		a.Kind, a.Person = "citizen", idOf(p.doc.Data[name])
	case property.Type.Of == definition.OfficeType:
		a.Office = idOf(p.doc.Data[name])
	}
	return a
}

func (p *play) expect(one *schema.Node) error {
	for _, e := range one.Entries {
		var err error
		switch e.Key.Text {
		case "states":
			err = same("states", words(e.Value), p.states)
		case "tasks":
			err = same("open tasks", words(e.Value), p.openTasks())
		case "effects":
			err = same("effects", words(e.Value), p.effects)
		case "due":
			err = p.expectDue(e.Value)
		case "denied":
			err = p.expectDenied(e.Value)
		case "given", "path", "decides", "takes", "title", "description":
		default:
			err = fmt.Errorf("a case of a workflow has no key %s", e.Key.Text)
		}
		if err != nil {
			return failAt(e.Key.Pos, "%w", err)
		}
	}
	return nil
}

func same(what string, want, have []string) error {
	if slices.Equal(want, have) {
		return nil
	}
	return fmt.Errorf("%s are [%s], expected [%s]", what, strings.Join(have, ", "), strings.Join(want, ", "))
}

func (p *play) openTasks() []string {
	var out []string
	for _, v := range p.work {
		if v.Kind == TaskWork && v.Status == WorkOpen {
			out = append(out, v.Name)
		}
	}
	return out
}

func (p *play) expectDue(n *schema.Node) error {
	if n.Kind == schema.ScalarNode {
		if have := p.due.String(); have != n.Text() {
			return fmt.Errorf("the case is due on %q, expected %q", have, n.Text())
		}
		return nil
	}
	for _, e := range n.Entries {
		if have := p.snapshot.Terms[e.Key.Text].Due.String(); have != e.Value.Text() {
			return fmt.Errorf("the deadline %s is due on %q, expected %q", e.Key.Text, have, e.Value.Text())
		}
	}
	return nil
}

// expectDenied fires events that must be refused: by everybody whom the workflow knows, or by one actor.
func (p *play) expectDenied(n *schema.Node) error {
	if n.Kind == schema.MapNode {
		for _, e := range n.Entries {
			for _, name := range words(e.Value) {
				if p.allowed(e.Key.Text, p.known(name)) {
					return fmt.Errorf("%s may fire %s", name, e.Key.Text)
				}
			}
		}
		return nil
	}
	for _, event := range words(n) {
		if !definition.HasEvent(p.m.w.Def, event) {
			return fmt.Errorf("the workflow has no event %s", event)
		}
		for _, next := range definition.AllNext(p.m.w.Def) {
			for _, by := range next.By {
				if next.Event.Text == event && p.allowed(event, p.known(by.Text)) {
					return fmt.Errorf("%s may fire %s in %s", by.Text, event, p.snapshot.State)
				}
			}
		}
	}
	return nil
}

// allowed asks Events, so that an event is not refused merely because its data are missing.
func (p *play) allowed(event string, by Actor) bool {
	events, err := p.m.Events(p.input(by, nil))
	return err == nil && slices.ContainsFunc(events, func(v EventView) bool { return v.Event == event })
}

func items(n *schema.Node) []*schema.Node {
	if n == nil {
		return nil
	}
	return n.Items
}

// words are the texts of a list, or the one text.
func words(n *schema.Node) []string {
	if n == nil {
		return nil
	}
	if n.Kind == schema.ScalarNode {
		return []string{n.Text()}
	}
	var out []string
	for _, it := range n.Items {
		out = append(out, it.Text())
	}
	return out
}

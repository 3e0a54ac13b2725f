package definition

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// transition compiles one item of next or anytime.
func (c *compiler) transition(n *schema.Next, anytime bool) *Transition {
	t := &Transition{Def: n, Anytime: anytime, To: n.To.Text}
	c.trigger(t, n)
	if t.To != "" && c.w.State(t.To) == nil {
		c.fault(n.To.Pos, CodeState, "there is no state %s", t.To)
	}
	if t.To == "" && t.Automatic() {
		c.fault(n.Pos, CodeStay, "what is looked at after every change must move: say to")
	}
	vars := c.vars
	if t.Trigger == ByEvent {
		t.Ask = c.asksOf(n)
		c.computed(n)
		asked := map[string]*expr.Type{}
		for _, a := range t.Ask {
			asked[a.Name] = expr.FromSchema(a.Type)
		}
		vars = with(vars, "data", expr.ObjectOf(asked))
		for _, by := range n.By {
			t.By = append(t.By, c.who(by))
		}
		if len(n.By) == 0 {
			d := schema.Lintf(n.Event.Pos, CodeNobody, "nobody may fire %s", n.Event.Text)
			c.ds = append(c.ds, d.WithHint("say by: roles, parties or system"))
		}
	}
	t.Cond = c.expression(n.If, vars, expr.Bool)
	t.Do = c.effects(slices.Concat(n.Do, n.Stay), vars)
	return t
}

func (c *compiler) trigger(t *Transition, n *schema.Next) {
	switch {
	case !n.When.IsZero():
		t.Trigger, t.When = ByWhen, c.expression(n.When, c.vars, expr.Bool)
	case !n.Event.IsZero():
		t.Trigger = ByEvent
	case !n.After.IsZero():
		t.Trigger, t.After = ByAfter, c.duration(n.After)
	case !n.At.IsZero():
		t.Trigger, t.When = ByAt, c.time(n.At)
	case n.Every != nil:
		t.Trigger, t.Every = ByEvery, c.every(n.Every)
	}
	if t.Trigger != ByEvent && !n.If.IsZero() {
		c.fault(n.If.Pos, CodeIf, "if is for events")
	}
}

// time compiles an expression for a date or an instant.
func (c *compiler) time(src schema.Scalar) *expr.Program {
	p := c.expression(src, c.vars, nil)
	if p == nil {
		return nil
	}
	if k := p.Type().Kind; k != schema.Date && k != expr.Timestamp && k != expr.AnyKind {
		c.fault(src.Pos, CodeTime, "a date or an instant is wanted, this is %s", p.Type())
	}
	return p
}

// asksOf types what an event asks for.
func (c *compiler) asksOf(n *schema.Next) []Ask {
	var out []Ask
	for _, name := range n.Ask {
		a := Ask{Name: name.Text, Property: c.m.About.Property(name.Text)}
		data := slices.IndexFunc(c.w.Data, func(p *schema.Property) bool { return p.Name == name.Text })
		switch {
		case name.Text == AskReason:
			a.Type = &schema.Type{Kind: schema.Text}
		case name.Text == AskAnswers:
			a.Type = &schema.Type{Kind: schema.Object}
		case data >= 0:
			a.Type = c.w.Data[data].Type
		case a.Property == nil:
			continue
		default:
			a.Type = a.Property.Type
		}
		out = append(out, a)
	}
	return out
}

// computed refuses an event that asks for what is computed.
func (c *compiler) computed(n *schema.Next) {
	for _, name := range n.Ask {
		if p := c.m.About.Property(name.Text); p != nil && !p.Value.IsZero() {
			c.fault(name.Pos, CodeComputed, "%s is computed and never written", name.Text)
		}
	}
}

// anytime adds a transition to each state that it names.
func (c *compiler) anytime(n *schema.Next) {
	t := c.transition(n, true)
	for _, in := range n.In {
		i := slices.IndexFunc(c.m.States, func(s *State) bool { return s.Def.Name == in.Text })
		if i < 0 {
			continue // told by the loader
		}
		if c.m.States[i].Def.Final {
			c.fault(in.Pos, CodeFinal, "the state %s is final, so nothing leads out of it", in.Text)
			continue
		}
		own := *t
		c.m.States[i].Next = append(c.m.States[i].Next, &own)
	}
}

// addresses names the transitions of a state: by the event, else by trigger and target. The names are those of timers
// and moves, so they must not depend on the order.
func (c *compiler) addresses(s *State) {
	seen := map[string]int{}
	for _, t := range s.Next {
		t.Address = t.name()
		seen[t.Address]++
		if n := seen[t.Address]; n > 1 {
			c.warn(t.Def.Pos, CodeAddress, "the state %s has two transitions with the address %s", s.Def.Name, t.Address)
			t.Address = fmt.Sprintf("%s#%d", t.Address, n)
		}
	}
}

func (t *Transition) name() string {
	switch t.Trigger {
	case ByEvent:
		return t.Def.Event.Text
	case ByWhen:
		return "when:" + t.To
	case ByAfter:
		return "after:" + t.To
	case ByAt:
		return "at:" + t.To
	case ByEvery:
		return "every:" + t.To
	}
	return "otherwise:" + t.To
}

func (c *compiler) every(def *schema.Every) *Every {
	e := &Every{}
	for i, s := range def.Steps {
		one := step{each: c.each(s.Each)}
		if !s.Until.IsZero() {
			until := c.duration(s.Until)
			one.until = &until
		}
		if !s.Times.IsZero() {
			n, err := strconv.Atoi(s.Times.Text)
			if err != nil || n < 1 {
				c.fault(s.Times.Pos, CodeEvery, "%q is no number of times", s.Times.Text)
			}
			one.times = n
		}
		if i < len(def.Steps)-1 && one.times == 0 && one.until == nil {
			c.fault(s.Each.Pos, CodeEvery, "the steps after this one are never reached: say times or until")
		}
		e.steps = append(e.steps, one)
	}
	if len(e.steps) == 0 {
		c.fault(def.Pos, CodeEvery, "every needs a duration, month, year or steps")
		return e
	}
	e.From = c.time(def.From)
	c.everyAt(e, def)
	return e
}

// each reads a duration, or the words month and year.
func (c *compiler) each(src schema.Scalar) value.Duration {
	switch src.Text {
	case "month":
		return value.Duration{N: 1, Unit: value.Months}
	case "year":
		return value.Duration{N: 1, Unit: value.Years}
	}
	d := c.duration(src)
	if d.N == 0 {
		c.fault(src.Pos, CodeEvery, "%q is no time that passes", src.Text)
		d.N = 1
	}
	return d
}

// everyAt reads `at`: MM-DD beside year, the day of the month beside month.
func (c *compiler) everyAt(e *Every, def *schema.Every) {
	if def.At.IsZero() {
		return
	}
	unit := e.steps[0].each
	month, day, dashed := strings.Cut(def.At.Text, "-")
	if !dashed {
		month, day = "0", def.At.Text
	}
	m, errM := strconv.Atoi(month)
	d, errD := strconv.Atoi(day)
	yearly := dashed && unit.Unit == value.Years && m >= 1 && m <= 12
	monthly := !dashed && unit.Unit == value.Months
	if errM != nil || errD != nil || d < 1 || d > 31 || len(e.steps) > 1 || (!yearly && !monthly) {
		f := c.fault(def.At.Pos, CodeEvery, "%q is no day for this recurrence", def.At.Text)
		*f = f.WithHint("year: at: 01-15; month: at: \"20\"")
		return
	}
	e.month, e.day = m, d
}

func (c *compiler) deadline(def *schema.Deadline) *Deadline {
	d := &Deadline{Def: def}
	if def.Expression {
		d.Within = c.expression(def.Within, c.vars, expr.DurationT)
	} else {
		d.Term = c.duration(def.Within)
	}
	if !def.PauseMost.IsZero() {
		most := c.duration(def.PauseMost)
		d.Most = &most
	}
	for _, w := range def.Warn {
		d.Warn = append(d.Warn, Warning{c.duration(w.Before), w.Role.Text})
	}
	d.Late = c.effects(def.Late, c.vars)
	return d
}

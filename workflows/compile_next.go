package workflows

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
func (c *compiler) transition(n *schema.Next, anytime bool) *transition {
	t := &transition{def: n, anytime: anytime, to: n.To.Text}
	c.trigger(t, n)
	if t.to != "" && c.w.State(t.to) == nil {
		c.fault(n.To.Pos, CodeState, "there is no state %s", t.to)
	}
	if t.to == "" && t.automatic() {
		c.fault(n.Pos, CodeStay, "what is looked at after every change must move: say to")
	}
	vars := c.vars
	if t.trigger == byEvent {
		t.ask = c.asksOf(n)
		c.computed(n)
		asked := map[string]*expr.Type{}
		for _, a := range t.ask {
			asked[a.name] = expr.FromSchema(a.typ)
		}
		vars = with(vars, "data", expr.ObjectOf(asked))
		for _, by := range n.By {
			t.by = append(t.by, c.who(by))
		}
		if len(n.By) == 0 {
			d := schema.Lintf(n.Event.Pos, CodeNobody, "nobody may fire %s", n.Event.Text)
			c.ds = append(c.ds, d.WithHint("say by: roles, parties or system"))
		}
	}
	t.cond = c.expression(n.If, vars, expr.Bool)
	t.do = c.effects(slices.Concat(n.Do, n.Stay), vars)
	return t
}

func (c *compiler) trigger(t *transition, n *schema.Next) {
	switch {
	case !n.When.IsZero():
		t.trigger, t.when = byWhen, c.expression(n.When, c.vars, expr.Bool)
	case !n.Event.IsZero():
		t.trigger = byEvent
	case !n.After.IsZero():
		t.trigger, t.after = byAfter, c.duration(n.After)
	case !n.At.IsZero():
		t.trigger, t.when = byAt, c.time(n.At)
	case n.Every != nil:
		t.trigger, t.every = byEvery, c.every(n.Every)
	}
	if t.trigger != byEvent && !n.If.IsZero() {
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
func (c *compiler) asksOf(n *schema.Next) []ask {
	var out []ask
	for _, name := range n.Ask {
		a := ask{name: name.Text, property: c.m.about.Property(name.Text)}
		data := slices.IndexFunc(c.w.Data, func(p *schema.Property) bool { return p.Name == name.Text })
		switch {
		case name.Text == askReason:
			a.typ = &schema.Type{Kind: schema.Text}
		case name.Text == askAnswers:
			a.typ = &schema.Type{Kind: schema.Object}
		case data >= 0:
			a.typ = c.w.Data[data].Type
		case a.property == nil:
			continue
		default:
			a.typ = a.property.Type
		}
		out = append(out, a)
	}
	return out
}

// computed refuses an event that asks for what is computed.
func (c *compiler) computed(n *schema.Next) {
	for _, name := range n.Ask {
		if p := c.m.about.Property(name.Text); p != nil && !p.Value.IsZero() {
			c.fault(name.Pos, CodeComputed, "%s is computed and never written", name.Text)
		}
	}
}

// What an event may ask for besides properties and data.
const (
	askReason  = "reason"
	askAnswers = "answers"
	askChoice  = "choice" // of a task with choices; not written in ask
)

// anytime adds a transition to each state that it names.
func (c *compiler) anytime(n *schema.Next) {
	t := c.transition(n, true)
	for _, in := range n.In {
		i := slices.IndexFunc(c.m.states, func(s *state) bool { return s.def.Name == in.Text })
		if i < 0 {
			continue // told by the loader
		}
		if c.m.states[i].def.Final {
			c.fault(in.Pos, CodeFinal, "the state %s is final, so nothing leads out of it", in.Text)
			continue
		}
		own := *t
		c.m.states[i].next = append(c.m.states[i].next, &own)
	}
}

// addresses names the transitions of a state: by the event, else by trigger and target. The names are those of timers
// and moves, so they must not depend on the order.
func (c *compiler) addresses(s *state) {
	seen := map[string]int{}
	for _, t := range s.next {
		t.address = t.name()
		seen[t.address]++
		if n := seen[t.address]; n > 1 {
			c.warn(t.def.Pos, CodeAddress, "the state %s has two transitions with the address %s", s.def.Name, t.address)
			t.address = fmt.Sprintf("%s#%d", t.address, n)
		}
	}
}

func (t *transition) name() string {
	switch t.trigger {
	case byEvent:
		return t.def.Event.Text
	case byWhen:
		return "when:" + t.to
	case byAfter:
		return "after:" + t.to
	case byAt:
		return "at:" + t.to
	case byEvery:
		return "every:" + t.to
	}
	return "otherwise:" + t.to
}

// every is a recurrence: steps of a fixed length from an anchor, or a day of each month or year.
type every struct {
	steps []step
	from  *expr.Program
	month int // of `at: MM-DD`; 0 without
	day   int // of `at`; 0 without
}

// step repeats each: times times, or while not more than until has passed since the anchor; neither: for ever.
type step struct {
	each  value.Duration
	times int
	until *value.Duration
}

func (c *compiler) every(def *schema.Every) *every {
	e := &every{}
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
	e.from = c.time(def.From)
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
func (c *compiler) everyAt(e *every, def *schema.Every) {
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

func (c *compiler) deadline(def *schema.Deadline) *deadline {
	d := &deadline{def: def}
	if def.Expression {
		d.within = c.expression(def.Within, c.vars, expr.DurationT)
	} else {
		d.term = c.duration(def.Within)
	}
	if !def.PauseMost.IsZero() {
		most := c.duration(def.PauseMost)
		d.most = &most
	}
	for _, w := range def.Warn {
		d.warn = append(d.warn, warning{c.duration(w.Before), w.Role.Text})
	}
	d.late = c.effects(def.Late, c.vars)
	return d
}

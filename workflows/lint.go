package workflows

import (
	"slices"
	"strings"
)

// settles proves that every way to a settle passes a decide: no state that settles can be reached from the start
// through states that do not decide, unless it decides itself (an entry decides before it settles).
func (c *compiler) settles() {
	undecided := c.reach(func(s *state) bool { return s.decide == nil })
	if first := c.m.states[0].def.Name; undecided[first] == nil {
		undecided[first] = []string{first}
	}
	for _, s := range c.m.states {
		if s.def.Settle.IsZero() || s.decide != nil {
			continue
		}
		if way, found := undecided[s.def.Name]; found {
			d := c.fault(s.def.Settle.Pos, CodeSettle, "the way %s settles what was never decided", strings.Join(way, " → "))
			*d = d.WithHint("put a decide before it")
		}
	}
}

// reach finds the states that can be reached from the first one, each with a shortest way. Ways go on only through
// states that pass says; the first state and the reached one itself are always counted.
func (c *compiler) reach(pass func(*state) bool) map[string][]string {
	return c.ways(c.m.states[0], func(s *state, t *transition) bool { return pass(s) })
}

// ways are the shortest ways from a state to others, along the transitions that along says, by target. The way of the
// state itself is a circle if there is one.
func (c *compiler) ways(first *state, along func(*state, *transition) bool) map[string][]string {
	ways := map[string][]string{}
	start := []string{first.def.Name}
	for queue := []*state{first}; len(queue) > 0; queue = queue[1:] {
		way := ways[queue[0].def.Name]
		if way == nil {
			way = start
		}
		for _, t := range queue[0].next {
			if t.to == "" || ways[t.to] != nil || !along(queue[0], t) {
				continue
			}
			ways[t.to] = append(slices.Clone(way), t.to)
			if t.to != first.def.Name {
				queue = append(queue, c.m.state(t.to))
			}
		}
	}
	return ways
}

// lint warns of what compiles and yet cannot be meant.
func (c *compiler) lint() {
	reached := c.reach(func(*state) bool { return true })
	for _, s := range c.m.states {
		name := s.def.Name
		if reached[name] == nil && s != c.m.states[0] && !c.movedTo(name) {
			c.warn(s.def.Pos, CodeUnreachable, "no way leads to the state %s", name)
		}
		leaves := slices.ContainsFunc(s.next, func(t *transition) bool { return t.to != "" && t.to != name })
		if !s.def.Final && !leaves {
			c.warn(s.def.Pos, CodeNoExit, "no way leads out of the state %s", name)
		}
		c.dead(s)
	}
	c.loops()
}

func (c *compiler) movedTo(name string) bool {
	for _, to := range c.w.Moved {
		if to == name {
			return true
		}
	}
	return false
}

// dead finds automatic transitions that stand after one that always moves.
func (c *compiler) dead(s *state) {
	always := false
	for _, t := range s.next {
		if always && t.automatic() {
			c.warn(t.def.Pos, CodeDead, "a transition before this one always leaves the state %s", s.def.Name)
		}
		always = always || t.trigger == otherwise
	}
}

// loops finds circles of states that pass the case on by themselves, each once.
func (c *compiler) loops() {
	told := map[string]bool{}
	for _, s := range c.m.states {
		ways := c.ways(s, func(_ *state, t *transition) bool { return t.automatic() })
		circle := ways[s.def.Name]
		if circle == nil || told[s.def.Name] {
			continue
		}
		for _, name := range circle {
			told[name] = true
		}
		c.warn(s.def.Pos, CodeLoop, "%s is a circle without a person or time", strings.Join(circle, " → "))
	}
}

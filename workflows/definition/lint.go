package definition

import (
	"slices"
	"strings"
)

// settles proves that every way to a settle passes a decide: no state that settles can be reached from the start
// through states that do not decide, unless it decides itself (an entry decides before it settles).
func (c *compiler) settles() {
	undecided := c.reach(func(s *State) bool { return s.Decide == nil })
	if first := c.m.States[0].Def.Name; undecided[first] == nil {
		undecided[first] = []string{first}
	}
	for _, s := range c.m.States {
		if s.Def.Settle.IsZero() || s.Decide != nil {
			continue
		}
		if way, found := undecided[s.Def.Name]; found {
			d := c.fault(s.Def.Settle.Pos, CodeSettle, "the way %s settles what was never decided", strings.Join(way, " → "))
			*d = d.WithHint("put a decide before it")
		}
	}
}

// reach finds the states that can be reached from the first one, each with a shortest way. Ways go on only through
// states that pass says; the first state and the reached one itself are always counted.
func (c *compiler) reach(pass func(*State) bool) map[string][]string {
	return c.ways(c.m.States[0], func(s *State, t *Transition) bool { return pass(s) })
}

// ways are the shortest ways from a state to others, along the transitions that along says, by target. The way of the
// state itself is a circle if there is one.
func (c *compiler) ways(first *State, along func(*State, *Transition) bool) map[string][]string {
	ways := map[string][]string{}
	start := []string{first.Def.Name}
	for queue := []*State{first}; len(queue) > 0; queue = queue[1:] {
		way := ways[queue[0].Def.Name]
		if way == nil {
			way = start
		}
		for _, t := range queue[0].Next {
			if t.To == "" || ways[t.To] != nil || !along(queue[0], t) {
				continue
			}
			ways[t.To] = append(slices.Clone(way), t.To)
			if t.To != first.Def.Name {
				queue = append(queue, c.m.State(t.To))
			}
		}
	}
	return ways
}

// lint warns of what compiles and yet cannot be meant.
func (c *compiler) lint() {
	reached := c.reach(func(*State) bool { return true })
	for _, s := range c.m.States {
		name := s.Def.Name
		if reached[name] == nil && s != c.m.States[0] && !c.movedTo(name) {
			c.warn(s.Def.Pos, CodeUnreachable, "no way leads to the state %s", name)
		}
		leaves := slices.ContainsFunc(s.Next, func(t *Transition) bool { return t.To != "" && t.To != name })
		if !s.Def.Final && !leaves {
			c.warn(s.Def.Pos, CodeNoExit, "no way leads out of the state %s", name)
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
func (c *compiler) dead(s *State) {
	always := false
	for _, t := range s.Next {
		if always && t.Automatic() {
			c.warn(t.Def.Pos, CodeDead, "a transition before this one always leaves the state %s", s.Def.Name)
		}
		always = always || t.Trigger == Otherwise
	}
}

// loops finds circles of states that pass the case on by themselves, each once.
func (c *compiler) loops() {
	told := map[string]bool{}
	for _, s := range c.m.States {
		ways := c.ways(s, func(_ *State, t *Transition) bool { return t.Automatic() })
		circle := ways[s.Def.Name]
		if circle == nil || told[s.Def.Name] {
			continue
		}
		for _, name := range circle {
			told[name] = true
		}
		c.warn(s.Def.Pos, CodeLoop, "%s is a circle without a person or time", strings.Join(circle, " → "))
	}
}

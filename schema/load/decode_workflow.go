package load

import (
	"cmp"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/load/naming"
	"mera/schema/value"
)

func (r *reader) workflow(m schema.Meta, n *schema.Node) *schema.Workflow {
	w := &schema.Workflow{Meta: m, About: scalar(n, "about"), Office: scalar(n, "office"), Moved: textMap(n, "moved")}
	for _, e := range most(r, entries(n, "deadlines"), maxParts, "deadlines", m.Pos) {
		w.Deadlines = append(w.Deadlines, r.deadline(e))
	}
	for _, e := range most(r, entries(n, "data"), maxProperties, "data", m.Pos) {
		r.named(e.Key, "data of an event")
		p := r.property(m.Name, e)
		if p.Type == nil {
			r.untyped(p.Pos, e.Key.Text, e.Value)
		}
		w.Data = append(w.Data, p)
	}
	if nn := mapNode(n, "number"); nn != nil {
		w.Number = r.numbering(nn)
	}
	w.Anytime = r.nexts(n, "anytime", true)
	for _, e := range most(r, entries(n, "states"), maxParts, "states", m.Pos) {
		w.States = append(w.States, r.state(e))
	}
	return w
}

func (r *reader) deadline(e schema.Entry) *schema.Deadline {
	r.named(e.Key, "deadline")
	v := e.Value
	d := &schema.Deadline{Name: e.Key.Text, Pos: e.Key.Pos, Title: text(v, "title"), From: scalar(v, "from"), Within: scalar(v, "within"),
		Until: scalars(v, "until"), Late: r.effects(v, "late"), Roll: cmp.Or(text(v, "roll"), "next"), Law: law(v)}
	if pause := mapNode(v, "pause"); pause != nil {
		d.PauseIn, d.PauseMost = scalars(pause, "in"), r.duration(pause, "most")
	}
	for _, w := range entries(v, "warn") {
		if _, err := value.ParseDuration(w.Key.Text); err != nil {
			r.faultf(w.Key.Pos, "bad-duration", "%v", err)
		}
		d.Warn = append(d.Warn, schema.Warn{Before: w.Key, Role: w.Value.Scalar})
	}
	_, err := value.ParseDuration(d.Within.Text)
	d.Expression = err != nil
	return d
}

func (r *reader) state(e schema.Entry) *schema.State {
	r.named(e.Key, "state")
	v := e.Value
	if slices.Contains([]string{"created", "stay"}, e.Key.Text) {
		r.fault(schema.Faultf(e.Key.Pos, "reserved-name", "%q is a word of workflows and cannot name a state", e.Key.Text).WithHint("take another name"))
	}
	s := &schema.State{Name: e.Key.Text, Pos: e.Key.Pos, Title: text(v, "title"), Draft: flag(v, "draft"), Do: r.effects(v, "do"),
		Decide: r.decide(v.Get("decide")), Settle: scalar(v, "settle"), Next: r.nexts(v, "next", false), Final: flag(v, "final")}
	for _, ed := range entries(v, "edit") {
		edit := schema.Edit{Who: ed.Key, All: ed.Value.Text() == "all"}
		if !edit.All {
			edit.Properties = scalarsOf(ed.Value)
		}
		s.Edit = append(s.Edit, edit)
	}
	for _, it := range most(r, items(v, "work"), maxParts, "works of a state", e.Key.Pos) {
		s.Work = append(s.Work, r.work(it))
	}
	return s
}

func (r *reader) decide(v *schema.Node) *schema.Decide {
	switch {
	case v == nil || v.Kind == schema.ListNode:
		return nil
	case v.Kind == schema.ScalarNode:
		return &schema.Decide{Pos: v.Pos, Measure: v.Scalar}
	}
	return &schema.Decide{Pos: v.Pos, Measure: scalar(v, "measure"), Each: scalar(v, "each"), Asked: scalar(v, "asked")}
}

func (r *reader) work(n *schema.Node) *schema.Work {
	w := &schema.Work{Pos: n.Pos, Ask: scalar(n, "ask"), Request: scalar(n, "request"), Task: scalar(n, "task"), Case: scalar(n, "case"),
		Title: text(n, "title"), By: scalar(n, "by"), To: scalar(n, "to"), Not: scalars(n, "not"), Form: scalar(n, "form"), Within: r.duration(n, "within"),
		Choices: scalars(n, "choices"), Set: valueMap(n, "set"), Given: valueMap(n, "given"), Each: scalar(n, "each"), If: scalar(n, "if"),
		Once: flag(n, "once"), Keep: flag(n, "keep")}
	key := r.oneOf(n, "the work", []string{"ask", "request", "task", "case"})
	target := scalar(n, key)
	if key == "task" {
		r.named(target, "task")
	}
	if as := scalar(n, "as"); !as.IsZero() {
		r.named(as, "work")
		w.Name = as.Text
	} else {
		w.Name = workName(target.Text)
	}
	return w
}

// workName is the name of a work that has no `as`: the target in camelCase, HomeCheck → homeCheck,
// Register.sent → registerSent.
func workName(target string) string {
	first, second, _ := strings.Cut(target, ".")
	return naming.Lower(first) + naming.Upper(second)
}

func (r *reader) nexts(n *schema.Node, key string, anytime bool) []*schema.Next {
	var out []*schema.Next
	for _, it := range most(r, items(n, key), maxParts, "transitions in one list", n.Pos) {
		if it.Kind == schema.MapNode {
			out = append(out, r.next(it, anytime))
		}
	}
	return out
}

func (r *reader) next(n *schema.Node, anytime bool) *schema.Next {
	x := &schema.Next{Pos: n.Pos, Title: text(n, "title"), In: scalars(n, "in"), When: scalar(n, "when"), Event: scalar(n, "event"),
		After: r.duration(n, "after"), At: scalar(n, "at"), By: scalars(n, "by"), Ask: scalars(n, "ask"), If: scalar(n, "if"),
		Do: r.effects(n, "do"), To: scalar(n, "to"), Stay: r.effects(n, "stay")}
	if v := n.Get("every"); v != nil {
		x.Every = r.every(v, x.At, scalar(n, "from"))
		x.At = schema.Scalar{}
	} else if from := scalar(n, "from"); !from.IsZero() {
		r.faultf(from.Pos, "useless-keyword", "from is for every")
	}
	r.oneTrigger(x)
	if !x.Event.IsZero() {
		r.lettered(x.Event, "event")
	}
	for key, present := range map[string]bool{"by": len(x.By) > 0, "ask": len(x.Ask) > 0} {
		if present && x.Event.IsZero() {
			r.fault(schema.Faultf(n.Get(key).Pos, "useless-keyword", "%s is for events", key).WithHint("add event: its name, or remove %s", key))
		}
	}
	if !anytime && len(x.In) > 0 {
		r.faultf(n.Get("in").Pos, "useless-keyword", "in is for transitions of anytime")
	}
	hasStay := n.Get("stay") != nil
	switch {
	case x.To.IsZero() && !hasStay:
		r.fault(schema.Faultf(n.Pos, "one-of", "the transition has neither to nor stay").WithHint("to: the next state, or stay: what is done without leaving"))
	case !x.To.IsZero() && hasStay:
		r.fault(schema.Faultf(n.Pos, "one-of", "the transition has both to and stay").WithHint("do: what is done on the way"))
	}
	return x
}

func (r *reader) oneTrigger(x *schema.Next) {
	var found []string
	for _, t := range []struct {
		key string
		is  bool
	}{{"when", !x.When.IsZero()}, {"event", !x.Event.IsZero()}, {"after", !x.After.IsZero()}, {"at", !x.At.IsZero()}, {"every", x.Every != nil}} {
		if t.is {
			found = append(found, t.key)
		}
	}
	if len(found) > 1 {
		r.fault(schema.Faultf(x.Pos, "one-of", "the transition has the triggers %s", strings.Join(found, " and ")).
			WithHint("keep one; a further condition of an event is if"))
	}
}

// every reads a recurring trigger; its steps are a duration, month, year or a list.
func (r *reader) every(v *schema.Node, at, from schema.Scalar) *schema.Every {
	e := &schema.Every{Pos: v.Pos, At: at, From: from}
	if v.Kind == schema.ScalarNode {
		r.everyEach(v.Scalar)
		e.Steps = []schema.EveryStep{{Each: v.Scalar}}
		return e
	}
	for _, it := range v.Items {
		step := schema.EveryStep{Each: scalar(it, "each"), Times: scalar(it, "times"), Until: r.duration(it, "until")}
		r.everyEach(step.Each)
		e.Steps = append(e.Steps, step)
	}
	return e
}

func (r *reader) everyEach(s schema.Scalar) {
	if _, err := value.ParseDuration(s.Text); err != nil && s.Text != "month" && s.Text != "year" && !s.IsZero() {
		r.fault(schema.Faultf(s.Pos, "bad-duration", "%q is not a duration, month or year", s.Text).WithHint("write 1 month, month or year"))
	}
}

// verbs are the effects of this version; an effect is named by the first of them that it has, so those whose maps may
// stand beside others (set) come last.
var verbs = []string{"create", "start", "fire", "take", "extend", "transfer", "stop", "print", "notify", "send", "offer"}

func (r *reader) effects(n *schema.Node, key string) []*schema.Effect {
	var out []*schema.Effect
	for _, it := range most(r, items(n, key), maxParts, "effects in one list", n.Pos) {
		if it.Kind == schema.MapNode && it.Get("reserve") == nil {
			out = append(out, r.effect(it))
		}
	}
	return out
}

func (r *reader) effect(n *schema.Node) *schema.Effect {
	e := &schema.Effect{Pos: n.Pos, Verb: "set", Set: valueMap(n, "set"), Of: scalar(n, "of"), Each: scalar(n, "each"), Given: valueMap(n, "given"),
		As: scalar(n, "as"), With: scalar(n, "with"), By: r.duration(n, "by"), To: scalar(n, "to")}
	has := func(key string) bool { return n.Get(key) != nil }
	switch {
	case slices.ContainsFunc(verbs, has):
		e.Verb = r.oneOf(n, "the effect", verbs)
		e.Target = scalar(n, e.Verb)
	case !has("set"):
		r.fault(schema.Faultf(n.Pos, "one-of", "the effect has none of set, %s", strings.Join(verbs, ", ")).WithHint("write one of them"))
	}
	if !e.As.IsZero() {
		r.named(e.As, "row")
	}
	for _, x := range n.Entries {
		if key := x.Key.Text; key != e.Verb && slices.Contains(effectKeys, key) && !slices.Contains(effectWords[e.Verb], key) {
			r.fault(schema.Faultf(x.Key.Pos, "useless-keyword", "%s means nothing in the effect %s", key, e.Verb).WithHint("remove it"))
		}
	}
	return e
}

// effectKeys are the keys that mean something beside some verb.
var effectKeys = []string{"set", "of", "each", "given", "as", "by", "with", "to"}

// effectWords are the keys that mean something beside a verb.
var effectWords = map[string][]string{
	"set": {"of", "each"}, "create": {"set", "each"}, "start": {"set", "each"}, "fire": {"of", "each"}, "take": {"given", "as"}, "extend": {"by"},
	"transfer": {}, "stop": {}, "print": {"each"}, "notify": {"with", "each"}, "send": {"each"}, "offer": {"to", "each"},
}

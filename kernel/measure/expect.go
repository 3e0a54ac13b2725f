package measure

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// differences says in what a decision differs from what a case expects.
func (m *Measure) differences(in Input, c *testCase, d *Decision) ([]string, error) {
	var out []string
	add := func(lines []string, err error) error {
		out = append(out, lines...)
		return err
	}
	for _, check := range []func() ([]string, error){
		func() ([]string, error) { return c.expectGranted(d) },
		func() ([]string, error) { return c.expectRefused(d) },
		func() ([]string, error) { return m.expectUnclear(c, d) },
		func() ([]string, error) { return m.expectLets(c, d) },
		func() ([]string, error) { return m.expectPays(in, c, d) },
	} {
		if err := add(check()); err != nil {
			return nil, err
		}
	}
	if len(out) > 0 {
		out = append(out, d.account()...)
	}
	return out, nil
}

// account tells in a few lines how a decision came about.
func (d *Decision) account() []string {
	var out []string
	for _, j := range d.Conditions {
		line := fmt.Sprintf("    %s is %s", j.Name, j.Truth)
		if len(j.Unclear) > 0 {
			line += ": " + strings.Join(j.Unclear, ", ")
		}
		out = append(out, line)
	}
	for _, l := range d.Lets {
		out = append(out, fmt.Sprintf("    %s = %s", l.Name, l.shown()))
	}
	for _, f := range d.Facts {
		line := fmt.Sprintf("    %s: %d of %s", f.Name, len(f.Records), f.Type)
		if len(f.Missing) > 0 {
			line += ", no answer of " + strings.Join(f.Missing, ", ")
		}
		out = append(out, line)
	}
	return out
}

// summary is the outcome in one line.
func (d *Decision) summary() string {
	switch d.Result {
	case Granted:
		return "granted " + d.Period.String()
	case Refused:
		var why []string
		for _, r := range d.Reasons {
			why = append(why, r.Condition+": "+r.Text)
		}
		return "refused: " + strings.Join(why, "; ")
	}
	return "unclear: " + strings.Join(d.Unclear, ", ")
}

func mismatch(want, got string) []string { return []string{"  want " + want, "  got  " + got} }

func (c *testCase) expectGranted(d *Decision) ([]string, error) {
	if c.granted == nil {
		return nil, nil
	}
	want, err := daysNamed(c.granted.Text())
	if err != nil {
		return nil, faultAt(c.granted.Pos, "granted is FROM..TO: %v", err)
	}
	if d.Result == Granted && d.Period == want {
		return nil, nil
	}
	return mismatch("granted "+want.String(), d.summary()), nil
}

func (c *testCase) expectRefused(d *Decision) ([]string, error) {
	if c.refused == nil {
		return nil, nil
	}
	var ids, got []string
	texts := map[string]string{}
	switch c.refused.Kind {
	case schema.MapNode:
		for _, e := range c.refused.Entries {
			ids, texts[e.Key.Text] = append(ids, e.Key.Text), e.Value.Text()
		}
	case schema.ListNode:
		for _, it := range c.refused.Items {
			ids = append(ids, it.Text())
		}
	default:
		ids = []string{c.refused.Text()}
	}
	differs := d.Result != Refused
	for _, r := range d.Reasons {
		got = append(got, r.Condition)
		want, worded := texts[r.Condition]
		differs = differs || worded && !slices.ContainsFunc(d.Reasons, func(o Reason) bool { return o.Condition == r.Condition && o.Text == want })
	}
	if !differs && slices.Equal(joined(ids), joined(got)) {
		return nil, nil
	}
	want := "refused: " + strings.Join(ids, ", ")
	for _, id := range ids {
		if texts[id] != "" {
			want += "; " + id + ": " + texts[id]
		}
	}
	return mismatch(want, d.summary()), nil
}

// expectUnclear compares facts with facts and conditions with conditions, as far as the case names either.
func (m *Measure) expectUnclear(c *testCase, d *Decision) ([]string, error) {
	if c.unclear == nil {
		return nil, nil
	}
	var facts, conditions []string
	names := []string{c.unclear.Text()}
	if c.unclear.Kind == schema.ListNode {
		names = nil
		for _, it := range c.unclear.Items {
			names = append(names, it.Text())
		}
	}
	for _, n := range names {
		if m.isCondition(n) {
			conditions = append(conditions, n)
		} else {
			facts = append(facts, n)
		}
	}
	var unclearFacts, unclearConditions []string
	for _, n := range d.Unclear {
		unclearFacts = append(unclearFacts, m.short(n))
	}
	for _, j := range d.judged() {
		if j.Truth == Unknown {
			unclearConditions = append(unclearConditions, j.Name)
		}
	}
	if d.Result == Unclear && (len(facts) == 0 || slices.Equal(joined(facts), joined(unclearFacts))) &&
		(len(conditions) == 0 || slices.Equal(joined(conditions), joined(unclearConditions))) {
		return nil, nil
	}
	return mismatch("unclear: "+strings.Join(names, ", "), d.summary()), nil
}

// short is the fact that a path starts from; other paths stay as they are.
func (m *Measure) short(path string) string {
	if n := m.named(root(path)); n != nil {
		return n.name
	}
	return path
}

func (m *Measure) isCondition(name string) bool {
	is := func(c *condition) bool { return c.name == name }
	return slices.ContainsFunc(m.conditions, is) || slices.ContainsFunc(m.while, is)
}

// judged are the conditions, and the `while` conditions of the first slice.
func (d *Decision) judged() []Judged {
	out := slices.Clone(d.Conditions)
	if len(d.Slices) > 0 {
		for _, p := range d.Slices[0].Pieces {
			out = append(out, p.Judged...)
		}
	}
	return out
}

func (m *Measure) expectLets(c *testCase, d *Decision) ([]string, error) {
	var out []string
	for _, e := range c.lets {
		n := m.named(e.Key.Text)
		if n == nil || n.let == nil {
			return nil, faultAt(e.Key.Pos, "the measure has no let %s", e.Key)
		}
		got, ok := d.let(n.name)
		if !ok {
			out = append(out, mismatch(n.name+" = "+e.Value.Text(), n.name+" was not computed")...)
			continue
		}
		same, err := sameLet(n.typ, e.Value, got)
		if err != nil {
			return nil, err
		}
		if !same {
			out = append(out, mismatch(n.name+" = "+e.Value.Text(), n.name+" = "+got.shown())...)
		}
	}
	return out, nil
}

// shown is the value, or what it cannot be computed without.
func (n Named) shown() string {
	if len(n.Unclear) > 0 {
		return "unclear: " + strings.Join(n.Unclear, ", ")
	}
	return n.Text
}

// let is a value of the decision, or of the first piece of its first slice.
func (d *Decision) let(name string) (Named, bool) {
	all := d.Lets
	if len(d.Slices) > 0 && len(d.Slices[0].Pieces) > 0 {
		all = slices.Concat(all, d.Slices[0].Pieces[0].Lets)
	}
	i := slices.IndexFunc(all, func(l Named) bool { return l.Name == name })
	if i < 0 {
		return Named{}, false
	}
	return all[i], true
}

// sameLet compares a value with what a test says of it: null is absent, the word unclear is not known; numbers are
// compared by worth, all else by its text or stored form.
func sameLet(t *expr.Type, want *schema.Node, got Named) (bool, error) {
	switch {
	case len(got.Unclear) > 0:
		return want.Text() == string(Unclear), nil
	case isNull(want) || got.Value.IsZero():
		return isNull(want) && got.Value.IsZero(), nil
	}
	v, err := decode(t, got.Value)
	if err != nil {
		return false, err
	}
	var number value.Number
	switch v := v.(type) {
	case value.Number:
		number = v
	case value.Money:
		number = v.Number()
	case int64:
		number = value.NewNumber(v, 1)
	case value.Period:
		window, err := daysNamed(want.Text())
		return err == nil && window == v, nil
	default:
		return want.Text() == got.Text || want.Text() == strings.Trim(string(got.Value), `"`), nil
	}
	n, err := ratio(want.Text())
	if err != nil {
		return false, faultAt(want.Pos, "%v", err)
	}
	return n.Compare(number) == 0, nil
}

// expectPays compares the sum of the slices that begin in each unit of a window.
func (m *Measure) expectPays(in Input, c *testCase, d *Decision) ([]string, error) {
	if len(c.pays) == 0 {
		return nil, nil
	}
	stored, err := d.stored()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range c.pays {
		window, err := daysNamed(e.Key.Text)
		if err != nil {
			return nil, faultAt(e.Key.Pos, "%v", err)
		}
		want, err := value.ParseMoney(e.Value.Text())
		if err != nil {
			return nil, faultAt(e.Value.Pos, "%v", err)
		}
		owed, err := m.Slices(in, stored, window.To)
		if err != nil {
			return nil, err
		}
		for u := range units(window, m.pay.Every) {
			if got := paysIn(owed, u.part); got != want.String() {
				out = append(out, mismatch(u.part.String()+": "+want.String(), u.part.String()+": "+got)...)
			}
		}
	}
	return out, nil
}

func paysIn(owed []Slice, window value.Period) string {
	var sum value.Money
	var notes []string
	found := false
	for _, s := range owed {
		if !window.Includes(s.From) {
			continue
		}
		found = true
		sum += s.Amount
		if s.Status == Waits {
			notes = append(notes, "waits for "+strings.Join(s.Unclear, ", "))
		}
	}
	switch {
	case !found:
		return "no slice"
	case len(notes) > 0:
		return strings.Join(notes, "; ")
	}
	return sum.String()
}

// stored is the decision as it comes back from a table.
func (d *Decision) stored() (*Decision, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	var out Decision
	return &out, json.Unmarshal(data, &out)
}

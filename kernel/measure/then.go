package measure

import (
	"fmt"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/value"
)

// Accounts keep the money of one award while a test goes on. A ledger does it, of which a measure knows nothing.
type Accounts interface {
	// Correct posts what differs between what was accrued and what slices owe now; days that wait are left as they are.
	Correct(day value.Date, wanted []Slice, waiting []value.Period) error
	// Pay pays what is payable, less what the debt takes of it: percent, or the legal share where it is "".
	Pay(day value.Date, percent string) (sent, withheld value.Money, err error)
	// Debt is what was overpaid and not covered yet.
	Debt() value.Money
}

// step is one step of `then`: a run of accrual and payment for the days of a period, or a day on which something new
// is learnt; then what is expected.
type step struct {
	testCase
	run, known             *schema.Node
	owes, sends, withholds *schema.Node
}

// after is an award on its way through the steps.
type after struct {
	m        *Measure
	base     *fixture
	world    testCase // patches so far
	decision *Decision
	books    Accounts
	accrued  value.Date
}

// goOn plays the steps of a case after its decision; accounts makes the accounts of its award.
func (m *Measure) goOn(base *fixture, c *testCase, decisions []*Decision, accounts func() Accounts) ([]string, error) {
	if accounts == nil {
		return nil, faultAt(c.then[0].Pos, "then needs accounts, and this runner has none")
	}
	if len(decisions) != 1 {
		return nil, faultAt(c.then[0].Pos, "then goes on with one award: say by given.beneficiary whose")
	}
	a := &after{m: m, base: base, world: *c, decision: decisions[0], books: accounts()}
	for i, n := range c.then {
		s, err := readStep(n)
		if err != nil {
			return nil, err
		}
		diff, err := a.step(s)
		if err != nil {
			return nil, err
		}
		if len(diff) > 0 {
			return append([]string{fmt.Sprintf("then [%d]:", i+1)}, diff...), nil
		}
	}
	return nil, nil
}

func readStep(n *schema.Node) (*step, error) {
	if n.Kind != schema.MapNode {
		return nil, faultAt(n.Pos, "a step is a map: run or known, given, parameters, and what is expected")
	}
	s := &step{testCase: testCase{pos: n.Pos}}
	for _, e := range n.Entries {
		switch e.Key.Text {
		case "run":
			s.run = e.Value
		case "known":
			s.known = e.Value
		case "owes":
			s.owes = e.Value
		case "sends":
			s.sends = e.Value
		case "withheld":
			s.withholds = e.Value
		case "table", "rows", "then":
			return nil, faultAt(e.Key.Pos, "a step has no %s", e.Key)
		default:
			if err := s.key(e.Key, e.Value); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case (s.run == nil) == (s.known == nil):
		return nil, faultAt(n.Pos, "a step says run: PERIOD or known: DAY, one of them")
	case s.run == nil && (s.sends != nil || s.withholds != nil):
		return nil, faultAt(n.Pos, "only a run sends and withholds")
	case s.run != nil && (len(s.patches) > 0 || len(s.parameters) > 0):
		return nil, faultAt(n.Pos, "what a run does not know yet becomes known in a step of its own: known: DAY")
	}
	return s, nil
}

// step plays one step and says what differs.
func (a *after) step(s *step) ([]string, error) {
	a.world.patches = append(slices.Clone(a.world.patches), s.patches...)
	a.world.parameters = append(slices.Clone(a.world.parameters), s.parameters...)
	in, err := a.m.world(a.base, &a.world)
	if err != nil {
		return nil, err
	}
	decided, err := a.decideAnew(in, s)
	if err != nil || len(decided) > 0 {
		return decided, err
	}
	if a.decision.Result != Granted {
		if s.run == nil && len(s.pays) == 0 && s.owes == nil {
			return nil, nil
		}
		return nil, faultAt(s.pos, "nothing was granted, so there is nothing to run, to pay or to owe")
	}
	out, err := a.money(in, s)
	if err != nil {
		return nil, err
	}
	pays, err := a.m.expectPays(in, &s.testCase, a.decision)
	return append(out, pays...), err
}

// decideAnew decides with what is known now where the step says what comes of it. An award goes on from the last
// decision that granted.
func (a *after) decideAnew(in Input, s *step) ([]string, error) {
	if s.granted == nil && s.refused == nil && s.unclear == nil && len(s.lets) == 0 {
		return nil, nil
	}
	decisions, err := a.m.Decide(in)
	if err != nil {
		return nil, err
	}
	expected := s.testCase
	expected.pays = nil // they are compared with what the award owes
	out, err := a.m.differences(in, &expected, decisions[0])
	if decisions[0].Result == Granted || a.decision.Result != Granted {
		a.decision = decisions[0]
	}
	return out, err
}

// money accrues, corrects and pays.
func (a *after) money(in Input, s *step) ([]string, error) {
	day, err := a.day(s)
	if err != nil {
		return nil, err
	}
	stored, err := a.decision.stored()
	if err != nil {
		return nil, err
	}
	owed, err := a.m.Slices(in, stored, a.accrued)
	if err != nil {
		return nil, err
	}
	var wanted []Slice
	var waiting []value.Period
	for _, o := range owed {
		switch {
		case o.Status == Waits || o.Status == Held:
			waiting = append(waiting, value.Period{From: o.From, To: o.To})
		case o.Status == Pays && o.Amount > 0 && !o.Due.After(a.accrued):
			wanted = append(wanted, o)
		}
	}
	if err := a.books.Correct(day, wanted, waiting); err != nil {
		return nil, faultAt(s.pos, "%v", err)
	}
	var sent, withheld value.Money
	if s.run != nil {
		if sent, withheld, err = a.books.Pay(day, a.decision.Recover); err != nil {
			return nil, faultAt(s.pos, "%v", err)
		}
	}
	var out []string
	for _, x := range []struct {
		word string
		want *schema.Node
		got  value.Money
	}{{"sends", s.sends, sent}, {"withheld", s.withholds, withheld}, {"owes", s.owes, a.books.Debt()}} {
		diff, err := sum(x.word, x.want, x.got)
		if err != nil {
			return nil, err
		}
		out = append(out, diff...)
	}
	return out, nil
}

// day is the day of a step; a run accrues all that falls due until the end of its period.
func (a *after) day(s *step) (value.Date, error) {
	n := s.known
	if s.run != nil {
		n = s.run
	}
	days, err := daysNamed(n.Text())
	switch {
	case err != nil:
		return value.Date{}, faultAt(n.Pos, "%v", err)
	case s.known != nil:
		return days.From, nil
	case days.To == value.Forever:
		return value.Date{}, faultAt(n.Pos, "a run has an end")
	case days.To.Before(a.accrued):
		return value.Date{}, faultAt(n.Pos, "runs follow each other: all until %s is accrued", a.accrued)
	}
	a.accrued = days.To
	return days.To, nil
}

func sum(word string, want *schema.Node, got value.Money) ([]string, error) {
	if isNull(want) {
		return nil, nil
	}
	m, err := value.ParseMoney(strings.TrimSpace(want.Text()))
	if err != nil {
		return nil, faultAt(want.Pos, "%v", err)
	}
	if m == got {
		return nil, nil
	}
	return mismatch(word+" "+m.String(), word+" "+got.String()), nil
}

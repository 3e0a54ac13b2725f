package bench

import (
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"mera/kernel"
	"mera/kernel/store"
	"mera/schema/value"
	"mera/workflows"
)

// adults are the neighbours of ten who apply.
var adults = [7]int{0, 1, 3, 4, 5, 8, 9}

// The kinds of support, as the package codes them, with the measure that gives it and its sum.
type kind struct {
	code, measure, title string
	amount               value.Money
}

func (r *Region) kinds() []kind {
	var out []kind
	for i, it := range r.cat.Classifiers["RegionSupportKind"].Items {
		out = append(out, kind{it.Code, r.cat.Measures[r.measureOf(it.Code)].Name, it.Title, []value.Money{145000, 238050, 112000, 64025}[i%4]})
	}
	return out
}

// measureOf is the measure of a kind: measures are called after them.
func (r *Region) measureOf(code string) string {
	return "Region" + string(code[0]-'a'+'A') + code[1:]
}

// Cases is how many applications there are: three for each person.
func (r *Region) Cases() int { return r.persons * 3 }

// awards is how many of them were granted: two of three.
func (r *Region) awards() int { return r.Cases() / 3 * 2 }

// applicant is who made an application. Every adult applies in turn, each round in another order, so that the number
// of a round is the number of the application.
func (r *Region) applicant(n int) (p, round int) {
	count := r.persons / 10 * len(adults)
	const prime = 15_485_863
	round = n / count
	who := (n%count*prime + r.below(ofCase, round, count)) % count
	return who/len(adults)*10 + adults[who%len(adults)], round + 1
}

// asked is the day of an application: five years, the same number each day.
func (r *Region) asked(n int) value.Date {
	return value.Date{Year: 2020, Month: 1, Day: 1}.AddDays(int(int64(n) * 1826 / int64(r.Cases())))
}

func (r *Region) caseAt(n int) time.Time {
	return r.asked(n).Time(time.UTC).Add(4*time.Hour + time.Duration(n%28800)*time.Second)
}

func (r *Region) caseID(n int) string { return r.id(ofCase, n, r.caseAt(n)) }

// state of an application: two of three are granted; the others are refused or withdrawn, the late ones still open.
func (r *Region) state(n int) (name string, final bool) {
	late := n >= r.Cases()/100*97
	switch x := r.below(ofState, n, 10); {
	case n%3 != 2:
		return "granted", true
	case late && x < 6:
		return "inWork", false
	case late:
		return "received", false
	case x < 8:
		return "refused", true
	}
	return "withdrawn", true
}

// Applications are the cases, by day.
func (r *Region) Applications() iter.Seq[*kernel.Record] {
	kinds := r.kinds()
	return func(yield func(*kernel.Record) bool) {
		for n := range r.Cases() {
			if !yield(r.application(n, kinds)) {
				return
			}
		}
	}
}

func (r *Region) application(n int, kinds []kind) *kernel.Record {
	who, round := r.applicant(n)
	p := r.person(who)
	k := kinds[r.below(ofKind, n, len(kinds))]
	at := r.caseAt(n)
	rec := r.fresh("RegionApplication", ofCase, n, at)
	rec.Data = map[string]any{
		"applicant": p.id, "date": r.asked(n).String(), "number": strconv.Itoa(round), "channel": []string{"epgu", "mfc", "office"}[n%3],
		"kind": k.code, "territory": p.territory, "basis": basis(n), "income": fmt.Sprintf("%d.%02d", 5000+r.below(ofIncome, n, 30000), n%100),
		"circumstances": r.word("circumstance", ofIncome, n),
	}
	rec.Card, rec.Root, rec.Territory, rec.Persons = p.id, p.id, p.territory, []string{p.id}
	if len(p.children) > 0 {
		child := r.personID(p.children[n%len(p.children)])
		rec.Data["child"] = child
		rec.Persons = append(rec.Persons, child)
	}
	rec.Office = r.officeOf(r.leaf(who)).id
	rec.Title = join(r.lists["summary"][0], k.title)
	state, final := r.state(n)
	rec.Case = &kernel.Case{
		State: state, Final: final, Number: strconv.Itoa(round), Applicant: p.id, Channel: rec.Data["channel"].(string),
		Flow: json.RawMessage(strings.Join(r.flows[state], at.Format(time.RFC3339))),
	}
	return rec
}

// basis is the number of the paper on which an application rests.
func basis(n int) string { return fmt.Sprintf("B-%08d", n) }

// snapshots is what the workflow remembers of cases that came to their states by the plain road, with a mark where the
// moment of the case belongs.
func snapshots() map[string][]string {
	mark := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	out := map[string][]string{}
	for _, road := range [][]string{
		{"received"}, {"received", "inWork"}, {"received", "inWork", "granted"}, {"received", "inWork", "refused"}, {"received", "withdrawn"},
	} {
		state := road[len(road)-1]
		s := workflows.Snapshot{State: state, Opened: mark, Since: mark, Entered: map[string]int{}, First: map[string]time.Time{}}
		for _, name := range road {
			s.Entered[name], s.First[name] = 1, mark
		}
		b, _ := json.Marshal(s) // times of this century always encode
		out[state] = strings.Split(string(b), mark.Format(time.RFC3339))
	}
	return out
}

// Counters are the numbers that were given to each applicant.
func (r *Region) Counters() iter.Seq[*store.Counter] {
	return func(yield func(*store.Counter) bool) {
		count := r.persons / 10 * len(adults)
		last := map[int]int{} // rounds after the last whole one
		for n := r.Cases() / count * count; n < r.Cases(); n++ {
			who, round := r.applicant(n)
			last[who] = round
		}
		for i := range count {
			who := i/len(adults)*10 + adults[i%len(adults)]
			next := max(r.Cases()/count, last[who]) + 1
			if !yield(&store.Counter{Series: "application", Per: "applicant=" + r.personID(who), Next: int64(next)}) {
				return
			}
		}
	}
}

// granted is the application of an award.
func granted(award int) (application int) { return award/2*3 + award%2 }

// awardMonths is how long an award lasts: half of the awards of five years still hold at the end.
const awardMonths = 30

type grant struct {
	n, application int
	id, decision   string
	person         person
	office         string
	kind           kind
	day            value.Date // of the decision
	from, to       value.Date
	at             time.Time
	scope          kernel.Scope
	accruals       int
}

func (r *Region) grant(n int, kinds []kind) grant {
	g := grant{n: n, application: granted(n)}
	who, _ := r.applicant(g.application)
	g.person = r.person(who)
	g.kind = kinds[r.below(ofKind, g.application, len(kinds))]
	g.office = r.officeOf(r.leaf(who)).id
	asked := r.asked(g.application)
	g.day, g.at = asked.AddDays(5), r.caseAt(g.application).Add(5*24*time.Hour)
	g.from = value.Date{Year: asked.Year, Month: asked.Month, Day: 1}
	g.to = g.from.AddMonths(awardMonths).AddDays(-1)
	g.id, g.decision = r.id(ofAward, n, g.at), r.id(ofDecision, n, g.at)
	persons := []string{g.person.id}
	if c := g.person.children; len(c) > 0 {
		persons = append(persons, r.personID(c[g.application%len(c)]))
	}
	g.scope = kernel.Scope{
		CaseType: "RegionApplication", CaseID: r.caseID(g.application), Root: g.person.id, Territory: g.person.territory, Office: g.office,
		Persons: persons, Author: clerk,
	}
	g.accruals = 2 + (n+1)%2
	return g
}

// Money is what was decided, granted and accrued.
func (r *Region) Money() store.Money {
	kinds := r.kinds()
	each := func(do func(g *grant) bool) {
		for n := range r.awards() {
			if g := r.grant(n, kinds); !do(&g) {
				return
			}
		}
	}
	return store.Money{
		Decisions: func(yield func(*kernel.Decision) bool) {
			each(func(g *grant) bool { return yield(r.decision(g)) })
		},
		Awards: func(yield func(*kernel.Award) bool) {
			each(func(g *grant) bool { return yield(r.award(g)) })
		},
		Schedules: func(yield func(string, *kernel.Scheduled) bool) {
			each(func(g *grant) bool {
				return yield(g.id, &kernel.Scheduled{From: g.from, Every: "month", Amount: g.kind.amount})
			})
		},
		Accruals: func(yield func(*kernel.Accrual) bool) {
			each(func(g *grant) bool {
				for i := range g.accruals {
					if !yield(r.accrual(g, i)) {
						return false
					}
				}
				return true
			})
		},
	}
}

func (r *Region) decision(g *grant) *kernel.Decision {
	return &kernel.Decision{
		ID: g.decision, Scope: g.scope, Measure: g.kind.measure, Beneficiary: g.person.id, Recipient: g.person.id, Result: "granted",
		Number: strconv.Itoa(g.n + 1), Date: g.day, Asked: r.asked(g.application), From: g.from, To: g.to, Amount: g.kind.amount,
		Reasons: json.RawMessage("[]"), Content: json.RawMessage(`{"conditions":[{"name":"asked","truth":true}]}`), Settled: true,
		Release: r.release, KnownAt: g.at, CreatedAt: g.at, CreatedBy: clerk,
	}
}

func (r *Region) award(g *grant) *kernel.Award {
	status := "active"
	if g.to.Before(today) {
		status = "ended"
	}
	return &kernel.Award{
		ID: g.id, Scope: g.scope, Decision: g.decision, Measure: g.kind.measure, Beneficiary: g.person.id, Recipient: g.person.id,
		Purpose: g.kind.measure, PurposeKey: basis(g.application), From: g.from, To: g.to, Amount: g.kind.amount, Every: "month",
		Status: status, Accrued: g.from.AddMonths(g.accruals).AddDays(-1), CreatedAt: g.at, CreatedBy: clerk,
	}
}

func (r *Region) accrual(g *grant, i int) *kernel.Accrual {
	from := g.from.AddMonths(i)
	to := g.from.AddMonths(i + 1).AddDays(-1)
	at := to.Time(time.UTC).Add(4 * time.Hour)
	return &kernel.Accrual{
		ID: r.id(ofAccrual, g.n*4+i, at), Award: g.id, Root: g.person.id, From: from, To: to, Kind: "current", Amount: g.kind.amount,
		Due: to, Release: r.release, CreatedAt: at, CreatedBy: clerk, Content: json.RawMessage("{}"),
	}
}

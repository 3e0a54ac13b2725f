package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"mera/cmd/internal/agencies"
)

// Sixteen windows call from one queue at once: nobody is called twice, nobody is forgotten, and each window sees people
// in the order of urgency and turn.
func TestManyWindowsCallFromOneQueue(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.staff("registrar", "nearOffice", "uray", "registrar")
	s.staff("operator", "nearOffice", "uray", "operator")
	office := s.ids["nearOffice"]
	services := []string{"benefits", "veterans", "documents"}
	place := map[string]int{} // of a ticket in the right order, counted within its urgency
	for i := range 40 {
		id := s.create("registrar", "Ticket", map[string]any{"office": office, "service": services[i%len(services)]})
		place[id] = i
		if services[i%len(services)] == "veterans" {
			place[id] -= 1000 // the urgent go first
		}
		s.must(admin, `mutation {setClock(by: "1 minute")}`, nil)
	}
	s.create("registrar", "Ticket", map[string]any{"office": s.ids["nearOffice"], "service": "documents"})
	window := s.create("registrar", "Window", map[string]any{"office": office, "title": "1", "services": []any{"benefits", "veterans"}})
	var mu sync.Mutex
	calls := map[string]int{}
	together(16, func(int) {
		last := -1 << 30
		for {
			r := s.ask("operator", `mutation($w: ID!) {takeNextCall(window: $w) {id state window {id} service {code}}}`, map[string]any{"w": window})
			if r.code() == "NOT_FOUND" {
				return
			}
			ticket := dig(r.Data, "takeNextCall")
			id, _ := dig(ticket, "id").(string)
			if len(r.Errors) > 0 || dig(ticket, "state") != "called" || dig(ticket, "window", "id") != window || dig(ticket, "service", "code") == "documents" {
				t.Errorf("%+v", r)
				return
			}
			if place[id] < last {
				t.Errorf("a window called place %d after %d", place[id], last)
			}
			last = place[id]
			mu.Lock()
			calls[id]++
			mu.Unlock()
		}
	})
	for id, at := range place {
		want := 1
		if (at+1000)%1000%3 == 2 {
			want = 0 // documents are not this window's business
		}
		if calls[id] != want {
			t.Errorf("the ticket of place %d was called %d times, want %d", at, calls[id], want)
		}
	}
	left := s.must("operator", `{tickets(where: {state: {eq: waiting}}) {totalCount}}`, nil)
	if n := dig(left, "tickets", "totalCount"); n != json.Number("14") {
		t.Errorf("%v tickets wait for another window, want 14", n)
	}
}

// Sixteen citizens want one time: one of them gets it, the others are told so and leave nothing behind.
func TestOneSlotIsBookedOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.staff("registrar", "nearOffice", "uray", "registrar")
	slot := s.create("registrar", "Slot", map[string]any{"office": s.ids["nearOffice"], "start": "2019-07-18T05:00:00Z"})
	before := s.census()
	answers := make([]reply, 16)
	together(16, func(i int) {
		answers[i] = s.ask("registrar", createOf("Ticket"), map[string]any{"input": map[string]any{"office": s.ids["nearOffice"], "service": "benefits", "slot": slot}})
	})
	won := 0
	for _, a := range answers {
		switch a.code() {
		case "":
			won++
		case "CONFLICT":
			if f := a.fields(); !slices.Equal(f, []string{"slot slotOnce"}) {
				t.Errorf("fields %v", f)
			}
			s.worded("slot", a)
		default:
			t.Errorf("%+v", a)
		}
	}
	if won != 1 {
		t.Errorf("%d of 16 booked the slot", won)
	}
	if g := grown(t, before, s.census()); g["tickets"] != 1 {
		t.Errorf("booking wrote %v", g)
	}
	// Freed, it can be booked again.
	id := dig(s.must("registrar", `{tickets {nodes {id}}}`, nil), "tickets", "nodes", 0, "id")
	s.must("registrar", fire, map[string]any{"case": id, "event": "cancel"})
	s.create("registrar", "Ticket", map[string]any{"office": s.ids["nearOffice"], "service": "benefits", "slot": slot})
}

// granted makes n children of anna with an award of two months each.
func (s *stage) granted(n int) {
	s.t.Helper()
	for i := range n {
		name := fmt.Sprint("child", i)
		s.person(name, "Северов", "2010-01-01", snils(100200300+i), "uray", anna)
		s.answering(map[string]agencies.Behaviour{
			"RegistrationCheck": {Answer: map[string]any{"registrations": []any{map[string]any{"id": "mvd-" + name, "region": "86", "from": "2010-01-01"}}}},
			"PensionCheck":      {Answer: map[string]any{"pensions": []any{map[string]any{"id": "sfr-" + name, "number": "5", "type": "GPK", "from": "2019-06-06", "to": "2019-08-31"}}}},
		})
		s.create(anna, "SurvivorBenefitApplication", with(s.application(), map[string]any{"child": s.ids[name]}))
		s.settle()
	}
	if got := dig(s.must(near, `{awards {totalCount}}`, nil), "awards", "totalCount"); got != json.Number(fmt.Sprint(n)) {
		s.t.Fatalf("%v awards, want %d", got, n)
	}
}

// snils adds the check digits to nine digits.
func snils(nine int) string {
	text, sum := fmt.Sprintf("%09d", nine), 0
	for i, c := range text {
		sum += int(c-'0') * (9 - i)
	}
	return fmt.Sprintf("%s%02d", text, sum%101%100)
}

// Eight accounting runs at once post each month once; eight payment runs at once make one list with each accrual once.
func TestRunsAtOncePayOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	const awards = 6
	s.granted(awards)
	s.wait("60 days")
	var posted int64
	var mu sync.Mutex
	together(8, func(i int) {
		r := s.ask(head, `mutation {accrue(until: "2019-08-31")}`, nil)
		if len(r.Errors) > 0 {
			t.Errorf("accrue: %+v", r.Errors)
			return
		}
		n, err := dig(r.Data, "accrue", "posted").(json.Number).Int64()
		if err != nil || dig(r.Data, "accrue", "failed") != json.Number("0") {
			t.Errorf("accrue: %v %v", err, r.Data)
		}
		mu.Lock()
		posted += n
		mu.Unlock()
	})
	if posted != 2*awards {
		t.Errorf("eight runs say that they posted %d accruals, want %d", posted, 2*awards)
	}
	var lists []any
	together(8, func(i int) {
		r := s.ask(head, `mutation {runPayments(from: "2019-07-01", to: "2019-08-31", date: "2019-09-02") {id number}}`, nil)
		if len(r.Errors) > 0 {
			t.Errorf("pay: %+v", r.Errors)
		}
		if l := dig(r.Data, "runPayments"); l != nil {
			mu.Lock()
			lists = append(lists, l)
			mu.Unlock()
		}
	})
	if len(lists) != 1 {
		t.Errorf("eight runs made %d lists: %v", len(lists), lists)
	}
	data := s.must(near, `{
		accruals {nodes {amount award {id} from payment {id}}}
		paymentLists {nodes {number total count payments {amount accruals {id}}}}
		awards {nodes {debt owed}}}`, nil)
	rows := dig(data, "accruals", "nodes").([]any)
	seen := map[string]bool{}
	for _, a := range rows {
		key := fmt.Sprint(dig(a, "award", "id"), dig(a, "from"))
		if seen[key] || dig(a, "amount") != "1826.00" || dig(a, "payment", "id") == nil {
			t.Errorf("accrual %v", a)
		}
		seen[key] = true
	}
	if len(rows) != 2*awards {
		t.Errorf("%d accruals", len(rows))
	}
	all := dig(data, "paymentLists", "nodes").([]any)
	if len(all) != 1 || dig(all, 0, "total") != "21912.00" || dig(all, 0, "count") != json.Number("6") || dig(all, 0, "number") != "010-00000001" {
		t.Errorf("lists: %v", all)
	}
	paid := map[string]bool{}
	for _, p := range dig(all, 0, "payments").([]any) {
		if dig(p, "amount") != "3652.00" {
			t.Errorf("payment %v", p)
		}
		for _, a := range dig(p, "accruals").([]any) {
			id := dig(a, "id").(string)
			if paid[id] {
				t.Errorf("the accrual %s is paid twice", id)
			}
			paid[id] = true
		}
	}
	if len(paid) != 2*awards {
		t.Errorf("%d accruals are paid", len(paid))
	}
	for _, a := range dig(data, "awards", "nodes").([]any) {
		if fmt.Sprint(a) != "map[debt:0.00 owed:0.00]" {
			t.Errorf("award %v", a)
		}
	}
	if g := s.must(near, `{paymentLists {totalCount}}`, nil); fmt.Sprint(g) != "map[paymentLists:map[totalCount:1]]" {
		t.Errorf("%v", g)
	}
}

// Eight applications for one child at once: one award, whatever the order in which the answers come.
func TestOnePurposeUnderARace(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.answering()
	together(8, func(i int) {
		r := s.ask(anna, createOf("SurvivorBenefitApplication"), map[string]any{"input": s.application()})
		if len(r.Errors) > 0 {
			t.Errorf("%+v", r.Errors)
		}
	})
	s.settle()
	data := s.must(near, `{awards {totalCount} cases {nodes {state number}} pensions {totalCount} decisions(where: {settled: {eq: true}}) {nodes {number}}}`, nil)
	states, numbers := map[string]int{}, map[string]int{}
	for _, c := range dig(data, "cases", "nodes").([]any) {
		states[fmt.Sprint(dig(c, "state"))]++
		numbers[fmt.Sprint(dig(c, "number"))]++
	}
	if dig(data, "awards", "totalCount") != json.Number("1") || dig(data, "pensions", "totalCount") != json.Number("1") {
		t.Errorf("%v", data)
	}
	if states["granted"] != 1 || states["refused"] != 7 {
		t.Errorf("states %v", states)
	}
	if len(numbers) != 8 {
		t.Errorf("numbers of applications %v", numbers)
	}
	decisions := map[string]bool{}
	for _, d := range dig(data, "decisions", "nodes").([]any) {
		decisions[fmt.Sprint(dig(d, "number"))] = true
	}
	if len(decisions) != 8 {
		t.Errorf("numbers of decisions %v", decisions)
	}
}

// Eight heads approve one case at once: the first wins, the others are told that it is over.
func TestOneApprovalWins(t *testing.T) {
	t.Parallel()
	s := setup(t)
	heads := make([]string, 8)
	for i := range heads {
		heads[i] = fmt.Sprint("head", i)
		s.staff(heads[i], "nearOffice", "uray", "head")
	}
	s.answering(map[string]agencies.Behaviour{"PensionCheck": {Rejected: "ACCESS_DENIED"}})
	id := s.create(anna, "SurvivorBenefitApplication", s.application())
	s.settle()
	s.must(near, createOf("Pension"), map[string]any{"case": id, "input": map[string]any{"person": s.ids["kolya"], "type": "state-survivor", "from": "2019-06-06", "to": "2019-08-31",
		"attachments": []any{map[string]any{"slot": "other", "name": "pension.pdf", "base64": "cGRm"}}}})
	s.settle()
	s.must(near, fire, map[string]any{"case": id, "event": "submit"})
	s.settle()
	if got := s.state(id); !strings.HasPrefix(got, "checking") {
		t.Fatal(got)
	}
	codes := map[string]int{}
	var mu sync.Mutex
	together(8, func(i int) {
		r := s.ask(heads[i], fire, map[string]any{"case": id, "event": "approve"})
		s.worded("approve", r)
		mu.Lock()
		codes[r.code()]++
		mu.Unlock()
	})
	if codes[""] != 1 || codes["STALE"] != 7 {
		t.Errorf("codes %v", codes)
	}
	data := s.must(near, `{awards {totalCount} tasks(where: {work: {eq: "approve"}}) {nodes {status doneBy}} decisions(where: {settled: {eq: true}}) {nodes {number}}}`, nil)
	if n := dig(data, "awards", "totalCount"); n != json.Number("1") {
		t.Errorf("%v awards", n)
	}
	if got := fmt.Sprint(dig(data, "decisions", "nodes")); got != "[map[number:1-п]]" {
		t.Errorf("decisions %s", got)
	}
	if dig(data, "tasks", "nodes", 0, "status") != "done" {
		t.Errorf("tasks %v", dig(data, "tasks"))
	}
	s.refused("once more", func() reply { return s.ask(head, fire, map[string]any{"case": id, "event": "approve"}) }, "STALE")
}

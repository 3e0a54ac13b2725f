package command_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/store"
)

func passStage(t *testing.T) (s *stage, office, person string) {
	t.Helper()
	s = setup(t, "testdata/crate")
	return s, s.office(), s.person("Олег", "2000-01-01", "")
}

func pass(person, from, to, code string) map[string]any {
	data := map[string]any{"person": person, "kind": "guest", "from": from}
	if to != "" {
		data["to"] = to
	}
	if code != "" {
		data["code"] = code
	}
	return data
}

// A change makes a version with what was before; nobody overwrites what he has not seen, and null removes.
func TestUpdate(t *testing.T) {
	t.Parallel()
	s, _, person := passStage(t)
	id := s.create("Pass", pass(person, "2019-07-01", "2019-07-31", "a"))
	res := s.do(command.Command{Verb: "update", Type: "Pass", ID: id, Version: 1, Data: map[string]any{"to": "2019-08-31", "code": nil}})
	want(t, "version", 2, res.Version)
	r := s.record("Pass", id)
	want(t, "data", map[string]any{"person": person, "kind": "guest", "from": "2019-07-01", "to": "2019-08-31", "number": "0001"}, r.Data)
	s.fails(kernel.Stale, command.Command{Verb: "update", Type: "Pass", ID: id, Version: 1, Data: map[string]any{"to": "2019-09-30"}})
	s.fails(kernel.NotFound, command.Command{Verb: "update", Type: "Pass", ID: s.road.IDs.New(), Data: map[string]any{"to": "2019-09-30"}})
	s.fails(kernel.NotFound, command.Command{Verb: "update", Type: "Errand", ID: id, Data: map[string]any{"to": "2019-09-30"}})
	for field, bad := range map[string]map[string]any{
		"to": {"to": "2019-02-30"}, "kind": {"kind": "king"}, "person": {"person": s.road.IDs.New()}, "colour": {"colour": "red"}, "from": {"from": nil},
		"number": {"number": "7"},
	} {
		e := s.fails(kernel.Invalid, command.Command{Verb: "update", Type: "Pass", ID: id, Data: bad})
		if len(e.Fields) == 0 || e.Fields[0].Path != field || e.Fields[0].Message == "" {
			t.Errorf("%s: %+v", field, e.Fields)
		}
	}
	s.in(func(ctx context.Context, tx *store.Tx) error {
		events, err := tx.History(ctx, id, 10)
		var got []string
		for _, e := range events {
			got = append(got, fmt.Sprintf("%s %d %t", e.Action, e.Version, e.Before != nil))
		}
		want(t, "journal", []string{"create 1 false", "update 2 true"}, sorted(got))
		return err
	})
}

// What was never true is void: out of sight, its key and its days are free, its history stays.
func TestVoid(t *testing.T) {
	t.Parallel()
	s, _, person := passStage(t)
	id := s.create("Pass", pass(person, "2019-07-01", "", "a"))
	void := command.Command{Verb: "void", Type: "Pass", ID: id, Version: 1}
	s.fails(kernel.Invalid, void)
	void.Reason = "внесено по ошибке"
	void.Version = 7
	s.fails(kernel.Stale, void)
	void.Version = 1
	s.do(void)
	s.fails(kernel.NotFound, void)
	s.fails(kernel.NotFound, command.Command{Verb: "update", Type: "Pass", ID: id, Data: map[string]any{"to": "2019-09-30"}})
	s.create("Pass", pass(person, "2019-07-01", "", "a"))
	errand := s.create("Errand", map[string]any{"person": person})
	s.fails(kernel.Invalid, command.Command{Verb: "void", Type: "Errand", ID: errand, Reason: "дело не удаляют"})
	s.in(func(ctx context.Context, tx *store.Tx) error {
		events, err := tx.History(ctx, id, 10)
		want(t, "events", 2, len(events))
		return err
	})
}

// One pass of a kind on one day, one record a key: whoever comes second is told.
func TestUniqueAndKeys(t *testing.T) {
	t.Parallel()
	s, _, person := passStage(t)
	create := func(data map[string]any) command.Command {
		return command.Command{Verb: "create", Type: "Pass", Data: data}
	}
	s.do(create(pass(person, "2019-07-01", "2019-07-31", "a")))
	s.do(create(pass(person, "2019-08-01", "2019-08-31", "b")))
	e := s.fails(kernel.Conflict, create(pass(person, "2019-07-31", "2019-07-31", "c")))
	want(t, "message", "Пропуск на эти дни уже есть", e.Message)
	s.fails(kernel.Conflict, create(pass(person, "2019-09-01", "", "b")))
	other := pass(person, "2019-07-31", "2019-07-31", "c")
	other["kind"] = "staff"
	s.do(create(other))
	next := s.do(create(pass(person, "2019-09-01", "", "")))
	s.fails(kernel.Conflict, command.Command{Verb: "update", Type: "Pass", ID: next.ID, Data: map[string]any{"code": "a"}})
	s.fails(kernel.Conflict, command.Command{Verb: "update", Type: "Pass", ID: next.ID, Data: map[string]any{"from": "2019-08-31"}})
	s.do(command.Command{Verb: "update", Type: "Pass", ID: next.ID, Data: map[string]any{"code": "d"}})
	want(t, "numbers without gaps", []any{"0001", "0002", "0003"}, numbersOf(s.linked("Pass", person), "guest"))
}

func numbersOf(list []*kernel.Record, kind string) (out []any) {
	for _, r := range list {
		if r.Data["kind"] == kind {
			out = append(out, r.Data["number"])
		}
	}
	return out
}

// A labelled property is written only by whom the policy lets, also where the rest of the record is his to write.
func TestLabels(t *testing.T) {
	t.Parallel()
	s, office, person := passStage(t)
	data := pass(person, "2019-07-01", "", "")
	data["secret"] = "диагноз"
	clerk, head := staff("ivanova", office, "specialist"), staff("sidorov", office, "head")
	s.as(clerk, func() {
		e := s.fails(kernel.Denied, command.Command{Verb: "create", Type: "Pass", Data: data})
		want(t, "field", "secret", e.Fields[0].Path)
	})
	var id string
	s.as(head, func() { id = s.create("Pass", data) })
	s.as(clerk, func() {
		s.do(command.Command{Verb: "update", Type: "Pass", ID: id, Data: map[string]any{"to": "2019-12-31"}})
		s.fails(kernel.Denied, command.Command{Verb: "update", Type: "Pass", ID: id, Data: map[string]any{"secret": "диагноз"}}) // a guess
		s.fails(kernel.Denied, command.Command{Verb: "update", Type: "Pass", ID: id, Data: map[string]any{"secret": "другой"}})
		s.fails(kernel.Denied, command.Command{Verb: "update", Type: "Pass", ID: id, Data: map[string]any{"secret": nil}})
	})
	s.as(head, func() {
		s.do(command.Command{Verb: "update", Type: "Pass", ID: id, Data: map[string]any{"secret": nil}})
	})
}

// Files go into the slots of their type, within their limits; bytes are kept once.
func TestAttach(t *testing.T) {
	t.Parallel()
	s, office, person := passStage(t)
	id := s.create("Pass", pass(person, "2019-07-01", "", ""))
	attach := func(files ...command.File) command.Command {
		return command.Command{Verb: "attach", Type: "Pass", ID: id, Files: files}
	}
	res := s.do(attach(file("photo", "лицо.jpg")))
	want(t, "name", any("лицо.jpg"), res.Data["name"])
	want(t, "size", any(int64(len(file("", "лицо.jpg").Content))), res.Data["size"])
	s.do(attach(file("papers", "a.pdf")))
	same := file("papers", "a.pdf")
	same.Name = "b.pdf"
	big := file("papers", "big.pdf")
	big.Content = make([]byte, 1<<20+1)
	for code, list := range map[kernel.Code][]command.File{
		kernel.Conflict: {file("photo", "второе.jpg"), same},
		kernel.Invalid:  {file("photo", "лицо.pdf"), file("cellar", "a.pdf"), file("papers", ""), file("papers", "../a.pdf"), file("other", "a.pdf")},
		kernel.Limit:    {big},
	} {
		for _, f := range list {
			s.fails(code, attach(f))
		}
	}
	s.fails(kernel.Invalid, attach(file("papers", "c.pdf"), file("cellar", "d.pdf"))) // all or nothing
	s.in(func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.Attachments(ctx, "Pass", id)
		want(t, "files", 2, len(list))
		return err
	})
	orlov := staff("orlov", office, "specialist")
	orlov.Territories, orlov.Office = []string{"sovetsky"}, ""
	s.as(orlov, func() { s.fails(kernel.NotFound, attach(file("papers", "c.pdf"))) })
}

// The same key answers the same again, to the same caller and for the same command.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	s, _, person := passStage(t)
	c := command.Command{Verb: "create", Type: "Pass", Key: "k", Data: pass(person, "2019-07-01", "", "")}
	first, again := s.do(c), s.do(c)
	want(t, "answer", first, again)
	want(t, "passes", 1, len(s.linked("Pass", person)))
	c.Data = pass(person, "2019-08-01", "", "")
	s.fails(kernel.Conflict, c)
	failing := command.Command{Verb: "create", Type: "Pass", Key: "f", Data: pass(person, "2019-07-15", "", "")}
	s.fails(kernel.Conflict, failing)
	s.do(command.Command{Verb: "void", Type: "Pass", ID: first.ID, Reason: "ошибка"})
	s.do(failing) // what failed kept no answer
	s.as(kernel.Actor{Kind: kernel.System, ID: "mfc"}, func() {
		other := command.Command{Verb: "create", Type: "Errand", Key: "k", Data: map[string]any{"person": person}}
		s.do(other) // a key is the caller's own
	})
	s.fails(kernel.Invalid, command.Command{Verb: "explode"})
}

// A timer rings once, in time, and not at all where the case no longer has it.
func TestTimer(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.office()
	kolya := s.person("Николай", "2006-06-06", "112-233-445 95")
	app := s.create("SurvivorBenefitApplication", map[string]any{"applicant": kolya, "child": kolya, "date": "2019-07-16", "payout": payout})
	state := func() string { return s.record("SurvivorBenefitApplication", app).Case.State }
	var name string
	s.in(func(ctx context.Context, tx *store.Tx) error {
		due, err := tx.DueTimers(ctx, time.Date(2019, 7, 25, 0, 0, 0, 0, time.UTC), 10)
		name = due[0].Name
		return err
	})
	timer := command.Command{Verb: "timer", Type: "SurvivorBenefitApplication", ID: app, Event: name}
	s.as(kernel.SystemActor(), func() {
		s.do(timer)
		want(t, "too early", "asking", state())
		s.at("2019-07-25")
		s.do(timer)
		want(t, "in time", "byHand", state())
		version := s.record("SurvivorBenefitApplication", app).Version
		s.do(timer)
		want(t, "once", version, s.record("SurvivorBenefitApplication", app).Version)
		timer.Event = "nothing"
		s.do(timer)
	})
}

// Who takes from a list gets the first row, and everybody another one.
func TestTake(t *testing.T) {
	t.Parallel()
	s := setup(t)
	office := s.office()
	window := s.create("Window", map[string]any{"office": office, "title": "1", "services": []any{"benefits"}})
	var tickets []string
	for range 2 {
		tickets = append(tickets, s.create("Ticket", map[string]any{"office": office, "service": "benefits"}))
	}
	take := command.Command{Verb: "take", List: "NextCall", Given: map[string]any{"window": window}}
	s.as(staff("belov", office, "operator"), func() {
		want(t, "first", tickets[0], s.do(take).ID)
		want(t, "second", tickets[1], s.do(take).ID)
		s.fails(kernel.NotFound, take)
		bad := take
		bad.List = "Nothing"
		s.fails(kernel.Invalid, bad)
		bad = take
		bad.Given = nil
		s.fails(kernel.Invalid, bad)
	})
	s.as(staff("ivanova", office, "specialist"), func() { s.fails(kernel.Denied, take) })
	want(t, "window", any(window), s.record("Ticket", tickets[0]).Data["window"])
}

// The same paper once a key; a form that is not there is no paper.
func TestPrint(t *testing.T) {
	t.Parallel()
	s, _, _, errand := errandStage(t)
	s.jobs()
	paper := command.Command{Verb: "print", Type: "Errand", ID: errand, List: "ErrandSlip", Reason: "k"}
	s.as(kernel.SystemActor(), func() {
		first := s.do(paper)
		if first.ID == "" || s.do(paper).ID != "" {
			t.Error("a key prints twice, or not at all")
		}
		s.in(func(ctx context.Context, tx *store.Tx) error {
			p, err := tx.Print(ctx, first.ID)
			if !strings.Contains(p.HTML, "<p>Северов Олег: open</p>") {
				t.Errorf("paper:\n%s", p.HTML)
			}
			return err
		})
		paper.List = "Nothing"
		s.fails(kernel.Invalid, paper)
		s.fails(kernel.Invalid, command.Command{Verb: "notify", Type: "Errand", ID: errand, List: "Nothing", Data: map[string]any{"party": errand}})
	})
}

package command_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/store"
)

// roll is a stage with a list of three: one to be paid, one to be refused, one unclear.
func rollStage(t *testing.T) (s *stage, roll string, rows map[string]string) {
	t.Helper()
	s = setup(t, "testdata/relief")
	office := s.office()
	s.keep(staff("ivanova", office, "specialist"))
	s.keep(staff("sidorov", office, "head"))
	roll = s.create("Roll", map[string]any{"office": office, "title": "Июль"})
	rows = map[string]string{}
	for i, row := range []struct {
		name, snils string
		data        map[string]any
	}{
		{"paid", "112-233-445 95", map[string]any{"sum": "100.00", "checked": true}},
		{"refused", "", map[string]any{"sum": "200.00", "checked": false}},
		{"unclear", "", map[string]any{"sum": "300.00"}},
	} {
		row.data["person"] = s.create("Person", map[string]any{"lastName": row.name, "firstName": "Анна", "birthDate": "1980-02-0" + string(rune('1'+i)), "territory": "uray"})
		row.data["roll"] = roll
		rows[row.name] = s.create("RollRow", row.data)
	}
	return s, roll, rows
}

func (s *stage) ringAll() {
	s.t.Helper()
	for range 10 {
		s.ring()
	}
}

// decided are the results of the decisions on rows, sealed ones with their number.
func (s *stage) decided(rows map[string]string) (out []string) {
	s.t.Helper()
	s.in(func(ctx context.Context, tx *store.Tx) error {
		for name, id := range rows {
			list, err := tx.Decisions(ctx, id)
			if err != nil {
				return err
			}
			for _, d := range list {
				out = append(out, strings.TrimSpace(name+" "+d.Result+" "+d.Number))
			}
			awards, err := tx.Awards(ctx, id)
			if err != nil {
				return err
			}
			for _, a := range awards {
				out = append(out, name+" award "+a.Amount.String())
			}
		}
		return nil
	})
	slices.Sort(out)
	return out
}

func (s *stage) finish(task *kernel.Task, data map[string]any) command.Command {
	return command.Command{Verb: "finishTask", ID: task.ID, Data: data}
}

// A list is decided row by row; what is clear is paid, what is not is a person's, and neither waits for the other.
func TestRowsAreDecidedAndSealed(t *testing.T) {
	t.Parallel()
	s, roll, rows := rollStage(t)
	office := s.record("Roll", roll).Office
	s.as(staff("ivanova", office, "specialist"), func() { s.do(command.Command{Verb: "fire", Type: "Roll", ID: roll, Event: "judge"}) })
	want(t, "nothing is decided by the event itself", []string(nil), s.decided(rows))
	head := staff("sidorov", office, "head")
	s.as(head, func() {
		s.fails(kernel.Conflict, command.Command{Verb: "fire", Type: "Roll", ID: roll, Event: "approve"})
	})
	s.ringAll()
	want(t, "decisions", []string{"paid granted", "refused refused", "unclear unclear"}, s.decided(rows))
	want(t, "tasks", []string{"head: Утвердить список", "specialist: Решить по строке вручную: unclear (doc.checked)"}, sorted(titles(s.tasks(roll))))

	s.as(head, func() { s.do(command.Command{Verb: "fire", Type: "Roll", ID: roll, Event: "approve"}) })
	want(t, "nothing is sealed by the event itself", 0, len(slices.DeleteFunc(s.decided(rows), func(d string) bool { return !strings.Contains(d, "-р") })))
	s.ringAll()
	want(t, "sealed", []string{"paid award 100.00", "paid granted 1-р", "refused refused 2-р", "unclear unclear"}, s.decided(rows))
	want(t, "the roll", "paid", s.record("Roll", roll).Case.State)

	row := s.tasks(roll)[0]
	clerk := staff("ivanova", office, "specialist")
	s.as(clerk, func() {
		if e := s.fails(kernel.Conflict, s.finish(row, nil)); e.Message != "workflow.row-unclear" {
			t.Errorf("still unclear: %v", e)
		}
		s.fails(kernel.Invalid, s.finish(row, map[string]any{"answers": map[string]any{"checked": "да"}}))
		s.do(s.finish(row, map[string]any{"answers": map[string]any{"checked": true}}))
		s.fails(kernel.Stale, s.finish(row, map[string]any{"answers": map[string]any{"checked": true}}))
	})
	want(t, "after the answer", []string{"paid award 100.00", "paid granted 1-р", "refused refused 2-р",
		"unclear award 300.00", "unclear granted 3-р", "unclear unclear"}, s.decided(rows))
	want(t, "tasks are done", 0, len(s.tasks(roll)))

	paid := s.record("RollRow", rows["paid"])
	s.do(command.Command{Verb: "update", Type: "RollRow", ID: paid.ID, Version: paid.Version, Data: map[string]any{"sum": "150.00"}})
	s.drain()
	want(t, "a row that changes after it was paid", []string{"specialist: Пересмотреть назначение: сведения изменились (Помощь по списку)"}, titles(s.tasks(roll)))
	task := s.tasks(roll)[0]
	s.as(clerk, func() { s.do(s.finish(task, nil)) })
	want(t, "tasks are done", 0, len(s.tasks(roll)))

	s.as(head, func() { s.do(command.Command{Verb: "fire", Type: "Roll", ID: roll, Event: "stop"}) })
	s.in(func(ctx context.Context, tx *store.Tx) error {
		for _, name := range []string{"paid", "unclear"} {
			awards, err := tx.Awards(ctx, rows[name])
			if err != nil || awards[0].Ended != "stopped" {
				t.Errorf("%s: %+v %v", name, awards[0], err)
			}
		}
		return nil
	})
}

// A row that has changed since it was decided, or whose purpose somebody else has taken, is not sealed but given to a person.
func TestOutdatedRowsAreLeftToAPerson(t *testing.T) {
	t.Parallel()
	s, roll, rows := rollStage(t)
	office := s.record("Roll", roll).Office
	rows["twin"] = s.create("RollRow", map[string]any{"roll": roll, "person": s.record("RollRow", rows["paid"]).Data["person"], "sum": "50.00", "checked": true})
	s.as(staff("ivanova", office, "specialist"), func() { s.do(command.Command{Verb: "fire", Type: "Roll", ID: roll, Event: "judge"}) })
	s.ringAll()
	refused := s.record("RollRow", rows["refused"])
	s.do(command.Command{Verb: "update", Type: "RollRow", ID: refused.ID, Version: refused.Version, Data: map[string]any{"checked": true}})
	s.as(staff("sidorov", office, "head"), func() { s.do(command.Command{Verb: "fire", Type: "Roll", ID: roll, Event: "approve"}) })
	s.ringAll()
	want(t, "sealed", []string{"paid award 100.00", "paid granted 1-р", "refused refused", "twin granted", "unclear unclear"}, s.decided(rows))
	want(t, "tasks", []string{
		"specialist: Решить по строке вручную: unclear (doc.checked)",
		"specialist: Сведения строки изменились, решить снова: paid",
		"specialist: Сведения строки изменились, решить снова: refused",
	}, sorted(titles(s.tasks(roll))))
	s.as(staff("ivanova", office, "specialist"), func() {
		for _, task := range s.tasks(roll) {
			if !strings.Contains(task.Title, "вручную") {
				s.do(s.finish(task, nil))
			}
		}
	})
	want(t, "decided again", []string{"paid award 100.00", "paid granted 1-р", "refused award 200.00", "refused granted 2-р", "refused refused",
		"twin granted", "twin refused 3-р", "unclear unclear"}, s.decided(rows))
}

// A list that is withdrawn takes the tasks of its rows along; rows may be chosen by the case, and be none.
func TestRowsOfAWithdrawnRollAndOfNone(t *testing.T) {
	t.Parallel()
	s, roll, rows := rollStage(t)
	office := s.record("Roll", roll).Office
	clerk, head := staff("ivanova", office, "specialist"), staff("sidorov", office, "head")
	other := s.create("Roll", map[string]any{"office": office})
	s.as(clerk, func() {
		s.do(command.Command{Verb: "fire", Type: "Roll", ID: roll, Event: "judge"})
		s.do(command.Command{Verb: "fire", Type: "Roll", ID: other, Event: "pick", Data: map[string]any{"chosen": []any{rows["refused"], rows["paid"]}}})
	})
	s.ringAll()
	want(t, "chosen rows", "paid", s.record("Roll", other).Case.State)
	s.as(head, func() { s.do(command.Command{Verb: "fire", Type: "Roll", ID: roll, Event: "withdraw"}) })
	want(t, "tasks", 0, len(s.tasks(roll)))
	empty := s.create("Roll", map[string]any{"office": office})
	s.as(clerk, func() { s.do(command.Command{Verb: "fire", Type: "Roll", ID: empty, Event: "judge"}) })
	s.as(head, func() { s.do(command.Command{Verb: "fire", Type: "Roll", ID: empty, Event: "withdraw"}) })
	s.ringAll()
	want(t, "left before it was decided", "withdrawn", s.record("Roll", empty).Case.State)
}

// More rows than a step takes are decided step by step, each row once, whatever rings twice.
func TestRowsInManySteps(t *testing.T) {
	t.Parallel()
	s, roll, rows := rollStage(t)
	office := s.record("Roll", roll).Office
	person := s.record("RollRow", rows["paid"]).Data["person"]
	for range 2100 {
		s.create("RollRow", map[string]any{"roll": roll, "person": person, "checked": false})
	}
	s.as(staff("ivanova", office, "specialist"), func() { s.do(command.Command{Verb: "fire", Type: "Roll", ID: roll, Event: "judge"}) })
	steps := 0
	for {
		var due []kernel.Timer
		s.in(func(ctx context.Context, tx *store.Tx) (err error) {
			due, err = tx.DueTimers(ctx, s.road.Clock.Now(), 10)
			return err
		})
		if len(due) == 0 {
			break
		}
		s.ring()
		steps++
	}
	want(t, "steps", 3, steps)
	var made int
	err := s.db.Pool().QueryRow(context.Background(), "select count(*) from decision where case_type = 'RollRow'").Scan(&made)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "decisions", 2103, made)
}

func stayStage(t *testing.T, beds ...string) (s *stage, office, stay, companion string) {
	t.Helper()
	s = setup(t, "testdata/relief")
	office = s.office()
	s.keep(staff("ivanova", office, "specialist"))
	for i, kind := range beds {
		s.create("Bed", map[string]any{"office": office, "kind": kind, "number": 9 - i})
	}
	person := s.person("Олег", "2000-01-01", "112-233-445 95")
	companion = s.create("Person", map[string]any{"lastName": "Зимин", "firstName": "Иван", "birthDate": "1999-01-01", "snils": "087-654-303 00", "territory": "uray"})
	stay = s.create("Stay", map[string]any{"person": person, "house": office, "kind": "quiet", "companion": companion})
	return s, office, stay, companion
}

func (s *stage) states(typ string) (out []string) {
	rows, err := s.db.Pool().Query(context.Background(), "select (data->>'number') || ' ' || state from record where type = $1 order by 1", typ)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			s.t.Fatal(err)
		}
		out = append(out, text)
	}
	return out
}

// An event takes the first free beds, each once, gives them back, and is refused where there is none.
func TestTakeFromAList(t *testing.T) {
	t.Parallel()
	s, office, stay, companion := stayStage(t, "quiet", "common", "quiet", "quiet")
	s.as(staff("ivanova", office, "specialist"), func() {
		s.do(command.Command{Verb: "fire", Type: "Stay", ID: stay, Event: "bookTwo"})
	})
	want(t, "beds", []string{"6 held", "7 held", "8 free", "9 free"}, s.states("Bed"))
	r := s.record("Stay", stay)
	bed, spare := r.Data["bed"].(string), r.Data["spare"].(string)
	want(t, "the first", "6", fmt.Sprint(s.record("Bed", bed).Data["number"]))
	want(t, "the second", "7", fmt.Sprint(s.record("Bed", spare).Data["number"]))
	for range 2 {
		for _, j := range s.jobs() {
			if j.kind == "offer" {
				j.args["key"] = "same"
				s.run(j)
				s.run(j)
			}
		}
	}
	want(t, "offered once", []string{companion + " Вам может быть положена мера: Помощь по списку false"}, s.notices(stay))
	s.as(staff("ivanova", office, "specialist"), func() {
		s.fails(kernel.Conflict, command.Command{Verb: "fire", Type: "Stay", ID: stay, Event: "remember"})
		s.road.Clock.Set(s.road.Clock.Now().Add(25 * time.Hour))
		s.do(command.Command{Verb: "fire", Type: "Stay", ID: stay, Event: "remember"})
		s.do(command.Command{Verb: "fire", Type: "Stay", ID: stay, Event: "leave"})
		more := s.create("Stay", map[string]any{"person": r.Data["person"], "house": office, "kind": "common"})
		s.do(command.Command{Verb: "fire", Type: "Stay", ID: more, Event: "book"})
		none := s.create("Stay", map[string]any{"person": r.Data["person"], "house": office, "kind": "common"})
		if e := s.fails(kernel.Conflict, command.Command{Verb: "fire", Type: "Stay", ID: none, Event: "book"}); e.Message != "workflow.list-empty" {
			t.Errorf("%v", e)
		}
		want(t, "nothing of the refused event is written", 1, s.record("Stay", none).Version)
	})
	want(t, "beds", []string{"6 free", "7 held", "8 held", "9 free"}, s.states("Bed"))
	want(t, "time spent", any("долго"), s.record("Stay", stay).Data["note"])
}

// An event may fire another one of its own case: both are done or none; a deadline ends a case by itself.
func TestAnEventOfTheOwnCase(t *testing.T) {
	t.Parallel()
	s, office, stay, companion := stayStage(t, "quiet")
	clerk := staff("ivanova", office, "specialist")
	s.as(clerk, func() {
		s.do(command.Command{Verb: "fire", Type: "Stay", ID: stay, Event: "check", Data: map[string]any{"choice": "good"}})
	})
	r := s.record("Stay", stay)
	want(t, "state", "settled", r.Case.State)
	want(t, "one version for both", 2, r.Version)
	want(t, "the task", 0, len(s.tasks(stay)))
	late := s.create("Stay", map[string]any{"person": r.Data["person"], "house": office, "kind": "quiet", "companion": companion})
	s.as(clerk, func() {
		s.fails(kernel.Conflict, command.Command{Verb: "fire", Type: "Stay", ID: late, Event: "check", Data: map[string]any{"choice": "good"}})
	})
	want(t, "the task is still open", 1, len(s.tasks(late)))
	s.road.Clock.Set(s.road.Clock.Now().Add(10 * 24 * time.Hour))
	s.ringAll()
	want(t, "after the deadline", "over", s.record("Stay", late).Case.State)
}

// A request is made from several records, and its answer is held against each of them.
func TestARequestAboutSeveralRecords(t *testing.T) {
	t.Parallel()
	s, office, stay, companion := stayStage(t, "quiet")
	asked := s.requests(stay)["StayNews"]
	want(t, "body", `{"kind":"quiet","snils":"11223344595","companion":"08765430300"}`, compact(t, asked.Body))
	want(t, "given", map[string]string{"companion": companion, "stay": stay}, asked.Given)
	other := s.create("Stay", map[string]any{"person": s.record("Stay", stay).Data["person"], "house": office, "kind": "quiet", "companion": companion})
	s.answer(s.requests(other)["StayNews"], map[string]any{"companion": "11223344595", "note": "о другом"})
	want(t, "about another companion", "unclear", s.requests(other)["StayNews"].Status)
	s.answer(asked, map[string]any{"note": "тихо"})
	want(t, "answered", "answered", s.requests(stay)["StayNews"].Status)
	want(t, "note", any("тихо"), s.record("Stay", stay).Data["note"])
	alone := s.create("Stay", map[string]any{"person": s.record("Stay", stay).Data["person"], "house": office, "kind": "quiet"})
	want(t, "without the other record nothing is asked", "failed", s.requests(alone)["StayNews"].Status)
}

// An answer opens cases, fires events, gives a task, prints, leaves word and sends a message; all of it once, however
// often the answer comes.
func TestActsOfAnAnswer(t *testing.T) {
	t.Parallel()
	s, _, stay, companion := stayStage(t, "quiet")
	s.jobs()
	asked := s.requests(stay)["StayNews"]
	for range 2 {
		s.answer(asked, map[string]any{"note": "ещё"})
	}
	want(t, "answered", "answered", s.requests(stay)["StayNews"].Status)
	want(t, "sent", "planned", s.requests(stay)["StayTold"].Status)
	want(t, "tasks", []string{"specialist: Проверить", "specialist: Посмотреть ответ"}, titles(s.tasks(stay)))
	want(t, "cases", []string{"asked", "asked child", "over"}, s.stays())
	s.drain()
	want(t, "word", []string{companion + " Листок заезда true", "ivanova Листок заезда true"}, sorted(s.notices(stay)))
}

// stays are the states of all stays; a child is one that another case opened.
func (s *stage) stays() (out []string) {
	s.t.Helper()
	err := s.db.Read(context.Background(), func(tx *store.Tx) error {
		list, err := tx.Records(context.Background(), "Stay", "", 100)
		for _, r := range list {
			state := r.Case.State
			if r.Case.Parent != "" {
				state += " child"
			}
			out = append(out, state)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// What a workflow refuses of an answer makes the answer unclear and leaves nothing of it.
func TestARefusedActOfAnAnswer(t *testing.T) {
	t.Parallel()
	s, office, stay, _ := stayStage(t, "quiet")
	s.as(staff("ivanova", office, "specialist"), func() { s.do(command.Command{Verb: "fire", Type: "Stay", ID: stay, Event: "book"}) })
	s.answer(s.requests(stay)["StayNews"], map[string]any{"note": "занято"})
	q := s.requests(stay)["StayNews"]
	want(t, "the machine is no specialist", "unclear", q.Status)
	want(t, "the bed", []string{"9 held"}, s.states("Bed"))
	want(t, "the note", any(nil), s.record("Stay", stay).Data["note"])
}

package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/store"
)

// errand is a stage with an errand of a person and the office where it lies.
func errandStage(t *testing.T) (s *stage, office, person, errand string) {
	t.Helper()
	s = setup(t, "testdata/crate")
	office = s.office()
	person = s.person("Олег", "2000-01-01", "112-233-445 95")
	for _, a := range []kernel.Actor{staff("sidorov", office, "head"), staff("petrov", office, "head", "specialist"), staff("ivanova", office, "specialist")} {
		s.keep(a)
	}
	s.keep(staff("orlov", s.create("Office", map[string]any{"code": "sov", "title": "Советский", "territory": "sovetsky", "paymentCode": "011"}), "head"))
	errand = s.create("Errand", map[string]any{"person": person})
	return s, office, person, errand
}

// notices are who has word of a case, and whether a paper came with it.
func (s *stage) notices(id string) (out []string) {
	s.in(func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.Notices(ctx, id)
		for _, n := range list {
			out = append(out, fmt.Sprintf("%s%s %s %t", n.Party, n.Staff, n.Title, n.Print != ""))
		}
		slices.Sort(out)
		return err
	})
	return out
}

// tasks are the open tasks of a case.
func (s *stage) tasks(id string) (out []*kernel.Task) {
	s.in(func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.Tasks(ctx, id)
		for _, task := range list {
			if task.Status == "open" {
				out = append(out, task)
			}
		}
		return err
	})
	return out
}

func titles(tasks []*kernel.Task) (out []string) {
	for _, task := range tasks {
		out = append(out, task.Role+": "+task.Title)
	}
	return out
}

func (s *stage) fire(event, id string, data map[string]any) command.Result {
	s.t.Helper()
	return s.do(command.Command{Verb: "fire", Type: "Errand", ID: id, Event: event, Data: data})
}

// ring fires the timers that are due, as the workers do.
func (s *stage) ring() {
	s.t.Helper()
	var due []kernel.Timer
	s.in(func(ctx context.Context, tx *store.Tx) (err error) {
		due, err = tx.DueTimers(ctx, s.road.Clock.Now(), 100)
		return err
	})
	s.as(kernel.SystemActor(), func() {
		for _, x := range due {
			s.do(command.Command{Verb: "timer", Type: x.CaseType, ID: x.CaseID, Event: x.Name})
		}
	})
	s.drain()
}

// Word goes to the party and to the heads of the case's own office, each with the paper of the same move; the agency
// gets its message.
func TestPrintNotifySend(t *testing.T) {
	t.Parallel()
	s, _, person, errand := errandStage(t)
	jobs := s.jobs()
	for _, j := range jobs {
		if j.kind != "notify" {
			continue
		}
		_, err := s.road.Execute(context.Background(), kernel.SystemActor(), command.Command{
			Verb: "notify", Type: "Errand", ID: errand, List: "ErrandSlip", Reason: j.args["key"].(string), Data: j.args})
		want(t, "word before its paper", kernel.Unavailable, kernel.CodeOf(err))
	}
	for range 2 { // every job twice
		for _, kind := range []string{"print", "notify"} {
			for _, j := range jobs {
				if j.kind == kind {
					s.run(j)
				}
			}
		}
	}
	want(t, "word", []string{person + " Листок поручения true", "petrov Листок поручения true", "sidorov Листок поручения true"}, sorted(s.notices(errand)))
	told := s.requests(errand)["ErrandNews.tell"]
	if told == nil {
		t.Fatal("nothing was sent")
	}
	want(t, "message", `{"snils":"11223344595","stage":"open"}`, compact(t, told.Body))
	want(t, "status", "planned", told.Status)
	want(t, "errand waits for nothing", "open", s.record("Errand", errand).Case.State)
}

// A warning is a task of the head until the term is met, or moves.
func TestWarningOfDeadline(t *testing.T) {
	t.Parallel()
	s, office, _, errand := errandStage(t)
	s.drain()
	s.at("2019-07-24")
	s.ring()
	want(t, "nothing yet", []string{"specialist: Выбрать"}, titles(s.tasks(errand)))
	s.at("2019-07-27")
	s.ring()
	want(t, "warned", []string{"specialist: Выбрать", "head: Срок истекает 29.07.2019: Ответ"}, titles(s.tasks(errand)))
	s.as(staff("ivanova", office, "specialist"), func() {
		s.fails(kernel.Invalid, command.Command{Verb: "fire", Type: "Errand", ID: errand, Event: "choose"})
		s.fails(kernel.Invalid, command.Command{Verb: "fire", Type: "Errand", ID: errand, Event: "choose", Data: map[string]any{"choice": "perhaps"}})
		s.fire("choose", errand, map[string]any{"choice": "yes"})
	})
	want(t, "met", nil, s.tasks(errand))
	s.in(func(ctx context.Context, tx *store.Tx) error {
		list, err := tx.Tasks(ctx, errand)
		want(t, "choice", "done yes ivanova", list[0].Status+" "+list[0].Choice+" "+list[0].DoneBy)
		return err
	})
}

// What is late does what the deadline says; a pause puts it off.
func TestLateAndPause(t *testing.T) {
	t.Parallel()
	s, office, _, errand := errandStage(t)
	s.as(staff("ivanova", office, "specialist"), func() { s.fire("wait", errand, nil) })
	s.drain()
	want(t, "no clock runs", nil, s.tasks(errand))
	s.at("2019-07-31")
	s.ring()
	if note := s.record("Errand", errand).Data["note"]; note != nil {
		t.Errorf("late in a pause: %v", note)
	}
	s.as(staff("ivanova", office, "specialist"), func() { s.fire("resume", errand, nil) })
	s.drain()
	want(t, "fourteen days later", "2019-08-12", s.record("Errand", errand).Case.Due.String())
	before := len(s.notices(errand))
	s.at("2019-08-13")
	s.ring()
	want(t, "late", any("опоздали"), s.record("Errand", errand).Data["note"])
	want(t, "the heads have word of it", before+2, len(s.notices(errand)))
}

// Tasks of the kernel are closed by whose they are, once; those of a workflow by its events.
func TestFinishTask(t *testing.T) {
	t.Parallel()
	s, office, _, errand := errandStage(t)
	s.drain()
	s.at("2019-07-27")
	s.ring()
	choose, warning := s.tasks(errand)[0].ID, s.tasks(errand)[1].ID
	finish := func(id string) command.Command { return command.Command{Verb: "finishTask", ID: id} }
	s.as(staff("ivanova", office, "specialist"), func() {
		s.fails(kernel.Denied, finish(warning))
		s.fails(kernel.Conflict, finish(choose))
		s.fails(kernel.NotFound, finish(s.road.IDs.New()))
	})
	orlov := staff("orlov", "", "head")
	orlov.Territories = []string{"sovetsky"}
	s.as(orlov, func() { s.fails(kernel.NotFound, finish(warning)) })
	s.as(staff("sidorov", office, "head"), func() {
		s.do(finish(warning))
		s.fails(kernel.Stale, finish(warning))
	})
	want(t, "left", []string{"specialist: Выбрать"}, titles(s.tasks(errand)))
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

func compact(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

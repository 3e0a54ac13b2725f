package command_test

import (
	"context"
	"testing"
	"time"

	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/store"
)

// keep writes an actor as an administrator does, and reads him as a server does.
func (s *stage) keep(a kernel.Actor) {
	s.t.Helper()
	err := s.db.Write(context.Background(), func(tx *store.Tx) error { return tx.PutActor(context.Background(), &a) })
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) actorNow(id string) (a kernel.Actor) {
	s.in(func(ctx context.Context, tx *store.Tx) error {
		found, err := tx.Actor(ctx, id)
		if found != nil {
			a = *found
		}
		return err
	})
	return a
}

// A clerk of another territory opens one record for an hour, with a reason; the journal keeps both.
func TestBreakGlass(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.office()
	kolya, anna := s.person("Николай", "2006-06-06", "112-233-445 95"), s.person("Анна", "2006-06-06", "")
	orlov := staff("orlov", "", "specialist")
	orlov.Territories = []string{"sovetsky"}
	s.keep(orlov)
	gate := s.road.Gates.Of(s.road.Registry.Live())
	reads := func(id string) kernel.Code {
		return kernel.CodeOf(gate.Check(context.Background(), s.actorNow("orlov"), "read", s.record("Person", id), ""))
	}
	want(t, "before", kernel.NotFound, reads(kolya))
	why := "Ребёнок в опасности, карточку просит прокурор"
	glass := command.Command{Verb: "breakGlass", Type: "Person", ID: kolya, Reason: why}
	s.as(orlov, func() {
		bad := glass
		bad.Reason = " надо "
		s.fails(kernel.Invalid, bad)
		bad = glass
		bad.ID = s.road.IDs.New()
		s.fails(kernel.NotFound, bad)
		bad = glass
		bad.Type = "Award"
		s.fails(kernel.Invalid, bad)
		res := s.do(glass)
		want(t, "until", any("2019-07-17T10:58:02Z"), res.Data["until"])
	})
	want(t, "the record", kernel.Code(""), reads(kolya))
	want(t, "another record", kernel.NotFound, reads(anna))
	s.as(s.actorNow("orlov"), func() {
		s.fails(kernel.Denied, command.Command{Verb: "update", Type: "Person", ID: kolya, Data: map[string]any{"firstName": "Пётр"}})
	})
	s.in(func(ctx context.Context, tx *store.Tx) error {
		events, err := tx.History(ctx, kolya, 10)
		var found []string
		for _, e := range events {
			if e.Action == "breakGlass" {
				found = append(found, e.Actor+": "+e.Note)
			}
		}
		want(t, "journal", []string{"orlov: " + why}, found)
		return err
	})
	s.road.Clock.Set(time.Date(2019, 7, 17, 10, 58, 3, 0, time.UTC))
	want(t, "an hour later", kernel.NotFound, reads(kolya))
}

// Citizens and those who run the house break no glass, nor does a machine that is no actor.
func TestWhoBreaksNoGlass(t *testing.T) {
	t.Parallel()
	s := setup(t)
	kolya := s.person("Николай", "2006-06-06", "112-233-445 95")
	c := command.Command{Verb: "breakGlass", Type: "Person", ID: kolya, Reason: "очень нужно посмотреть"}
	for _, a := range []kernel.Actor{
		{Kind: kernel.Citizen, ID: "anna", Person: s.person("Анна", "1980-06-06", "")},
		staff("admin", "", "administrator", "configurator"), staff("nobody", "", "specialist"),
	} {
		s.as(a, func() { s.fails(kernel.Denied, c) })
	}
}

package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema/value"
)

func date(t testing.TB, s string) value.Date {
	t.Helper()
	d, err := value.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// scope is the scope of a case of its own.
func scope(t testing.TB) kernel.Scope {
	me := id(t)
	return kernel.Scope{CaseType: "Claim", CaseID: me, Root: me, Territory: "uray", Office: id(t), Persons: []string{id(t)}, Author: "anna"}
}

// same wants two values equal; nil and empty lists are the same in the database.
func same(t *testing.T, want, got any, err error) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestTasks(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	s := scope(t)
	full := &kernel.Task{
		ID: id(t), Scope: s, Name: "review", State: "byHand", Title: "Проверить", Role: "specialist", Party: id(t), Worker: "ivanova",
		Not: []string{"asking"}, Item: "1", Form: "Review", Choices: []string{"yes", "no"}, Due: noon.Add(time.Hour), Status: "open", CreatedAt: noon,
	}
	bare := &kernel.Task{ID: id(t), Scope: kernel.Scope{CaseType: "Claim", CaseID: s.CaseID, Root: s.Root, Author: "a"}, Name: "call", State: "byHand", Title: "Позвонить", Status: "open", CreatedAt: noon.Add(time.Second)}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, x := range []*kernel.Task{full, bare} {
			if err := tx.PutTask(ctx, x); err != nil {
				return err
			}
		}
		got, err := tx.Tasks(ctx, s.CaseID)
		same(t, []*kernel.Task{full, bare}, got, err)
		if err := tx.FinishTask(ctx, s.CaseID, "review", "2", "ivanova", "yes"); err != nil { // another item
			return err
		}
		if err := tx.FinishTask(ctx, s.CaseID, "review", "1", "ivanova", "yes"); err != nil {
			return err
		}
		if err := tx.CancelWork(ctx, s.CaseID, "review", nil); err != nil { // what is done stays done
			return err
		}
		other := "x"
		if err := tx.CancelWork(ctx, s.CaseID, "call", &other); err != nil {
			return err
		}
		full.Status, full.DoneBy, full.DoneAt, full.Choice = "done", "ivanova", noon, "yes"
		got, err = tx.Tasks(ctx, s.CaseID)
		same(t, []*kernel.Task{full, bare}, got, err)
		if err := tx.CancelWork(ctx, s.CaseID, "call", nil); err != nil {
			return err
		}
		bare.Status = "cancelled"
		one, err := tx.Task(ctx, bare.ID)
		same(t, bare, one, err)
		return nil
	})
}

func TestChildrenAndScope(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	s := scope(t)
	open, ended := person(t, nil), person(t, nil)
	open.Case, ended.Case = &kernel.Case{State: "asking"}, &kernel.Case{State: "done", Final: true}
	save(t, db, open, ended)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, r := range []*kernel.Record{open, ended} {
			if err := tx.PutChild(ctx, s.CaseID, "review", "", "byHand", r.Type, r.ID); err != nil {
				return err
			}
		}
		if err := tx.CancelWork(ctx, s.CaseID, "review", nil); err != nil {
			return err
		}
		got, err := tx.Children(ctx, s.CaseID)
		same(t, []*kernel.Child{{Name: "review", State: "byHand", Type: "Person", ID: ended.ID}}, got, err)
		x := &kernel.Task{ID: id(t), Scope: s, Name: "call", State: "a", Title: "b", Status: "open", CreatedAt: noon}
		if err := tx.PutTask(ctx, x); err != nil {
			return err
		}
		for _, moved := range []kernel.Scope{{Territory: "sovetsky", Office: id(t), Persons: []string{id(t), id(t)}}, {}} {
			if err := tx.Rescope(ctx, s.CaseID, moved); err != nil {
				return err
			}
			x.Territory, x.Office, x.Persons = moved.Territory, moved.Office, moved.Persons
			one, err := tx.Task(ctx, x.ID)
			same(t, x, one, err)
		}
		return nil
	})
}

func TestRequestsAndMessages(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	s := scope(t)
	q := &kernel.Request{
		ID: id(t), Scope: s, Name: "PensionCheck", Title: "Пенсия", Exchange: "PensionCheck", Flow: "ask", Work: "pensionCheck", State: "asking",
		SubjectType: "Person", SubjectID: s.Root, Asked: date(t, "2019-07-16"), Body: json.RawMessage(`{"snils": "1"}`), Status: "planned",
		CreatedAt: noon, CreatedBy: "system", Due: noon.AddDate(0, 0, 5), Release: "sha256:1",
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.PutRequest(ctx, q); err != nil {
			return err
		}
		none, err := tx.AnsweredRequests(ctx, q.Name, s.Root)
		same(t, []*kernel.Request{}, none, err)
		q.Status, q.Attempts, q.Answer, q.AnsweredAt, q.SentAt, q.Note = "answered", 2, json.RawMessage(`{"n": 1}`), noon.Add(time.Minute), noon, "ok"
		q.Covers = []kernel.Cover{{Type: "Pension", How: "period", From: date(t, "2019-01-01"), To: date(t, "2019-07-16")}, {Type: "Study", How: "untilTold"}}
		if err := tx.SaveRequest(ctx, q); err != nil {
			return err
		}
		later := *q
		later.ID, later.Status, later.AnsweredAt, later.Covers = id(t), "none", noon.Add(time.Hour), nil
		failed := *q
		failed.ID, failed.Status = id(t), "failed"
		for _, x := range []*kernel.Request{&later, &failed} {
			if err := tx.PutRequest(ctx, x); err != nil {
				return err
			}
		}
		got, err := tx.AnsweredRequests(ctx, q.Name, s.Root)
		same(t, []*kernel.Request{&later, q}, got, err)
		all, err := tx.Requests(ctx, s.CaseID)
		if len(all) != 3 || err != nil {
			t.Errorf("%d requests, %v", len(all), err)
		}
		one, err := tx.LockRequest(ctx, q.ID)
		same(t, q, one, err)
		for _, unknown := range []string{"", "garbage", id(t)} {
			if x, err := tx.Request(ctx, unknown); x != nil || err != nil {
				t.Errorf("%q: %v, %v", unknown, x, err)
			}
		}
		return nil
	})
	m := &kernel.Message{Channel: "smev3", ID: "m-1", Request: "to nobody", ReceivedAt: noon, Raw: []byte{0, 1, 255}, Status: "received"}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, want := range []bool{true, false} {
			first, err := tx.PutMessage(ctx, m)
			same(t, want, first, err)
		}
		m.Status, m.Note, m.AppliedAt = "parked", "no such request", noon
		if err := tx.SaveMessage(ctx, m); err != nil {
			return err
		}
		got, err := tx.LockMessage(ctx, "smev3", "m-1")
		same(t, m, got, err)
		gone, err := tx.LockMessage(ctx, "mail", "m-1")
		same(t, (*kernel.Message)(nil), gone, err)
		return nil
	})
}

func TestTimers(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	of, other := id(t), id(t)
	timer := func(name string, after time.Duration) kernel.Timer {
		return kernel.Timer{ID: id(t), CaseType: "Claim", CaseID: of, Name: name, Due: noon.Add(after)}
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		first := []kernel.Timer{timer("a", time.Hour), timer("b", time.Minute), timer("c", time.Second)}
		if err := tx.ReplaceTimers(ctx, "Claim", of, first); err != nil {
			return err
		}
		if err := tx.ReplaceTimers(ctx, "Claim", other, []kernel.Timer{timer("a", 0)}); err != nil {
			return err
		}
		if err := tx.ReplaceTimers(ctx, "Claim", of, []kernel.Timer{timer("b", time.Minute), timer("c", 2*time.Minute), timer("d", time.Hour)}); err != nil {
			return err
		}
		due, err := tx.DueTimers(ctx, noon.Add(2*time.Minute), 10)
		if err != nil || len(due) != 3 || due[0].CaseID != other || due[1].ID != first[1].ID || due[2].Name != "c" {
			t.Errorf("due %v, %v", due, err)
		}
		if due, err := tx.DueTimers(ctx, noon.AddDate(1, 0, 0), 2); len(due) != 2 || err != nil {
			t.Errorf("limited %v, %v", due, err)
		}
		when, live, err := tx.Timer(ctx, of, "d")
		if err != nil || !live || !when.Equal(noon.Add(time.Hour)) {
			t.Errorf("d: %v %v %v", when, live, err)
		}
		if _, live, err := tx.Timer(ctx, of, "a"); live || err != nil {
			t.Errorf("a: %v %v", live, err)
		}
		return tx.ReplaceTimers(ctx, "Claim", of, nil)
	})
	if n := count(t, db, "select count(*) from timer"); n != 1 {
		t.Errorf("%d timers", n)
	}
}

func TestPrintsNoticesAttachmentsActors(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	s := scope(t)
	p := &kernel.Print{ID: id(t), Scope: s, Form: "Decision", Title: "Решение", Release: "r", Template: "t", Data: json.RawMessage(`{"a": 1}`), HTML: "<h1>", SHA256: "x", Key: "k", CreatedAt: noon, CreatedBy: "system"}
	n := &kernel.Notice{ID: id(t), Scope: kernel.Scope{CaseType: s.CaseType, CaseID: s.CaseID, Root: s.Root}, Key: "k", Party: id(t), Print: p.ID, Channel: "portal", Title: "Решение", CreatedAt: noon}
	a := &kernel.Attachment{ID: id(t), Type: "Claim", Record: s.CaseID, Root: s.Root, Slot: "other", Name: "скан.pdf", Media: "application/pdf", Size: 3, SHA256: strings.Repeat("0", 64), CreatedAt: noon, CreatedBy: "anna"}
	who := &kernel.Actor{Kind: kernel.Staff, ID: "ivanova", Name: "Иванова", Roles: []string{"head"}, Office: id(t), Department: "2", Territories: []string{"uray"}, Duties: []string{"d"}}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, want := range []bool{true, false} {
			first, err := tx.PutPrint(ctx, p)
			same(t, want, first, err)
			first, err = tx.PutNotice(ctx, n)
			same(t, want, first, err)
		}
		got, err := tx.Print(ctx, p.ID)
		same(t, p, got, err)
		last, err := tx.LastPrint(ctx, s.CaseID, "Decision")
		same(t, p.ID, last, err)
		last, err = tx.LastPrint(ctx, s.CaseID, "Other")
		same(t, "", last, err)
		notices, err := tx.Notices(ctx, s.CaseID)
		same(t, []*kernel.Notice{n}, notices, err)

		if err := tx.PutAttachment(ctx, a); err != nil {
			return err
		}
		files, err := tx.Attachments(ctx, a.Type, a.Record)
		same(t, []*kernel.Attachment{a}, files, err)
		has, err := tx.HasAttachment(ctx, a.Type, a.Record)
		same(t, true, has, err)
		if err := tx.VoidAttachment(ctx, a.ID, "не тот"); err != nil {
			return err
		}
		has, err = tx.HasAttachment(ctx, a.Type, a.Record)
		same(t, false, has, err)
		gone, err := tx.Attachment(ctx, a.ID)
		same(t, (*kernel.Attachment)(nil), gone, err)

		for _, name := range []string{"Иванова", "Петрова"} {
			who.Name = name
			if err := tx.PutActor(ctx, who); err != nil {
				return err
			}
		}
		actor, err := tx.Actor(ctx, "ivanova")
		same(t, who, actor, err)
		if err := tx.PutActor(ctx, &kernel.Actor{Kind: kernel.System, ID: "system", Name: "system"}); err != nil {
			return err
		}
		if err := tx.DismissActor(ctx, "ivanova"); err != nil {
			return err
		}
		dismissed, err := tx.Actor(ctx, "ivanova")
		same(t, (*kernel.Actor)(nil), dismissed, err)
		all, err := tx.Actors(ctx)
		same(t, []*kernel.Actor{{Kind: kernel.System, ID: "system", Name: "system"}}, all, err)
		return nil
	})
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b, err := store.NewBlobs(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	const sha = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
	for range 2 {
		got, size, err := b.Put(strings.NewReader("hello"), 5)
		if got != sha || size != 5 || err != nil {
			t.Errorf("%s %d %v", got, size, err)
		}
	}
	f, err := b.Open(sha)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(f); err != nil || out.String() != "hello" {
		t.Errorf("%q %v", out.String(), err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := b.Verify(sha); err != nil {
		t.Error(err)
	}
	_, _, err = b.Put(strings.NewReader("hello!"), 5)
	wantCode(t, err, kernel.Limit, "file-too-large")
	_, _, err = b.Put(failing{}, 5)
	wantCode(t, err, kernel.Unavailable, "files-unavailable")
	for _, unknown := range []string{"", "../../etc/passwd", strings.Repeat("0", 64)} {
		_, err := b.Open(unknown)
		wantCode(t, err, kernel.NotFound, "not-found")
	}
	left := 0
	for _, name := range list(t, dir) {
		if strings.Contains(name, "part-") {
			left++
		}
	}
	if left != 0 {
		t.Errorf("%d half files stay", left)
	}
	spoil(t, dir+"/2c/f2/"+sha)
	wantCode(t, b.Verify(sha), kernel.Internal, "file-changed")
}

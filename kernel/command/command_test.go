package command_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/registry"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema"
	"mera/schema/load"
)

type ids struct{}

func (ids) New() string { return uuid.Must(uuid.NewV7()).String() }

// stage is a write road on a fresh database, and the jobs that nobody works but drain.
type stage struct {
	t     testing.TB
	road  *command.Road
	db    *store.DB
	actor kernel.Actor
}

// setup is a stage with the core catalog; folders add packages to it.
func setup(t testing.TB, folders ...string) *stage {
	t.Helper()
	clock := &command.Clock{Wall: kernel.WallClock{}, Settable: true}
	clock.Set(time.Date(2019, 7, 17, 9, 58, 2, 0, time.UTC))
	db := storetest.Open(t, func(c *store.Config) { c.Clock = clock })
	release := releaseOf(t, folders...)
	ctx := context.Background()
	for _, d := range release.Catalog.Documents {
		if !d.Abstract && !d.Record {
			if err := db.EnsurePartition(ctx, d.Name); err != nil {
				t.Fatal(err)
			}
		}
	}
	texts, err := command.ReadTexts()
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := store.NewBlobs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	reg := &registry.Registry{}
	s := &stage{t: t, db: db, actor: kernel.Actor{Kind: kernel.System, ID: "portal", Name: "portal"}}
	s.road = &command.Road{DB: db, Registry: reg, Gates: &command.Gates{Clock: clock}, Blobs: blobs, Clock: clock, IDs: ids{}, Texts: texts}
	s.road.Reload = func(ctx context.Context) error { return reload(ctx, db, reg, release) }
	if err := s.road.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

// reload reads the values that the region has set, as a server does.
func reload(ctx context.Context, db *store.DB, reg *registry.Registry, release *registry.Release) error {
	values := map[string][]*schema.ParameterValue{}
	err := db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.ParameterValues(ctx, "region")
		for _, row := range rows {
			v, err := command.StoredValue(row)
			if err != nil {
				return err
			}
			values[row.Name] = append(values[row.Name], v)
		}
		return err
	})
	reg.Swap(release, registry.NewData(release.Catalog, values, nil))
	return err
}

// releases are compiled once for all tests: a release never changes.
var releases sync.Map

func releaseOf(t testing.TB, folders ...string) *registry.Release {
	t.Helper()
	compiled, _ := releases.LoadOrStore(strings.Join(folders, " "), sync.OnceValues(func() (*registry.Release, schema.Diagnostics) {
		return compile(folders)
	}))
	r, ds := compiled.(func() (*registry.Release, schema.Diagnostics))()
	if ds.Faulty() {
		t.Fatal(ds.Render(func(string) []byte { return nil }))
	}
	return r
}

func compile(folders []string) (*registry.Release, schema.Diagnostics) {
	all, _ := filepath.Glob("../../catalog/*/package.yaml")
	for _, f := range folders {
		all = append(all, f+"/package.yaml")
	}
	var pkgs []*schema.Package
	read := map[string]schema.Diagnostics{}
	for _, file := range all {
		dir := filepath.Dir(file)
		p, ds := load.Read(os.DirFS(dir), filepath.Base(dir))
		p.Core = true
		pkgs = append(pkgs, p)
		read[p.Name] = ds
	}
	return registry.Compile(pkgs, read)
}

// drain works the jobs that commands left, until none is left.
func (s *stage) drain() {
	s.t.Helper()
	for {
		jobs := s.jobs()
		if len(jobs) == 0 {
			return
		}
		for _, j := range jobs {
			s.run(j)
		}
	}
}

type queued struct {
	id   int64
	kind string
	args map[string]any
}

func (s *stage) jobs() (out []queued) {
	s.t.Helper()
	rows, err := s.db.Pool().Query(context.Background(), "update river.river_job set state = 'completed', finalized_at = now() where state = 'available' returning id, kind, args")
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var j queued
		if err := rows.Scan(&j.id, &j.kind, &j.args); err != nil {
			s.t.Fatal(err)
		}
		out = append(out, j)
	}
	slices.SortFunc(out, func(a, b queued) int { return cmp.Compare(a.id, b.id) })
	return out
}

// run works one job as kernel/job does; requests to agencies stay unanswered.
func (s *stage) run(j queued) {
	s.t.Helper()
	arg := func(name string) string { text, _ := j.args[name].(string); return text }
	c := command.Command{Verb: j.kind, Type: arg("type"), ID: arg("case")}
	switch j.kind {
	case "send":
		return
	case "print":
		c.List, c.Reason = arg("form"), arg("key")
	case "notify":
		c.List, c.Reason, c.Data = arg("form"), arg("key"), j.args
	case "offer":
		c.Reason, c.Data = arg("key"), j.args
	case "recalculate":
		c.ID, c.Data = arg("award"), j.args
	case "replan":
		c.Data = j.args
	}
	if _, err := s.road.Execute(context.Background(), kernel.SystemActor(), c); err != nil {
		s.t.Fatalf("job %s %v: %v", j.kind, j.args, err)
	}
}

func (s *stage) do(c command.Command) command.Result {
	s.t.Helper()
	res, err := s.road.Execute(context.Background(), s.actor, c)
	if err != nil {
		s.t.Fatalf("%s %s%s: %v", c.Verb, c.Type, c.Event, err)
	}
	return res
}

func (s *stage) fails(code kernel.Code, c command.Command) *kernel.Error {
	s.t.Helper()
	_, err := s.road.Execute(context.Background(), s.actor, c)
	if kernel.CodeOf(err) != code {
		s.t.Fatalf("%s %s: want %s, got %v", c.Verb, c.Type, code, err)
	}
	var e *kernel.Error
	errors.As(err, &e)
	return e
}

func (s *stage) create(typ string, data map[string]any) string {
	s.t.Helper()
	return s.do(command.Command{Verb: "create", Type: typ, Data: data}).ID
}

func (s *stage) record(typ, id string) (r *kernel.Record) {
	s.t.Helper()
	err := s.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		r, err = tx.Record(context.Background(), typ, id)
		return err
	})
	if err != nil || r == nil {
		s.t.Fatalf("%s %s: %v, %v", typ, id, r, err)
	}
	return r
}

func (s *stage) requests(id string) (out map[string]*kernel.Request) {
	s.t.Helper()
	err := s.db.Read(context.Background(), func(tx *store.Tx) error {
		list, err := tx.Requests(context.Background(), id)
		out = map[string]*kernel.Request{}
		for _, q := range list {
			out[q.Name] = q
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// answer lets an agency answer a request: the query's own fields with others laid over them.
func (s *stage) answer(q *kernel.Request, over map[string]any) {
	s.t.Helper()
	body := map[string]any{}
	if err := json.Unmarshal(q.Body, &body); err != nil {
		s.t.Fatal(err)
	}
	for k, v := range over {
		body[k] = v
	}
	raw, err := json.Marshal(map[string]any{"message": "m-" + q.ID, "request": q.ID, "body": body})
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(command.Command{Verb: "receive", Type: "agencies", ID: "m-" + q.ID, Data: map[string]any{"raw": raw, "request": q.ID}})
	s.do(command.Command{Verb: "apply", Type: "agencies", ID: "m-" + q.ID})
}

func (s *stage) office() string {
	return s.create("Office", map[string]any{"code": "uray", "title": "Управление", "territory": "uray", "duties": []any{"social-protection"}, "paymentCode": "010"})
}

func (s *stage) person(first, birth, snils string) string {
	return s.create("Person", map[string]any{"lastName": "Северов", "firstName": first, "birthDate": birth, "snils": snils, "territory": "uray"})
}

var payout = map[string]any{"bank": "047102651", "account": "40817810000000000001"}

// TestMainJob decides an application without an official: five requests, a pension that becomes a document, a
// decision, an award, accruals and a payment list.
func TestMainJob(t *testing.T) {
	t.Parallel()
	s := setup(t)
	office := s.office()
	kolya := s.person("Николай", "2001-06-06", "112-233-445 95")
	s.create("Study", map[string]any{"person": kolya, "school": "Колледж", "form": "fullTime", "from": "2018-09-01"})
	s.create("IdentityDocument", map[string]any{"person": kolya, "type": "passport-rf", "series": "6715", "number": "123456", "issuedOn": "2015-07-01"})
	app := s.create("SurvivorBenefitApplication", map[string]any{"applicant": kolya, "child": kolya, "date": "2019-07-16", "payout": payout})
	asked := s.requests(app)
	if len(asked) != 5 {
		t.Fatalf("want 5 requests, got %v", asked)
	}
	if got := s.record("SurvivorBenefitApplication", app); got.Case.State != "asking" {
		t.Fatalf("state %s", got.Case.State)
	}
	s.answer(asked["RegistrationCheck"], map[string]any{"registrations": []any{map[string]any{"id": "r1", "region": "86", "from": "2001-07-01"}}})
	s.answer(asked["PensionCheck"], map[string]any{"pensions": []any{map[string]any{"id": "p1", "number": "0", "type": "GPK", "from": "2019-06-06", "to": "2019-08-31"}}})
	if got := s.record("SurvivorBenefitApplication", app); got.Case.State != "granted" {
		for name, q := range s.requests(app) {
			t.Logf("%s: %s %s", name, q.Status, q.Note)
		}
		t.Fatalf("state %s", got.Case.State)
	}
	s.road.Clock.Set(time.Date(2019, 8, 31, 7, 0, 0, 0, time.UTC))
	s.actor = kernel.Actor{Kind: kernel.Staff, ID: "sidorov", Roles: []string{"head"}, Office: office, Territories: []string{"uray"}}
	if res := s.do(command.Command{Verb: "accrue", Data: map[string]any{"until": "2019-08-31"}}); res.Data["posted"] != int64(2) {
		t.Fatalf("accrue: %v", res.Data)
	}
	if res := s.do(command.Command{Verb: "accrue", Data: map[string]any{"until": "2019-08-31"}}); res.Data["posted"] != int64(0) {
		t.Fatalf("second accrue: %v", res.Data)
	}
	s.do(command.Command{Verb: "runPayments", Data: map[string]any{"from": "2019-07-01", "to": "2019-08-31", "date": "2019-08-31"}})
	s.actor = kernel.SystemActor()
	s.do(command.Command{Verb: "print", Type: "SurvivorBenefitApplication", ID: app, List: "SurvivorBenefitDecision", Reason: "k"})
	err := s.db.Read(context.Background(), func(tx *store.Tx) error {
		awards, err := tx.Awards(context.Background(), app)
		if err != nil || len(awards) != 1 {
			t.Fatalf("awards %v %v", awards, err)
		}
		a := awards[0]
		if a.From.String() != "2019-07-01" || a.To.String() != "2019-08-31" || a.Amount.String() != "1826.00" {
			t.Errorf("award %+v", a)
		}
		id, err := tx.LastPrint(context.Background(), app, "SurvivorBenefitDecision")
		if err != nil {
			return err
		}
		p, err := tx.Print(context.Background(), id)
		if err != nil {
			return err
		}
		if !strings.Contains(p.HTML, "Северову Николаю") {
			t.Errorf("print:\n%s", p.HTML)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSameKey answers the same again, and refuses another command under the key.
func TestSameKey(t *testing.T) {
	t.Parallel()
	s := setup(t)
	c := command.Command{Verb: "create", Type: "Person", Key: "k", Data: map[string]any{"lastName": "Северова", "firstName": "Анна", "birthDate": "1980-02-03"}}
	first := s.do(c)
	if again := s.do(c); again.ID != first.ID {
		t.Errorf("made twice: %v, %v", first, again)
	}
	c.Data = map[string]any{"lastName": "Другая", "firstName": "Анна", "birthDate": "1980-02-03"}
	s.fails(kernel.Conflict, c)
}

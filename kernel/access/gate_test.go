package access_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mera/kernel"
	"mera/kernel/access"
	"mera/policies"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

const (
	anna   = "0190a1b2-0000-7000-8000-000000000001"
	boris  = "0190a1b2-0000-7000-8000-000000000002"
	hall   = "0190a1b2-0000-7000-8000-00000000000a"
	record = "0190a1b2-0000-7000-8000-0000000000d1"
)

const rules = `package mera.house
import data.mera.lib.has
officer if { input.actor.kind == "staff"; "officer" in input.actor.roles }
near if input.row.territory in input.actor.territories
own if { input.actor.kind == "citizen"; has(input.row.persons, input.actor.person) }
read if { officer; near }
read if own
write if { officer; near; input.row.final == false }
write if { own; input.row.state == "draft" }
deny if { input.row.sealed == true; not input.actor.glass }
deny if { input.action == "fire"; input.event == "approve"; input.row.author == input.actor.id }
show.health if { officer; near }
show.school if { officer; input.row.office == input.actor.office }
edit.health if { officer; near; input.action == "update" }
`

// compiled is the Set of a catalog with one type, Case­like Claim, on the card of a person.
func compiled(t testing.TB, more ...string) *policies.Set {
	t.Helper()
	text := func(name, label string) *schema.Property {
		return &schema.Property{Name: name, Label: label, Type: &schema.Type{Kind: schema.Text}}
	}
	claim := &schema.Document{
		Meta: schema.Meta{Package: "house", Name: "Claim", Pos: schema.Pos{File: "house/documents/claim.yaml", Line: 1}},
		Properties: []*schema.Property{text("cause", "health"), text("grade", "school"),
			{Name: "sealed", Type: &schema.Type{Kind: schema.Boolean}}},
		Access: []*schema.AccessAttribute{{Name: "sealed", Path: schema.Scalar{Text: "sealed"}}},
	}
	cat := schema.NewCatalog()
	cat.Documents["Claim"] = claim
	cat.Workflows["Claim"] = &schema.Workflow{About: schema.Scalar{Text: "Claim"}}
	cat.Packages = []*schema.Package{{Name: "house", Documents: []*schema.Document{claim}, Policies: []*schema.Policy{
		{Package: "house", Pos: schema.Pos{File: "house/policies/x.rego"}, Source: []byte(rules + strings.Join(more, "\n"))},
	}}}
	set, ds := policies.Compile(cat.Packages, cat)
	if ds.Faulty() {
		t.Fatal(ds)
	}
	return set
}

// town is the world of the tests.
type town struct {
	*access.Territories
	asked atomic.Int32
	fails error
	day   value.Date
}

func newTown() *town {
	return &town{day: value.Date{Year: 2026, Month: 11, Day: 22}, Territories: access.NewTerritories([]*schema.ClassifierItem{
		{Code: "ugra"}, {Code: "surgut", Parent: "ugra"}, {Code: "surgut-1", Parent: "surgut"}, {Code: "uray", Parent: "ugra"},
		{Code: "ring-a", Parent: "ring-b"}, {Code: "ring-b", Parent: "ring-a"},
	})}
}

func (w *town) Below(ctx context.Context, codes []string) ([]string, error) {
	w.asked.Add(1)
	if w.fails != nil {
		return nil, w.fails
	}
	return w.Territories.Below(ctx, codes)
}

func (w *town) Today() value.Date { return w.day }

func officer(territories ...string) kernel.Actor {
	return kernel.Actor{Kind: kernel.Staff, ID: "ivanova", Roles: []string{"officer"}, Office: hall, Territories: territories}
}

func claim(change func(*kernel.Record)) *kernel.Record {
	r := &kernel.Record{
		Type: "Claim", ID: record, Version: 1, Territory: "surgut-1", Author: "petrov", Persons: []string{anna},
		CreatedAt: time.Date(2026, 11, 1, 23, 0, 0, 0, time.UTC), Case: &kernel.Case{State: "open"},
	}
	if change != nil {
		change(r)
	}
	return r
}

// clerk is an official of another calling in the whole town.
func clerk(role string) kernel.Actor {
	return kernel.Actor{Kind: kernel.Staff, ID: "x", Roles: []string{role}, Territories: []string{"ugra"}}
}

// inNeed is an officer who has broken the glass for one record.
func inNeed(territory, record string) kernel.Actor {
	a := officer(territory)
	a.Glass, a.Opened = "fire", record
	return a
}

func TestCheck(t *testing.T) {
	t.Parallel()
	gate := access.New(compiled(t), newTown())
	citizen := kernel.Actor{Kind: kernel.Citizen, ID: "anna", Person: anna}
	for _, c := range []struct {
		name   string
		actor  kernel.Actor
		action string
		record *kernel.Record
		event  string
		want   kernel.Code
	}{
		{"reads below his territory", officer("ugra"), "read", claim(nil), "", ""},
		{"reads nothing elsewhere", officer("uray"), "read", claim(nil), "", kernel.NotFound},
		{"a hidden record is not there for writes either", officer("uray"), "update", claim(nil), "", kernel.NotFound},
		{"no territory", officer(), "read", claim(func(r *kernel.Record) { r.Territory = "" }), "", kernel.NotFound},
		{"writes", officer("surgut"), "update", claim(nil), "", ""},
		{"writes nothing final", officer("surgut"), "update", claim(func(r *kernel.Record) { r.Case.Final = true }), "", kernel.Denied},
		{"creates", officer("surgut"), "create", claim(func(r *kernel.Record) { r.Case = nil }), "", ""},
		{"creates nothing elsewhere", officer("uray"), "create", claim(nil), "", kernel.Denied},
		{"a sealed record", officer("ugra"), "read", claim(func(r *kernel.Record) { r.Access = map[string]any{"sealed": true} }), "", kernel.NotFound},
		{"behind broken glass", inNeed("ugra", record), "read",
			claim(func(r *kernel.Record) { r.Access = map[string]any{"sealed": true} }), "", ""},
		{"behind the glass of another record", inNeed("ugra", boris), "read",
			claim(func(r *kernel.Record) { r.Access = map[string]any{"sealed": true} }), "", kernel.NotFound},
		{"elsewhere, behind broken glass", inNeed("uray", record), "read", claim(nil), "", ""},
		{"and writes nothing there", inNeed("uray", record), "update", claim(nil), "", kernel.Denied},
		{"a task is no record", inNeed("uray", record), "read", &kernel.Record{Type: "Task", ID: record, Territory: "surgut"}, "", kernel.NotFound},
		{"approves the work of another", officer("ugra"), "fire", claim(nil), "approve", ""},
		{"approves not his own", officer("ugra"), "fire", claim(func(r *kernel.Record) { r.Author = "ivanova" }), "approve", kernel.Denied},
		{"a citizen reads his own", citizen, "read", claim(nil), "", ""},
		{"and writes only a draft", citizen, "update", claim(nil), "", kernel.Denied},
		{"which this is", citizen, "update", claim(func(r *kernel.Record) { r.Case.State = "draft" }), "", ""},
		{"not that of another", citizen, "read", claim(func(r *kernel.Record) { r.Persons = []string{boris} }), "", kernel.NotFound},
		{"an official works not on his own case", func() kernel.Actor { a := officer("ugra"); a.Person = anna; return a }(), "update", claim(nil), "", kernel.Denied},
		{"the kernel works", kernel.SystemActor(), "settle", claim(func(r *kernel.Record) { r.Case.Final = true }), "", ""},
		{"an exchange does not", kernel.Actor{Kind: kernel.System, ID: "exchange:PensionCheck"}, "update", claim(nil), "", kernel.NotFound},
		{"nobody", kernel.Actor{}, "read", claim(nil), "", kernel.NotFound},
		{"an unknown type", officer("ugra"), "read", &kernel.Record{Type: "Pencil"}, "", kernel.NotFound},
		{"a broken attribute", officer("ugra"), "read", claim(func(r *kernel.Record) { r.Access = map[string]any{"sealed": "yes"} }), "", kernel.Unavailable},
		{"a task near", kernel.Actor{Kind: kernel.Staff, ID: "x", Roles: []string{"officer"}, Territories: []string{"ugra"}}, "update",
			&kernel.Record{Type: "Task", Territory: "surgut", Data: map[string]any{"status": "open", "role": "officer"}}, "", ""},
		{"a task of another office", officer("uray"), "update", &kernel.Record{Type: "Task", Territory: "surgut"}, "", kernel.NotFound},
		{"a task of his office", officer("uray"), "update", &kernel.Record{Type: "Task", Office: hall}, "", ""},
		{"the journal", officer("ugra"), "read", &kernel.Record{Type: "Event", Data: map[string]any{"type": "Claim"}}, "", kernel.NotFound},
		{"the auditor's journal", kernel.Actor{Kind: kernel.Staff, ID: "a", Roles: []string{"auditor"}}, "read",
			&kernel.Record{Type: "Event", Data: map[string]any{"type": "Claim"}}, "", ""},
	} {
		err := gate.Check(t.Context(), c.actor, c.action, c.record, c.event)
		if got := kernel.CodeOf(err); got != c.want {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if err := gate.CheckNew(t.Context(), officer("uray"), claim(nil)); kernel.CodeOf(err) != kernel.Denied {
		t.Errorf("made elsewhere: %v", err)
	}
}

// A refusal says nothing that its reader must not know; why is for the log.
func TestWords(t *testing.T) {
	t.Parallel()
	gate := access.New(compiled(t), newTown())
	err := gate.Check(t.Context(), officer("ugra"), "read", claim(func(r *kernel.Record) { r.Access = map[string]any{"sealed": true} }), "")
	var e *kernel.Error
	if !errors.As(err, &e) || e.Message != "not-found" || len(e.Args) > 0 || e.Err == nil || e.Err.Error() != "denied by mera.house" {
		t.Errorf("%#v", e)
	}
}

func TestCheckChange(t *testing.T) {
	t.Parallel()
	gate := access.New(compiled(t), newTown())
	away := claim(func(r *kernel.Record) { r.Territory = "uray" })
	for name, c := range map[string]struct {
		before, after *kernel.Record
		want          kernel.Code
	}{
		"stays":      {claim(nil), claim(func(r *kernel.Record) { r.Title = "x" }), ""},
		"moves away": {claim(nil), away, kernel.Denied},
		"is taken":   {away, claim(nil), kernel.NotFound},
	} {
		if err := gate.CheckChange(t.Context(), officer("surgut"), "update", c.before, c.after, ""); kernel.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestCheckKernel(t *testing.T) {
	t.Parallel()
	gate := access.New(compiled(t), newTown())
	staff := func(role string) kernel.Actor {
		return kernel.Actor{Kind: kernel.Staff, ID: "x", Roles: []string{role}}
	}
	for action, role := range map[string]string{
		"install": "configurator", "setParameter": "configurator", "createActor": "administrator", "setCounter": "administrator",
		"setClock": "administrator", "accrue": "head", "runPayments": "head", "recalculate": "head",
	} {
		for _, other := range []string{"configurator", "administrator", "head", "specialist", "auditor"} {
			want := kernel.Denied
			if other == role {
				want = ""
			}
			if err := gate.CheckKernel(t.Context(), staff(other), action); kernel.CodeOf(err) != want {
				t.Errorf("%s by %s: %v", action, other, err)
			}
		}
		if err := gate.CheckKernel(t.Context(), kernel.SystemActor(), action); err != nil {
			t.Errorf("%s by the system: %v", action, err)
		}
		citizen := kernel.Actor{Kind: kernel.Citizen, ID: "x", Roles: []string{role}}
		if err := gate.CheckKernel(t.Context(), citizen, action); kernel.CodeOf(err) != kernel.Denied {
			t.Errorf("%s by a citizen who says that he is %s: %v", action, role, err)
		}
	}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	world := newTown()
	gate := access.New(compiled(t), world)
	for _, c := range []struct {
		actor kernel.Actor
		typ   string
		want  string
	}{
		{officer("surgut"), "Claim", `(row.territory in ["surgut", "surgut-1"] and not(row.sealed eq true))`},
		{officer("ring-a"), "Claim", `(row.territory in ["ring-a", "ring-b"] and not(row.sealed eq true))`},
		{officer(), "Claim", `none`},
		{kernel.Actor{Kind: kernel.Citizen, Person: anna}, "Claim", `(row.persons has "` + anna + `" and not(row.sealed eq true))`},
		{kernel.Actor{Kind: kernel.Citizen, Person: boris}, "Claim", `(row.persons has "` + boris + `" and not(row.sealed eq true))`},
		{kernel.Actor{Kind: kernel.Citizen}, "Claim", `none`},
		{kernel.SystemActor(), "Claim", `not(row.sealed eq true)`},
		{kernel.Actor{Kind: kernel.Public}, "Claim", `none`},
		{kernel.Actor{Kind: kernel.Public}, "Classifier", `all`},
		{officer("surgut"), "Pencil", `none`},
		{officer("uray"), "Award", `((territory in ["uray"] or office eq "` + hall + `") and territory in ["uray"] and not(case.row.sealed eq true))`},
		{officer("uray"), "Accrual", `((award.territory in ["uray"] or award.office eq "` + hall + `") and award.territory in ["uray"] and not(award.case.row.sealed eq true))`},
		{officer("uray"), "PaymentList", `(territory in ["uray"] or office eq "` + hall + `")`},
		{clerk("specialist"), "Award", `none`}, // who may read no case reads no papers
		{kernel.SystemActor(), "Award", `not(case.row.sealed eq true)`},
		{clerk("auditor"), "Event", `not(record.row.sealed eq true)`},
		{clerk("specialist"), "Event", `none`},
	} {
		got, err := gate.Filter(t.Context(), c.actor, c.typ)
		if err != nil || got.String() != c.want {
			t.Errorf("%s of %v:\ngot  %v, %v\nwant %s", c.typ, c.actor, got, err, c.want)
		}
	}
	show, err := gate.Show(t.Context(), officer("uray"), "Claim", "school")
	if want := `(row.office eq "` + hall + `" and not(row.sealed eq true))`; err != nil || show.String() != want {
		t.Errorf("school: %v, %v", show, err)
	}
	if show, err = gate.Show(t.Context(), officer("uray"), "Claim", "none"); err != nil || show.String() != "none" {
		t.Errorf("a label without a rule: %v, %v", show, err)
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	gate := access.New(compiled(t), newTown())
	if diff := cmp.Diff([]string{"health", "school"}, gate.Labels("Claim")); diff != "" {
		t.Error(diff)
	}
	for name, c := range map[string]struct {
		actor kernel.Actor
		want  []string
	}{
		"near":    {officer("surgut"), []string{"school"}},
		"far":     {officer("uray"), []string{"health", "school"}},
		"citizen": {kernel.Actor{Kind: kernel.Citizen, Person: anna}, []string{"health", "school"}},
	} {
		got, err := gate.Hidden(t.Context(), c.actor, claim(nil))
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	if got, err := gate.Hidden(t.Context(), officer("surgut"), claim(func(r *kernel.Record) { r.Office = hall })); len(got) > 0 || err != nil {
		t.Errorf("hidden in his own office: %v, %v", got, err)
	}
	if got, err := gate.Hidden(t.Context(), officer("surgut"), &kernel.Record{Type: "Task"}); got != nil || err != nil {
		t.Errorf("a type without labels: %v, %v", got, err)
	}
	for label, want := range map[string]bool{"health": true, "school": false} {
		if ok, err := gate.Edit(t.Context(), officer("surgut"), claim(nil), label); ok != want || err != nil {
			t.Errorf("edit %s: %t, %v", label, ok, err)
		}
	}
}

// Whatever fails is a refusal.
func TestFailures(t *testing.T) {
	t.Parallel()
	world := newTown()
	world.fails = errors.New("no base")
	gate := access.New(compiled(t), world)
	calls := map[string]func() error{
		"Check":       func() error { return gate.Check(t.Context(), officer("ugra"), "read", claim(nil), "") },
		"CheckKernel": func() error { return gate.CheckKernel(t.Context(), kernel.SystemActor(), "install") },
		"Filter":      func() error { _, err := gate.Filter(t.Context(), officer("ugra"), "Claim"); return err },
		"Edit":        func() error { _, err := gate.Edit(t.Context(), officer("ugra"), claim(nil), "health"); return err },
		"Hidden":      func() error { _, err := gate.Hidden(t.Context(), officer("ugra"), claim(nil)); return err },
	}
	for name, call := range calls {
		if err := call(); kernel.CodeOf(err) != kernel.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
	slow := access.New(compiled(t).WithSteps(1), newTown())
	if f, err := slow.Filter(t.Context(), officer("ugra"), "Claim"); f != nil || kernel.CodeOf(err) != kernel.Limit {
		t.Errorf("a policy without time: %v, %v", f, err)
	}
	if ok, err := slow.Edit(t.Context(), officer("ugra"), claim(nil), "health"); ok {
		t.Errorf("edit without time: %t, %v", ok, err)
	}
	bad := claim(func(r *kernel.Record) { r.Access = map[string]any{"sealed": 5} })
	open := access.New(compiled(t), newTown())
	if ok, err := open.Edit(t.Context(), officer("ugra"), bad, "health"); ok || err == nil {
		t.Errorf("edit of a broken row: %t, %v", ok, err)
	}
	if hidden, err := open.Hidden(t.Context(), officer("ugra"), bad); err == nil {
		t.Errorf("hidden of a broken row: %v", hidden)
	}
}

// The filter of the gate and its check agree, whoever asks about whatever; and the cache changes nothing.
func TestFilterIsCheck(t *testing.T) {
	t.Parallel()
	set := compiled(t)
	world := newTown()
	warm := access.New(set, world)
	words := func(t *rapid.T, name string, from ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 3, rapid.ID[string]).Draw(t, name)
	}
	one := func(t *rapid.T, name string, from ...string) string {
		return rapid.SampledFrom(append(from, "")).Draw(t, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		actor := kernel.Actor{
			Kind: kernel.ActorKind(one(t, "kind", "staff", "citizen", "system")), ID: one(t, "id", "ivanova", "petrov"), Roles: words(t, "roles", "officer", "auditor"),
			Territories: words(t, "territories", "ugra", "surgut", "uray", "ring-a"), Office: one(t, "office", hall), Person: one(t, "person", anna, boris),
			Glass: one(t, "glass", "fire"), Opened: one(t, "opened", record, anna),
		}
		r := claim(func(r *kernel.Record) {
			r.Territory = one(t, "territory", "ugra", "surgut", "surgut-1", "uray", "ring-b")
			r.Office, r.Author = one(t, "row office", hall, anna), one(t, "author", "ivanova", "petrov")
			r.Persons = words(t, "persons", anna, boris)
			if rapid.Bool().Draw(t, "has sealed") {
				r.Access = map[string]any{"sealed": rapid.Bool().Draw(t, "sealed")}
			}
		})
		checked := warm.Check(t.Context(), actor, "read", r, "")
		for name, gate := range map[string]*access.Gate{"warm": warm, "cold": access.New(set, world)} {
			f, err := gate.Filter(t.Context(), actor, "Claim")
			if err != nil {
				t.Fatal(err)
			}
			kernelRow := access.Row(r)
			ok, err := f.Match(t.Context(), &expr.Record{Type: "Claim", ID: r.ID, Kernel: kernelRow}, nil)
			if err != nil || ok != (checked == nil) {
				t.Fatalf("%s: filter %s says %t, %v; check says %v", name, f, ok, err, checked)
			}
		}
	})
}

// What the filter of a class says of a write is what the rules say: they are asked where a record has attributes of its
// own, so one that changes nothing must change nothing.
func TestAWriteIsJudgedAlikeByFilterAndByRules(t *testing.T) {
	t.Parallel()
	gate := access.New(compiled(t, `write if { officer; input.action == "print"; input.row.office == input.actor.office }
deny if { input.action == "void"; input.row.author == input.actor.id }`), newTown())
	one := func(t *rapid.T, name string, from ...string) string {
		return rapid.SampledFrom(append(from, "")).Draw(t, name)
	}
	allowed := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		actor := kernel.Actor{
			Kind: kernel.ActorKind(one(t, "kind", "staff", "staff", "staff", "citizen", "system")), ID: one(t, "id", "ivanova", "system"), Roles: []string{one(t, "role", "officer", "officer", "officer", "auditor")},
			Territories: []string{one(t, "territories", "ugra", "ugra", "ugra", "surgut", "uray")}, Office: one(t, "office", hall), Person: one(t, "person", anna, boris),
			Glass: one(t, "glass", "fire"), Opened: one(t, "opened", record),
		}
		action := rapid.SampledFrom([]string{"create", "update", "void", "print"}).Draw(t, "action")
		plain := claim(func(r *kernel.Record) {
			r.Territory, r.Office = one(t, "territory", "surgut", "uray"), one(t, "row office", hall)
			r.Author, r.Persons = one(t, "author", "ivanova"), []string{one(t, "persons", anna)}
			r.Case.Final = rapid.Bool().Draw(t, "final")
		})
		if rapid.Bool().Draw(t, "at home") { // so that every run has both who may and who may not
			actor, action, plain = officer("ugra"), "update", claim(nil)
		}
		asked := *plain
		asked.Access = map[string]any{"sealed": false}
		fast, slow := gate.Check(t.Context(), actor, action, plain, ""), gate.Check(t.Context(), actor, action, &asked, "")
		if kernel.CodeOf(fast) != kernel.CodeOf(slow) {
			t.Fatalf("%s: by the filter %v, by the rules %v", action, fast, slow)
		}
		allowed[fast == nil]++
	})
	if allowed[true] == 0 || allowed[false] == 0 {
		t.Errorf("all alike: %v", allowed)
	}
}

func BenchmarkFilter(b *testing.B) {
	gate := access.New(compiled(b), newTown())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := gate.Filter(b.Context(), officer("surgut"), "Claim"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFilterCold(b *testing.B) {
	set := compiled(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := access.New(set, newTown()).Filter(b.Context(), officer("surgut"), "Claim"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	gate := access.New(compiled(b), newTown())
	r := claim(nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := gate.Check(b.Context(), officer("surgut"), "update", r, ""); err != nil {
			b.Fatal(err)
		}
	}
}

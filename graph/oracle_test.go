package graph

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"mera/kernel"
	"mera/kernel/access"
	"mera/kernel/query"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/policies"
	"mera/schema"
	"mera/schema/value"
)

var cases = flag.Int("cases", 2000, "how many random queries the naive reader answers too")

// asPerRules is how many queries are asked under one set of policies.
const perRules = 20

// Random data, random policies (of the forms that become SQL) and random selections: the one statement of the read
// road says what somebody finds out who loads everything and asks the rules about each row.
func TestOracle(t *testing.T) {
	t.Parallel()
	const worlds = 4
	for i := range uint64(worlds) {
		t.Run(fmt.Sprint("world", i), func(t *testing.T) {
			t.Parallel()
			o := newOracle(t, i)
			for o.asked < *cases/worlds {
				o.rules()
				for range perRules {
					o.question()
				}
				o.walk()
			}
			t.Logf("%d queries under %d sets of rules: %d rows, %d of them hidden; %d queries refused", o.asked, o.sets, o.rows, o.hidden, o.refused)
			if o.hidden == 0 || o.hidden == o.rows {
				t.Error("the rules hid all or nothing")
			}
		})
	}
}

// oracle is a server over random records that is asked as various actors under various rules.
type oracle struct {
	*rand.Rand
	t       *testing.T
	cat     *schema.Catalog
	lists   *query.Lists
	db      *counting
	server  *Server
	world   *world
	clock   atomic.Pointer[time.Time]
	records []life
	actor   atomic.Pointer[kernel.Actor]
	naive   *naive
	source  string

	asked, sets, rows, hidden, refused int
}

// Now is the clock of the database: versions become known by it.
func (o *oracle) Now() time.Time { return *o.clock.Load() }

// Actor knows one token: that of the actor of the moment.
func (o *oracle) Actor(context.Context, string) (kernel.Actor, error) { return *o.actor.Load(), nil }

func newOracle(t *testing.T, seed uint64) *oracle {
	o := &oracle{Rand: rand.New(rand.NewPCG(seed, 2)), t: t}
	o.clock.Store(&days[0])
	o.cat, o.lists = small(t)
	o.db = &counting{DB: storetest.Open(t, func(c *store.Config) { c.Clock = o })}
	s, err := NewServer(Config{Auth: o, Commands: &commands{}, Views: views{}, Clock: stopped(noon), IDs: &sequence{},
		Poll: time.Second, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	o.server, o.world = s, &world{t: t, db: o.db, cat: o.cat, server: s, http: s.Handler()}
	o.fill()
	return o
}

// rules puts other policies and another actor in place.
func (o *oracle) rules() {
	o.sets++
	var set *policies.Set
	for set == nil {
		o.source = o.policy()
		pkg := *o.cat.Packages[0]
		pkg.Policies = []*schema.Policy{{Package: pkg.Name, Pos: schema.Pos{File: "p.rego", Line: 1, Col: 1}, Source: []byte(o.source)}}
		made, ds := policies.Compile([]*schema.Package{&pkg}, o.cat)
		if ds.Faulty() {
			o.t.Fatalf("%s\n%s", o.source, ds.Render(func(string) []byte { return []byte(o.source) }))
		}
		set = made
	}
	gate := access.New(set, districts{})
	o.actor.Store(o.somebody())
	o.naive = look(o.t, o.cat, gate, *o.actor.Load(), o.records, moments)
	o.rows, o.hidden = o.rows+len(o.records), o.hidden+len(o.records)-len(o.naive.present.view)
	err := o.server.Swap(Release{Digest: fmt.Sprint("rules", o.sets), Catalog: o.cat, Lists: o.lists, Reader: query.NewReader(o.db, gate, o.cat)})
	if err != nil {
		o.t.Fatal(err)
	}
	g := o.server.current.Load()
	o.naive.model, o.naive.schema = g.model, g.schema
}

// districts are the territories of the small catalog.
type districts struct{}

func (districts) Below(_ context.Context, of []string) ([]string, error) {
	if slices.Contains(of, "ugra") {
		return []string{"surgut", "ugra", "uray"}, nil
	}
	return of, nil
}

func (districts) Today() value.Date { return value.DateOf(noon) }

// question asks one query in both ways.
func (o *oracle) question() {
	q := o.asking().selection(o.naive.schema.Query, 4)
	if have := o.answer(q); have != nil {
		o.same(q, o.plainly(q), have)
	}
}

func (o *oracle) asking() *asking {
	return &asking{drawing: drawing{Rand: o.Rand, schema: o.naive.schema, budget: 25}, o: o}
}

// answer is what the server says; nil where the query went beyond a limit.
func (o *oracle) answer(q string) map[string]any {
	o.db.take()
	got := o.world.post("anybody", quoted(q))
	if n := len(o.db.take()); n > 1 {
		o.t.Fatalf("%s: %d statements", q, n)
	}
	o.asked++
	for _, e := range got.Errors {
		if e.Extensions.Code == kernel.Limit || e.Extensions.Code == kernel.Denied && len(e.Extensions.Fields) == 1 && o.closed(e.Extensions.Fields[0].Path) {
			return nil
		}
		if e.Extensions.Code != kernel.NotFound {
			o.t.Fatalf("%s\n%s\n%+v", o.source, q, e)
		}
	}
	var have map[string]any
	dec := json.NewDecoder(strings.NewReader(string(got.Data)))
	dec.UseNumber()
	if err := dec.Decode(&have); err != nil {
		o.t.Fatal(err)
	}
	return have
}

// closed tells that a query was refused for a labelled property that the actor may see of no record.
func (o *oracle) closed(field string) bool {
	path := strings.Split(field, ".")
	for _, d := range o.cat.Documents {
		if p := d.Property(path[len(path)-1]); p != nil && p.Label != "" {
			o.refused++
			return true
		}
	}
	return false
}

// plainly is what the naive reader says.
func (o *oracle) plainly(q string) map[string]any {
	doc := parsed(o.t, o.naive.schema, q)
	return o.naive.ask(&graphql.OperationContext{Operation: doc, Variables: map[string]any{}, Doc: &ast.QueryDocument{Operations: ast.OperationList{doc}}})
}

func (o *oracle) same(q string, want, have any) {
	if !reflect.DeepEqual(want, have) {
		o.t.Fatalf("%s\nas %+v\n%s\nnaive -, read road +\n%s", o.source, *o.actor.Load(), q, cmp.Diff(want, have))
	}
}

// walk goes through a list page by page, forwards or back, and must meet each row once, in order.
func (o *oracle) walk() {
	d := o.asking()
	f := o.naive.schema.Query.Fields.ForName(pick(o, "people", "pensions", "offices", "benefitApplications", "applications", "cases"))
	var args []string
	for _, a := range f.Arguments {
		if a.Name == "where" || a.Name == "orderBy" {
			if v := d.value(a.Type, a.Name, 3); v != "" {
				args = append(args, a.Name+": "+v)
			}
		}
	}
	ask := func(page string) string {
		return fmt.Sprintf("{x: %s(%s){nodes{id} totalCount pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}", f.Name, strings.Join(append(slices.Clone(args), page), ", "))
	}
	type page = map[string]any
	whole := ask("first: 200")
	want := o.plainly(strings.Replace(whole, " startCursor endCursor", "", 1))["x"].(page)
	count, cursor, end, more := "first", "after", "endCursor", "hasNextPage"
	if o.IntN(2) == 0 {
		count, cursor, end, more = "last", "before", "startCursor", "hasPreviousPage"
	}
	var met []any
	size := 1 + o.IntN(7)
	at := fmt.Sprintf("%s: %d", count, size)
	for range 200 {
		answer := o.answer(ask(at))
		if answer == nil {
			return // it was refused, or too much
		}
		have := answer["x"].(page)
		o.same(ask(at), want["totalCount"], have["totalCount"])
		if nodes := have["nodes"].([]any); count == "first" {
			met = append(met, nodes...)
		} else {
			met = append(slices.Clone(nodes), met...)
		}
		info := have["pageInfo"].(page)
		if info[more] == false {
			break
		}
		at = fmt.Sprintf("%s: %d, %s: %q", count, size, cursor, info[end])
	}
	o.same(ask(at), len(want["nodes"].([]any)), len(met))
	if len(met) > 0 {
		o.same(ask(at), want["nodes"], met)
	}
}

func quoted(q string) string {
	body, err := json.Marshal(map[string]any{"query": q})
	if err != nil {
		panic(err)
	}
	return string(body)
}

// conditions of the rules, over attributes that every row has.
var ruleConditions = []string{
	`input.row.territory in input.actor.territories`, `not input.row.territory in input.actor.territories`, `input.row.territory == "surgut"`,
	`input.row.office == input.actor.office`, `input.row.office != input.actor.office`, `input.row.author == input.actor.id`,
	`not input.row.author == input.actor.id`, `has(input.row.persons, input.actor.person)`, `not has(input.row.persons, input.actor.person)`,
	`has_any(input.row.persons, input.actor.duties)`, `input.row.department == input.actor.department`, `not input.row.department`,
	`"clerk" in input.actor.roles`, `"head" in input.actor.roles`, `input.row.type == "Person"`, `input.row.type in {"Pension", "Person", "Office"}`,
	`input.type != "BenefitApplication"`, `input.row.author != "ivanova"`, `near`, `not near`, `not { near; input.row.author == "petrov" }`, `true`,
}

func (o *oracle) policy() string {
	body := func() string {
		var parts []string
		for range 1 + o.IntN(2) {
			parts = append(parts, ruleConditions[o.IntN(len(ruleConditions))])
		}
		return strings.Join(parts, "; ")
	}
	var src strings.Builder
	src.WriteString("package mera.register\nimport data.mera.lib.has\nimport data.mera.lib.has_any\nnear if input.row.territory in input.actor.territories\n")
	src.WriteString("write if { near; has(input.row.persons, input.actor.person); has_any(input.row.persons, input.actor.duties) }\n")
	rule := func(head string, n int) {
		for range n {
			fmt.Fprintf(&src, "%s if { %s }\n", head, body())
		}
	}
	rule("read", 1+o.IntN(3))
	rule("deny", o.IntN(2))
	rule("show.health", o.IntN(3))
	rule("show.bank", o.IntN(3))
	return src.String()
}

func (o *oracle) somebody() *kernel.Actor {
	a := &kernel.Actor{Kind: kernel.Staff, ID: pick(o, "ivanova", "petrov"), Name: "x", Department: pick(o, "", "d1", "d2"), Office: pick(o, "", oid("o", 0), oid("o", 1)), Person: pick(o, "", oid("p", 0), oid("p", 1))}
	for _, r := range []string{"clerk", "head"} {
		if o.IntN(2) == 0 {
			a.Roles = append(a.Roles, r)
		}
	}
	a.Territories = pick(o, nil, []string{"surgut"}, []string{"uray"}, []string{"ugra"}, []string{"surgut", "uray"})
	a.Duties = pick(o, nil, []string{oid("p", 2), oid("p", 3)})
	return a
}

func pick[T any](o *oracle, list ...T) T { return list[o.IntN(len(list))] }

// oid is the id of the n-th record of a kind.
func oid(kind string, n int) string {
	return fmt.Sprintf("0190a1b2-c3d4-7e5f-8a9b-%04x%08d", kind[0], n)
}

const people, offices, papers = 30, 4, 60

// The days on which records are written, and the moments between them that queries ask about.
var (
	days    = []time.Time{noon.AddDate(0, 0, -9), noon.AddDate(0, 0, -6), noon.AddDate(0, 0, -3)}
	moments = []time.Time{days[0].Add(-time.Hour), days[0].Add(time.Hour), days[1].Add(time.Hour), noon}
)

// fill writes the records as they became over some days: each has the versions of the days on which it was written.
func (o *oracle) fill() {
	lives := map[string]*life{}
	var order []string
	for d, day := range days {
		o.clock.Store(&day)
		var written []*kernel.Record
		for _, r := range o.draw() {
			l := lives[r.ID]
			if l == nil {
				l = &life{}
				lives[r.ID], order = l, append(order, r.ID)
			} else if n := len(l.versions); n > 0 && (r.Type != l.now().Type || o.IntN(2) == 0) {
				continue // another kind of paper, or nobody has changed it
			}
			if len(l.versions) == 0 && d < len(days)-1 && o.IntN(3) == 0 {
				continue
			}
			r.Version = len(l.versions) + 1
			l.since, l.versions = append(l.since, day), append(l.versions, r)
			written = append(written, r)
		}
		o.save(written)
	}
	for _, id := range order {
		o.records = append(o.records, *lives[id])
	}
	o.clock.Store(&noon)
}

// draw makes a record of each id.
func (o *oracle) draw() (out []*kernel.Record) {
	for i := range offices {
		data := map[string]any{"title": fmt.Sprint("Отдел ", i), "territory": pick(o, "surgut", "uray", "ugra")}
		if i > 0 {
			data["above"] = oid("o", o.IntN(i))
		}
		out = append(out, o.record("Office", oid("o", i), nil, data))
	}
	var persons []*kernel.Record
	for i := range people {
		persons = append(persons, o.record("Person", oid("p", i), nil, o.person()))
	}
	out = append(out, persons...)
	for i := range papers {
		out = append(out, o.record("Pension", oid("n", i), persons[o.IntN(people)], o.pension()))
	}
	for i := range papers {
		r := o.application(oid("a", i), persons[o.IntN(people)])
		if i > 0 && o.IntN(3) == 0 {
			r.Case.Parent, r.Case.ParentOf = oid("a", o.IntN(i)), "BenefitApplication"
		}
		out = append(out, r)
	}
	return out
}

func (o *oracle) save(records []*kernel.Record) {
	err := o.db.Write(o.t.Context(), func(tx *store.Tx) error {
		for name, c := range o.cat.Classifiers {
			if err := tx.PutItems(o.t.Context(), name, c.Items, "register"); err != nil {
				return err
			}
		}
		for _, r := range records {
			if err := tx.SaveRecord(o.t.Context(), r, uid(9000), r.Version == 1); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// record is one on a card, or a root where there is none.
func (o *oracle) record(typ, id string, card *kernel.Record, data map[string]any) *kernel.Record {
	at := noon.Add(time.Duration(o.IntN(5)) * time.Hour)
	r := &kernel.Record{Type: typ, ID: id, Root: id, Data: data, Author: pick(o, "ivanova", "petrov", "sidorov"),
		Persons: []string{}, Access: map[string]any{}, CreatedAt: at, CreatedBy: pick(o, "ivanova", "petrov"), UpdatedAt: at, UpdatedBy: "petrov",
		Title: typ + " " + id[len(id)-2:], Office: pick(o, "", oid("o", 0), oid("o", 1)), Department: pick(o, "", "d1", "d2"), Void: pick(o, "", "", "", "", "", "ошибка")}
	r.Territory, _ = data["territory"].(string)
	switch {
	case card != nil:
		r.Root, r.Card, r.Persons, r.Territory = card.ID, card.ID, []string{card.ID}, card.Territory
	case typ == "Person":
		r.Persons = []string{id}
	}
	return r
}

// some leaves out some of the values, so that each is absent now and then.
func (o *oracle) some(data map[string]any) map[string]any {
	for _, name := range slices.Sorted(keysOf(data)) {
		if o.IntN(4) == 0 {
			delete(data, name)
		}
	}
	return data
}

func keysOf(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (o *oracle) person() map[string]any {
	relative := func() any {
		return o.some(map[string]any{"name": pick(o, "Мария", "Пётр"), "role": pick(o, "mother", "father"), "born": pick(o, "1950-01-01", "1951-02-03"), "kind": pick(o, "age", "survivor", "gone")})
	}
	return o.some(map[string]any{"lastName": pick(o, "Ёлкина", "Елкина", "Петров", "яковлев", "Ян"), "firstName": pick(o, "Анна", "анна", "Пётр"),
		"birthDate": pick(o, "1980-02-03", "2006-05-11", "1950-01-01"), "sex": pick(o, "male", "female"), "snils": pick(o, "11223344595", "11223344596"),
		"territory": pick(o, "surgut", "uray", "ugra"), "diagnosis": pick(o, "тайна", "нет"), "phones": pick(o, []any{"111"}, []any{"222", "111"}),
		"kinds": pick(o, []any{"age"}, []any{"survivor", "gone"}), "payout": o.some(map[string]any{"bank": pick(o, "047102651", "047102652"), "account": pick(o, "1", "2")}),
		"relatives": pick(o, []any{relative()}, []any{relative(), relative()})})
}

func (o *oracle) pension() map[string]any {
	return o.some(map[string]any{"type": pick(o, "age", "survivor", "gone"), "from": pick(o, "2019-06-06", "2019-07-01", "2018-01-01"),
		"to": pick(o, "2019-08-31", "2019-07-16", "2018-12-31"), "amount": pick(o, "1826.00", "99.50", "10000.00"), "share": pick(o, "0.5", "1.25", "-3"),
		"points": pick(o, json.Number("10"), json.Number("-3"), json.Number("7")), "quarter": "2019-Q2", "month": "2019-06",
		"at": pick(o, "2019-06-06T09:30:00Z", "2019-06-07T09:30:00Z"), "old": pick(o, true, false), "note": "х"})
}

func (o *oracle) application(id string, p *kernel.Record) *kernel.Record {
	typ, states := "BenefitApplication", []string{"open", "granted", "refused"}
	number := pick(o, "", "1-П", "2-П")
	data := o.some(map[string]any{"date": pick(o, "2019-07-16", "2019-06-01"), "channel": pick(o, "age", "survivor")})
	data["applicant"] = p.ID
	if o.IntN(3) == 0 {
		typ, states, number = "RequestForm", []string{"asked", "done"}, ""
		data["text"] = "Прошу"
	} else {
		for name, v := range o.some(map[string]any{"child": oid("p", o.IntN(people)), "cause": pick(o, "тайна", "нет"), "people": []any{oid("p", o.IntN(people)), oid("p", o.IntN(people/2)+people)}}) {
			data[name] = v
		}
	}
	if number != "" {
		data["number"] = number
	}
	r := o.record(typ, id, p, data)
	state := pick(o, states...)
	channel, _ := data["channel"].(string)
	r.Case = &kernel.Case{State: state, Final: state != states[0], Number: number, Applicant: p.ID, Channel: channel, Worker: pick(o, "", "ivanova"), Due: pick(o, value.Date{}, value.DateOf(noon))}
	return r
}

// asking writes queries that the naive reader can answer, with values that the records have.
type asking struct {
	drawing
	o *oracle
}

func (d *asking) selection(def *ast.Definition, depth int) string {
	var b strings.Builder
	b.WriteByte('{')
	wrote := false
	if of := d.schema.GetPossibleTypes(def); def.Kind == ast.Interface && d.IntN(2) == 0 && len(of) > 0 {
		if typ := of[d.IntN(len(of))]; d.o.naive.model.types[typ.Name].entity != "" && d.o.cat.Documents[typ.Name] != nil {
			fmt.Fprintf(&b, "... on %s %s ", typ.Name, d.selection(typ, depth))
			wrote = true
		}
	}
	for range 1 + d.IntN(4) {
		f := def.Fields[d.IntN(len(def.Fields))]
		below := d.schema.Types[f.Type.Name()]
		if strings.HasPrefix(f.Name, "__") || d.budget < 0 || len(below.Fields) > 0 && depth == 0 || !d.o.naive.answerable(def, f) {
			continue
		}
		d.budget--
		d.n++
		fmt.Fprintf(&b, "a%d: %s%s", d.n, f.Name, d.arguments(f))
		if len(below.Fields) > 0 {
			if def.Name == "Query" || strings.HasSuffix(def.Name, "Connection") {
				depth++ // the words of a connection are no level of their own
			}
			b.WriteString(d.selection(below, depth-1))
		}
		b.WriteByte(' ')
		wrote = true
	}
	if !wrote {
		b.WriteString("__typename")
	}
	b.WriteByte('}')
	return b.String()
}

func (d *asking) arguments(f *ast.FieldDefinition) string {
	var out []string
	cut := pick(d.o, "first", "last", "", "")
	for _, a := range f.Arguments {
		switch a.Name {
		case "after", "before":
			continue
		case "first", "last":
			if cut == a.Name {
				out = append(out, fmt.Sprintf("%s: %d", a.Name, 1+d.IntN(6)))
			}
			continue
		case "knownAt":
			if d.IntN(4) == 0 {
				out = append(out, fmt.Sprintf("knownAt: %q", moments[d.IntN(len(moments))].Format(time.RFC3339)))
			}
			continue
		case "types":
			if d.IntN(3) == 0 {
				out = append(out, `types: ["Pension", "BenefitApplication"]`)
			}
			continue
		}
		if !a.Type.NonNull && d.IntN(3) > 0 {
			continue
		}
		if v := d.value(a.Type, a.Name, 4); v != "" {
			out = append(out, a.Name+": "+v)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// value is one that some record has, as far as the type tells.
func (d *asking) value(t *ast.Type, name string, depth int) string {
	if t.Elem != nil {
		v := d.value(t.Elem, name, depth)
		if v == "" {
			return ""
		}
		if w := d.value(t.Elem, name, depth); w != "" && d.IntN(3) == 0 && name != "orderBy" {
			return "[" + v + ", " + w + "]"
		}
		return "[" + v + "]"
	}
	def := d.schema.Types[t.NamedType]
	switch {
	case def.Kind == ast.InputObject && depth == 0:
		return ""
	case def.Kind == ast.InputObject:
		f := def.Fields[d.IntN(len(def.Fields))]
		if f.Name == "keys" {
			return ""
		}
		inner := name
		if !slices.Contains(operatorNames, f.Name) {
			inner = f.Name
		}
		v := d.value(f.Type, inner, depth-1)
		if v == "" {
			return ""
		}
		return "{" + f.Name + ": " + v + "}"
	case def.Kind == ast.Enum:
		return def.EnumValues[d.IntN(len(def.EnumValues))].Name
	}
	if v, ok := knownValues[name]; ok && t.NamedType == "String" {
		return `"` + v[d.IntN(len(v))] + `"`
	}
	if v, ok := scalarValues[t.NamedType]; ok {
		return v[d.IntN(len(v))]
	}
	if t.NamedType == "ID" {
		return `"` + pick(d.o, oid("p", d.IntN(people)), oid("n", d.IntN(papers)), oid("a", d.IntN(papers)), oid("o", d.IntN(offices))) + `"`
	}
	return ""
}

var operatorNames = []string{"eq", "ne", "in", "gt", "gte", "lt", "lte", "startsWith", "endsWith", "contains", "exists", "under", "above", "has", "some", "none", "not", "and", "or"}

// Values of the records, by the name of what is compared and by scalar type.
var (
	knownValues = map[string][]string{"lastName": {"Ёлкина", "елк", "Петров", "Ян", "я"}, "firstName": {"Анна", "пет", "а"}, "snils": {"11223344595"},
		"territory": {"surgut", "ugra", "uray"}, "diagnosis": {"тайна", "н"}, "phones": {"111", "222"}, "type": {"age", "survivor"}, "channel": {"age", "survivor"},
		"kind": {"age", "survivor"}, "kinds": {"age", "survivor"}, "bank": {"047102651"}, "account": {"1"}, "number": {"1-П", "2"}, "createdBy": {"ivanova", "petrov"},
		"worker": {"ivanova"}, "state": {"open", "done", "granted"}, "title": {"Отдел 1", "Отдел", "Pension"}, "name": {"Мария", "пё"}}
	scalarValues = map[string][]string{"Int": {"10", "-3", "1", "2"}, "Long": {"10"}, "Boolean": {"true", "false"}, "Date": {`"2019-07-16"`, `"2019-07-01"`, `"1980-02-03"`, `"2018-06-01"`},
		"DateTime": {`"2019-07-16T13:00:00Z"`, `"2019-06-06T09:30:00Z"`}, "Money": {`"99.50"`, `"1826.00"`}, "Decimal": {`"0.5"`, `"1.25"`}, "Month": {`"2019-06"`},
		"Quarter": {`"2019-Q2"`}, "Year": {`"2019"`}, "String": {`"а"`, `"x"`}}
)

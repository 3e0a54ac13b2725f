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
				o.search()
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
	found   map[string][]any // by text: what is found by who sees everything

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
	o.findAll()
	return o
}

// rules puts other policies and another actor in place.
func (o *oracle) rules() {
	o.sets++
	gate := o.swap(o.policy())
	o.actor.Store(o.somebody())
	o.naive = look(o.t, o.cat, gate, *o.actor.Load(), o.records, moments)
	o.rows, o.hidden = o.rows+len(o.records), o.hidden+len(o.records)-len(o.naive.present.view)
	g := o.server.current.Load()
	o.naive.model, o.naive.schema = g.model, g.schema
}

// swap serves the records under the policies of a source.
func (o *oracle) swap(source string) *access.Gate {
	o.source = source
	pkg := *o.cat.Packages[0]
	pkg.Policies = []*schema.Policy{{Package: pkg.Name, Pos: schema.Pos{File: "p.rego", Line: 1, Col: 1}, Source: []byte(source)}}
	set, ds := policies.Compile([]*schema.Package{&pkg}, o.cat)
	if ds.Faulty() {
		o.t.Fatalf("%s\n%s", source, ds.Render(func(string) []byte { return []byte(source) }))
	}
	gate := access.New(set, districts{})
	err := o.server.Swap(Release{Digest: fmt.Sprint("rules", o.sets), Catalog: o.cat, Lists: o.lists, Reader: query.NewReader(o.db, gate, o.cat)})
	if err != nil {
		o.t.Fatal(err)
	}
	return gate
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

// closed tells that a query was refused for a labelled property, which must be one that the actor may see of no record.
func (o *oracle) closed(field string) bool {
	name := field[strings.LastIndexByte(field, '.')+1:]
	closed := false
	for _, d := range o.cat.Documents {
		p := d.Property(name)
		if p == nil || p.Label == "" {
			continue
		}
		closed = true
		for id, row := range o.naive.present.rows {
			if row.Type == d.Name && !slices.Contains(o.naive.present.hidden[id], p.Label) {
				o.t.Fatalf("%s\n%s is refused, but is shown of %s", o.source, field, id)
			}
		}
	}
	o.refused++
	return closed
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

// boxes are what is typed into the box: each word is of one property. The last is of a labelled one.
var boxes = []string{"Ёлкина", "елкина", "Петров", "Петрв", "ян", "анна", "пётр", "1980-02-03", "03.02.1980", "112-233-445 95", "Ёлкина анна", "Петров 11.05.2006", secret}

const secret = "тайна"

func (o *oracle) find(text string) []any {
	list := o.answer(fmt.Sprintf("{x: search(text: %q, first: 200){totalCount nodes{id}}}", text))["x"].(map[string]any)
	o.same(text, list["totalCount"], json.Number(fmt.Sprint(len(list["nodes"].([]any)))))
	return list["nodes"].([]any)
}

// findAll searches as one who sees everything.
func (o *oracle) findAll() {
	o.actor.Store(&kernel.Actor{Kind: kernel.Staff, ID: "all", Name: "all"})
	o.swap("package mera.register\nread if true\nshow.health if true\nshow.bank if true\n")
	o.found = map[string][]any{}
	for _, text := range boxes {
		o.found[text] = o.find(text)
	}
	for _, l := range o.records {
		name, _ := l.now().Data["lastName"].(string)
		node := map[string]any{"id": l.now().ID}
		if l.now().Void == "" && name == "Петров" && !slices.ContainsFunc(o.found[name], func(n any) bool { return reflect.DeepEqual(n, node) }) {
			o.t.Fatalf("%v is not found by %s", node, name)
		}
	}
}

// search finds of what there is exactly what the actor may see, by values that he may see, in the same order. Where
// several words were typed, those who meet them badly are found only where nobody meets them well: the order is left.
func (o *oracle) search() {
	text := boxes[o.IntN(len(boxes))]
	want := []any{}
	for _, node := range o.found[text] {
		id := node.(map[string]any)["id"].(string)
		if o.naive.present.view[id] != nil && (text != secret || !slices.Contains(o.naive.present.hidden[id], "health")) {
			want = append(want, node)
		}
	}
	have := o.find(text)
	if strings.Contains(text, " ") && !strings.HasPrefix(text, "1") {
		for _, node := range have {
			if id := node.(map[string]any)["id"].(string); o.naive.present.view[id] == nil {
				o.t.Fatalf("%s\n%s finds %s, which is hidden", o.source, text, id)
			}
		}
		return
	}
	o.same(text, want, have)
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

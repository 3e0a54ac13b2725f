package app_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"mera/cmd/internal/app"
)

// matter is a stage with matters whose secret is for doctors, and for nurses where they wrote it themselves. One matter
// is under a seal, one is of another district; the stage knows their ids by the names а, б, в, г.
func matter(t *testing.T) *stage {
	t.Helper()
	s := setup(t, func(c *app.Config) { c.Catalog = []string{"testdata/matrix"} })
	if s.faults.Faulty() {
		t.Fatal(s.faults.Render(func(string) []byte { return nil }))
	}
	s.staff("doctor", "nearOffice", "uray", "specialist", "doctor")
	s.staff("nurse", "nearOffice", "uray", "specialist", "nurse")
	s.staff("keeper", "nearOffice", "uray", "specialist", "doctor", "keeper")
	s.staff("fardoctor", "farOffice", "sovetsky", "specialist", "doctor")
	s.staff("auditor", "nearOffice", "uray", "auditor")
	for i, m := range []struct{ name, who, applicant string }{{"а", "doctor", anna}, {"б", "nurse", anna}, {"в", "keeper", anna}, {"г", "fardoctor", boris}} {
		input := map[string]any{"applicant": s.ids[m.applicant], "text": m.name, "secret": fmt.Sprint(secret, i+1), "sum": fmt.Sprintf("%d00.00", i+1),
			"rows": []any{map[string]any{"word": fmt.Sprint(secret, i+1)}}}
		if m.name == "в" {
			input["sealed"] = true
		}
		s.ids[m.name] = s.create(m.who, "UrayMatter", input)
		s.must(m.who, attachTo, map[string]any{"type": "UrayMatter", "id": s.ids[m.name], "a": with(attachment("бумага "+m.name+".pdf", []byte("%PDF-1.4")), map[string]any{"slot": "paper"})})
		s.must(m.who, fire, map[string]any{"case": s.ids[m.name], "event": "close"})
	}
	s.settle()
	return s
}

// plainly is an answer in one line, readable: ids by their names, S1 for the first secret; or the codes and fields of its
// errors.
func (s *stage) plainly(r reply) string {
	if len(r.Errors) > 0 {
		return strings.TrimSpace(r.code() + " " + strings.Join(r.fields(), " "))
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r.Data); err != nil {
		s.t.Fatal(err)
	}
	out := strings.ReplaceAll(aroundPage.ReplaceAllString(strings.TrimSpace(b.String()), ""), secret, "S")
	for name, id := range s.ids {
		out = strings.ReplaceAll(out, id, "#"+name)
	}
	return strings.ReplaceAll(out, `"`, "")
}

// aroundPage is what stands around the text of a print.
var aroundPage = regexp.MustCompile(`<!DOCTYPE.*?<body>(\\n)*|(\\n)*</body>.*?</html>(\\n)*`)

// cell is one path on which a hidden field or a hidden row could be reached: what each actor gets. What one who may see
// it gets shows that the path leads there at all.
type cell struct {
	path, query string
	want        map[string]string // by actor
}

// A hidden field is absent, or refused by its name, on every path; who may see it sees it there, and who may see it of
// some records only sees it of those.
func TestMatrixOfAHiddenField(t *testing.T) {
	t.Parallel()
	s := matter(t)
	denied := func(field string) string { return "DENIED " + field + " denied" }
	filter := func(where string) string {
		return `query($a: ID!, $x: String!) {urayMatters(where: ` + where + `) {totalCount} urayMatter(id: $a) {id} people(where: {lastName: {eq: $x}}) {totalCount}}`
	}
	counts := func(n int) string {
		return fmt.Sprintf("{people:{totalCount:0},urayMatter:{id:#а},urayMatters:{totalCount:%d}}", n)
	}
	order := `{urayMatters(orderBy: [{%s}], first: 9) {nodes {text}}}`
	texts := func(names ...string) string {
		return "{urayMatters:{nodes:[{text:" + strings.Join(names, "},{text:") + "}]}}"
	}
	for _, c := range []cell{
		{"select", `{urayMatters(orderBy: [{text: ASC}]) {nodes {text secret sum rows {word}}}}`, map[string]string{
			"doctor": "{urayMatters:{nodes:[{rows:[{word:S1}],secret:S1,sum:100.00,text:а},{rows:[{word:S2}],secret:S2,sum:200.00,text:б}]}}",
			"nurse":  "{urayMatters:{nodes:[{rows:[{word:null}],secret:null,sum:null,text:а},{rows:[{word:S2}],secret:S2,sum:200.00,text:б}]}}",
			near:     "{urayMatters:{nodes:[{rows:[{word:null}],secret:null,sum:null,text:а},{rows:[{word:null}],secret:null,sum:null,text:б}]}}",
			anna:     "{urayMatters:{nodes:[{rows:[{word:null}],secret:null,sum:null,text:а},{rows:[{word:null}],secret:null,sum:null,text:б},{rows:[{word:null}],secret:null,sum:null,text:в}]}}",
		}},
		{"one", `query($a: ID!) {urayMatter(id: $a) {secret title}}`, map[string]string{
			"doctor": "{urayMatter:{secret:S1,title:а}}", "nurse": "{urayMatter:{secret:null,title:а}}", near: "{urayMatter:{secret:null,title:а}}"}},
		{"node", `query($a: ID!) {node(id: $a) {... on UrayMatter {secret}}}`, map[string]string{
			"doctor": "{node:{secret:S1}}", "nurse": "{node:{secret:null}}", near: "{node:{secret:null}}"}},
		{"as a case", `query($a: ID!) {case(id: $a) {... on UrayMatter {secret}}}`, map[string]string{"doctor": "{case:{secret:S1}}", near: "{case:{secret:null}}"}},
		{"over a link", `query($p: ID!) {person(id: $p) {urayMatters(orderBy: [{text: ASC}]) {nodes {secret}}}}`, map[string]string{
			"doctor": "{person:{urayMatters:{nodes:[{secret:S1},{secret:S2}]}}}", near: "{person:{urayMatters:{nodes:[{secret:null},{secret:null}]}}}"}},
		{"card", `query($p: ID!) {card(id: $p) {nodes {... on UrayMatter {secret}}}}`, map[string]string{
			"doctor": "{card:{nodes:[{secret:S1},{secret:S2}]}}", near: "{card:{nodes:[{secret:null},{secret:null}]}}"}},
		{"known then", `query($a: ID!) {urayMatter(id: $a, knownAt: "2019-07-16T09:00:00Z") {secret}}`, map[string]string{
			"doctor": "{urayMatter:{secret:S1}}", near: "{urayMatter:{secret:null}}"}},
		{"history", `query($a: ID!) {urayMatter(id: $a) {history {data}}}`, map[string]string{
			"doctor": "{urayMatter:{history:[{data:{applicant:#anna,rows:[{word:S1}],secret:S1,sum:100.00,text:а}},{data:{applicant:#anna,rows:[{word:S1}],secret:S1,sum:100.00,text:а}}]}}",
			near:     "{urayMatter:{history:[{data:{applicant:#anna,text:а}},{data:{applicant:#anna,text:а}}]}}"}},
		{"filter", filter(`{secret: {eq: $x}}`), map[string]string{"doctor": counts(1), "nurse": counts(0), near: denied("secret"), anna: denied("secret")}},
		{"filter among", filter(`{secret: {in: [$x]}}`), map[string]string{"doctor": counts(1), "nurse": counts(0), near: denied("secret")}},
		{"filter prefix", filter(`{secret: {startsWith: $x}}`), map[string]string{"doctor": counts(1), "nurse": counts(0), near: denied("secret")}},
		{"filter presence", filter(`{secret: {exists: true}}`), map[string]string{"doctor": counts(2), "nurse": counts(1), near: denied("secret")}},
		{"filter not", filter(`{not: {secret: {eq: $x}}}`), map[string]string{"doctor": counts(1), near: denied("secret")}},
		{"filter or", filter(`{or: [{secret: {eq: $x}}, {text: {eq: "нет"}}]}`), map[string]string{"doctor": counts(1), "nurse": counts(0), near: denied("secret")}},
		{"filter money", filter(`{sum: {gte: "150.00"}}`), map[string]string{"doctor": counts(1), "nurse": counts(1), near: denied("sum")}},
		{"filter in a list", `{urayMattersBySecret(x: "` + secret + `1") {nodes {text}}}`, map[string]string{
			"doctor": "{urayMattersBySecret:{nodes:[{text:а}]}}", "nurse": "{urayMattersBySecret:{nodes:[]}}", near: denied("secret")}},
		{"order", fmt.Sprintf(order, "secret: DESC"), map[string]string{"doctor": texts("б", "а"), "nurse": texts("а", "б"), near: denied("secret")}},
		{"order by money", fmt.Sprintf(order, "sum: ASC"), map[string]string{"doctor": texts("а", "б"), "nurse": texts("б", "а"), near: denied("sum")}},
		{"search", `query($x: String!) {search(text: $x) {nodes {id}}}`, map[string]string{
			"doctor": "{search:{nodes:[{id:#а}]}}", "nurse": "{search:{nodes:[]}}", near: "{search:{nodes:[]}}", anna: "{search:{nodes:[]}}"}},
		{"aggregate", `{urayMattersAggregate {groups {max {sum} sum {sum} count}}}`, map[string]string{
			"doctor": "{urayMattersAggregate:{groups:[{count:2,max:{sum:200.00},sum:{sum:300.00}}]}}",
			"nurse":  "{urayMattersAggregate:{groups:[{count:2,max:{sum:200.00},sum:{sum:200.00}}]}}", near: denied("sum")}},
		{"group", `{urayMattersAggregate {groups(by: [secret]) {key {secret} count}}}`, map[string]string{
			"doctor": "{urayMattersAggregate:{groups:[{count:1,key:{secret:S1}},{count:1,key:{secret:S2}}]}}",
			"nurse":  "{urayMattersAggregate:{groups:[{count:1,key:{secret:S2}},{count:1,key:{secret:null}}]}}", near: denied("secret")}},
		{"groups of a list", `{urayMattersSums {secret n total}}`, map[string]string{
			"doctor": "{urayMattersSums:[{n:1,secret:S1,total:100.00},{n:1,secret:S2,total:200.00}]}",
			"nurse":  "{urayMattersSums:[{n:1,secret:S2,total:200.00},{n:1,secret:null,total:null}]}", near: denied("secret")}},
		{"list", `{urayMattersList {nodes {text secret record {secret}}}}`, map[string]string{
			"doctor": "{urayMattersList:{nodes:[{record:{secret:S1},secret:S1,text:а},{record:{secret:S2},secret:S2,text:б}]}}",
			near:     "{urayMattersList:{nodes:[{record:{secret:null},secret:null,text:а},{record:{secret:null},secret:null,text:б}]}}"}},
		{"print", `query($a: ID!) {urayMatter(id: $a) {prints {html}}}`, map[string]string{
			"doctor": "{urayMatter:{prints:[{html:<p>а S1</p>}]}}", "nurse": "{urayMatter:{prints:[{html:null}]}}", near: "{urayMatter:{prints:[{html:null}]}}"}},
		{"error of a write", `mutation($a: ID!) {updateUrayMatter(id: $a, version: 99, patch: {text: "x"}) {secret}}`, map[string]string{"doctor": "STALE", near: "STALE"}},
		{"answer of a write", `mutation($x: String!, $p: ID!) {createUrayMatter(input: {applicant: $p, text: "новое", secret: $x}) {id}}`, map[string]string{near: denied("secret")}},
		{"journal", `{events(where: {type: {eq: "UrayMatter"}, action: {eq: "create"}}) {nodes {after}}}`, map[string]string{near: "{events:{nodes:[]}}"}},
	} {
		for who, want := range c.want {
			r := s.ask(who, c.query, map[string]any{"a": s.ids["а"], "p": s.ids[anna], "x": secret + "1"})
			if d := cmp.Diff(want, s.plainly(r)); d != "" {
				t.Errorf("%s, %s (-want +got):\n%s%+v", c.path, who, d, r.Errors)
			}
			s.worded(c.path, r)
			if errors := fmt.Sprint(r.Errors); strings.Contains(errors, secret) {
				t.Errorf("%s, %s: an error tells the secret: %s", c.path, who, errors)
			}
		}
	}
	s.formsAndCursors()
}

// formsAndCursors are paths whose answers are compared by what they must not, and must, contain.
func (s *stage) formsAndCursors() {
	s.t.Helper()
	for path, query := range map[string]string{
		"form":    `query($a: ID!) {form(type: "UrayMatter", id: $a)}`,
		"entries": `{events(where: {type: {eq: "UrayMatter"}}) {nodes {after before note}}}`,
	} {
		for _, who := range []string{near, "auditor"} {
			if r := s.ask(who, query, map[string]any{"a": s.ids["а"]}); strings.Contains(fmt.Sprintf("%+v", r), secret) {
				s.t.Errorf("%s, %s: %+v", path, who, r)
			}
		}
	}
	if n := len(dig(s.must("auditor", `{events(where: {type: {eq: "UrayMatter"}, record: {eq: "`+s.ids["а"]+`"}}) {nodes {after}}}`, nil), "events", "nodes").([]any)); n == 0 {
		s.t.Error("the auditor sees no entry about the matter at all")
	}
	cursors := func(who string) string {
		r := s.ask(who, `{urayMatters(orderBy: [{secret: ASC}], first: 1) {pageInfo {endCursor} edges {cursor}}}`, nil)
		cursor, _ := dig(r.Data, "urayMatters", "edges", 0, "cursor").(string)
		return base64Text(cursor)
	}
	if got := cursors("nurse"); !strings.Contains(got, secret+"2") || strings.Contains(got, secret+"1") {
		s.t.Errorf("the nurse's cursor is %s", got)
	}
	if got := cursors(near); got != "" {
		s.t.Errorf("the clerk's cursor is %s", got)
	}
	print := dig(s.must("doctor", `query($a: ID!) {urayMatter(id: $a) {prints {id}}}`, map[string]any{"a": s.ids["а"]}), "urayMatter", "prints", 0, "id").(string)
	for who, want := range map[string]int{"doctor": 200, "nurse": 404, near: 404, anna: 404} {
		if status, header, body := s.fetch(s.app.Token(who), "/prints/"+print+".html"); status != want || strings.Contains(body+fmt.Sprint(header), secret) != (want == 200) {
			s.t.Errorf("file of a print, %s: HTTP %d, want %d: %s", who, status, want, body)
		}
	}
}

// A hidden row is not there on any path: another district's, and one under a seal; who may see it meets it there.
func TestMatrixOfAHiddenRow(t *testing.T) {
	t.Parallel()
	s := matter(t)
	see := func(names string) map[string]bool {
		out := map[string]bool{}
		for _, n := range []string{"а", "б", "в", "г"} {
			out[n] = strings.Contains(names, n)
		}
		return out
	}
	rights := map[string]map[string]bool{near: see("аб"), "doctor": see("аб"), "keeper": see("абв"), far: see("г"), anna: see("абв"), boris: see("г"), nobody: see(""), admin: see(""), "auditor": see("")}
	for path, query := range map[string]string{
		"all":                       `{x: urayMatters {nodes {id} totalCount}}`,
		"edges":                     `{x: urayMatters {edges {node {id}} totalCount}}`,
		"filter":                    `{x: urayMatters(where: {text: {exists: true}}) {nodes {id} totalCount}}`,
		"order":                     `{x: urayMatters(orderBy: [{text: DESC}]) {nodes {id} totalCount}}`,
		"cases":                     `{x: cases {nodes {id} totalCount}}`,
		"list":                      `{x: urayMattersList {nodes {record {id}} totalCount}}`,
		"known then":                `{x: urayMatters(knownAt: "2019-07-16T09:00:00Z") {nodes {id} totalCount}}`,
		"person, her cases":         `{x: people {nodes {urayMatters {nodes {id}}}}}`,
		"case, person, other cases": `{x: urayMatters {nodes {applicant {urayMatters {nodes {id}}}}}}`,
		"prints":                    `{x: prints {nodes {case {id}} totalCount}}`,
		"tasks":                     `{x: tasks {nodes {case {id}}}}`,
		"a filter of papers":        `{x: prints(where: {case: {state: {eq: "closed"}}}) {nodes {case {id}}}}`,
	} {
		for who, right := range rights {
			if (who == anna || who == boris) && path == "tasks" {
				continue // tasks are for officials
			}
			r := s.ask(who, query, nil)
			got := s.plainly(r)
			seen := 0
			for name, may := range right {
				if met := strings.Contains(got, "#"+name); met != may {
					t.Errorf("%s, %q: meets %s: %t, want %t: %s", path, who, name, met, may, got)
				} else if met {
					seen++
				}
			}
			if total, told := dig(r.Data, "x", "totalCount").(json.Number); told && total != json.Number(fmt.Sprint(seen)) {
				t.Errorf("%s, %q: counts %v of %d", path, who, total, seen)
			}
		}
	}
	for who, right := range rights {
		for name, may := range right {
			s.rowByID(who, name, may)
		}
	}
}

// rowByID asks for one matter by its id, in every way: with the right to it, or exactly as for an id that nobody has.
func (s *stage) rowByID(who, name string, may bool) {
	s.t.Helper()
	for path, query := range map[string]string{
		"one":         `query($id: ID!) {x: urayMatter(id: $id) {id}}`,
		"node":        `query($id: ID!) {x: node(id: $id) {id}}`,
		"case":        `query($id: ID!) {x: case(id: $id) {id}}`,
		"search":      `query($t: String!) {x: search(text: $t) {nodes {id}}}`,
		"aggregate":   `query($id: ID!) {x: urayMattersAggregate(where: {id: {eq: $id}}) {groups {count}}}`,
		"attachments": `query($id: ID!) {x: urayMatter(id: $id) {attachments {name}}}`,
		"history":     `query($id: ID!) {x: urayMatter(id: $id) {history {version}}}`,
		"events":      `query($id: ID!) {x: urayMatter(id: $id) {events {name}}}`,
		"form":        `query($id: ID) {x: form(type: "UrayMatter", id: $id)}`,
		"update":      `mutation($id: ID!) {x: updateUrayMatter(id: $id, version: 99, patch: {text: "x"}) {id}}`,
		"fire":        `mutation($id: ID!) {x: fire(case: $id, event: "close", version: 99) {id}}`,
	} {
		here := s.ask(who, query, map[string]any{"id": s.ids[name], "t": name})
		gone := s.ask(who, query, map[string]any{"id": nowhere, "t": "щ"})
		if alike := cmp.Diff(masked(gone), masked(here)) == ""; alike == may {
			s.t.Errorf("%s of %s by %q: like an id that nobody has: %t, may see it: %t: %s", path, name, who, alike, may, s.plainly(here))
		}
	}
}

// What the kernel keeps of a record is written by nobody: not its state, number, owner, version or author, nor what is
// computed.
func TestMatrixOfWrites(t *testing.T) {
	t.Parallel()
	s := matter(t)
	before := s.plainly(s.ask("keeper", `{cases {nodes {id version state number office {id} territory {code} createdBy}}}`, nil))
	for field, v := range map[string]any{"state": "open", "version": 7, "number": "1", "office": s.ids["farOffice"], "territory": "sovetsky", "createdBy": "petrova",
		"author": "petrova", "worker": far, "final": false, "id": nowhere, "updatedAt": "2019-01-01T00:00:00Z", "persons": []any{s.ids[boris]}, "type": "Person", "void": "x"} {
		for verb, op := range map[string]func() reply{
			"update": func() reply {
				return s.ask("keeper", updateOf("UrayMatter"), map[string]any{"id": s.ids["а"], "version": 2, "patch": map[string]any{field: v}})
			},
			"create": func() reply {
				return s.ask("keeper", createOf("UrayMatter"), map[string]any{"input": map[string]any{"applicant": s.ids[anna], "text": "x", field: v}})
			},
		} {
			if r := op(); r.code() != "INVALID" || !strings.Contains(r.Errors[0].Message+fmt.Sprint(r.fields()), field) {
				t.Errorf("%s of %s: %+v", verb, field, r)
			}
		}
	}
	if d := cmp.Diff(before, s.plainly(s.ask("keeper", `{cases {nodes {id version state number office {id} territory {code} createdBy}}}`, nil))); d != "" {
		t.Errorf("something was written:\n%s", d)
	}
}

// Whoever is subscribed is told of what he may read, and of what he may filter by; a keeper is told of the sealed one.
func TestMatrixOfSubscriptions(t *testing.T) {
	t.Parallel()
	s := matter(t)
	const all = `subscription {changes(type: "UrayMatter") {id}}`
	told := map[string]<-chan string{}
	for _, who := range []string{near, "keeper", far, nobody} {
		told[who] = s.subscribed(who, all)
	}
	refused := s.subscribed(near, `subscription {changes(type: "UrayMatter", where: {secret: {eq: "`+secret+`1"}}) {id}}`)
	if got := next(refused); !strings.Contains(got, "DENIED") {
		t.Errorf("a subscription by what is hidden: %q", got)
	}
	for _, m := range []struct {
		name, who, applicant string
		sealed               bool
	}{{"в", "keeper", anna, true}, {"г", "fardoctor", boris, false}, {"а", "doctor", anna, false}} {
		s.ids[m.name] = s.create(m.who, "UrayMatter", map[string]any{"applicant": s.ids[m.applicant], "text": "новое", "sealed": m.sealed})
	}
	for who, want := range map[string]string{near: "а", "keeper": "ав", far: "г", nobody: ""} {
		got := map[string]bool{}
		for len(got) < utf8.RuneCountInString(want) {
			line := next(told[who])
			if line == "" {
				t.Fatalf("%q is told of %v and of nothing more", who, got)
			}
			for _, name := range []string{"а", "в", "г"} {
				if strings.Contains(line, s.ids[name]) {
					got[name] = true
				}
			}
		}
		for _, name := range []string{"а", "в", "г"} {
			if got[name] != strings.Contains(want, name) {
				t.Errorf("%q is told of %s: %t", who, name, got[name])
			}
		}
		select {
		case more := <-told[who]:
			if who != nobody {
				t.Errorf("%q is told more: %s", who, more)
			}
		default:
		}
	}
}

// subscribed are the events of a subscription as they come; it has begun to listen.
func (s *stage) subscribed(who, query string) <-chan string {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.app.URL()+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	if who != nobody {
		req.Header.Set("Authorization", "Bearer "+s.app.Token(who))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() && lines.Text() != ": begun" {
	}
	out := make(chan string, 100)
	go func() {
		defer res.Body.Close()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok && strings.TrimSpace(data) != "" {
				out <- data
			}
		}
	}()
	return out
}

// next waits for one more event.
func next(events <-chan string) string {
	select {
	case e := <-events:
		return e
	case <-time.After(patience):
		return ""
	}
}

package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"mera/kernel"
	"mera/kernel/search"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
	"mera/schema"
	"mera/schema/filter"
	"mera/schema/golden"
)

// searchable is a catalog with persons who are found by names, birth dates and numbers and by a hidden nickname, with
// houses, and with a type that nobody searches.
func searchable() *schema.Catalog {
	text := &schema.Type{Kind: schema.Text}
	found := func(name string, t *schema.Type, label string) *schema.Property {
		return &schema.Property{Name: name, Type: t, Search: true, Label: label}
	}
	cat := &schema.Catalog{Documents: map[string]*schema.Document{}}
	for name, ps := range map[string][]*schema.Property{
		"Person": {found("lastName", text, ""), found("firstName", text, ""), found("middleName", text, ""),
			found("birthDate", &schema.Type{Kind: schema.Date}, ""), found("snils", text, ""), found("nick", text, "secret")},
		"House": {found("code", text, "")},
		"Stone": {{Name: "code", Type: text}},
	} {
		cat.Documents[name] = &schema.Document{Meta: schema.Meta{Name: name}, Properties: ps}
	}
	return cat
}

func named(t testing.TB, full, birth, territory string) *kernel.Record {
	data := map[string]any{}
	for i, part := range strings.Fields(full) {
		data[[]string{"lastName", "firstName", "middleName", "nick"}[i]] = part
	}
	if birth != "" {
		data["birthDate"] = birth
	}
	r := person(t, data)
	r.Territory, r.Title = territory, full
	return r
}

func saveFound(t *testing.T, db *store.DB, cat *schema.Catalog, rs ...*kernel.Record) {
	t.Helper()
	save(t, db, rs...)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, r := range rs {
			if err := tx.SaveSearch(ctx, r.Type, r.ID, search.KeysOf(cat.Documents[r.Type], r.Data, "")); err != nil {
				return err
			}
		}
		return nil
	})
}

var (
	everybody = &filter.Tree{Kind: filter.All}
	nobody    = &filter.Tree{Kind: filter.None}
)

func within(territory string) *filter.Tree {
	return &filter.Tree{Kind: filter.Leaf, Path: []filter.Hop{{Property: "territory", Row: true}}, Op: filter.Eq,
		Value: territory, Type: &schema.Type{Kind: schema.Text}}
}

// box is a search for text with what the actor may see of persons.
func box(cat *schema.Catalog, of store.Guard, text string, page store.Page) store.Selection {
	q := search.Parse(text)
	return store.Selection{Catalog: cat, Guards: map[string]store.Guard{"Person": of, "House": {Rows: everybody}},
		Roots: []*store.Set{{Alias: "s", Shape: store.Connection, Entity: "Record", Only: []string{"House", "Person"}, Search: &q,
			Page: page, Fields: []*store.Field{
				{Alias: "totalCount", Name: "totalCount"},
				{Alias: "nodes", Name: "nodes", Fields: []*store.Field{{Alias: "id", Name: "id"}, {Alias: "title", Name: "title"}}},
				{Alias: "pageInfo", Name: "pageInfo", Fields: []*store.Field{{Alias: "hasNextPage", Name: "hasNextPage"}, {Alias: "endCursor", Name: "endCursor"}}},
			}}}}
}

type hits struct {
	TotalCount int
	Nodes      []struct{ ID, Title string }
	PageInfo   struct {
		HasNextPage bool
		EndCursor   string
	}
}

func (f hits) titles() []string {
	out := []string{}
	for _, n := range f.Nodes {
		out = append(out, n.Title)
	}
	return out
}

type fatal interface {
	Helper()
	Fatalf(string, ...any)
}

func seek(ctx context.Context, t fatal, db *store.DB, s store.Selection) hits {
	t.Helper()
	columns, err := db.SelectColumns(ctx, s)
	if err != nil {
		t.Fatalf("search: %v", err)
	}
	var out hits
	if err := json.Unmarshal(columns[0], &out); err != nil {
		t.Fatalf("%s: %v", columns[0], err)
	}
	return out
}

// crowd are people whose names lie near to one another.
func crowd(t testing.TB) []*kernel.Record {
	var out []*kernel.Record
	for _, line := range []string{
		"Иванов Пётр Ильич 1961-01-05", "Иванова Петра Ильинична 1962-02-05", "Иванцов Пётр Ильич 1963-03-05", "Ивашов Пётр Саввич 1964-04-05",
		"Ивановский Пётр Ильич 1965-05-05", "Петров Иван Ильич 1966-06-05", "Петрова Инна Ивановна 1967-07-05", "Мухаметзянов Ринат Маратович 1968-08-05",
		"Мухамедзянова Алия Маратовна 1969-09-05", "Кривошеин Лев Львович 1970-10-05", "Кривашеин Лев Львович 1971-11-05", "Семёнов Артём Фёдорович 1972-12-05",
		"Семенова Артемида Федоровна 1973-01-06", "Ли Ян 1974-02-06",
	} {
		i := strings.LastIndexByte(line, ' ')
		out = append(out, named(t, line[:i], line[i+1:], "uray"))
	}
	return out
}

// TestRanks keeps what is found, best first, for many ways of typing: read the table when it changes.
func TestRanks(t *testing.T) {
	t.Parallel()
	db, cat := storetest.Open(t, atNoon), searchable()
	saveFound(t, db, cat, crowd(t)...)
	var b strings.Builder
	for _, text := range []string{
		"Иванов", "иванов петр", "петр иванов", "Ивнаов Петр", "Иванов Птер", "Иванов Петр Ильчи", "Ивнаов Птер Ильчи", "Иван", "Иванов П И", "Иванов П.И.",
		"Ивано", "Bdfyjd", "Bdfyjd Gtnh", "Ивaнoв", "Иввнов", "Ианов", "ванов", "Петров Иван", "Петрова", "Мухамедзянов", "Мухаметьянов Ринат", "Мухометзянов",
		"Кривошеин", "Кревашеин", "Семенов Артем", "СЕМЁНОВ АРТЁМ", "Семёнов Фёдорович 05.12.1972", "Ли", "Ян Ли", "Лу", "05.01.1961", "5.1.1961 иваонв", "1961", "Ильич 1963",
		"Сидоров", "Иванов Сидор", "",
	} {
		got := seek(t.Context(), t, db, box(cat, store.Guard{Rows: everybody}, text, store.Page{}))
		if got.TotalCount != len(got.Nodes) {
			t.Errorf("%q: %d in all, %d there", text, got.TotalCount, len(got.Nodes))
		}
		fmt.Fprintf(&b, "%s\n", text)
		for _, title := range got.titles() {
			fmt.Fprintf(&b, "\t%s\n", title)
		}
	}
	golden.Equal(t, "testdata/search.txt", b.String())
}

func TestHiddenRecordsAreNotFound(t *testing.T) {
	t.Parallel()
	db, cat := storetest.Open(t, atNoon), searchable()
	saveFound(t, db, cat, named(t, "Иванов Пётр Ильич", "", "uray"), named(t, "Иванов Пётр Саввич", "", "surgut"), named(t, "Ивашов Фома Саввич", "", "uray"))
	for _, c := range []struct {
		rows *filter.Tree
		text string
		want []string
	}{
		{everybody, "иванов", []string{"Иванов Пётр Ильич", "Иванов Пётр Саввич", "Ивашов Фома Саввич"}},
		{within("uray"), "иванов", []string{"Иванов Пётр Ильич", "Ивашов Фома Саввич"}},
		{within("surgut"), "иванов", []string{"Иванов Пётр Саввич"}},
		{nobody, "иванов", []string{}},
		{nil, "иванов", []string{}},
		// whether somebody hidden was found exactly must not decide whether near ones are looked for
		{within("uray"), "иванов саввич", []string{"Ивашов Фома Саввич"}},
		{within("uray"), "ивашоф фама", []string{"Ивашов Фома Саввич"}},
	} {
		got := seek(t.Context(), t, db, box(cat, store.Guard{Rows: c.rows}, c.text, store.Page{}))
		slices.Sort(c.want)
		titles := got.titles()
		slices.Sort(titles)
		if diff := cmp.Diff(c.want, titles); diff != "" || got.TotalCount != len(c.want) {
			t.Errorf("%q with %v: %d in all, %s", c.text, c.rows, got.TotalCount, diff)
		}
	}
}

// A value under a label neither finds nor counts, nor moves a record up, where the label does not show.
func TestHiddenValuesDoNotFind(t *testing.T) {
	t.Parallel()
	db, cat := storetest.Open(t, atNoon), searchable()
	secret := named(t, "Семенов Пётр Ильич Кузнецов", "", "uray")
	saveFound(t, db, cat, secret, named(t, "Кузнецова Анна", "", "uray"), named(t, "Кузнецов Лев", "", "surgut"))
	hidden := store.Guard{Rows: everybody}
	shown := store.Guard{Rows: everybody, Labels: map[string]*filter.Tree{"secret": everybody}}
	here := store.Guard{Rows: everybody, Labels: map[string]*filter.Tree{"secret": within("uray")}}
	there := store.Guard{Rows: everybody, Labels: map[string]*filter.Tree{"secret": within("surgut")}}
	count := func(g store.Guard, text string) int {
		return seek(t.Context(), t, db, box(cat, g, text, store.Page{})).TotalCount
	}
	for _, c := range []struct {
		text          string
		blind, seeing int
	}{{"кузнецов", 2, 3}, {"кузнецов семенов", 0, 1}, {"кузнецоф симинов", 0, 1}, {"кузнец пётр", 0, 1}, {"семенов", 1, 1}, {"К Семенов", 0, 1}} {
		for name, got := range map[string][2]int{"hidden": {count(hidden, c.text), c.blind}, "shown": {count(shown, c.text), c.seeing},
			"shown here": {count(here, c.text), c.seeing}, "shown elsewhere": {count(there, c.text), c.blind}} {
			if got[0] != got[1] {
				t.Errorf("%q, %s: %d found, want %d", c.text, name, got[0], got[1])
			}
		}
	}
}

func TestFoundByWhatIsTrueNow(t *testing.T) {
	t.Parallel()
	db, cat := storetest.Open(t, atNoon), searchable()
	r := named(t, "Иванова Анна", "2001-06-06", "uray")
	saveFound(t, db, cat, r)
	count := func(text string) int {
		return seek(t.Context(), t, db, box(cat, store.Guard{Rows: everybody}, text, store.Page{})).TotalCount
	}
	r.Version, r.Data = 2, map[string]any{"lastName": "Сидорова", "firstName": "Анна", "birthDate": "2001-06-07"}
	saveFound(t, db, cat, r)
	for text, want := range map[string]int{"Иванова": 0, "Сидорова": 1, "06.06.2001": 0, "07.06.2001": 1, "Анна": 1} {
		if got := count(text); got != want {
			t.Errorf("after the change %q finds %d", text, got)
		}
	}
	r.Version, r.Void = 3, "ошибка"
	save(t, db, r)
	if got := count("Сидорова"); got != 0 {
		t.Errorf("a void record is found %d times, though its keys are still there", got)
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.DropSearch(ctx, r.ID) })
	r.Version, r.Void, r.Data = 4, "", map[string]any{}
	saveFound(t, db, cat, r)
	if got := count("Сидорова"); got != 0 {
		t.Errorf("a record without names is found %d times", got)
	}
}

func TestPagesOfASearch(t *testing.T) {
	t.Parallel()
	db, cat := storetest.Open(t, atNoon), searchable()
	var rs []*kernel.Record
	for i := range 45 {
		rs = append(rs, named(t, []string{"Иванов", "Иванова", "Ивансв"}[i%3]+" Пётр", "", "uray"))
	}
	saveFound(t, db, cat, rs...)
	seen := map[string]bool{}
	var order []string
	page := store.Page{First: 7}
	for {
		got := seek(t.Context(), t, db, box(cat, store.Guard{Rows: everybody}, "иванов", page))
		if got.TotalCount != 45 {
			t.Fatalf("%d in all", got.TotalCount)
		}
		for _, n := range got.Nodes {
			if seen[n.ID] {
				t.Fatalf("%s is on two pages", n.ID)
			}
			seen[n.ID] = true
			order = append(order, n.Title)
		}
		if !got.PageInfo.HasNextPage {
			break
		}
		page.After = got.PageInfo.EndCursor
	}
	if len(order) != 45 || !slices.IsSortedFunc(order, func(a, b string) int { return rankOf(a) - rankOf(b) }) {
		t.Errorf("%d on the pages, in the order %v", len(order), order)
	}
}

// rankOf is the score of a title of the test of pages for «иванов»: exact, begun, near.
func rankOf(title string) int {
	return slices.Index([]string{"Иванов Пётр", "Иванова Пётр", "Ивансв Пётр"}, title)
}

// The plan that a prepared statement keeps finds words, candidates and records by indexes.
func TestSearchGoesByIndexes(t *testing.T) {
	t.Parallel()
	db, cat := storetest.Open(t, atNoon), searchable()
	if err := db.EnsurePartition(t.Context(), "Person"); err != nil {
		t.Fatal(err)
	}
	saveFound(t, db, cat, crowd(t)...)
	for text, wants := range map[string][]string{
		"Ивнаов Петр Ильич": {"Bitmap Index Scan on search_record_keys", "search_form_pkey", "search_word_word", "record_person"},
		"Иванов 06.06.2001": {"Bitmap Index Scan on search_record_keys", "search_form_pkey"},
		"123-456-789 00":    {"Bitmap Index Scan on search_record_keys"},
		"Иванов П.И. 2001":  {"Bitmap Index Scan on search_record_keys"},
	} {
		st, err := box(cat, store.Guard{Rows: within("uray")}, text, store.Page{First: 10}).Compile()
		if err != nil {
			t.Fatal(err)
		}
		plan := keptPlan(t, db, st)
		for _, want := range wants {
			if !strings.Contains(plan, want) {
				t.Errorf("%q: no %q in\n%s", text, want, plan)
			}
		}
		for _, table := range []string{"search_record", "search_word", "search_form", "record_person"} {
			if strings.Contains(plan, "Seq Scan on "+table) {
				t.Errorf("%q: %s is read through in\n%s", text, table, plan)
			}
		}
	}
}

// keptPlan is the plan of a prepared statement for any parameters, as if the tables were large.
func keptPlan(t *testing.T, db *store.DB, st store.Statement) string {
	t.Helper()
	pooled, err := db.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn := pooled.Hijack() // its settings are for nobody else
	defer conn.Close(context.Background())
	args := make([]string, len(st.Args))
	for i, a := range st.Args {
		text := fmt.Sprint(a)
		if strings.HasPrefix(text, "[") {
			text = "{" + strings.ReplaceAll(strings.Trim(text, "[]"), " ", ",") + "}"
		}
		args[i] = "'" + text + "'"
	}
	for _, q := range []string{"set plan_cache_mode = force_generic_plan", "set enable_seqscan = off", "prepare kept as " + st.Text} {
		if _, err := conn.Exec(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	rows, err := conn.Query(t.Context(), "explain (costs off) execute kept("+strings.Join(args, ", ")+")", pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// Whatever is asked by whomever, what is found is what may be seen and meets each word by what may be seen; and all that
// meets each word exactly is found.
func TestSearchNeverTellsOfWhatIsHidden(t *testing.T) {
	t.Parallel()
	db, cat := storetest.Open(t, atNoon), searchable()
	parts := []string{"Иванов", "Иванова", "Петров", "Пётр", "Петра", "Ильич", "Ли", "Ян"}
	places := []string{"uray", "surgut"}
	rapid.Check(t, func(rt *rapid.T) {
		word := rapid.SampledFrom(parts)
		mark := "з" + strings.Map(func(c rune) rune { return 'а' + c%32 }, id(t)[24:]) // keeps the runs apart
		var rs []*kernel.Record
		for range rapid.IntRange(1, 6).Draw(rt, "records") {
			rs = append(rs, named(t, word.Draw(rt, "last")+" "+word.Draw(rt, "first")+" "+mark+" "+word.Draw(rt, "nick"), "", rapid.SampledFrom(places).Draw(rt, "place")))
		}
		saveFound(t, db, cat, rs...)
		rows := rapid.SampledFrom([]*filter.Tree{everybody, nobody, within("uray"), within("surgut")}).Draw(rt, "rows")
		shows := rapid.SampledFrom([]*filter.Tree{everybody, nobody, within("uray"), nil}).Draw(rt, "shows")
		text := mark + " " + strings.Join(rapid.SliceOfN(word, 1, 2).Draw(rt, "typed"), " ")
		got := seek(t.Context(), rt, db, box(cat, store.Guard{Rows: rows, Labels: map[string]*filter.Tree{"secret": shows}}, text, store.Page{}))
		if got.TotalCount != len(got.Nodes) {
			rt.Fatalf("%d in all, %d there", got.TotalCount, len(got.Nodes))
		}
		may := func(f *filter.Tree, r *kernel.Record) bool {
			return f != nil && (f.Kind == filter.All || f.Kind == filter.Leaf && f.Value == r.Territory)
		}
		for _, r := range rs {
			listed := slices.ContainsFunc(got.Nodes, func(n struct{ ID, Title string }) bool { return n.ID == r.ID })
			blind := map[string]any{"lastName": r.Data["lastName"], "firstName": r.Data["firstName"], "middleName": mark}
			keys := search.KeysOf(cat.Documents["Person"], blind, "")
			if may(shows, r) {
				blind["nick"] = r.Data["nick"]
				keys = search.KeysOf(cat.Documents["Person"], r.Data, "")
			}
			switch exact, near := meetsAll(keys, text, false), meetsAll(keys, text, true); {
			case listed && !may(rows, r):
				rt.Fatalf("%q finds the hidden %s", text, r.Title)
			case listed && !near:
				rt.Fatalf("%q finds %s, which has no such words that may be seen", text, r.Title)
			case !listed && exact && may(rows, r):
				rt.Fatalf("%q does not find %s", text, r.Title)
			}
		}
	})
}

// meetsAll tells that keys meet all terms of a text: exactly, or by words that share a form or a beginning.
func meetsAll(keys search.Keys, text string, near bool) bool {
	for _, term := range search.Parse(text).Terms {
		ok := false
		for _, class := range []string{"", "secret"} {
			ok = ok || slices.ContainsFunc(term.Keys(class), func(k int64) bool { return slices.Contains(keys.Keys, k) })
			for _, w := range keys.Words {
				begins := slices.ContainsFunc(term.Beginnings(), func(s string) bool { return strings.HasPrefix(w.Text, s) })
				n := term.Near(class)
				shares := slices.Contains(n.Keys, w.Key) ||
					slices.ContainsFunc(w.Forms(), func(f search.Form) bool { return slices.Contains(n.Forms, f.Key) })
				ok = ok || near && (begins || shares)
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

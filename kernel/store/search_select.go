package store

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"mera/kernel/search"
	"mera/schema/filter"
)

// MaxFound is how many records a search finds at most, the best ones first: who gets as many must say more.
const MaxFound = 500

// nearest is how many longer words a beginning stands for at most, the shortest first.
const nearest = 50

// searched is a connection of the records that meet what was typed into the box.
//
// Each term has three lists of keys: those that meet it exactly, those of words that begin with it and those of words
// that are near to it. The records that meet all terms exactly are taken first, then those that miss one of them, so
// that a search that is clear is short; only where nobody was found are records taken that miss several terms. What the
// actor may not see is left out before anything is counted. The score is the sum over the terms: 0 exact, 1 begun, 2 near.
func (b *builder) searched(s *Set, r row) (string, error) {
	if s.Shape != Connection || r.table != nil || !b.knownAt.IsZero() {
		return "", fmt.Errorf("only a connection of the present records is searched")
	}
	f := &finder{builder: b, row: r, query: *s.Search, slot: s.Slots.Search}
	if err := f.label(); err != nil {
		return "", err
	}
	f.now = newReading("", f.query, f.classes)
	f.typed.shape, f.typed.classes = f.query.Shape(), f.classes
	f.words()
	if err := f.matches(); err != nil {
		return "", err
	}
	a := r.alias
	c := connection{set: s, row: r, limit: pageLimit(s.Page),
		keys: []key{{sql: a + ".score_", repr: asInt}, {sql: a + ".id", repr: asUUID}}}
	page, err := b.between(s, c.keys, "true")
	if err != nil {
		return "", err
	}
	members := make([]member, 0, len(s.Fields))
	for _, p := range s.Fields {
		v := "(select count(*) from match_)"
		if p.Name != "totalCount" {
			if v, err = b.part(c, p, ""); err != nil {
				return "", err
			}
		}
		members = append(members, member{p.Alias, v})
	}
	order, is := orderBy(c.keys, false), aliased(r, found).typeIs()
	return fmt.Sprintf(`(with recursive %s select %s from (select row_number() over (order by %s) as n_, %[4]s.score_, r_.*
		from (select * from match_ %[4]s where %s order by %[3]s limit %[6]d) %[4]s
		cross join lateral (select * from record r_ where %[7]s and r_.type = %[4]s.type and r_.id = %[4]s.id limit 1) r_) %[4]s
		having count(*) >= 0)`,
		strings.Join(f.parts, ", "), b.object(members), order, a, page, c.limit+1, is), nil
}

func aliased(r row, alias string) row {
	r.alias = alias
	return r
}

func pageLimit(p Page) int {
	if p.First == 0 {
		return DefaultPage
	}
	return min(p.First, MaxPage)
}

// finder makes the parts of the statement that find records.
type finder struct {
	*builder
	row     row
	query   search.Query
	slot    *filter.Slot // nil: the query is a constant of the statement
	now     *reading     // of the query
	typed   typed
	classes []string // of keys: "" and the labels of searchable properties
	shown   map[string]string
	terms   []lists
	parts   []string
}

// lists are the keys that meet a term, by class, as SQL.
type lists struct {
	fuzzy                bool
	exact, begun, nearby map[string]string
}

// Aliases: of the candidates and of the record that a candidate is.
const (
	candidate = "c_"
	found     = "r_"
)

// label finds the labels that searchable properties have, with the condition under which each shows.
func (f *finder) label() error {
	f.classes, f.shown = []string{""}, map[string]string{"": "true"}
	for _, t := range f.row.types {
		for _, label := range search.Classes(f.catalog.Documents[t]) {
			if !slices.Contains(f.classes, label) {
				f.classes = append(f.classes, label)
			}
		}
	}
	for _, label := range f.classes[1:] {
		shown, err := f.builder.shown(aliased(f.row, found), label)
		if err != nil {
			return err
		}
		f.shown[label] = shown
	}
	return nil
}

// words looks the words of each term up in the dictionary. A part of a statement that nothing reads is not run.
func (f *finder) words() {
	for i, t := range f.query.Terms {
		l := lists{fuzzy: t.Fuzzy(), exact: map[string]string{}, begun: map[string]string{}, nearby: map[string]string{}}
		for j, class := range f.classes {
			l.exact[class] = f.of(func(r *reading) any { return r.query.Terms[i].Keys(class) }) + "::bigint[]"
			if !l.fuzzy {
				continue
			}
			near, begun := fmt.Sprintf("near%d_%d_", i, j), fmt.Sprintf("begun%d_%d_", i, j)
			f.parts = append(f.parts, near+" as materialized ("+f.nearWords(i, j)+")", begun+" as materialized ("+f.longerWords(i, class)+")")
			l.nearby[class], l.begun[class] = "(select keys from "+near+")", "(select keys from "+begun+")"
		}
		f.terms = append(f.terms, l)
	}
}

// surely is how many letters at the beginning of a word are thought to be right when two others are not.
const surely = 5

// nearWords are the words that are near to the one that was typed: those whose keys are known, and those that share a form
// with it, because they have a letter more, replaced or moved, or the same sound.
func (f *finder) nearWords(i, j int) string {
	keys := f.of(func(r *reading) any { return r.near[j][i].Keys })
	forms := f.of(func(r *reading) any { return r.near[j][i].Forms })
	gaps := f.of(func(r *reading) any { return r.near[j][i].Gaps })
	return fmt.Sprintf(`select %s::bigint[] || array(select f.key from unnest((select %s::bigint[]), %s::smallint[]) p(form, gap)
		join search_form f on f.form = p.form
		where f.gap = p.gap or (f.gap < 0) <> (p.gap < 0) or greatest(f.gap, p.gap) >= %d) as keys`, keys, forms, gaps, surely)
}

// longerWords are the words that go on where the one that was typed ends.
func (f *finder) longerWords(i int, class string) string {
	from := f.of(func(r *reading) any { return r.query.Terms[i].Beginnings() })
	to := f.of(func(r *reading) any {
		var out []string
		for _, w := range r.query.Terms[i].Beginnings() {
			out = append(out, successor(w))
		}
		return out
	})
	return fmt.Sprintf(`select array(select w.key from unnest((select %[1]s::text[]), %[2]s::text[]) p(first, last)
		cross join lateral (select key from search_word where class = %[3]s and word > p.first collate "C" and word < p.last collate "C"
			order by length(word), word limit %[4]d) w) as keys`, from, to, quote(class), nearest)
}

// of is a parameter made of what was typed, for this query or for a later one of the same shape.
func (f *finder) of(make func(*reading) any) string {
	if f.slot == nil {
		return f.arg(make(f.now))
	}
	return f.arg(&Later{Name: f.slot.Name, make: func(v any) (any, bool) {
		text, _ := v.(string)
		r, ok := f.typed.read(text)
		if !ok {
			return nil, false
		}
		return make(r), true
	}})
}

// typed reads what is typed into the box anew each time that a statement runs, once for all its parameters.
type typed struct {
	shape   string
	classes []string
	last    atomic.Pointer[reading]
}

// reading is what was typed, with how its terms are looked for in the dictionary, by class and term.
type reading struct {
	text  string
	query search.Query
	near  [][]search.Near
}

func newReading(text string, query search.Query, classes []string) *reading {
	r := &reading{text: text, query: query, near: make([][]search.Near, len(classes))}
	for j, class := range classes {
		for _, t := range query.Terms {
			r.near[j] = append(r.near[j], t.Near(class))
		}
	}
	return r
}

// read is what was typed; false where the statement would be another one for it.
func (t *typed) read(text string) (*reading, bool) {
	r := t.last.Load()
	if r == nil || r.text != text {
		r = newReading(text, search.Parse(text), t.classes)
		t.last.Store(r)
	}
	return r, utf8.RuneCountInString(text) <= search.MaxText && r.query.Shape() == t.shape
}

// matches are the records that are found with their scores.
func (f *finder) matches() error {
	seen, err := f.seen()
	if err != nil {
		return err
	}
	var fuzzy []int
	for i, t := range f.terms {
		if t.fuzzy {
			fuzzy = append(fuzzy, i)
		}
	}
	match := f.widely
	if f.clear() && len(fuzzy) > 0 {
		match = f.narrowly
	}
	f.parts = append(f.parts, "match_ as materialized ("+match(seen, fuzzy)+")")
	return nil
}

// narrowly finds records for a query with a clear term: what meets that is few, so each of them is looked at, and the
// dictionary is not asked for words that are met exactly. The first step takes those that miss one term; while nobody is
// found, the next step takes those that miss more.
func (f *finder) narrowly(seen string, fuzzy []int) string {
	conds := []string{aliased(f.row, candidate).typeIs()}
	missed := []string{"0"}
	for _, t := range f.terms {
		if exact := f.exact(t); t.fuzzy {
			missed = append(missed, "case when "+candidate+".keys && ("+strings.Join(exact, " || ")+") then 0 else 1 end")
		} else {
			conds = append(conds, hasOne(exact))
		}
	}
	if len(fuzzy) == 1 {
		return f.taken([]string{tier(conds)}, seen, f.sole("1"))
	}
	conds = append(conds, strings.Join(missed, " + ")+" <= s_.most_")
	rows := f.taken([]string{tier(conds)}, seen, f.sole("s_.most_"))
	f.parts = append(f.parts, fmt.Sprintf(`step_ as (select 1 as most_, null::text as type, null::uuid as id, null::int as score_
		union all select %d, m_.* from step_ s_ left join lateral (%s) m_ on true where s_.id is null and s_.most_ = 1)`, search.MaxTerms, rows))
	return "select type, id, score_ from step_ where id is not null"
}

// widely finds records tier by tier, each by the index: those that meet all terms exactly, those that miss one of the
// fuzzy terms; where nobody is among them, those that miss more.
func (f *finder) widely(seen string, fuzzy []int) string {
	tiers := []string{f.tier(exactly)}
	for _, i := range fuzzy {
		tiers = append(tiers, f.tier(i))
	}
	best := f.taken(tiers, seen, f.sole("1"))
	if len(fuzzy) < 2 {
		return "select distinct * from (" + best + ") best_"
	}
	rest := f.taken([]string{f.tier(anyhow) + " and not exists (select from best_)"}, seen)
	f.parts = append(f.parts, "best_ as materialized ("+best+")", "rest_ as materialized ("+rest+")")
	return "select distinct * from (select * from best_ union all select * from rest_) all_"
}

// Which terms of a tier may be met by near words: the one of a number, none, or any.
const (
	exactly = -1
	anyhow  = -2
)

// tier are the candidates of one tier.
func (f *finder) tier(fuzzy int) string {
	conds := []string{aliased(f.row, candidate).typeIs()}
	for i, t := range f.terms {
		keys := f.exact(t)
		switch {
		case !t.fuzzy:
		case fuzzy == i:
			conds = append(conds, "not "+hasOne(keys)) // they were there before
			keys = f.near(t)
		case fuzzy == anyhow:
			keys = append(keys, f.near(t)...)
		}
		conds = append(conds, hasOne(keys))
	}
	if len(f.terms) == 0 {
		conds = append(conds, "false")
	}
	return tier(conds)
}

// exact are the lists of a term that are met exactly, of all classes.
func (f *finder) exact(t lists) (out []string) {
	for _, class := range f.classes {
		out = append(out, t.exact[class])
	}
	return out
}

// near are those of near words and of words that go on.
func (f *finder) near(t lists) (out []string) {
	for _, class := range f.classes {
		out = append(out, t.nearby[class], t.begun[class])
	}
	return out
}

func tier(conds []string) string {
	return "select " + candidate + ".* from search_record " + candidate + " where " + all(conds...)
}

// hasOne tells that a candidate has one of some keys. They stand in a subselect, as all lists that are given do, which
// hides them from the planner: a plan for these keys alone would seem cheaper to it than the one that is kept for all, and
// take longer to make than to run.
func hasOne(keys []string) string {
	return "(" + candidate + ".keys && (select " + strings.Join(keys, " || ") + "))"
}

// clear tells that a term of the query is met by few records: a day, or a number.
func (f *finder) clear() bool { return slices.ContainsFunc(f.query.Terms, search.Term.Clear) }

// seen is true of the records that the actor may see.
func (f *finder) seen() (string, error) {
	r := aliased(f.row, found)
	guard, err := f.guard(r)
	return all(f.present(r), r.live(), guard), err
}

// taken are candidates that may be seen, as many as a search finds. Candidates are looked at one by one, in the order of
// their tiers, until there are enough; that is why the record is read by a part that no planner can pull out.
func (f *finder) taken(tiers []string, conds ...string) string {
	return fmt.Sprintf(`select c_.type, c_.id, r_.score_ from (%s) c_ cross join lateral
		(select %s as score_ from record r_ where %s and r_.type = c_.type and r_.id = c_.id limit 1) r_
		where r_.score_ is not null limit %d`, strings.Join(tiers, " union all "), f.score(), all(conds...), MaxFound)
}

// score is how far a record is from what was typed; absent where it meets a term only by what the actor may not see.
func (f *finder) score() string {
	parts := []string{"0"}
	for _, t := range f.terms {
		part := "case when " + f.meets(t.exact) + " then 0"
		if t.fuzzy {
			part += " when " + f.meets(t.begun) + " then 1 when " + f.meets(t.nearby) + " then 2"
		}
		if t.fuzzy || len(f.classes) > 1 {
			parts = append(parts, part+" end")
		}
	}
	return strings.Join(parts, " + ")
}

// sole is true of records that meet all terms but so many exactly by what the actor may see: hidden values must not
// decide in which tier a record is.
func (f *finder) sole(most string) string {
	if len(f.classes) == 1 {
		return ""
	}
	parts := []string{"0"}
	for _, t := range f.terms {
		parts = append(parts, "case when "+f.meets(t.exact)+" then 0 else 1 end")
	}
	return strings.Join(parts, " + ") + " <= " + most
}

// meets tells that a candidate has one of the keys among those that the actor may know of.
func (f *finder) meets(keys map[string]string) string {
	var parts []string
	for _, class := range f.classes {
		parts = append(parts, "("+all(f.shown[class], candidate+".keys && "+keys[class])+")")
	}
	return "(" + strings.Join(parts, " or ") + ")"
}

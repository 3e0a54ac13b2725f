package printforms

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/flosch/pongo2/v6"

	"mera/schema/value"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// tickName is what Compile calls at each turn of a loop, so that loops without output end too. Templates cannot say it.
const tickName = "tick_"

// bannedTags and bannedFilters are what pongo2 has and print forms must not: tags that read the disk, print unescaped,
// give random or present values or can end the process by recursion, and filters that do the like. The checker allows
// less than this; the bans stand in case the two ever read a template differently.
var (
	bannedTags = []string{"autoescape", "block", "cycle", "extends", "filter", "firstof", "ifchanged", "ifequal",
		"ifnotequal", "import", "include", "lorem", "macro", "now", "spaceless", "ssi", "templatetag", "widthratio"}
	bannedFilters = []string{"e", "add", "addslashes", "capfirst", "center", "cut", "default_if_none", "divisibleby", "escapejs",
		"first", "float", "floatformat", "get_digit", "integer", "iriencode", "last", "length_is", "linebreaks",
		"linebreaksbr", "linenumbers", "ljust", "make_list", "phone2numeric", "pluralize", "random", "removetags", "rjust",
		"safe", "escape", "slice", "slugify", "split", "striptags", "stringformat", "time", "title", "truncatechars",
		"truncatechars_html", "truncatewords", "truncatewords_html", "urlencode", "urlize", "urlizetrunc", "wordcount",
		"wordwrap"}
)

// engine is the hardened set of templates with the words that filters need. pongo2 keeps filters in a table of the
// process, so they are registered once and the words are the same for all.
type engine struct {
	words *russian
}

var registered = sync.OnceValues(func() (*engine, error) {
	r, err := readRussian()
	if err != nil {
		return nil, err
	}
	e := &engine{words: r}
	return e, e.register()
})

func (e *engine) register() error {
	own := map[string]func(in, arg string) string{
		"money": func(in, _ string) string { return grouped(in) },
		"words": func(in, _ string) string { return e.inWords(in) },
		"date":  func(in, arg string) string { return e.date(in, arg == "long") },
		"decline": func(in, arg string) string {
			if n := caseNumber(arg); n >= 0 {
				return e.words.decline(in, n)
			}
			return in
		},
		"initials": func(in, _ string) string { return initials(in) },
		"capfirst": func(in, _ string) string { return capitalized(in) },
	}
	for _, name := range sortedKeys(own) {
		f := own[name]
		filter := func(in, arg *pongo2.Value) (*pongo2.Value, *pongo2.Error) {
			return pongo2.AsValue(f(in.String(), arg.String())), nil
		}
		set := pongo2.RegisterFilter
		if pongo2.FilterExists(name) {
			set = pongo2.ReplaceFilter
		}
		if err := set(name, filter); err != nil {
			return fmt.Errorf("filter %s: %w", name, err)
		}
	}
	return nil
}

// parse makes a template in a set of its own: nothing can be loaded into it.
func (e *engine) parse(text string) (*pongo2.Template, error) {
	set := pongo2.NewSet("printform", nothing{})
	for _, t := range bannedTags {
		if err := set.BanTag(t); err != nil {
			return nil, err
		}
	}
	for _, f := range bannedFilters {
		if _, used := rules[f]; used || !pongo2.FilterExists(f) {
			continue
		}
		if err := set.BanFilter(f); err != nil {
			return nil, err
		}
	}
	return set.FromString(text)
}

// nothing is a loader that has no templates.
type nothing struct{}

func (nothing) Abs(_, name string) string { return name }

func (nothing) Get(string) (io.Reader, error) { return nil, errors.New("a print form is one file") }

// grouped writes 1826.00 as 1 826,00 with blanks that do not break.
func grouped(in string) string {
	whole, rest, broken := strings.Cut(in, ".")
	sign := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	if whole == "" || strings.Trim(whole, "0123456789") != "" {
		return in
	}
	var b strings.Builder
	if sign {
		b.WriteString("−")
	}
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString("\u00a0")
		}
		b.WriteRune(d)
	}
	if broken {
		b.WriteString("," + rest)
	}
	return b.String()
}

// inWords words a sum of money (which has kopecks) or a whole number; anything else stays.
func (e *engine) inWords(in string) string {
	m, err := value.ParseMoney(in)
	switch {
	case err != nil:
		return in
	case strings.Contains(in, "."):
		return e.words.money(m)
	}
	n, minus := magnitude(int64(m) / 100)
	text := e.words.count(n, male)
	if minus {
		text = e.words.Numbers.Minus + " " + text
	}
	return text
}

func capitalized(in string) string {
	r := []rune(in)
	if len(r) == 0 {
		return in
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// duration words a term by the number of its units.
func (e *engine) duration(d value.Duration) string {
	forms := e.words.Durations[string(d.Unit)]
	if len(forms) != 3 {
		return d.String()
	}
	n, _ := magnitude(int64(d.N))
	return fmt.Sprint(d.N) + " " + plural(n, forms)
}

// date writes a day as 16.07.2019 or long; months, quarters and years as people write them. Of an instant the day is
// taken: Data has already put it into the zone of the office.
func (e *engine) date(in string, long bool) string {
	d := e.words.Dates
	from, to, period := strings.Cut(in, "..")
	switch {
	case period && to == "":
		return fill(d.Since, map[string]string{"from": e.date(from, long)})
	case period:
		return fill(d.Period, map[string]string{"from": e.date(from, long), "to": e.date(to, long)})
	case len(in) == 4:
		return fill(d.Year, map[string]string{"year": in})
	case len(in) == 7 && in[5] == 'Q':
		return fill(d.Quarter, map[string]string{"quarter": in[6:], "year": in[:4]})
	case len(in) == 7:
		if first, err := value.ParseDate(in + "-01"); err == nil {
			return fill(d.Month, map[string]string{"month": d.Months[first.Month-1], "year": in[:4]})
		}
		return in
	}
	day, err := value.ParseDate(in[:min(10, len(in))])
	switch {
	case err != nil:
		return in
	case long:
		return fill(d.Long, map[string]string{"day": fmt.Sprint(day.Day), "of": d.Of[day.Month-1], "year": in[:4]})
	}
	return in[8:10] + "." + in[5:7] + "." + in[:4]
}

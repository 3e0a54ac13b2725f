package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"mera/kernel/search"
	"mera/schema"
)

// person is a type with a hidden nickname.
func person() *schema.Document {
	text := &schema.Type{Kind: schema.Text}
	return &schema.Document{Properties: []*schema.Property{
		{Name: "lastName", Type: text, Search: true}, {Name: "firstName", Type: text, Search: true}, {Name: "middleName", Type: text, Search: true},
		{Name: "birthDate", Type: &schema.Type{Kind: schema.Date}, Search: true}, {Name: "snils", Type: text, Search: true},
		{Name: "nick", Type: text, Search: true, Label: "secret"}, {Name: "note", Type: text},
	}}
}

var peter = map[string]any{"lastName": "Семёнов-Тян-Шанский", "firstName": "Пётр", "middleName": "Петрович", "birthDate": "2001-06-06",
	"snils": "12345678901", "nick": "Кузнечик", "note": "Тайна"}

// meets tells how a record meets a query: exactly, by near words, or not at all.
func meets(t *testing.T, data map[string]any, number, text, class string) string {
	t.Helper()
	keys := search.KeysOf(person(), data, number)
	worst := "exact"
	q := search.Parse(text)
	if len(q.Terms) == 0 {
		return "nothing"
	}
	for _, term := range q.Terms {
		has := func(k int64) bool { return slices.Contains(keys.Keys, k) }
		switch {
		case slices.ContainsFunc(term.Keys(class), has):
		case near(keys, term, class):
			worst = "near"
		default:
			return "no"
		}
	}
	return worst
}

// near is what the dictionary does in SQL, in its narrow sense: one letter more, less, another or swapped, or one sound.
func near(keys search.Keys, term search.Term, class string) bool {
	n := term.Near(class)
	for _, w := range keys.Words {
		if slices.Contains(n.Keys, w.Key) {
			return true
		}
		for _, f := range w.Forms() {
			for i, key := range n.Forms {
				if f.Key == key && (f.Gap == n.Gaps[i] || n.Gaps[i] == search.Whole) {
					return true
				}
			}
		}
	}
	return false
}

func TestWhatIsTypedMeetsWhatIsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		// letters
		"Семенов": "exact", "СЕМЁНОВ петр": "exact", "петр семенов": "exact", "тян шанский": "exact", "Шанский Тян": "exact",
		"Пeтp": "exact", // with the Latin e and p
		"П":    "exact", "Семенов П П": "exact", "Семенов П.П.": "exact", "Семенов А.": "no", "Ctvtyjd": "exact", "Gtnh": "exact",
		"gtnhjdbx": "exact", "Семенов, Петр": "exact",
		// typos: swapped, missing, extra, another, two in different words, sounds
		"Смеенов": "near", "Семнов": "near", "Семеннов": "near", "Семинов": "near", "Смеенов Птер": "near", "Симинаф": "near",
		"Gtnhjdbbx": "near", "Петроич": "near", "Сидоров": "no", "Семенов Иван": "no",
		// days
		"06.06.2001": "exact", "6.6.2001": "exact", "2001-06-06": "exact", "06062001": "exact", "20010606": "exact", "2001": "exact",
		"06/06/2001": "exact", "06.06.01": "exact", "семенов 6.6.2001": "exact", "07.06.2001": "no", "2002": "no", "31.02.2001": "no", "6.6.2001.": "exact",
		// numbers
		"123-456-789 01": "exact", "123 456 789 01": "exact", "12345678901": "exact", "8901": "exact", "123-456-789-01": "exact",
		"123-456-789 02": "no", "В-12/2026-000345": "exact", "в-12/2026-000345": "exact", "B-12/2026-000345": "exact", "345": "exact", "000345": "exact", "346": "no",
		// hidden or not searchable
		"Кузнечик": "no", "Тайна": "no", "": "nothing", "  ,.; ": "nothing", "«»": "nothing",
	} {
		if got := meets(t, peter, "В-12/2026-000345", text, ""); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := meets(t, peter, "", "Кузничик", "secret"); got != "near" {
		t.Errorf("the hidden word for who may see it: %s", got)
	}
}

// One error of any kind at any place of a word of three letters or more is found.
func TestOneErrorAnywhereIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		letter := rapid.RuneFrom([]rune("абвгдежзийклмнопрстуфхцчшщъыьэюя"))
		word := rapid.SliceOfN(letter, 3, 20).Draw(rt, "word")
		keys := search.KeysOf(person(), map[string]any{"lastName": string(word)}, "")
		i := rapid.IntRange(0, len(word)-1).Draw(rt, "place")
		typed := slices.Clone(word)
		switch rapid.SampledFrom([]string{"drop", "add", "change", "swap"}).Draw(rt, "error") {
		case "drop":
			typed = slices.Delete(typed, i, i+1)
		case "add":
			typed = slices.Insert(typed, i, letter.Draw(rt, "letter"))
		case "change":
			typed[i] = letter.Draw(rt, "letter")
		case "swap":
			if i+1 < len(typed) {
				typed[i], typed[i+1] = typed[i+1], typed[i]
			}
		}
		if len(typed) < 3 { // too short to be guessed
			return
		}
		q := search.Parse(string(typed))
		if len(q.Terms) != 1 {
			rt.Fatalf("%q has %d terms", string(typed), len(q.Terms))
		}
		exact := slices.ContainsFunc(q.Terms[0].Keys(""), func(k int64) bool { return slices.Contains(keys.Keys, k) })
		if !exact && !near(keys, q.Terms[0], "") {
			rt.Fatalf("%q does not meet %q", string(typed), string(word))
		}
	})
}

func TestShapeDependsOnKindsOfTerms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Иванов Петр": "ww", "Ивнаов Птер": "ww", "Иванов 06.06.2001": "wc", "2001": "e", "Иванов И.": "we", "123-456-789 00": "c", "": "",
	} {
		if got := search.Parse(text).Shape(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestClassesAreTheLabels(t *testing.T) {
	t.Parallel()
	if got := search.Classes(person()); !slices.Equal(got, []string{"secret"}) {
		t.Errorf("classes %v", got)
	}
	if search.Searchable(&schema.Document{}, false) || !search.Searchable(&schema.Document{}, true) || !search.Searchable(person(), false) {
		t.Error("a type is searchable by a marked property or by the number of a case")
	}
	if k := search.KeysOf(&schema.Document{}, peter, ""); len(k.Keys) != 0 {
		t.Errorf("keys of what is not searchable: %v", k)
	}
}

// Whatever is typed is read, in bounded time and size, and means the same in any case and with other spaces.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"Иванов 06.06.2001", "123-456-789 00", "Bdfyjd'", "а\u0301б", "\x00", "99.99.9999", "1.1.1", "İ", "ß", "Ⅻ", "١٢٣", "''''", "[];',.`", "-1-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || len(s) > 400 {
			return
		}
		q := search.Parse(s)
		if len(q.Terms) != len(q.Shape()) {
			t.Errorf("%q: shape %q of %d terms", s, q.Shape(), len(q.Terms))
		}
		for _, term := range q.Terms {
			if len(term.Keys("")) == 0 {
				t.Errorf("%q: a term that nothing meets", s)
			}
			if n := term.Near(""); len(n.Keys)+len(n.Forms) > 400 || len(n.Gaps) != len(n.Forms) || term.Fuzzy() != (len(n.Forms) > 0) {
				t.Errorf("%q: %d keys and %d forms are looked for", s, len(n.Keys), len(n.Forms))
			}
		}
		again := search.Parse(" " + strings.Join(strings.Fields(s), "  ") + " ")
		if len(again.Terms) != len(q.Terms) {
			t.Errorf("%q: %d terms, with other spaces %d", s, len(q.Terms), len(again.Terms))
		}
	})
}

// A record is found by its own values, whatever they are.
func FuzzOwnValues(f *testing.F) {
	for _, s := range []string{"Иванов", "О'Нил", "Smith", "III", "a1", "12-34", "Мария-Антуанетта", "Иванов 2-й", "І", "ǅ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || utf8.RuneCountInString(s) > 60 {
			return
		}
		for _, c := range s { // what is written with two letters in one or without capitals is not promised
			if c > 0x52F {
				return
			}
		}
		if q := search.Parse(s); len(q.Terms) == 0 || strings.ContainsAny(s, "0123456789[];',.`") {
			return
		}
		if got := meets(t, map[string]any{"lastName": s}, "", s, ""); got != "exact" {
			t.Errorf("%q does not find itself: %s", s, got)
		}
	})
}

package expr

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"mera/schema"
	"mera/schema/golden"
)

// faults are texts with faults, by what an author did. want is the type of the slot.
var faults = []struct {
	did, text string
	want      *Type
}{
	{"ended too early", "doc.date >=", nil},
	{"forgot a bracket", "max(1, (2)", nil},
	{"left a quotation mark open", "doc.note == 'x", nil},
	{"wrote and", "yes and no", nil},
	{"wrote one sign of equality", "n = 1", nil},
	{"forgot a name", "doc. ", nil},
	{"wrote two commas", "max(1,, 2)", nil},
	{"wrote a number that is too large", "99999999999999999999", nil},
	{"added for ever", "1" + strings.Repeat("+1", 1000), nil},
	{"left the slot empty", "  ", nil},
	{"wrote too much", "1" + strings.Repeat(" + 1", 1100), nil},
	{"nested too deep", strings.Repeat("(", 70) + "1" + strings.Repeat(")", 70), nil},
	{"wrote null", "doc.note == null", nil},
	{"wrote an exponent", "x > 1e3", nil},
	{"wrote a map", "{'a': 1}", nil},
	{"wrote an unsigned number", "n > 1u", nil},
	{"used a reserved word", "let + 1", nil},
	{"misspelt a name", "askd == asked", nil},
	{"used a function as a name", "monthStart == asked", nil},
	{"misspelt a property", "doc.child.birthdate == asked", nil},
	{"misspelt a kernel property", "doc.stat == 'asking'", nil},
	{"misspelt a property in a list", "pensions.exists(p, p.tipe == 'old-age')", nil},
	{"misspelt an attribute", "pensions.exists(p, p.type.urgnt > 1)", nil},
	{"read a property of a list", "doc.children.territory == 'surgut'", nil},
	{"misspelt a parameter", "Amont(asked)", nil},
	{"misspelt a function", "mothStart(asked)", nil},
	{"called a list function as a function", "exists(pensions, 1)", nil},
	{"called a function as a method", "asked.monthStart()", nil},
	{"misspelt a list function", "pensions.exist(p, p.from == asked)", nil},
	{"forgot the name of the element", "pensions.exists(p.from == asked)", nil},
	{"gave too few arguments", "addDays(asked)", nil},
	{"gave wrong arguments", "age(asked, asked)", nil},
	{"gave a parameter no keys", "Standard(asked)", nil},
	{"gave a parameter a key of another type", "Standard(asked, 'surgut', 'owner', 'three')", nil},
	{"gave a function of a package too few arguments", "GroupOf(doc.child, asked)", nil},
	{"asked has of a name", "has(doc)", nil},
	{"compared a date with text", "doc.date > '2019-01-01'", nil},
	{"wrote a date without quotes", "2019-01-01", DateT},
	{"compared a date with an instant", "doc.date > now", nil},
	{"compared a record with text", "doc.child == 'kolya'", nil},
	{"added text and a number", "'a' + 1", nil},
	{"took one date from another", "asked - doc.date", nil},
	{"multiplied money by money", "m * m", nil},
	{"mixed a list", "[1, 'a']", nil},
	{"gave branches of two types", "yes ? 1 : 'a'", nil},
	{"gave text where a rule is wanted", "doc.note", Bool},
	{"gave a number as a condition", "n && yes", nil},
	{"forgot to round", "m / 3", MoneyT},
	{"forgot to round in min", "min(m * x, m)", MoneyT},
	{"gave more digits than kopecks", "10.005", MoneyT},
	{"gave a date as text", "'2019-01-01'", DateT},
	{"misspelt a code", "doc.child.territory == 'surgyt'", nil},
	{"misspelt a code in a list", "pensions[0].type in ['old-age', 'stat-survivor']", nil},
	{"misspelt an item of an enum", "doc.channel == 'portl'", nil},
	{"misspelt a state", "doc.state == 'grantd'", nil},
	{"misspelt a measure", "doc.measure == 'SurvivorBenefits'", nil},
	{"misspelt a code of a key", "Privilege(asked, 'oldage').share", nil},
	{"misspelt a field of an object by name", "case.spent('waitin')", nil},
	{"misspelt an ancestor", "doc.child.territory.under('ugr')", nil},
	{"wrote a pattern that is none", "doc.note.matches('[a')", nil},
	{"made a pattern of an expression", "doc.note.matches(doc.note)", nil},
	{"wrote a day that is none", "date('2019-02-30')", nil},
	{"misspelt a type", "byKey(Persn, 'snils', 'x')", nil},
	{"summed texts", "pensions.sum(p, p.type.title)", nil},
	{"ordered by records", "pensions.best(p, p.person)", nil},
	{"flattened a flat list", "some.flat()", nil},
	{"used what is not supported yet", "eligible(doc.child)", nil},
	{"took the remainder of a ratio", "x % 2", nil},
	{"negated text", "-doc.note", nil},
	{"looked into what is no list", "1 in doc.date", nil},
	{"made several faults", "doc.foo == asked && doc.bar > 1", nil},
	{"made a fault on the second line", "doc.date >= asked &&\ndoc.child.age > 18", nil},
	{"rounded to a digit that is none", "round(x, n)", nil},
	{"rounded a date", "round(asked)", nil},
	{"joined lists of two types", "[1] + ['a']", nil},
	{"looked for a date among texts", "asked in ['a']", nil},
	{"took an element of a date", "asked[0]", nil},
	{"asked for the least of nothing", "min()", nil},
	{"asked for the latest of dates", "latest(asked, doc.date)", nil},
	{"asked for the size of a number", "size(n)", nil},
	{"made text of a list", "text(pensions)", nil},
	{"made a number of a date", "int(asked)", nil},
	{"made a date of a number", "date(n)", nil},
	{"made words of a number", "words(n)", nil},
	{"made words of nothing", "words()", nil},
	{"gave no ancestor", "doc.child.territory.under()", nil},
	{"gave no key", "byKey(Person)", nil},
	{"asked for the code of a number", "code(n, 'okato')", nil},
	{"gave a table no day", "Standard.rows()", nil},
	{"gave a table a number", "Standard.rows(n)", nil},
	{"computed the name of a state", "case.spent(doc.note)", nil},
	{"negated a number", "!n", nil},
	{"asked a number", "n ? 1 : 2", nil},
	{"gave a method nothing", "'a'.startsWith()", nil},
	{"called a method as a function", "includes(slice, asked)", nil},
	{"compared a period", "slice > slice", nil},
	{"compared durations of two units", "minutes(5) > workdays(1)", nil},
	{"gave an instant as a date", "now", DateT},
}

func TestFaults(t *testing.T) {
	t.Parallel()
	env := NewEnv(testCatalog())
	var b strings.Builder
	codes := map[string]bool{}
	render := func(did string, diags schema.Diagnostics, src string) {
		for _, d := range diags {
			codes[d.Code] = true
		}
		text := diags.Render(func(string) []byte { return []byte("    rule: >\n      " + strings.ReplaceAll(src, "\n", "\n      ")) })
		fmt.Fprintf(&b, "# %s\n%s\n", did, clipLines(text))
	}
	for _, f := range faults {
		src := schema.Scalar{Text: f.text, Pos: schema.Pos{File: "measures/x.yaml", Line: 2, Col: 7}}
		prog, diags := env.Compile(src, testScope(), f.want)
		if !diags.Faulty() || prog != nil {
			t.Errorf("%s: %s compiles", f.did, f.text)
		}
		render(f.did, diags, f.text)
	}
	for _, f := range [][2]string{{"left a brace of a template open", "Сумма {doc.sum руб."}, {"closed a brace that is not open", "a } b"}, {"gave a template a bool", "Да: {yes}"}} {
		_, diags := env.CompileTemplate(schema.Scalar{Text: f[1], Pos: schema.Pos{File: "measures/x.yaml", Line: 2, Col: 7}}, testScope())
		render(f[0], diags, f[1])
	}
	_, diags := env.CompilePath(schema.Scalar{Text: "doc.child()", Pos: schema.Pos{File: "measures/x.yaml", Line: 2, Col: 7}}, testScope())
	render("called something in a path", diags, "doc.child()")
	render("called a function in itself", recursive().Diagnostics(), "Odd(n)")
	golden.Equal(t, "testdata/faults.golden", b.String())
	source, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`= "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
		if !codes[m[1]] {
			t.Errorf("no fault shows the code %s", m[1])
		}
	}
}

// recursive is an environment of two functions that call each other.
func recursive() *Env {
	cat := schema.NewCatalog()
	for name, calls := range map[string]string{"Even": "Odd(n)", "Odd": "Even(n)"} {
		cat.Functions[name] = &schema.Function{Meta: schema.Meta{Name: name}, Args: []*schema.Arg{{Name: "n", Type: scalar("int")}},
			Is: schema.Value{Cases: []schema.Case{{Is: schema.Scalar{Text: calls, Pos: schema.Pos{File: "functions/" + strings.ToLower(name) + ".yaml", Line: 2, Col: 7}}}}}}
	}
	return NewEnv(cat)
}

func clipLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if r := []rune(l); len(r) > 160 {
			lines[i] = string(r[:160]) + "…"
		}
	}
	return strings.Join(lines, "\n")
}

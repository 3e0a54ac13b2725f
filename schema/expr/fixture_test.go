package expr

import (
	"context"
	"testing"

	"mera/schema"
	"mera/schema/value"
)

// testCatalog is a small world: persons with pensions, registrations and a claim.
func testCatalog() *schema.Catalog {
	cat := schema.NewCatalog()
	text := &schema.Type{Kind: schema.Text}
	link := func(doc string) *schema.Type { return &schema.Type{Kind: schema.Link, Of: doc} }
	item := func(cl string) *schema.Type { return &schema.Type{Kind: schema.Item, Of: cl} }
	kind := func(k schema.Kind) *schema.Type { return &schema.Type{Kind: k} }
	prop := func(name string, t *schema.Type) *schema.Property { return &schema.Property{Name: name, Type: t} }
	inverse := func(p *schema.Property, name string) *schema.Property {
		p.Inverse = schema.Scalar{Text: name}
		return p
	}
	computed := func(p *schema.Property, expr string) *schema.Property {
		p.Value = scalar(expr)
		return p
	}
	doc := func(name string, ps ...*schema.Property) *schema.Document {
		d := &schema.Document{Meta: schema.Meta{Name: name}, Properties: ps}
		cat.Documents[name] = d
		return d
	}
	d := doc("Person",
		prop("lastName", text), prop("firstName", text), prop("middleName", text),
		computed(prop("fullName", text), "words(doc.lastName, doc.firstName, doc.middleName)"),
		prop("birthDate", kind(schema.Date)), prop("deathDate", kind(schema.Date)), prop("territory", item("Territory")),
		prop("snils", text), prop("spouse", link("Person")))
	d.Summary = scalar("doc.fullName")
	d.Keys = []*schema.Key{{System: "snils", Properties: []schema.Scalar{scalar("snils")}}}
	holds := &schema.Holds{From: scalar("from"), To: scalar("to")}
	d = doc("Pension",
		inverse(prop("person", link("Person")), "pensions"), prop("type", item("PensionType")),
		prop("from", kind(schema.Date)), prop("to", kind(schema.Date)), prop("amount", kind(schema.Money)))
	d.Holds = holds
	d.Card = &schema.Card{Link: "person", Type: scalar("Person")}
	d = doc("Registration",
		inverse(prop("person", link("Person")), "registrations"), prop("region", text), prop("territory", item("Territory")),
		prop("from", kind(schema.Date)), prop("to", kind(schema.Date)))
	d.Holds = holds
	d = doc("Income", inverse(prop("person", link("Person")), "incomes"), prop("month", kind(schema.Month)), prop("amount", kind(schema.Money)))
	d.Holds = &schema.Holds{From: scalar("month"), To: scalar("month")}
	payout := &schema.Type{Kind: schema.Object, Of: "PayoutDetails", Fields: []*schema.Property{prop("bank", text), prop("account", text)}}
	cat.Objects["PayoutDetails"] = payout
	doc("Claim",
		prop("applicant", link("Person")), prop("child", link("Person")), prop("date", kind(schema.Date)),
		prop("children", &schema.Type{Kind: schema.Array, Elem: link("Person")}),
		prop("count", kind(schema.Integer)), prop("share", &schema.Type{Kind: schema.Decimal, Scale: 4}), prop("sum", kind(schema.Money)),
		prop("flag", kind(schema.Boolean)), prop("start", kind(schema.DateTime)), prop("term", kind(schema.Duration)),
		prop("channel", &schema.Type{Kind: schema.Enum, Enum: []string{"portal", "office"}, EnumTitles: map[string]string{"portal": "Портал"}}),
		prop("measure", &schema.Type{Kind: schema.Definition, Of: "Measure"}), prop("payout", payout), prop("note", text))
	d = doc("Unit", inverse(prop("over", link("Unit")), "units"), prop("name", text))
	d.Tree = scalar("over")
	doc("Office", prop("name", text))
	cat.Measures["SurvivorBenefit"] = &schema.Measure{Meta: schema.Meta{Name: "SurvivorBenefit"}, Codes: map[string]string{"S": "0117"}}
	cat.Workflows["Claim"] = &schema.Workflow{About: scalar("Claim"), States: []*schema.State{{Name: "asking", Title: "Ждём"}, {Name: "granted", Title: "Назначено"}}}

	territory := &schema.Classifier{Meta: schema.Meta{Name: "Territory"}, Items: []*schema.ClassifierItem{
		{Code: "ugra", Title: "Югра"}, {Code: "surgut", Title: "Сургут", Parent: "ugra", Codes: map[string]string{"okato": "71876"}}, {Code: "uray", Title: "Урай", Parent: "ugra"}}}
	cat.Classifiers["Territory"] = territory
	cat.Classifiers["PensionType"] = &schema.Classifier{Meta: schema.Meta{Name: "PensionType"},
		Attributes: []*schema.Property{prop("urgent", kind(schema.Integer)), prop("survivor", kind(schema.Boolean))},
		Items: []*schema.ClassifierItem{
			{Code: "state-survivor", Title: "Государственная по потере кормильца", Attributes: []schema.Entry{
				{Key: scalar("urgent"), Value: &schema.Node{Scalar: scalar("2")}}, {Key: scalar("survivor"), Value: &schema.Node{Scalar: scalar("true")}}}},
			{Code: "old-age", Title: "По старости"}}}
	cat.Classifiers["DayOff"] = &schema.Classifier{Items: []*schema.ClassifierItem{
		{Code: "2019-06-12"}, {Code: "2019-06-15", Attributes: []schema.Entry{{Key: scalar("works"), Value: &schema.Node{Scalar: scalar("true")}}}}}}

	law := schema.Law{Act: scalar("ugra-45-oz"), Article: scalar("4")}
	cat.Parameters["Amount"] = &schema.Parameter{Meta: schema.Meta{Name: "Amount"}, Type: "money", Values: []*schema.ParameterValue{
		{From: "2019-01-01", Value: scalar("1826.00"), Law: law}, {From: "2020-01-01", Times: scalar("1.03")}}}
	cat.Parameters["Standard"] = &schema.Parameter{Meta: schema.Meta{Name: "Standard"}, Type: "money",
		Keys: []*schema.ParameterKey{{Name: "territory", Type: "Territory", Match: "tree"}, {Name: "tenure", Type: "text", Match: "exact"}, {Name: "size", Type: "integer", Match: "floor"}},
		Values: []*schema.ParameterValue{{From: "2024-07-01", Law: law, Rows: [][]schema.Scalar{
			{scalar("ugra"), scalar("owner"), scalar("1"), scalar("6120.00")}, {scalar("surgut"), scalar("owner"), scalar("1"), scalar("6000.00")},
			{scalar("surgut"), scalar("owner"), scalar("3"), scalar("4250.00")}}}}}
	cat.Parameters["Privilege"] = &schema.Parameter{Meta: schema.Meta{Name: "Privilege"},
		Keys:    []*schema.ParameterKey{{Name: "type", Type: "PensionType", Match: "exact"}},
		Columns: []*schema.ParameterCol{{Name: "share", Type: "percent"}, {Name: "family", Type: "boolean"}},
		Values:  []*schema.ParameterValue{{From: "2019-01-01", Rows: [][]schema.Scalar{{scalar("old-age"), scalar("50"), scalar("true")}}}}}

	fn := func(name string, returns string, is schema.Value, args ...string) {
		f := &schema.Function{Meta: schema.Meta{Name: name}, Returns: scalar(returns), Is: is}
		for i := 0; i < len(args); i += 2 {
			f.Args = append(f.Args, &schema.Arg{Name: args[i], Type: scalar(args[i+1])})
		}
		cat.Functions[name] = f
	}
	fn("GroupOf", "", schema.Value{Cases: []schema.Case{
		{When: scalar("age(person, day) < 18"), Is: scalar("'child'")},
		{When: scalar("pensions.exists(p, p.person == person)"), Is: scalar("'pensioner'")}, {Is: scalar("'working'")}}},
		"person", "Person", "pensions", "[Pension]", "day", "date")
	fn("Twice", "", schema.Value{Cases: []schema.Case{{Is: scalar("x * 2")}}}, "x", "Number")
	return cat
}

func scalar(s string) schema.Scalar {
	if s == "" {
		return schema.Scalar{}
	}
	return schema.Scalar{Text: s, Pos: schema.Pos{File: "test.yaml", Line: 1, Col: 1}}
}

func day(s string) value.Date {
	d, err := value.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func money(s string) value.Money {
	m, err := value.ParseMoney(s)
	if err != nil {
		panic(err)
	}
	return m
}

func number(s string) value.Number {
	n, err := value.ParseNumber(s)
	if err != nil {
		panic(err)
	}
	return n
}

// testWorld holds Kolya with a pension, his mother Anna, and a claim.
func testWorld(cat *schema.Catalog) *StaticWorld {
	w := NewStaticWorld(cat)
	w.Add(&Record{Type: "Person", ID: "anna", Version: 1, Data: map[string]any{"lastName": "Петрова", "firstName": "Анна", "birthDate": "1980-02-03", "spouse": "boris"}})
	w.Add(&Record{Type: "Person", ID: "boris", Version: 1, Data: map[string]any{"lastName": "Петров", "firstName": "Борис", "birthDate": "1979-02-28", "spouse": "anna"}})
	w.Add(&Record{Type: "Person", ID: "kolya", Version: 2, Data: map[string]any{"lastName": "Петров", "firstName": "Николай", "birthDate": "2006-05-11", "territory": "surgut"}})
	w.Add(&Record{Type: "Pension", ID: "sp", Version: 2, Data: map[string]any{"person": "kolya", "type": "state-survivor", "from": "2019-06-06", "to": "2019-08-31", "amount": "5000.50"}})
	w.Add(&Record{Type: "Pension", ID: "old", Version: 1, Data: map[string]any{"person": "anna", "type": "old-age", "from": "2018-01-01", "amount": "100.00"}})
	w.Add(&Record{Type: "Registration", ID: "home", Version: 1, Data: map[string]any{"person": "kolya", "region": "86", "territory": "surgut", "from": "2010-01-01"}})
	w.Add(&Record{Type: "Unit", ID: "top", Data: map[string]any{"name": "top"}})
	w.Add(&Record{Type: "Unit", ID: "low", Data: map[string]any{"name": "low", "over": "top"}})
	w.SetServing("social-protection", "surgut", "office1")
	return w
}

// testScope is the scope of most tests, testVars its values.
func testScope() Scope {
	return Scope{map[string]*Type{
		"doc": RecordOf("Claim"), "asked": DateT, "slice": PeriodT, "beneficiary": RecordOf("Person"),
		"pensions": ListOf(RecordOf("Pension")), "homes": ListOf(RecordOf("Registration")), "incomes": ListOf(RecordOf("Income")),
		"n": Int, "x": NumberT, "m": MoneyT, "yes": Bool, "no": Bool, "u": Bool, "part": ListOf(Int), "some": ListOf(Int), "now": TimestampT,
		"unit": RecordOf("Unit"),
		"case": ObjectOf(map[string]*Type{"spent": ObjectOf(map[string]*Type{"waiting": Int}), "due": ObjectOf(map[string]*Type{"answer": DateT})}),
	}}
}

func testVars(w *StaticWorld) map[string]any {
	return map[string]any{
		"doc": &Record{Type: "Claim", ID: "app", Version: 1, Data: map[string]any{
			"applicant": "anna", "child": "kolya", "date": "2019-07-16", "children": []any{"kolya", "anna"}, "channel": "portal",
			"share": "0.5", "sum": "100.00", "start": "2019-07-16T09:00:00Z", "measure": "SurvivorBenefit",
			"payout": map[string]any{"bank": "047102651"},
		}, Kernel: map[string]any{"state": "asking", "attachments": []any{map[string]any{"slot": "proof"}}}},
		"asked": day("2019-07-16"), "slice": value.Period{From: day("2019-07-01"), To: day("2019-07-31")},
		"beneficiary": &Record{Type: "Person", ID: "kolya"},
		"pensions":    []any{w.byID["sp"], w.byID["old"]}, "homes": []any{w.byID["home"]}, "incomes": Unknown{[]string{"incomes"}},
		"n": int64(3), "x": value.NewNumber(1, 3), "m": money("10.00"), "yes": true, "no": false, "u": Unknown{[]string{"u"}},
		"part": PartList{Items: []any{int64(1), int64(2)}, Unknown: []string{"part"}}, "some": []any{int64(5), int64(7), int64(5)},
		"unit": w.byID["top"],
		"case": map[string]any{"spent": map[string]any{"waiting": int64(4)}, "due": map[string]any{"answer": day("2019-08-01")}},
	}
}

// evalText compiles and evaluates one expression over the test world.
func evalText(t *testing.T, text string) (Result, error) {
	t.Helper()
	cat := testCatalog()
	env := NewEnv(cat)
	if d := env.Diagnostics(); len(d) > 0 {
		t.Fatalf("catalog: %v", d)
	}
	prog, diags := env.Compile(scalar(text), testScope(), nil)
	if len(diags) > 0 {
		t.Fatalf("%s: %v", text, diags)
	}
	w := testWorld(cat)
	return prog.Eval(Input{Ctx: context.Background(), Vars: testVars(w), Day: day("2019-07-16"), World: w})
}

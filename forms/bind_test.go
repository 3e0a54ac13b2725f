package forms

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/expr"
)

func num(n int) *int { return &n }

func scalar(s string) schema.Scalar { return schema.Scalar{Text: s} }

func literal(s string) *schema.Node { return &schema.Node{Scalar: scalar(s)} }

func prop(name string, t schema.Type, change ...func(*schema.Property)) *schema.Property {
	p := &schema.Property{Name: name, Type: &t}
	for _, c := range change {
		c(p)
	}
	return p
}

func required(p *schema.Property) { p.Required = true }
func readOnly(p *schema.Property) { p.ReadOnly = true }

// catalog has one document with a property of every kind.
func catalog() *schema.Catalog {
	cat := schema.NewCatalog()
	snils := &schema.Type{Kind: schema.Text, Named: "Snils", Pattern: "^[0-9]{11}$"}
	cat.Types["Snils"] = &schema.TypeDef{Meta: schema.Meta{Name: "Snils", Title: "СНИЛС"}, Type: snils, Mask: "NNN-NNN-NNN NN",
		Check: scalar("value.substring(0, 9) <= '001001998' || weighted(value, [9,8,7,6,5,4,3,2,1]) % 101 % 100 == int(value.substring(9))")}
	phone := &schema.Type{Kind: schema.Text, Named: "Phone"}
	cat.Types["Phone"] = &schema.TypeDef{Meta: schema.Meta{Name: "Phone"}, Type: phone, Mask: "+7 (NNN) NNN-NN-NN"}
	cat.Classifiers["Color"] = &schema.Classifier{Meta: schema.Meta{Name: "Color", Title: "Цвет"}, Items: []*schema.ClassifierItem{
		{Code: "red", Title: "Красный"}, {Code: "green", Title: "Зелёный", To: "2019-12-31"}}}
	cat.Measures["Milk"] = &schema.Measure{Meta: schema.Meta{Name: "Milk"}}
	row := &schema.Type{Kind: schema.Object, Of: "ThingRows", Fields: []*schema.Property{
		prop("code", schema.Type{Kind: schema.Text}, required),
		prop("count", schema.Type{Kind: schema.Integer, Minimum: "1", Maximum: "9"}),
	}}
	payout := &schema.Type{Kind: schema.Object, Of: "ThingPayout", Fields: []*schema.Property{
		prop("bank", schema.Type{Kind: schema.Text, Pattern: "^[0-9]{9}$"}, required),
		prop("account", schema.Type{Kind: schema.Text}),
	}}
	cat.Documents["Person"] = &schema.Document{Meta: schema.Meta{Name: "Person"}}
	cat.Documents["Thing"] = &schema.Document{Meta: schema.Meta{Name: "Thing", Title: "Вещь"},
		Card: &schema.Card{Link: "person", Type: scalar("Person")},
		Properties: []*schema.Property{
			prop("person", schema.Type{Kind: schema.Link, Of: "Person"}, required),
			prop("name", schema.Type{Kind: schema.Text, MaxLength: num(10), MinLength: num(2)}, required),
			prop("kind", schema.Type{Kind: schema.Enum, Enum: []string{"big", "small"}}, func(p *schema.Property) { p.Default = literal("big") }),
			prop("live", schema.Type{Kind: schema.Boolean}),
			prop("count", schema.Type{Kind: schema.Integer}),
			prop("rate", schema.Type{Kind: schema.Decimal, Scale: 3}),
			prop("sum", schema.Type{Kind: schema.Money, Minimum: "0"}),
			prop("day", schema.Type{Kind: schema.Date}, required, func(p *schema.Property) { p.From = scalar("today") }),
			prop("month", schema.Type{Kind: schema.Month}),
			prop("quarter", schema.Type{Kind: schema.Quarter}),
			prop("year", schema.Type{Kind: schema.Year}),
			prop("at", schema.Type{Kind: schema.DateTime}),
			prop("term", schema.Type{Kind: schema.Duration}),
			prop("outside", schema.Type{Kind: schema.UUID}),
			prop("place", schema.Type{Kind: schema.Point}),
			prop("color", schema.Type{Kind: schema.Item, Of: "Color"}),
			prop("measure", schema.Type{Kind: schema.Definition, Of: "Measure"}),
			prop("snils", *snils),
			prop("phone", *phone),
			prop("payout", *payout),
			prop("tags", schema.Type{Kind: schema.Array, Unique: true, MaxItems: num(3), Elem: &schema.Type{Kind: schema.Text}}),
			prop("rows", schema.Type{Kind: schema.Array, Keys: []string{"code"}, MinItems: num(1), MaxItems: num(5), Elem: row}),
			prop("only", schema.Type{Kind: schema.Text, Const: literal("yes")}),
			prop("number", schema.Type{Kind: schema.Text}, func(p *schema.Property) { p.Number = &schema.Number{} }),
			prop("closed", schema.Type{Kind: schema.Date}, readOnly),
			prop("label", schema.Type{Kind: schema.Text}, func(p *schema.Property) { p.Value = scalar("doc.name") }),
		}}
	cat.Workflows["Thing"] = &schema.Workflow{Meta: schema.Meta{Name: "Thing"}, About: scalar("Thing"),
		Data: []*schema.Property{prop("ground", schema.Type{Kind: schema.Text, MaxLength: num(5)})}}
	return cat
}

func compiled(t testing.TB, cat *schema.Catalog) *Forms {
	t.Helper()
	f, faults := Compile(cat, expr.NewEnv(cat))
	if faults.Faulty() {
		t.Fatal(faults.Render(func(string) []byte { return nil }))
	}
	return f
}

const anna = "0190a1b2-0000-7000-8000-000000000001"

func input(t testing.TB, text string) map[string]any {
	t.Helper()
	var in map[string]any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&in); err != nil {
		t.Fatal(err)
	}
	return in
}

// errorsOf are errors as "path code args".
func errorsOf(errs []FieldError) []string {
	out := []string{}
	for _, e := range errs {
		out = append(out, strings.TrimSpace(e.Path+" "+string(e.Code)+" "+strings.Join(e.Args, ",")))
	}
	return out
}

func TestBindEveryKind(t *testing.T) {
	t.Parallel()
	got, errs := compiled(t, catalog()).Bind("Thing", input(t, `{
		"person": "0190A1B2-0000-7000-8000-000000000001", "name": "  Ёлка\r\nи  ", "kind": "small", "live": false,
		"count": 7, "rate": "0.220", "sum": 1826, "day": "2019-07-16", "month": "2019-07", "quarter": "2019-Q3",
		"year": 2019, "at": "2019-07-16T12:00:00.5+05:00", "term": "5 workdays", "outside": "`+anna+`",
		"place": {"lat": "61.25", "lon": 73.4}, "color": "red", "measure": "Milk", "snils": "112-233-445 95",
		"phone": "+7 (912) 345-67-89", "payout": {"bank": "047102651", "account": ""}, "tags": ["a", "b"],
		"rows": [{"code": "x", "count": 1}, {"code": "y"}], "only": "yes"}`))
	if len(errs) > 0 {
		t.Fatal(errorsOf(errs))
	}
	want := map[string]any{
		"person": anna, "name": "Ёлка\nи", "kind": "small", "live": false,
		"count": json.Number("7"), "rate": "0.22", "sum": "1826.00", "day": "2019-07-16", "month": "2019-07", "quarter": "2019-Q3",
		"year": "2019", "at": "2019-07-16T07:00:00Z", "term": "5 workdays", "outside": anna,
		"place": map[string]any{"lat": "61.25", "lon": "73.4"}, "color": "red", "measure": "Milk", "snils": "11223344595",
		"phone": "9123456789", "payout": map[string]any{"bank": "047102651"}, "tags": []any{"a", "b"},
		"rows": []any{map[string]any{"code": "x", "count": json.Number("1")}, map[string]any{"code": "y"}}, "only": "yes",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

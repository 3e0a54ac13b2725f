package expr

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
)

// labelCatalog has what is hidden in every way in which an expression can come to it.
func labelCatalog() *schema.Catalog {
	cat := testCatalog()
	hide := func(document, property, label string) { cat.Documents[document].Property(property).Label = label }
	hide("Person", "snils", "identity")
	hide("Pension", "amount", "money")
	hide("Pension", "to", "end")
	cat.Objects["PayoutDetails"].Field("account").Label = "bank"
	person := cat.Documents["Person"]
	person.Properties = append(person.Properties, &schema.Property{Name: "secret", Type: &schema.Type{Kind: schema.Text}, Value: scalar("doc.lastName + doc.snils")})
	person.Summary = scalar("doc.secret")
	arg := func(name, typ string) *schema.Arg { return &schema.Arg{Name: name, Type: scalar(typ)} }
	cat.Functions["Sum"] = &schema.Function{Meta: schema.Meta{Name: "Sum"}, Args: []*schema.Arg{arg("p", "Person")},
		Is: schema.Value{Cases: []schema.Case{{Is: scalar("p.pensions.sum(x, x.amount)")}}}}
	return cat
}

func TestLabels(t *testing.T) {
	t.Parallel()
	env := NewEnv(labelCatalog())
	if ds := env.Diagnostics(); ds.Faulty() {
		t.Fatal(ds)
	}
	scope := Scope{Vars: map[string]*Type{"doc": RecordOf("Claim"), "any": Dyn, "today": DateT}}
	const snils, money, end, bank = "Person.identity", "Pension.money", "Pension.end", "Claim.bank"
	for _, c := range []struct {
		src  string
		want []string
	}{
		{"doc.date", nil},
		{"doc.child.lastName", nil},
		{"doc.child.pensions.exists(p, p.type == 'old-age')", nil},
		{"doc.child == doc.applicant", nil},
		{"doc.child.snils", []string{snils}},
		{"has(doc.child.snils)", []string{snils}},
		{"doc.child.snils == '1' ? 1 : 2", []string{snils}},
		{"doc.child.snils == '1' || true", []string{snils}},
		{"doc.child.secret", []string{snils}},
		{"doc.child.keys.snils", []string{snils}},
		{"byKey(Person, 'snils', '1').lastName", []string{snils}},
		{"doc.children.exists(c, c.pensions.exists(p, p.amount > 1))", []string{money}},
		{"doc.child.pensions.best(p, p.amount).from", []string{money}},
		{"Sum(doc.child)", []string{money}},
		{"doc.child.pensions.exists(p, p.holds.includes(today))", []string{end}},
		{"doc.payout", []string{bank}},
		{"any.snils", []string{snils}},
		{"any.x", nil},
	} {
		p, ds := env.Compile(scalar(c.src), scope, nil)
		if ds.Faulty() {
			t.Errorf("%s: %v", c.src, ds)
			continue
		}
		if diff := cmp.Diff(c.want, p.Labels()); diff != "" {
			t.Errorf("%s: %s", c.src, diff)
		}
	}
	for text, want := range map[string][]string{"Ребёнок {doc.child}": {snils}, "{doc.children}": {snils}, "{doc.date}": nil} {
		p, ds := env.CompileTemplate(scalar(text), scope)
		if ds.Faulty() {
			t.Fatal(ds)
		}
		if diff := cmp.Diff(want, p.Labels()); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	path, ds := env.CompilePath(scalar("doc.children.snils"), scope)
	if ds.Faulty() {
		t.Fatal(ds)
	}
	if diff := cmp.Diff([]string{snils}, path.Labels()); diff != "" {
		t.Error(diff)
	}
	cases := schema.Value{Cases: []schema.Case{{When: scalar("doc.child.snils == '1'"), Is: scalar("1")}, {Is: scalar("2")}}}
	value, ds := env.CompileValue(cases, scope, nil)
	if ds.Faulty() {
		t.Fatal(ds)
	}
	if diff := cmp.Diff([]string{snils}, value.Labels()); diff != "" {
		t.Error(diff)
	}
}

// What is read of an interface may be of any document behind it.
func TestLabelsOfAnInterface(t *testing.T) {
	t.Parallel()
	cat := labelCatalog()
	base := &schema.Document{Meta: schema.Meta{Name: "Base"}, Abstract: true}
	base.Properties = []*schema.Property{{Name: "cause", Type: &schema.Type{Kind: schema.Text}}}
	own := &schema.Document{Meta: schema.Meta{Name: "Own"}, Extends: scalar("Base")}
	own.Properties = []*schema.Property{{Name: "cause", Type: &schema.Type{Kind: schema.Text}, Label: "health"}}
	cat.Documents["Base"], cat.Documents["Own"] = base, own
	p, ds := NewEnv(cat).Compile(scalar("doc.cause"), Scope{Vars: map[string]*Type{"doc": RecordOf("Base")}}, nil)
	if ds.Faulty() {
		t.Fatal(ds)
	}
	if diff := cmp.Diff([]string{"Own.health"}, p.Labels()); diff != "" {
		t.Error(diff)
	}
}

package printforms

import (
	"strings"
	"testing"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load/loadtest"
)

// FuzzTemplate: no template makes the program panic; what the checker lets pass pongo2 parses too, and what a person
// typed never becomes HTML.
func FuzzTemplate(f *testing.F) {
	cat, _, _ := loadtest.Catalog(f, nil)
	env := expr.NewEnv(cat)
	for _, seed := range []string{
		`{{ doc.name }}`, `<p title="{{ doc.name|default:'<' }}">{% if doc.live %}a{% elif doc.kind == "big" %}b{% else %}c{% endif %}</p>`,
		`{% for r in doc.rows reversed %}{{ forloop.Counter }}{{ r.kind.title|upper }}{% empty %}-{% endfor %}`,
		`{% with a=doc.person b=doc.sum %}{{ a.lastName|decline:"dative" }}{{ b|words }}{% endwith %}`,
		`{% set x = doc.tags %}{{ x|join:"<br>" }}{# c #}{% comment %}{{ {% endcomment %}`,
		`{{- doc.name -}}{%- if not (doc.live) -%}{% endif %}`, `{{"}}"}}{{ '%}' }}`, "<style>a{}</style><!-- x --><a href='#x'>",
		`{% if "a" in doc.tags and doc.count >= 1 %}{% endif %}`, `{{ doc.name|upper|lower|capfirst|length }}`, `{{ "{{" }}{%%}{{`,
	} {
		f.Add(seed)
	}
	const evil = `"'><script>alert(1)</script>{{ doc }}`
	data := map[string]any{"doc": map[string]any{
		"name": evil, "live": true, "kind": evil, "kind__title": evil, "sum": evil, "day": evil, "tags": []any{evil}, "count": 1,
		"person": map[string]any{"lastName": evil, "fullName": evil}, "color": map[string]any{"title": evil},
		"rows": []any{map[string]any{"code": evil, "kind__title": evil}}}}
	f.Fuzz(func(t *testing.T, text string) {
		p := &schema.PrintForm{Meta: schema.Meta{Name: "P", Pos: schema.Pos{File: "t/p.yaml", Line: 1, Col: 1}},
			About: schema.Scalar{Text: "TThing"}, Source: []byte(text)}
		form, faults := Compile(p, cat, env)
		if form == nil {
			for _, d := range faults {
				if d.Code == "template-pongo" {
					t.Fatalf("the checker let pass what pongo2 refuses: %s", d.Message)
				}
			}
			return
		}
		html, err := form.Render(data)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if strings.Contains(html, "<script") {
			t.Fatalf("%q: %s", text, html)
		}
	})
}

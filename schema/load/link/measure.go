package link

import (
	"mera/schema"
)

func (l *linker) measure(m *schema.Measure) {
	l.law(m.Package, m.Law)
	d, ok := l.documentNamed(m.Package, m.About)
	if ok && d.Record {
		l.faultf(m.About.Pos, "wrong-target", "a measure cannot be about %q, which is what a format reads", d.Name)
	}
	l.facts(m.Package, m.Facts, "Award", "Entitlement")
	for _, c := range append(append([]*schema.Condition(nil), m.Conditions...), m.While...) {
		l.law(m.Package, c.Law)
		for _, let := range c.Lets {
			l.valueLaws(m.Package, let.Value)
		}
	}
	for _, let := range m.Lets {
		l.valueLaws(m.Package, let.Value)
	}
	for _, v := range []schema.Value{m.PeriodFrom, m.PeriodTo, m.Amount} {
		l.valueLaws(m.Package, v)
	}
	for _, g := range m.Gives {
		if d, ok := l.documentNamed(m.Package, g.Document); ok {
			l.sets(d, g.Set)
		}
	}
	if !m.Purpose.Name.IsZero() {
		if _, ok := find(l, m.Package, l.cat.Classifiers, "classifier", schema.Scalar{Text: "Purpose", Pos: m.Purpose.Name.Pos}); ok {
			l.itemCode("Purpose", m.Purpose.Name)
		}
	}
	if !m.Recover.IsZero() {
		l.cell("percent", m.Recover)
	}
	l.oneNameSpace(m)
}

// oneNameSpace checks that no two names of a measure are the same for expressions: facts and lets; and that conditions
// of both lists differ, because decisions name them.
func (l *linker) oneNameSpace(m *schema.Measure) {
	facts := map[string]bool{}
	for _, f := range m.Facts {
		facts[f.Name] = true
	}
	for _, let := range m.Lets {
		if facts[let.Name] {
			l.faultf(let.Pos, "duplicate-name", "%q names both a fact and a value of let", let.Name)
		}
	}
	conditions := map[string]bool{}
	for _, c := range m.Conditions {
		conditions[c.Name] = true
	}
	for _, c := range m.While {
		if conditions[c.Name] {
			l.faultf(c.Pos, "duplicate-name", "%q names both a condition and one of while", c.Name)
		}
	}
}

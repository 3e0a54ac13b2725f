package load

import (
	"cmp"

	"mera/schema"
)

func (r *reader) measure(m schema.Meta, n *schema.Node) *schema.Measure {
	period := n.Get("period")
	out := &schema.Measure{Meta: m, About: scalar(n, "about"), Asked: scalar(n, "asked"), Beneficiary: scalar(n, "beneficiary"),
		Recipient: scalar(n, "recipient"), Facts: r.facts(n), Lets: r.lets(n), Conditions: r.conditions(n, "conditions"),
		While: r.conditions(n, "while"), PeriodFrom: r.value(period, "from"), PeriodTo: r.value(period, "to"), Amount: r.value(n, "amount"),
		Recover: scalar(n, "recover"), Code: text(n, "code"), Codes: textMap(n, "codes"), Group: scalar(n, "group"), Tags: texts(n, "tags"),
		Counts: scalars(n, "counts")}
	for _, e := range entries(n, "gives") {
		out.Gives = append(out.Gives, schema.Gift{Document: e.Key, Set: schema.ValueMap{Pos: e.Value.Pos, Entries: e.Value.Entries}})
	}
	for _, s := range append(scalars(n, "tags"), out.Counts...) {
		r.spelled(s, "tag")
	}
	if p := mapNode(n, "pay"); p != nil {
		out.Pay = schema.Pay{Pos: p.Pos, Every: text(p, "every"), Due: scalar(p, "due"), Part: cmp.Or(text(p, "part"), "whole")}
	}
	if p := mapNode(n, "purpose"); p != nil {
		out.Purpose = schema.Purpose{Pos: p.Pos, Name: scalar(p, "name"), Of: scalars(p, "of"),
			Per: cmp.Or(text(p, "per"), "slice"), Conflict: cmp.Or(text(p, "conflict"), "refuse")}
	}
	return out
}

func (r *reader) lets(n *schema.Node) []*schema.Let {
	var out []*schema.Let
	for _, e := range most(r, entries(n, "let"), maxParts, "values of let", n.Pos) {
		r.named(e.Key, "value of let")
		out = append(out, &schema.Let{Name: e.Key.Text, Pos: e.Key.Pos, Value: r.valueOf(e.Value)})
	}
	return out
}

func (r *reader) conditions(n *schema.Node, key string) []*schema.Condition {
	var out []*schema.Condition
	for _, e := range most(r, entries(n, key), maxParts, "conditions", n.Pos) {
		r.named(e.Key, "condition")
		v := e.Value
		c := &schema.Condition{Name: e.Key.Text, Pos: e.Key.Pos, Title: text(v, "title"), Rule: scalar(v, "rule"), Refuse: scalar(v, "refuse"),
			Law: law(v), From: r.date(v, "from"), Question: text(v, "question"), Lets: r.lets(v), Fails: text(v, "fails")}
		for _, of := range entries(v, "of") {
			r.named(of.Key, "row")
			c.OfName, c.Of = of.Key.Text, of.Value.Scalar
		}
		switch {
		case key == "while" && c.Fails == "":
			c.Fails = "skip"
		case key != "while" && c.Fails != "":
			r.fault(schema.Faultf(scalar(v, "fails").Pos, "useless-keyword", "fails is for conditions of while").WithHint("a condition that is false refuses; remove fails"))
		}
		out = append(out, c)
	}
	return out
}

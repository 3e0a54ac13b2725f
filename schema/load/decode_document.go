package load

import (
	"strconv"
	"strings"

	"mera/schema"
	"mera/schema/load/naming"
)

func (r *reader) typeDef(m schema.Meta, n *schema.Node) *schema.TypeDef {
	t := &schema.TypeDef{Meta: m, Mask: text(n, "mask"), Check: scalar(n, "check"), Source: entries(n, "source")}
	if s := mapNode(n, "schema"); s != nil {
		if t.Type = r.typeOf(m.Name, s.Pos, s); t.Type == nil {
			r.untyped(s.Pos, "the values", s)
		}
	}
	if mask := scalar(n, "mask"); !mask.IsZero() {
		r.mask(mask, t.Type)
	}
	return t
}

func (r *reader) mask(mask schema.Scalar, t *schema.Type) {
	switch {
	case t != nil && t.Kind != schema.Text:
		r.faultf(mask.Pos, "useless-keyword", "a mask is for texts, and this type is none")
	case !strings.Contains(mask.Text, "N"):
		r.fault(schema.Faultf(mask.Pos, "bad-mask", "the mask has no place for a digit").WithHint("write N for each digit, such as NNN-NNN-NNN NN"))
	}
}

func (r *reader) document(m schema.Meta, n *schema.Node) *schema.Document {
	d := &schema.Document{Meta: m, Plural: scalar(n, "plural"), Extends: scalar(n, "extends"), Abstract: flag(n, "abstract"),
		Record: flag(n, "record"), Tree: scalar(n, "tree"), Summary: scalar(n, "summary"), Retention: r.duration(n, "retention")}
	d.Card = r.card(n.Get("card"))
	if s := mapNode(n, "schema"); s != nil {
		r.jsonTypeOfRoot(s)
		d.Properties = r.properties(m.Name, s, r.named)
		for _, p := range d.Properties {
			if p.Type == nil && (d.Card == nil || p.Name != d.Card.Link) {
				r.untyped(p.Pos, strconv.Quote(p.Name), s.Get("properties").Get(p.Name))
			}
		}
	}
	if h := mapNode(n, "holds"); h != nil {
		d.Holds = &schema.Holds{From: scalar(h, "from"), To: scalar(h, "to")}
	}
	r.documentRules(d, n)
	for _, e := range entries(n, "keys") {
		r.spelled(e.Key, "system")
		d.Keys = append(d.Keys, &schema.Key{System: e.Key.Text, Pos: e.Key.Pos, Properties: scalarsOf(e.Value)})
	}
	for _, e := range entries(n, "exactlyOne") {
		r.named(e.Key, "rule")
		d.ExactlyOne = append(d.ExactlyOne, &schema.NamedPaths{Name: e.Key.Text, Pos: e.Key.Pos, Paths: scalarsOf(e.Value)})
	}
	for _, e := range entries(n, "attachments") {
		d.Slots = append(d.Slots, r.slot(e))
	}
	for _, e := range entries(n, "access") {
		r.spelled(e.Key, "attribute")
		d.Access = append(d.Access, &schema.AccessAttribute{Name: e.Key.Text, Pos: e.Key.Pos, Path: e.Value.Scalar})
	}
	return d
}

// jsonTypeOfRoot lets the root of a document be only a plain object.
func (r *reader) jsonTypeOfRoot(s *schema.Node) {
	for _, e := range s.Entries {
		switch e.Key.Text {
		case "properties", "required", "title", "description", "examples":
		case "type":
			if e.Value.Text() != "object" {
				r.fault(schema.Faultf(e.Value.Pos, "type-conflict", "a document is an object").WithHint("remove the type"))
			}
		default:
			r.fault(schema.Faultf(e.Key.Pos, "useless-keyword", "%s means nothing at the root of a document", e.Key.Text).WithHint("put it on a property"))
		}
	}
}

// scalarsOf are the scalars of a node that is one scalar or a list.
func scalarsOf(v *schema.Node) []schema.Scalar {
	return scalars(&schema.Node{Kind: schema.MapNode, Entries: []schema.Entry{{Key: schema.Scalar{Text: "."}, Value: v}}}, ".")
}

func (r *reader) card(v *schema.Node) *schema.Card {
	switch {
	case v == nil:
		return nil
	case v.Kind == schema.ScalarNode && !v.Scalar.IsZero():
		return &schema.Card{Pos: v.Pos, Link: naming.Lower(v.Scalar.Text), Type: v.Scalar}
	case v.Kind == schema.MapNode && len(v.Entries) == 1:
		e := v.Entries[0]
		r.named(e.Key, "link")
		return &schema.Card{Pos: e.Key.Pos, Link: e.Key.Text, Type: e.Value.Scalar}
	}
	return nil
}

func (r *reader) documentRules(d *schema.Document, n *schema.Node) {
	for _, e := range entries(n, "unique") {
		r.named(e.Key, "rule")
		d.Unique = append(d.Unique, &schema.Unique{Name: e.Key.Text, Pos: e.Key.Pos, Of: scalars(e.Value, "of"), During: scalars(e.Value, "during"),
			Where: mapNode(e.Value, "where"), Warn: text(e.Value, "else") == "warn", Message: text(e.Value, "message")})
	}
	d.Facts = r.facts(n)
	for _, e := range entries(n, "checks") {
		r.named(e.Key, "check")
		c := &schema.Check{Name: e.Key.Text, Pos: e.Key.Pos, Rule: scalar(e.Value, "rule"), Message: scalar(e.Value, "message"),
			At: scalar(e.Value, "at"), Level: text(e.Value, "level"), Law: law(e.Value)}
		if c.Level == "" {
			c.Level = "error"
		}
		if fix := mapNode(e.Value, "fix"); fix != nil {
			set := valueMap(fix, "set")
			c.Fix = &set
		}
		d.Checks = append(d.Checks, c)
	}
}

func (r *reader) slot(e schema.Entry) *schema.Slot {
	r.named(e.Key, "place for files")
	s := &schema.Slot{Name: e.Key.Text, Pos: e.Key.Pos, Title: text(e.Value, "title"), Many: flag(e.Value, "many"), Types: texts(e.Value, "types"),
		Max: 20 << 20, SameContent: text(e.Value, "sameContent"), SameName: text(e.Value, "sameName")}
	if max := scalar(e.Value, "max"); !max.IsZero() {
		size, ok := parseSize(max.Text)
		if !ok || size > 200<<20 {
			r.fault(schema.Faultf(max.Pos, "bad-size", "%q is not a size up to 200 MB", max.Text).WithHint("write 500 KB or 20 MB"))
		}
		s.Max = size
	}
	return s
}

func parseSize(s string) (int64, bool) {
	digits, unit, _ := strings.Cut(s, " ")
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || n <= 0 {
		return 0, false
	}
	switch unit {
	case "KB":
		return n << 10, true
	case "MB":
		return n << 20, true
	}
	return 0, false
}

// facts reads the facts of a measure, a document or a list.
func (r *reader) facts(n *schema.Node) []*schema.Fact {
	var out []*schema.Fact
	for _, e := range most(r, entries(n, "facts"), maxParts, "facts", n.Pos) {
		r.named(e.Key, "fact")
		v := e.Value
		if v.Kind != schema.MapNode {
			continue
		}
		key := r.oneOf(v, "the fact "+strconv.Quote(e.Key.Text), []string{"one", "each"})
		f := &schema.Fact{Name: e.Key.Text, Pos: e.Key.Pos, Title: text(v, "title"), Each: key == "each", Type: scalar(v, key), Of: scalar(v, "of"),
			Via: scalar(v, "via"), At: scalar(v, "at"), Over: scalar(v, "over"), Where: mapNode(v, "where"), Ask: scalars(v, "ask"), Fresh: r.duration(v, "fresh")}
		if max := number(v, "max"); max != nil {
			f.Max = *max
			if f.Max < 1 || f.Max > 1000 {
				r.faultf(scalar(v, "max").Pos, "bad-value", "max must be between 1 and 1000")
			}
		}
		if !f.At.IsZero() && !f.Over.IsZero() {
			r.fault(schema.Faultf(f.Over.Pos, "one-of", "the fact %q has both at and over", f.Name).WithHint("at is a day, over is a period: keep one"))
		}
		out = append(out, f)
	}
	return out
}

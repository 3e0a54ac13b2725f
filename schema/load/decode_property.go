package load

import (
	"regexp"
	"slices"
	"strconv"

	"mera/schema"
	"mera/schema/load/naming"
	"mera/schema/value"
)

// properties reads `properties` and `required` of an object schema; owner begins the names of inline objects.
func (r *reader) properties(owner string, n *schema.Node, check func(schema.Scalar, string)) []*schema.Property {
	var out []*schema.Property
	for _, e := range most(r, entries(n, "properties"), maxProperties, "properties", n.Pos) {
		check(e.Key, "property")
		out = append(out, r.property(owner, e))
	}
	for _, s := range most(r, scalars(n, "required"), maxProperties, "names in required", n.Pos) {
		i := slices.IndexFunc(out, func(p *schema.Property) bool { return p.Name == s.Text })
		if i < 0 {
			r.fault(schema.Faultf(s.Pos, "unknown-property", "required names %q, and there is no such property", s.Text).WithNearest(s.Text, names(out)))
			continue
		}
		out[i].Required = true
	}
	return out
}

func names(ps []*schema.Property) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Name)
	}
	return out
}

// property reads one property. Its type is nil where nothing tells it.
func (r *reader) property(owner string, e schema.Entry) *schema.Property {
	n := e.Value
	p := &schema.Property{Name: e.Key.Text, Pos: e.Key.Pos, Title: text(n, "title"), Description: text(n, "description"),
		ReadOnly: flag(n, "readOnly"), Deprecated: flag(n, "deprecated"), Default: n.Get("default"),
		Index: flag(n, "x-index"), Label: text(n, "x-label"), Fold: text(n, "x-fold"), Search: flag(n, "x-search"), SearchAt: scalar(n, "x-search").Pos, Unit: scalar(n, "x-unit"),
		Inverse: scalar(n, "x-inverse"), Value: scalar(n, "x-value"), From: scalar(n, "x-from")}
	p.Type = r.typeOf(owner+naming.Upper(p.Name), e.Key.Pos, n)
	if nn := mapNode(n, "x-number"); nn != nil {
		p.Number = r.numbering(nn)
	}
	if s := scalar(n, "x-label"); !s.IsZero() {
		r.spelled(s, "label")
	}
	if !p.Inverse.IsZero() {
		r.named(p.Inverse, "inverse link")
		if p.Type != nil && p.Type.Kind != schema.Link {
			r.fault(schema.Faultf(p.Inverse.Pos, "useless-keyword", "x-inverse is for a single link, and %q is none", p.Name).WithHint("remove it, or write x-link"))
		}
	}
	if !p.Value.IsZero() && !p.From.IsZero() {
		r.fault(schema.Faultf(p.From.Pos, "one-of", "%q has both x-value and x-from", p.Name).
			WithHint("x-value is computed at each reading, x-from once when the record is made"))
	}
	return p
}

func (r *reader) numbering(n *schema.Node) *schema.Number {
	out := &schema.Number{Pos: n.Pos, Per: scalars(n, "per"), Format: scalar(n, "format"), Series: scalar(n, "series"), At: scalar(n, "at"), Gaps: flag(n, "gaps")}
	if out.Format.IsZero() {
		out.Format = schema.Scalar{Text: "{n}", Pos: n.Pos}
	}
	return out
}

// tellers are the keywords that tell a type, each with the JSON type that it implies.
var tellers = []struct{ key, json string }{
	{"$ref", ""}, {"x-link", "string"}, {"x-classifier", "string"}, {"x-definition", "string"}, {"x-number", "string"},
	{"format", "string"}, {"enum", "string"}, {"properties", "object"}, {"items", "array"},
}

// typeOf reads the type of a value. objectName is the GraphQL name that an inline object would get. Names that the
// type refers to stay words: linking resolves them.
func (r *reader) typeOf(objectName string, at schema.Pos, n *schema.Node) *schema.Type {
	told := ""
	t := &schema.Type{Pos: at}
	for _, teller := range tellers {
		if n.Get(teller.key) == nil {
			continue
		}
		if told != "" {
			r.fault(schema.Faultf(n.Pos, "type-conflict", "%s and %s tell two different types", told, teller.key).WithHint("keep one of them"))
			return nil
		}
		told = teller.key
		r.jsonType(n, teller.key, teller.json)
	}
	switch told {
	case "$ref":
		t.Named, t.Pos = text(n, told), scalar(n, told).Pos
	case "x-link":
		t.Kind, t.Of, t.Pos = schema.Link, text(n, told), scalar(n, told).Pos
	case "x-classifier":
		t.Kind, t.Of, t.Pos = schema.Item, text(n, told), scalar(n, told).Pos
	case "x-definition":
		t.Kind, t.Of, t.Pos = schema.Definition, text(n, told), scalar(n, told).Pos
	case "x-number":
		t.Kind = schema.Text
	case "format":
		t.Kind = schema.Kind(text(n, "format"))
	case "enum":
		r.enum(t, n)
	case "properties":
		t.Kind, t.Of = schema.Object, objectName
		t.Fields = r.properties(objectName, n, func(s schema.Scalar, what string) { r.spelled(s, what) })
		for _, f := range t.Fields {
			if f.Type == nil {
				r.untyped(f.Pos, strconv.Quote(f.Name), n.Get("properties").Get(f.Name))
			}
		}
	case "items":
		r.array(t, objectName, n)
	default:
		if !r.plain(t, n) {
			return nil
		}
	}
	r.limits(t, n)
	return t
}

// jsonType refuses a `type` that contradicts the keyword that tells the type.
func (r *reader) jsonType(n *schema.Node, key, implied string) {
	s := scalar(n, "type")
	if s.IsZero() || s.Text == implied || key == "format" && text(n, "format") == "point" && s.Text == "object" {
		return
	}
	d := schema.Faultf(s.Pos, "type-conflict", "type: %s and %s tell two different types", s.Text, key)
	if s.Text == "integer" && key == "format" || s.Text == "number" {
		d = d.WithHint("money, decimals and dates are stored as text: leave type out")
	} else {
		d = d.WithHint("leave type out")
	}
	r.fault(d)
}

func (r *reader) plain(t *schema.Type, n *schema.Node) bool {
	switch text(n, "type") {
	case "string":
		t.Kind = schema.Text
	case "boolean":
		t.Kind = schema.Boolean
	case "integer":
		t.Kind = schema.Integer
	case "array":
		r.fault(schema.Faultf(t.Pos, "missing-key", "the array has no \"items\"").WithHint("items: the schema of its elements"))
		return false
	case "object":
		r.fault(schema.Faultf(t.Pos, "missing-key", "the object has no \"properties\"").WithHint("properties: names with schemas"))
		return false
	default:
		return false
	}
	return true
}

var enumWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,59}$`)

func (r *reader) enum(t *schema.Type, n *schema.Node) {
	t.Kind = schema.Enum
	for _, s := range most(r, scalars(n, "enum"), maxParts, "words in enum", n.Pos) {
		switch {
		case !enumWord.MatchString(s.Text) || slices.Contains([]string{"true", "false", "null"}, s.Text):
			r.fault(schema.Faultf(s.Pos, "bad-name", "%q cannot be a word of enum", s.Text).
				WithHint("write a camelCase word and its text in x-titles, or use a classifier"))
		case slices.Contains(t.Enum, s.Text):
			r.faultf(s.Pos, "duplicate-key", "%q stands twice in enum", s.Text)
		default:
			t.Enum = append(t.Enum, s.Text)
		}
	}
	t.EnumTitles = textMap(n, "x-titles")
	for _, e := range most(r, entries(n, "x-titles"), maxParts, "words in x-titles", n.Pos) {
		if !slices.Contains(t.Enum, e.Key.Text) {
			r.fault(schema.Faultf(e.Key.Pos, "unknown-word", "x-titles names %q, which is not in enum", e.Key.Text).WithNearest(e.Key.Text, slices.Clone(t.Enum)))
		}
	}
}

func (r *reader) array(t *schema.Type, objectName string, n *schema.Node) {
	t.Kind = schema.Array
	items := mapNode(n, "items")
	if items == nil {
		return
	}
	t.Elem = r.typeOf(objectName, items.Pos, items)
	switch {
	case t.Elem == nil:
		r.untyped(items.Pos, "the elements of the array", items)
	case t.Elem.Kind == schema.Array:
		r.fault(schema.Faultf(items.Pos, "refused-keyword", "an array of arrays is not part of the language").WithHint("make the elements objects"))
	case t.Elem.Kind == schema.Object && n.Get("maxItems") == nil:
		r.fault(schema.Faultf(t.Pos, "missing-key", "an array of objects has no \"maxItems\"").WithHint("maxItems: how many rows there may be; what has own dates, rights or links is a document with card"))
	}
	t.Keys = texts(n, "x-key")
	for _, s := range scalars(n, "x-key") {
		if t.Elem != nil && t.Elem.Kind == schema.Object && t.Elem.Field(s.Text) == nil {
			r.fault(schema.Faultf(s.Pos, "unknown-property", "x-key names %q, and the rows have no such property", s.Text).WithNearest(s.Text, names(t.Elem.Fields)))
		}
	}
}

// untyped reports that nothing tells a type, unless what was to tell it is already reported.
func (r *reader) untyped(pos schema.Pos, what string, n *schema.Node) {
	for _, key := range []string{"type", "format", "enum", "anyOf", "oneOf", "allOf", "nullable", "x-link", "x-classifier", "$ref"} {
		if n.Get(key) != nil {
			return
		}
	}
	r.fault(schema.Faultf(pos, "missing-type", "nothing tells the type of %s", what).
		WithHint("write type, format, enum, $ref, x-link or x-classifier"))
}

// scope tells for which kinds of values a keyword means something.
var scope = map[string][]schema.Kind{
	"minLength":   {schema.Text},
	"maxLength":   {schema.Text},
	"pattern":     {schema.Text},
	"minimum":     {schema.Integer, schema.Decimal, schema.Money},
	"maximum":     {schema.Integer, schema.Decimal, schema.Money},
	"minItems":    {schema.Array},
	"maxItems":    {schema.Array},
	"uniqueItems": {schema.Array},
	"x-key":       {schema.Array},
	"x-scale":     {schema.Decimal},
	"x-titles":    {schema.Enum},
	"required":    {schema.Object},
	"x-fold":      {schema.Text},
	"x-unit":      {schema.Integer, schema.Decimal, schema.Money},
}

// limits reads the keywords that narrow a type.
func (r *reader) limits(t *schema.Type, n *schema.Node) {
	for _, e := range n.Entries {
		if kinds, ok := scope[e.Key.Text]; ok && !slices.Contains(kinds, t.Kind) {
			what := "a value of type " + string(t.Kind)
			if t.Kind == "" {
				what = "what $ref names; say it in the type"
			}
			r.fault(schema.Faultf(e.Key.Pos, "useless-keyword", "%s means nothing for %s", e.Key.Text, what).WithHint("remove it"))
		}
	}
	t.MinLength, t.MaxLength = number(n, "minLength"), number(n, "maxLength")
	t.MinItems, t.MaxItems, t.Unique = number(n, "minItems"), number(n, "maxItems"), flag(n, "uniqueItems")
	t.Minimum, t.Maximum = r.bound(n, "minimum"), r.bound(n, "maximum")
	t.Const = n.Get("const")
	if s := scalar(n, "pattern"); !s.IsZero() {
		t.Pattern = s.Text
		if _, err := regexp.Compile(s.Text); err != nil {
			r.faultf(s.Pos, "bad-pattern", "the pattern is no regular expression: %v", err)
		}
	}
	if t.Kind != schema.Decimal {
		return
	}
	if scale := number(n, "x-scale"); scale != nil && *scale <= 18 {
		t.Scale = *scale
		return
	}
	r.fault(schema.Faultf(t.Pos, "missing-key", "a decimal has no \"x-scale\"").WithHint("x-scale: how many digits stand after the point, 0 to 18"))
}

// bound is a canonical number.
func (r *reader) bound(n *schema.Node, key string) string {
	s := scalar(n, key)
	if s.IsZero() {
		return ""
	}
	v, err := value.ParseNumber(s.Text)
	if err != nil {
		r.faultf(s.Pos, "bad-value", "%v", err)
		return ""
	}
	return v.String()
}

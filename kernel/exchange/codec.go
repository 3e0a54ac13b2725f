package exchange

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// ItemFinder is what a World may also have: the code of the item that has a code of its own in an outside system; ""
// where there is none. Without it the items that packages carry are searched.
type ItemFinder interface {
	ItemByCode(ctx context.Context, classifier, system, code string) (string, error)
}

// mistake is what is wrong with one value.
type mistake struct {
	code string
	args []string
}

func wrong(v any, need string) *mistake { return &mistake{WrongValue, []string{clip(show(v)), need}} }

func show(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return strings.Trim(string(raw), `"`)
}

// read makes the stored form of a JSON value; nil for an absent one.
func (r *reader) leaf(n *node, given any) (any, *mistake) {
	if given == nil {
		return nil, nil
	}
	if n.as.codes != "" {
		return r.fromCode(n, given)
	}
	v, bad := r.f.all.plainLeaf(n, given)
	if bad != nil || v == nil {
		return nil, bad
	}
	if code, ok := v.(string); ok && n.typ.Kind == schema.Item {
		item, err := r.world.Item(r.ctx, n.typ.Of, code)
		if err != nil {
			r.err = err
		} else if item == nil {
			return nil, &mistake{NoCode, []string{clip(code), n.typ.Of}}
		}
	}
	return v, nil
}

// plainLeaf reads a value by its type alone, lenient in spelling.
func (x *Exchanges) plainLeaf(n *node, given any) (any, *mistake) {
	t := n.typ
	text, ok := textOf(given)
	switch {
	case t.Kind == schema.Boolean:
		return boolean(given)
	case !ok:
		return nil, wrong(given, string(t.Kind))
	case text == "":
		return nil, nil
	}
	switch t.Kind {
	case schema.Integer, schema.Decimal, schema.Money:
		text = number(text)
	case schema.Date:
		text = date(text, n.as.date)
	case schema.DateTime:
		if i, err := time.Parse(time.RFC3339, text); err == nil {
			text = i.UTC().Format(time.RFC3339)
		}
	case schema.Month:
		text = strings.TrimSuffix(text, "-01")
	case schema.Link, schema.UUID:
		text = strings.ToLower(text)
		if !uuidText.MatchString(text) {
			return nil, wrong(given, "uuid")
		}
	case schema.Text:
		text = x.unmasked(n, text)
	}
	return x.typed(t, given, text)
}

var uuidText = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// typed holds a text against its type: it is a value, and within its limits.
func (x *Exchanges) typed(t *schema.Type, given any, text string) (any, *mistake) {
	if !utf8.ValidString(text) || strings.IndexFunc(text, forbidden) >= 0 {
		return nil, wrong(given, "text")
	}
	var stored any = text
	if t.Kind == schema.Integer {
		stored = json.Number(text)
	}
	v, err := expr.FromStored(t, stored)
	if err != nil {
		return nil, wrong(given, string(t.Kind))
	}
	if stored, err = expr.ToStored(t, v); err != nil || stored == nil {
		return nil, wrong(given, string(t.Kind))
	}
	if need := x.limits(t, text); need != "" {
		return nil, wrong(given, need)
	}
	if p := x.checks[t.Named]; p != nil {
		if got, err := p.Eval(expr.Input{Vars: map[string]any{"value": v}}); err != nil || !got.True() {
			return nil, &mistake{Mismatch, []string{clip(text)}}
		}
	}
	return stored, nil
}

// limits names the limit that a value breaks; "" if it breaks none.
func (x *Exchanges) limits(t *schema.Type, text string) string {
	length := utf8.RuneCountInString(text)
	switch {
	case len(t.Enum) > 0 && !slices.Contains(t.Enum, text):
		return strings.Join(t.Enum, ", ")
	case t.MaxLength != nil && length > *t.MaxLength:
		return "≤ " + strconv.Itoa(*t.MaxLength)
	case t.MinLength != nil && length < *t.MinLength:
		return "≥ " + strconv.Itoa(*t.MinLength)
	case t.Pattern != "" && !x.matches(t.Pattern, text):
		return t.Pattern
	}
	n, err := value.ParseNumber(text)
	if err != nil {
		return ""
	}
	if least, err := value.ParseNumber(t.Minimum); err == nil && n.Compare(least) < 0 {
		return "≥ " + t.Minimum
	}
	if most, err := value.ParseNumber(t.Maximum); err == nil && n.Compare(most) > 0 {
		return "≤ " + t.Maximum
	}
	return ""
}

// matches holds a text against a pattern that the loader has seen to be RE2.
func (x *Exchanges) matches(pattern, text string) bool {
	re := x.patterns[pattern]
	return re == nil || re.MatchString(text)
}

func forbidden(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// textOf is a scalar of JSON as text.
func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v), true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

func boolean(given any) (any, *mistake) {
	switch s, _ := textOf(given); {
	case given == true || strings.EqualFold(s, "true") || s == "1":
		return true, nil
	case given == false || strings.EqualFold(s, "false") || s == "0":
		return false, nil
	case s == "" && given == "":
		return nil, nil
	}
	return nil, wrong(given, "true, false")
}

// number drops blanks between thousands and takes a decimal comma.
func number(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	return s
}

// dateSpellings are the ways in which a day is written by others, after their own one.
var dateSpellings = []string{time.DateOnly, "02.01.2006", time.RFC3339, "2006-01-02T15:04:05", "2006-01-02Z07:00"}

func date(s, own string) string {
	layouts := dateSpellings
	if own != "" {
		layouts = append([]string{own}, layouts...)
	}
	for _, layout := range layouts {
		if d, err := time.Parse(layout, s); err == nil {
			return value.DateOf(d).String() // a day with a zone is that day
		}
	}
	return s
}

// unmasked drops the separators of a mask: that of the format or of the type.
func (x *Exchanges) unmasked(n *node, s string) string {
	mask := n.as.mask
	if def := x.cat.Types[n.typ.Named]; mask == "" && def != nil {
		mask = def.Mask
	}
	if mask == "" || strings.IndexFunc(s, unicode.IsLetter) >= 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// fromCode finds the item or definition that has a code in a system.
func (r *reader) fromCode(n *node, given any) (any, *mistake) {
	code, ok := textOf(given)
	switch {
	case !ok:
		return nil, wrong(given, "text")
	case code == "":
		return nil, nil
	}
	found := ""
	if n.typ.Kind == schema.Definition {
		found = r.f.all.measureByCode(n.as.codes, code)
	} else if finder, ok := r.world.(ItemFinder); ok {
		if found, r.err = finder.ItemByCode(r.ctx, n.typ.Of, n.as.codes, code); r.err != nil {
			return nil, nil
		}
	} else {
		found = r.f.all.itemByCode(n.typ.Of, n.as.codes, code)
	}
	if found == "" {
		return nil, &mistake{NoCode, []string{clip(code), n.typ.Of}}
	}
	return found, nil
}

func (x *Exchanges) itemByCode(classifier, system, code string) string {
	if cl := x.cat.Classifiers[classifier]; cl != nil {
		for _, it := range cl.Items {
			if it.Codes[system] == code {
				return it.Code
			}
		}
	}
	return ""
}

func (x *Exchanges) measureByCode(system, code string) string {
	for name, m := range x.cat.Measures {
		if m.Codes[system] == code {
			return name
		}
	}
	return ""
}

// codeOf is the code that an item or definition has in a system.
func (p *printer) codeOf(n *node, code string) (string, error) {
	if n.typ.Kind == schema.Definition {
		if m := p.f.all.cat.Measures[code]; m != nil {
			return m.Codes[n.as.codes], nil
		}
		return "", nil
	}
	item, err := p.world.Item(p.ctx, n.typ.Of, code)
	if err != nil || item == nil {
		return "", err
	}
	return item.Codes[n.as.codes], nil
}

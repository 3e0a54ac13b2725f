package expr

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"mera/schema"
	"mera/schema/value"
)

// forPeople is how numbers and dates are written for people.
var forPeople = struct {
	group, point string
	date, time   string
	digits       int // of a number that has no end
}{" ", ",", "02.01.2006", "02.01.2006 15:04", 4}

// shower is how values of a type are written for people; false where they have no text.
func (e *Env) shower(t *Type) (func(*frame, any) string, bool) {
	switch t.Kind {
	case schema.Boolean, schema.Object:
		return nil, false
	case schema.Enum:
		return func(_ *frame, v any) string {
			s, _ := v.(string)
			if title := t.Titles[s]; title != "" {
				return title
			}
			return s
		}, true
	case schema.Link:
		return func(f *frame, v any) string { return f.titleOf(v) }, true
	case List:
		one, ok := e.shower(t.Elem)
		return func(f *frame, v any) string {
			items, _ := parts(v)
			texts := make([]string, len(items))
			for i, it := range items {
				texts[i] = f.shown(it, one)
			}
			return commas(texts)
		}, ok
	}
	return func(f *frame, v any) string { return f.show(v) }, true
}

// show writes a value for people.
func (f *frame) show(v any) string {
	switch v := v.(type) {
	case value.Money:
		return grouped(v.String())
	case value.Number:
		if _, exact := v.Rat().FloatPrec(); !exact {
			v = v.Round(forPeople.digits, value.HalfUp)
		}
		return grouped(v.String())
	case int64:
		return grouped(strconv.FormatInt(v, 10))
	case value.Date:
		return showDate(v)
	case value.Period:
		return showDate(v.From) + "–" + showDate(v.To)
	case time.Time:
		return v.In(f.zone()).Format(forPeople.time)
	case Item:
		if it := f.item(v); it != nil && it.Title != "" {
			return it.Title
		}
		return v.Code
	case *Record:
		return f.titleOf(v)
	}
	return canonical(v)
}

func showDate(d value.Date) string {
	if d.IsZero() || d == value.Forever {
		return ""
	}
	return d.Time(time.UTC).Format(forPeople.date)
}

// grouped puts spaces between thousands and a comma for the point; four digits alone stay together only as a sum does.
func grouped(s string) string {
	whole, part, hasPart := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(forPeople.group)
		}
		b.WriteRune(r)
	}
	if hasPart {
		return sign + b.String() + forPeople.point + part
	}
	return sign + b.String()
}

// titleOf is the line that names a record: its title, or what `summary` of its document gives, or its id.
func (f *frame) titleOf(v any) string {
	r := f.loadedValue(v)
	if r == nil {
		if stub, ok := v.(*Record); ok && stub != nil {
			return stub.ID
		}
		return dash
	}
	if title, ok := r.KernelValue("title").(string); ok && title != "" {
		return title
	}
	if prog := f.env.summaries[r.Type]; prog != nil {
		text := f.inner(prog.locals, func(in *frame) any {
			in.locals[0] = r
			return prog.root.eval(in)
		})
		if s, ok := text.(string); ok {
			return s
		}
	}
	return r.ID
}

// canonical is the text of a value as it is stored.
func canonical(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case Item:
		return v.Code
	case *Record:
		return v.ID
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(v)
}

// display is a value in the explanation.
func (f *frame) display(v any) string {
	switch v := v.(type) {
	case nil:
		return dash
	case Unknown:
		return "? " + commas(v.Names)
	case filled:
		return v.text
	case *Record:
		return v.Type + " " + v.ID
	case []any:
		return f.displayList(v, "")
	case PartList:
		return f.displayList(v.Items, ", ? "+commas(v.Unknown))
	case map[string]any:
		return f.displayObject(v)
	}
	return canonical(v)
}

const displayed = 10 // elements of a list that the explanation shows

func (f *frame) displayList(items []any, more string) string {
	texts := make([]string, 0, displayed+1)
	for i, it := range items {
		if i == displayed {
			texts = append(texts, "… "+strconv.Itoa(len(items)))
			break
		}
		texts = append(texts, f.display(it))
	}
	return "[" + commas(texts) + more + "]"
}

func (f *frame) displayObject(obj map[string]any) string {
	var texts []string
	for _, k := range slices.Sorted(maps.Keys(obj)) {
		texts = append(texts, k+": "+f.display(obj[k]))
	}
	return "{" + commas(texts) + "}"
}

func commas(words []string) string { return strings.Join(words, ", ") }

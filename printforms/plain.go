package printforms

import (
	"context"
	"fmt"
	"time"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// plainer makes plain data of values.
type plainer struct {
	ctx   context.Context
	world expr.World
	zone  *time.Location
	masks map[string]string // of named types

	engine *engine
}

// kind is what is known of a value: its type in expressions, and in the schema where it is declared.
type kind struct {
	typ    *expr.Type
	schema *schema.Type
}

// elem is the kind of the elements of a list, field that of a field of an object.
func (k kind) elem() kind {
	var out kind
	if k.typ != nil {
		out.typ = k.typ.Elem
	}
	if k.schema != nil {
		out.schema = k.schema.Elem
	}
	return out
}

func (k kind) field(name string) kind {
	var out kind
	if k.typ != nil {
		out.typ = k.typ.Fields[name]
	}
	if k.schema != nil {
		if p := k.schema.Field(name); p != nil {
			out.schema = p.Type
		}
	}
	return out
}

// put places the value of a need under its path of maps.
func (p *plainer) put(at map[string]any, n need, v any) error {
	last := len(n.path) - 1
	for _, name := range n.path[:last] {
		next, ok := at[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[name] = next
		}
		at = next
	}
	return p.field(at, n.path[last], kind{n.program.Type(), n.schema}, v)
}

// field places a value under a name, its parts beside it. What is read of a link is joined with what is there.
func (p *plainer) field(at map[string]any, name string, k kind, v any) error {
	plain, err := p.plain(k, v)
	if err != nil || plain == nil {
		return err
	}
	if old, ok := at[name].(map[string]any); ok {
		if more, ok := plain.(map[string]any); ok {
			for key, x := range more {
				old[key] = x
			}
			return nil
		}
	}
	at[name] = plain
	switch v := v.(type) {
	case string:
		if k.typ != nil && k.typ.Kind == schema.Enum {
			at[name+within+"code"], at[name+within+"title"] = v, titleOf(k.typ, v)
		}
	case value.Period:
		p.parts(at, name, v)
	}
	return nil
}

// parts places the ends and the length of a period.
func (p *plainer) parts(at map[string]any, name string, v value.Period) {
	for part, text := range map[string]string{"from": day(v.From), "to": day(v.To)} {
		if text != "" {
			at[name+within+part] = text
		}
	}
	if v.To != value.Forever {
		at[name+within+"days"] = v.Days()
	}
}

func titleOf(t *expr.Type, code string) string {
	if title := t.Titles[code]; title != "" {
		return title
	}
	return code
}

// plain is a value as templates see it; nil for what is absent or not known.
func (p *plainer) plain(k kind, v any) (any, error) {
	switch v := v.(type) {
	case nil, expr.Unknown, expr.PartList:
		return nil, nil
	case bool:
		return v, nil
	case string:
		if k.schema != nil {
			return schema.Masked(p.masks[k.schema.Named], v), nil
		}
		return v, nil
	case int64:
		return int(v), nil
	case time.Time:
		return instant(v, p.zone), nil
	case value.Date:
		return orAbsent(day(v)), nil
	case value.Period:
		return periodText(v), nil
	case expr.Item:
		return p.item(v)
	case *expr.Record:
		return map[string]any{"id": v.ID}, nil
	case []any:
		return p.list(k, v)
	case map[string]any:
		return p.object(k, v)
	case value.Duration:
		return p.engine.duration(v), nil
	case fmt.Stringer: // Number, Money
		return v.String(), nil
	}
	return nil, fmt.Errorf("a value of type %T cannot be printed", v)
}

func orAbsent(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (p *plainer) item(v expr.Item) (any, error) {
	it, err := p.world.Item(p.ctx, v.Classifier, v.Code)
	if err != nil {
		return nil, fmt.Errorf("item %s of %s: %w", v.Code, v.Classifier, err)
	}
	out := map[string]any{"code": v.Code, "title": v.Code}
	if it != nil && it.Title != "" {
		out["title"] = it.Title
	}
	return out, nil
}

func (p *plainer) list(k kind, v []any) (any, error) {
	out := make([]any, 0, len(v))
	for _, x := range v {
		plain, err := p.plain(k.elem(), x)
		if err != nil {
			return nil, err
		}
		if plain != nil {
			out = append(out, plain)
		}
	}
	return out, nil
}

func (p *plainer) object(k kind, v map[string]any) (any, error) {
	out := map[string]any{}
	for name, x := range v {
		if err := p.field(out, name, k.field(name), x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// periodText writes a period that is a month, quarter or year as such, any other by its days.
func periodText(p value.Period) string {
	first := p.From
	switch {
	case p.To == value.Forever || first.Day != 1 || p.To != p.To.MonthEnd():
	case p.To == first.MonthEnd():
		return first.String()[:7]
	case p.To == first.AddMonths(2).MonthEnd() && first.Month%3 == 1:
		return fmt.Sprintf("%04d-Q%d", first.Year, (first.Month+2)/3)
	case p.To == first.AddMonths(11).MonthEnd() && first.Month == 1:
		return first.String()[:4]
	}
	return p.String()
}

package policies

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"

	"mera/schema"
	"mera/schema/value"
)

// row is a map of attributes as Rego sees it: numbers as numbers, sets as arrays, no null. What is no attribute of
// the type is left out; a value that is not of the attribute's kind is an error, for it would compare as anything.
func (as attributes) row(values map[string]any) (*ast.Term, error) {
	out := ast.NewObject()
	for name, v := range values {
		a, ok := as[name]
		if !ok || v == nil || v == "" {
			continue
		}
		t, err := regoValue(a.typ, v)
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", name, err)
		}
		out.Insert(ast.StringTerm(name), t)
	}
	return ast.NewTerm(out), nil
}

func regoValue(t *schema.Type, v any) (*ast.Term, error) {
	switch family(t.Kind) {
	case "set":
		return regoSet(t.Elem, v)
	case "boolean":
		if b, ok := v.(bool); ok {
			return ast.BooleanTerm(b), nil
		}
	case "number":
		switch v := v.(type) {
		case int64:
			return ast.NumberTerm(json.Number(strconv.FormatInt(v, 10))), nil
		case int:
			return ast.IntNumberTerm(v), nil
		case json.Number:
			return ast.NumberTerm(v), nil
		case value.Money:
			return ast.NumberTerm(json.Number(v.String())), nil
		case string:
			n, err := value.ParseNumber(v)
			return ast.NumberTerm(json.Number(n.String())), err
		}
	default:
		switch v := v.(type) {
		case string:
			return ast.StringTerm(v), nil
		case value.Date:
			return ast.StringTerm(v.String()), nil
		}
	}
	return nil, fmt.Errorf("%T is no %s", v, t.Kind)
}

func regoSet(elem *schema.Type, v any) (*ast.Term, error) {
	var items []*ast.Term
	add := func(e any) error {
		t, err := regoValue(elem, e)
		items = append(items, t)
		return err
	}
	switch v := v.(type) {
	case []string:
		for _, s := range v {
			if err := add(s); err != nil {
				return nil, err
			}
		}
	case []any:
		for _, e := range v {
			if err := add(e); err != nil {
				return nil, err
			}
		}
	default:
		return nil, fmt.Errorf("%T is no set", v)
	}
	return ast.ArrayTerm(items...), nil
}

package graph

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"

	"mera/kernel"
	"mera/schema/value"
)

// args are the arguments of one field. Numbers stay as they were written (json.Number), so that no sum passes through
// a float.
type args map[string]any

// arguments reads the arguments of a field. A text with a zero character, which PostgreSQL cannot keep, or one that is
// not UTF-8 is refused here, before anything else sees it.
func arguments(f *ast.Field, vars map[string]any) (args, error) {
	return argumentsOf(f, func(name string) (any, bool) {
		v, given := vars[name]
		return v, given
	})
}

// variable is the value of a variable; false where it was not given.
type variable func(name string) (value any, given bool)

func argumentsOf(f *ast.Field, vars variable) (args, error) {
	out := make(args, len(f.Arguments))
	for _, a := range f.Arguments {
		v, given, err := argument(a.Value, vars)
		if err != nil {
			return nil, fieldError(a.Name, "text", err)
		}
		if given {
			out[a.Name] = v
		}
	}
	return out, nil
}

func argument(v *ast.Value, vars variable) (x any, given bool, err error) {
	if v.Kind == ast.Variable {
		x, given = vars(v.Raw)
		x = listed(x)
		return x, given, clean(x)
	}
	x, err = literal(v, vars)
	return x, true, err
}

// listed is a list as JSON decoding gives it: gqlparser makes a typed one of a value that stands for a list of one.
func listed(v any) any {
	list, ok := v.([]string)
	if !ok {
		return v
	}
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// literal is a value of a document as JSON decoding gives it.
func literal(v *ast.Value, vars variable) (any, error) {
	switch v.Kind {
	case ast.Variable:
		x, _ := vars(v.Raw)
		x = listed(x)
		return x, clean(x)
	case ast.NullValue:
		return nil, nil
	case ast.BooleanValue:
		return v.Raw == "true", nil
	case ast.IntValue, ast.FloatValue:
		return json.Number(v.Raw), nil
	case ast.ListValue:
		out := make([]any, len(v.Children))
		for i, c := range v.Children {
			var err error
			if out[i], err = literal(c.Value, vars); err != nil {
				return nil, err
			}
		}
		return out, nil
	case ast.ObjectValue:
		out := make(map[string]any, len(v.Children))
		for _, c := range v.Children {
			x, given, err := argument(c.Value, vars)
			if err != nil {
				return nil, err
			}
			if given {
				out[c.Name] = x
			}
		}
		return out, nil
	}
	return v.Raw, clean(v.Raw)
}

// errText tells that a text cannot be kept.
var errText = kernel.Errorf(kernel.Invalid, "text")

// clean refuses texts that no database keeps, at any depth.
func clean(v any) error {
	switch v := v.(type) {
	case string:
		if strings.IndexByte(v, 0) >= 0 || !utf8.ValidString(v) {
			return errText
		}
	case []any:
		for _, e := range v {
			if err := clean(e); err != nil {
				return err
			}
		}
	case map[string]any:
		for k, e := range v {
			if err := clean(k); err != nil {
				return err
			}
			if err := clean(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// fieldError is INVALID at one argument.
func fieldError(path, code string, cause error) *kernel.Error {
	e := kernel.Errorf(kernel.Invalid, "invalid")
	e.Fields = []kernel.FieldError{{Path: path, Code: code}}
	e.Err = cause
	return e
}

func (a args) text(name string) string {
	switch v := a[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return ""
}

// number is a whole number; zero if it was not given.
func (a args) number(name string) (int, error) {
	v := a[name]
	if v == nil {
		return 0, nil
	}
	n, err := strconv.Atoi(args{"n": v}.text("n"))
	if err != nil {
		return 0, fieldError(name, "integer", err)
	}
	return n, nil
}

func (a args) object(name string) map[string]any {
	m, _ := a[name].(map[string]any)
	return m
}

func (a args) list(name string) []any {
	switch v := a[name].(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v} // GraphQL takes one value for a list of one
	}
}

func (a args) texts(name string) []string {
	var out []string
	for _, v := range a.list(name) {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func (a args) day(name string) (value.Date, error) {
	s := a.text(name)
	if s == "" {
		return value.Date{}, nil
	}
	d, err := value.ParseDate(s)
	if err != nil {
		return value.Date{}, fieldError(name, "date", err)
	}
	return d, nil
}

func (a args) moment(name string) (time.Time, error) {
	s := a.text(name)
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, fieldError(name, "date-time", err)
	}
	return t.UTC(), nil
}

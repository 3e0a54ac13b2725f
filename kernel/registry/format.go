package registry

import (
	"context"
	"fmt"
	"regexp"
	"strconv"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// NumberFormat is the compiled format of a number: a template in which {n:03} is the number with leading zeros.
type NumberFormat struct {
	program *expr.Program
	width   int
}

// padded is the name under which a format reads the number with leading zeros.
const padded = "nPadded"

var width = regexp.MustCompile(`\{n:0(\d{1,2})\}`)

// CompileNumberFormat compiles a format over n, year, office and further names.
func CompileNumberFormat(env *expr.Env, format schema.Scalar, names map[string]*expr.Type) (*NumberFormat, schema.Diagnostics) {
	f := &NumberFormat{}
	if m := width.FindStringSubmatch(format.Text); m != nil {
		f.width, _ = strconv.Atoi(m[1]) // two digits
		format.Text = width.ReplaceAllString(format.Text, "{"+padded+"}")
	}
	// Texts, not numbers: a template groups the digits of a number for reading, and 1234 is no «1 234» here.
	vars := map[string]*expr.Type{"n": expr.Text, "year": expr.Text, "office": expr.RecordOf("Office"), padded: expr.Text}
	for name, t := range names {
		vars[name] = t
	}
	var ds schema.Diagnostics
	f.program, ds = env.CompileTemplate(format, expr.Scope{Vars: vars})
	return f, ds
}

// Fill writes a number. office may be nil.
func (f *NumberFormat) Fill(ctx context.Context, world expr.World, n int64, office *expr.Record, today value.Date, names map[string]any) (string, error) {
	return f.fill(ctx, world, n, office, today, func(name string) (any, error) { return names[name], nil })
}

func (f *NumberFormat) fill(
	ctx context.Context, world expr.World, n int64, office *expr.Record, today value.Date, other func(name string) (any, error),
) (string, error) {
	vars, err := f.program.Vars(func(name string) (any, error) {
		if v, err := other(name); v != nil || err != nil {
			return v, err
		}
		switch name {
		case "n":
			return strconv.FormatInt(n, 10), nil
		case padded:
			return fmt.Sprintf("%0*d", f.width, n), nil
		case "year":
			return strconv.Itoa(today.Year), nil
		case "office":
			return office, nil
		}
		return nil, nil
	})
	if err != nil {
		return "", err
	}
	res, err := f.program.Eval(expr.Input{Ctx: ctx, Vars: vars, Day: today, World: world})
	if err != nil {
		return "", err
	}
	s, _ := res.Value.(string)
	return s, nil
}

package forms

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
)

// Forms are the compiled forms of a catalog, with what is needed to read input of any of its documents. They are
// immutable and safe for concurrent use.
type Forms struct {
	cat      *schema.Catalog
	patterns map[string]*regexp.Regexp // by their text
	masks    map[string]string         // by named type
	checks   map[string]*check         // by named type
	world    expr.World                // what a check of a value may see: the catalog itself
	drawn    map[string][]*form        // by document
}

// check judges a value of a named type.
type check struct {
	title   string
	program *expr.Program
}

// Compile resolves all forms and types of a catalog.
func Compile(cat *schema.Catalog, env *expr.Env) (*Forms, schema.Diagnostics) {
	f := &Forms{
		cat: cat, patterns: map[string]*regexp.Regexp{}, masks: map[string]string{}, checks: map[string]*check{},
		world: expr.NewStaticWorld(cat), drawn: map[string][]*form{},
	}
	c := &compiler{Forms: f, env: env, seen: map[*schema.Type]bool{}}
	for _, name := range slices.Sorted(maps.Keys(cat.Types)) {
		c.named(cat.Types[name])
	}
	for _, name := range slices.Sorted(maps.Keys(cat.Documents)) {
		c.properties(cat.Documents[name].Properties)
	}
	for _, name := range slices.Sorted(maps.Keys(cat.Workflows)) {
		c.properties(cat.Workflows[name].Data)
	}
	for _, name := range slices.Sorted(maps.Keys(cat.Forms)) {
		c.form(cat.Forms[name])
	}
	return f, c.faults.Sorted()
}

// compiler collects faults while the forms are resolved.
type compiler struct {
	*Forms
	env    *expr.Env
	seen   map[*schema.Type]bool
	faults schema.Diagnostics
}

func (c *compiler) fault(pos schema.Pos, code, format string, args ...any) {
	c.faults = append(c.faults, schema.Faultf(pos, code, format, args...))
}

// named compiles the mask and the check of a type.
func (c *compiler) named(t *schema.TypeDef) {
	if t.Type == nil {
		return
	}
	c.kind(t.Type)
	if t.Mask != "" {
		if !strings.Contains(t.Mask, "N") {
			c.fault(t.Pos, "type-mask", "mask %q has no place N for a digit", t.Mask)
		}
		c.masks[t.Name] = t.Mask
	}
	if t.Check.IsZero() {
		return
	}
	scope := expr.Scope{Vars: map[string]*expr.Type{"value": expr.FromSchema(t.Type)}}
	program, faults := c.env.Compile(t.Check, scope, expr.Bool)
	c.faults = append(c.faults, faults...)
	switch {
	case faults.Faulty() || program == nil:
	case len(program.Parameters()) > 0:
		c.fault(t.Check.Pos, "type-check", "the check of a type judges its value alone; it may not read %s",
			strings.Join(program.Parameters(), ", "))
	default:
		c.checks[t.Name] = &check{title: title(t.Title, t.Name), program: program}
	}
}

func (c *compiler) properties(ps []*schema.Property) {
	for _, p := range ps {
		if p.Type != nil {
			c.kind(p.Type)
		}
	}
}

// kind compiles the patterns of a type and of its parts.
func (c *compiler) kind(t *schema.Type) {
	if c.seen[t] {
		return
	}
	c.seen[t] = true
	if t.Pattern != "" && c.patterns[t.Pattern] == nil {
		if re, err := regexp.Compile(t.Pattern); err == nil { // loading tells the fault
			c.patterns[t.Pattern] = re
		}
	}
	if t.Elem != nil {
		c.kind(t.Elem)
	}
	c.properties(t.Fields)
}

// judge runs the check of the named type over a bound value.
func (b *binder) judge(at string, t *schema.Type, v any) any {
	check := b.forms.checks[t.Named]
	if check == nil {
		return v
	}
	val, err := expr.FromStored(t, v)
	if err != nil {
		return b.fail(at, Checked, check.title)
	}
	got, err := check.program.Eval(expr.Input{Ctx: context.Background(), Vars: map[string]any{"value": val}, World: b.forms.world})
	switch {
	case err != nil || len(got.Unclear) > 0:
		return b.fail(at, Unclear, check.title)
	case got.Value != true:
		return b.fail(at, Checked, check.title)
	}
	return v
}

// matches holds a text against a pattern.
func (f *Forms) matches(pattern, s string) bool {
	re := f.patterns[pattern]
	return re == nil || re.MatchString(s)
}

func title(text, name string) string {
	if text == "" {
		return name
	}
	return text
}

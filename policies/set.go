package policies

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"mera/schema"
	"mera/schema/filter"
)

// Set is all policies of a release, compiled. It is immutable and serves any number of goroutines.
type Set struct {
	cat   *schema.Catalog
	types map[string]*typePolicy
	units map[string]*unit // by package, for tests
	lib   *ast.Module
	reads map[string]bool // parts of input that some rule reads: actor.roles, today
	steps int             // of one evaluation at most
}

// WithSteps is the same set with another bound on the steps of one evaluation.
func (s *Set) WithSteps(n int) *Set {
	out := *s
	out.steps = n
	return &out
}

// typePolicy is what one type is judged by.
type typePolicy struct {
	attributes attributes
	units      []*unit // base, the owner, those that overlay the type
	labels     []string
}

// unit is the policy of one package, compiled.
type unit struct {
	name    string // mera.<package>
	entries map[string]*entry
}

// entry is one entry point, ready for both ways of use.
type entry struct {
	plain   rego.PreparedEvalQuery
	partial rego.PreparedPartialQuery
}

// Check judges an action on a row: true if a rule of the entry point (read for the action "read", else write) is true
// and no deny is. The row holds attributes in stored form; what is none is ignored. why names what decided, for
// journals and developers. An error (limit, cancelled) is a denial.
func (s *Set) Check(ctx context.Context, actor Actor, action, typ string, row map[string]any, event, today string) (allowed bool, why string, err error) {
	entry := "write"
	if action == "read" {
		entry = "read"
	}
	return s.decide(ctx, entry, ask{actor, action, typ, row, event, today})
}

// Edit judges whether a labelled property of a row may be written: edit.<label> and not deny. The right to write the
// row is judged apart, by Check.
func (s *Set) Edit(ctx context.Context, actor Actor, typ, label string, row map[string]any, today string) (bool, error) {
	ok, _, err := s.decide(ctx, "edit."+label, ask{actor, "update", typ, row, "", today})
	return ok, err
}

// Shown judges whether a labelled property of a row may be read: Show on one row.
func (s *Set) Shown(ctx context.Context, actor Actor, typ, label string, row map[string]any, today string) (bool, error) {
	ok, _, err := s.decide(ctx, "show."+label, ask{actor, "read", typ, row, "", today})
	return ok, err
}

// Reads tells whether some rule reads a part of input: actor.roles, today. What no rule reads changes no answer.
func (s *Set) Reads(part string) bool { return s.reads[part] }

// Labels are those of the properties of a type, sorted.
func (s *Set) Labels(typ string) []string {
	if t := s.types[typ]; t != nil {
		return slices.Clone(t.labels)
	}
	return nil
}

// Filter is the filter of the rows of a type that an actor may read. For Case and for an abstract document it joins
// those of all types that stand behind the name.
func (s *Set) Filter(ctx context.Context, actor Actor, typ, today string) (*filter.Tree, error) {
	return s.bound(ctx, actor, typ, "read", today)
}

// Show is the filter of the rows whose properties with a label an actor may see.
func (s *Set) Show(ctx context.Context, actor Actor, typ, label, today string) (*filter.Tree, error) {
	return s.bound(ctx, actor, typ, "show."+label, today)
}

func (s *Set) bound(ctx context.Context, actor Actor, typ, entry, today string) (*filter.Tree, error) {
	t, err := s.Open(ctx, actor, typ, entry, today)
	if err != nil {
		return nil, err
	}
	return Bind(t, actor), nil
}

// Bind puts an actor's own id, person and office into a filter of Open.
func Bind(t *filter.Tree, actor Actor) *filter.Tree { return t.Bind(actor.values()) }

// Open is the filter of an entry point (read, show.<label>) for all actors of a class: their id, person and office
// stand open as parameters, which Bind fills.
func (s *Set) Open(ctx context.Context, actor Actor, typ, entry, today string) (*filter.Tree, error) {
	behind := s.behind(typ)
	if behind == nil {
		return s.open(ctx, actor, typ, entry, "read", today)
	}
	groups := map[string][]any{}
	trees := map[string]*filter.Tree{}
	var order []string
	for _, name := range behind {
		t, err := s.open(ctx, actor, name, entry, "read", today)
		if err != nil {
			return nil, err
		}
		key := t.String()
		if trees[key] == nil {
			trees[key] = t
			order = append(order, key)
		}
		groups[key] = append(groups[key], name)
	}
	kids := make([]*filter.Tree, 0, len(order))
	typed := attribute{&schema.Type{Kind: schema.Text}, rowHop("type")}
	for _, key := range order {
		kids = append(kids, filter.Conj(typed.leaf(filter.In, groups[key]), trees[key]))
	}
	return filter.Disj(kids...), nil
}

// OpenWrite is the filter of the rows of a type on which actors of a class may do something that is no event.
func (s *Set) OpenWrite(ctx context.Context, actor Actor, action, typ, today string) (*filter.Tree, error) {
	return s.open(ctx, actor, typ, "write", action, today)
}

// OpenEdit is the filter of the rows of a type whose properties with a label actors of a class may write.
func (s *Set) OpenEdit(ctx context.Context, actor Actor, typ, label, today string) (*filter.Tree, error) {
	return s.open(ctx, actor, typ, "edit."+label, "update", today)
}

// OpenDeny is the filter of the rows of a type that are denied to a class of actors.
func (s *Set) OpenDeny(ctx context.Context, actor Actor, typ, today string) (*filter.Tree, error) {
	p := s.types[typ]
	if p == nil {
		return filter.Nothing(), nil
	}
	in, err := input(actor.class(), "read", typ, "", today)
	if err != nil {
		return nil, fmt.Errorf("policy of %s: %w", typ, err)
	}
	return s.any(ctx, p, "deny", in)
}

// Cases are the document types that have a workflow, sorted.
func (s *Set) Cases() []string { return s.behind("Case") }

// Types are the document types of packages, sorted.
func (s *Set) Types() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.types)), func(typ string) bool { return s.cat.Documents[typ] == nil })
}

// behind are the types that an abstract document or Case stands for, sorted; nil for a plain type.
func (s *Set) behind(typ string) []string {
	d := s.cat.Documents[typ]
	if typ != "Case" && (d == nil || !d.Abstract) {
		return nil
	}
	out := []string{}
	for name, other := range s.cat.Documents {
		if !other.Abstract && (d != nil && other.Extends.Text == typ || d == nil && s.cat.WorkflowOf(name) != nil) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// open composes one type: (any entry) and not (any deny).
func (s *Set) open(ctx context.Context, actor Actor, typ, name, action, today string) (*filter.Tree, error) {
	p := s.types[typ]
	if p == nil {
		return filter.Nothing(), nil
	}
	in, err := input(actor.class(), action, typ, "", today)
	if err != nil {
		return nil, fmt.Errorf("policy of %s: %w", typ, err)
	}
	allow, err := s.any(ctx, p, name, in)
	if err != nil || allow.Kind == filter.None {
		return allow, err
	}
	deny, err := s.any(ctx, p, "deny", in)
	if err != nil {
		return nil, err
	}
	return filter.Conj(allow, filter.Negate(deny)), nil
}

// any joins an entry point of all units of a type.
func (s *Set) any(ctx context.Context, p *typePolicy, name string, in *ast.Term) (*filter.Tree, error) {
	var kids []*filter.Tree
	for _, u := range p.units {
		e := u.entries[name]
		if e == nil {
			continue
		}
		t, err := s.filterOf(ctx, e, p.attributes, in)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", name, u.name, err)
		}
		kids = append(kids, t)
	}
	return filter.Disj(kids...), nil
}

func (s *Set) filterOf(ctx context.Context, e *entry, as attributes, in *ast.Term) (*filter.Tree, error) {
	b := &budget{ctx, s.steps}
	pq, err := e.partial.Partial(ctx, rego.EvalParsedInput(in.Value), rego.EvalParsedUnknowns(rowUnknown()), rego.EvalRuleIndexing(false),
		rego.EvalExternalCancel(b))
	if err = b.failure(err); err != nil {
		return nil, err
	}
	t := translator{attributes: as}
	return t.queries(pq, maxDisjuncts)
}

func rowUnknown() []*ast.Term { return []*ast.Term{inputPart("row")} }

func inputPart(name string) *ast.Term {
	return ast.NewTerm(ast.Ref{ast.InputRootDocument, ast.StringTerm(name)})
}

// ask is one question about one row.
type ask struct {
	actor       Actor
	action, typ string
	row         map[string]any
	event       string
	today       string
}

func (s *Set) decide(ctx context.Context, name string, q ask) (bool, string, error) {
	p := s.types[q.typ]
	if p == nil {
		return false, "no policy knows the type " + q.typ, nil
	}
	in, err := input(q.actor, q.action, q.typ, q.event, q.today)
	if err != nil {
		return false, "", fmt.Errorf("policy of %s: %w", q.typ, err)
	}
	row, err := p.attributes.row(q.row)
	if err != nil {
		return false, "", fmt.Errorf("policy of %s: %w", q.typ, err)
	}
	in.Value.(ast.Object).Insert(ast.StringTerm("row"), row)
	by, err := s.first(ctx, p, name, in)
	switch {
	case err != nil:
		return false, "", err
	case by == "":
		return false, fmt.Sprintf("no %s rule allows it", name), nil
	}
	against, err := s.first(ctx, p, "deny", in)
	switch {
	case err != nil:
		return false, "", err
	case against != "":
		return false, "denied by " + against, nil
	}
	return true, "allowed by " + by, nil
}

// first is the unit whose entry point is true; "" if none is.
func (s *Set) first(ctx context.Context, p *typePolicy, name string, in *ast.Term) (string, error) {
	for _, u := range p.units {
		e := u.entries[name]
		if e == nil {
			continue
		}
		ok, err := s.plain(ctx, e, in)
		if err != nil {
			return "", fmt.Errorf("%s of %s: %w", name, u.name, err)
		}
		if ok {
			return u.name, nil
		}
	}
	return "", nil
}

func (s *Set) plain(ctx context.Context, e *entry, in *ast.Term) (bool, error) {
	b := &budget{ctx, s.steps}
	res, err := e.plain.Eval(ctx, rego.EvalParsedInput(in.Value), rego.EvalExternalCancel(b))
	if err = b.failure(err); err != nil {
		return false, err
	}
	return res.Allowed(), nil
}

package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"mera/kernel"
)

// Limits of one request. All of them are looked at before the query is validated, and long before any SQL.
const (
	maxBody       = 1 << 20   // bytes of a request without files
	maxUpload     = 64 << 20  // bytes of a request with files; each file has its own limit by its slot
	maxQuery      = 256 << 10 // bytes of a query
	maxKept       = 16 << 10  // bytes of a query that is kept parsed
	maxPlain      = 64 << 10  // bytes of a body that may have a plan
	maxTokens     = 15_000    // of a query
	maxDepth      = 15        // fields inside fields
	maxSchema     = 20        // fields inside fields of introspection
	maxAliases    = 100
	maxSame       = 50     // one field in one selection
	maxPairs      = 20_000 // pairs of fields that answer under one name: the validator compares each with each
	maxFragments  = 100
	maxSpreads    = 1000 // fragments in selections, named ones and others
	maxFields     = 5000 // after fragments are spread
	maxRoots      = 50   // fields of Query
	maxVerbs      = 20   // fields of Mutation
	maxOperations = 10
	maxDirectives = 5      // on one field
	maxNesting    = 48     // lists and maps inside each other in variables
	maxValues     = 20_000 // lists, maps and their members in a body
	maxFiles      = 20     // of one request
	maxCost       = 50_000 // rows that a query may read at its page sizes
)

// limits refuses queries that would cost too much to validate. It is an extension of gqlgen's handler; passed holds
// the queries that were looked at already.
type limits struct {
	passed graphql.Cache[bool]
}

// kept is a cache of queries that leaves out long ones: a thousand of them must not fill the memory.
type kept[T any] struct{ *lru.LRU[T] }

func keep[T any]() kept[T] { return kept[T]{lru.New[T](1000)} }

// Add keeps what belongs to a query (or to its hash, which is short).
func (k kept[T]) Add(ctx context.Context, query string, v T) {
	if text, ok := any(v).(string); len(query) <= maxKept && (!ok || len(text) <= maxKept) {
		k.LRU.Add(ctx, query, v)
	}
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
} = limits{}

func (limits) ExtensionName() string { return "Limits" }

func (limits) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters looks at a request and changes nothing of it.
func (l limits) MutateOperationParameters(ctx context.Context, p *graphql.RawParams) *gqlerror.Error {
	if err := checkVariables(p.Variables); err != nil {
		return toGraphQL(ctx, err)
	}
	if _, ok := l.passed.Get(ctx, p.Query); ok {
		return nil
	}
	if len(p.Query) > maxQuery {
		return toGraphQL(ctx, kernel.Errorf(kernel.Limit, "limit-body", maxQuery))
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: p.Query}, maxTokens)
	if err != nil {
		return parseError(ctx, err)
	}
	if err := checkQuery(doc); err != nil {
		return toGraphQL(ctx, err)
	}
	l.passed.Add(ctx, p.Query, true)
	return nil
}

func checkVariables(vars map[string]any) error {
	if nested(vars) > maxNesting {
		return kernel.Errorf(kernel.Limit, "limit-depth", maxNesting)
	}
	return clean(vars)
}

func nested(v any) int {
	deepest := 0
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			deepest = max(deepest, nested(e))
		}
	case []any:
		for _, e := range v {
			deepest = max(deepest, nested(e))
		}
	default:
		return 0
	}
	return deepest + 1
}

// checkQuery measures a parsed query.
func checkQuery(doc *ast.QueryDocument) error {
	if len(doc.Operations) > maxOperations {
		return kernel.Errorf(kernel.Limit, "limit-operations", maxOperations)
	}
	if len(doc.Fragments) > maxFragments {
		return kernel.Errorf(kernel.Limit, "limit-fragments", maxFragments)
	}
	c := &measuring{doc: doc, known: map[string]size{}, open: map[string]bool{}}
	for _, op := range doc.Operations {
		s, err := c.selection(op.SelectionSet)
		if err != nil {
			return err
		}
		roots := maxRoots
		if op.Operation == ast.Mutation {
			roots = maxVerbs
		}
		switch {
		case s.roots > roots:
			return kernel.Errorf(kernel.Limit, "limit-roots", roots)
		case s.depth > maxDepth:
			return kernel.Errorf(kernel.Limit, "limit-depth", maxDepth)
		case s.schema > maxSchema:
			return kernel.Errorf(kernel.Limit, "limit-depth", maxSchema)
		case s.aliases > maxAliases:
			return kernel.Errorf(kernel.Limit, "limit-aliases", maxAliases)
		case s.fields > maxFields:
			return kernel.Errorf(kernel.Limit, "limit-fields", maxFields)
		}
		if c.pairs = 0; !c.compare([]ast.SelectionSet{op.SelectionSet}) {
			return kernel.Errorf(kernel.Limit, "limit-same", maxSame)
		}
	}
	return nil
}

// size is what a selection comes to once its fragments are spread. Counts stop growing above maxFields, so a fragment
// that doubles another twenty times costs nothing to measure.
type size struct{ depth, schema, aliases, fields, roots int }

func (s *size) join(o size, below bool) {
	if below {
		o.depth++
		o.schema++
		o.roots = 0
	}
	s.depth, s.schema = max(s.depth, o.depth), max(s.schema, o.schema)
	s.aliases = min(s.aliases+o.aliases, maxFields+1)
	s.fields = min(s.fields+o.fields, maxFields+1)
	s.roots = min(s.roots+o.roots, maxFields+1)
}

type measuring struct {
	doc   *ast.QueryDocument
	known map[string]size
	open  map[string]bool // fragments that are being measured: one inside itself is a cycle

	spreads int
	pairs   int
}

func (c *measuring) selection(set ast.SelectionSet) (size, error) {
	var s size
	same := map[string]int{}
	for _, sel := range set {
		var o size
		var err error
		switch sel := sel.(type) {
		case *ast.Field:
			if same[sel.Alias]++; same[sel.Alias] > maxSame || len(sel.Directives) > maxDirectives {
				return s, kernel.Errorf(kernel.Limit, "limit-same", maxSame)
			}
			o, err = c.field(sel)
		case *ast.InlineFragment:
			if err = c.spread(sel.Directives); err == nil {
				o, err = c.selection(sel.SelectionSet)
			}
		case *ast.FragmentSpread:
			if err = c.spread(sel.Directives); err == nil {
				o, err = c.fragment(sel.Name)
			}
		}
		if err != nil {
			return s, err
		}
		s.join(o, false)
	}
	return s, nil
}

func (c *measuring) field(f *ast.Field) (size, error) {
	below, err := c.selection(f.SelectionSet)
	if err != nil {
		return size{}, err
	}
	s := size{fields: 1, roots: 1}
	if f.Alias != f.Name {
		s.aliases = 1
	}
	s.join(below, true)
	if f.Name == "__schema" || f.Name == "__type" {
		s.depth = 1
	} else {
		s.schema = 0
	}
	return s, nil
}

func (c *measuring) spread(ds ast.DirectiveList) error {
	if c.spreads++; c.spreads > maxSpreads {
		return kernel.Errorf(kernel.Limit, "limit-fragments", maxSpreads)
	}
	if len(ds) > maxDirectives {
		return kernel.Errorf(kernel.Limit, "limit-same", maxDirectives)
	}
	return nil
}

func (c *measuring) fragment(name string) (size, error) {
	if s, ok := c.known[name]; ok {
		return s, nil
	}
	f := c.doc.Fragments.ForName(name)
	if f == nil {
		return size{}, nil // the validator words it
	}
	if c.open[name] {
		return size{}, kernel.Errorf(kernel.Invalid, "fragment-cycle", name)
	}
	c.open[name] = true
	defer delete(c.open, name)
	s, err := c.selection(f.SelectionSet)
	c.known[name] = s
	return s, err
}

// compare counts the pairs of fields that answer under one name where these selections are merged, and below; false if
// there are too many. It sees each field once: there are no more than maxFields, as was found before, and no cycles.
func (c *measuring) compare(sets []ast.SelectionSet) bool {
	below := map[string][]ast.SelectionSet{}
	for _, set := range sets {
		c.collect(set, below)
	}
	for _, same := range below {
		if c.pairs += len(same) * (len(same) - 1) / 2; c.pairs > maxPairs || !c.compare(same) {
			return false
		}
	}
	return true
}

// collect puts what is below each field under the name by which it answers.
func (c *measuring) collect(set ast.SelectionSet, below map[string][]ast.SelectionSet) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			below[sel.Alias] = append(below[sel.Alias], sel.SelectionSet)
		case *ast.InlineFragment:
			c.collect(sel.SelectionSet, below)
		case *ast.FragmentSpread:
			if f := c.doc.Fragments.ForName(sel.Name); f != nil {
				c.collect(f.SelectionSet, below)
			}
		}
	}
}

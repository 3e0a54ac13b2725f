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
	maxTokens     = 15_000    // of a query
	maxDepth      = 15        // fields inside fields
	maxSchema     = 20        // fields inside fields of introspection
	maxAliases    = 100
	maxSame       = 50   // one field in one selection
	maxFields     = 5000 // after fragments are spread
	maxRoots      = 50   // fields of Query
	maxVerbs      = 20   // fields of Mutation
	maxOperations = 10
	maxDirectives = 5      // on one field
	maxNesting    = 48     // lists and maps inside each other in variables
	maxValues     = 50_000 // lists, maps and their members in a body
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
			if len(sel.Directives) > maxDirectives {
				return s, kernel.Errorf(kernel.Limit, "limit-same", maxDirectives)
			}
			o, err = c.selection(sel.SelectionSet)
		case *ast.FragmentSpread:
			if len(sel.Directives) > maxDirectives {
				return s, kernel.Errorf(kernel.Limit, "limit-same", maxDirectives)
			}
			o, err = c.fragment(sel.Name)
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

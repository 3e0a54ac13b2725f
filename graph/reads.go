package graph

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"mera/kernel"
)

// Reads is the journal of reads. An operation is noted before its answer goes out; with an error it does not.
type Reads interface {
	Note(ctx context.Context, look kernel.Look) error
}

// unnoted are types that tell of nobody.
var unnoted = []string{"Parameter", "Classifier", "Package", "Release"}

// lookOf is what a field at the top of an operation looks at; nil where that is nobody's business.
func lookOf(f graphql.CollectedField, def *fieldDef) *kernel.LookRoot {
	entity := def.source.entity
	if def.source.list != nil {
		entity = def.source.list.About.Text
	}
	if entity == "" || slices.Contains(unnoted, entity) {
		return nil
	}
	look := &kernel.LookRoot{Type: entity}
	if id := f.Arguments.ForName("id"); id != nil && id.Value != nil {
		if id.Value.Kind == ast.Variable {
			look.Variable = id.Value.Raw
		} else {
			look.Record = id.Value.Raw
		}
	}
	return look
}

// note tells the journal of reads what an operation has found.
func (g *generation) note(ctx context.Context, query string, variables map[string]any, roots []kernel.LookRoot) error {
	if g.config.Reads == nil || len(roots) == 0 {
		return nil
	}
	var body struct {
		Variables json.RawMessage `json:"variables"`
	}
	var err error
	switch raw := requestOf(ctx).raw; {
	case raw != nil:
		err = json.Unmarshal(raw, &body)
	case len(variables) > 0:
		body.Variables, err = json.Marshal(variables)
	}
	if err != nil {
		return err
	}
	return g.tell(ctx, query, body.Variables, roots)
}

// noted tells the journal of a plan that was run, with variables as they came; missing are the roots that were not
// there.
func (g *generation) noted(ctx context.Context, p *plan, variables []byte, missing []string) error {
	if len(missing) == 0 {
		return g.tell(ctx, p.query, variables, p.looks)
	}
	var roots []kernel.LookRoot
	for _, root := range p.roots {
		if root.look != nil && !slices.Contains(missing, root.alias) {
			roots = append(roots, *root.look)
		}
	}
	return g.tell(ctx, p.query, variables, roots)
}

func (g *generation) tell(ctx context.Context, query string, variables json.RawMessage, roots []kernel.LookRoot) error {
	if g.config.Reads == nil || len(roots) == 0 {
		return nil
	}
	return g.config.Reads.Note(ctx, kernel.Look{At: g.config.Clock.Now(), Actor: requestOf(ctx).actor, Query: query, Variables: variables, Roots: roots})
}

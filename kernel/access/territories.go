package access

import (
	"context"
	"slices"

	"mera/schema"
)

// Territories is a tree of territories made once from the items of the classifier.
type Territories struct{ children map[string][]string }

// NewTerritories makes the tree. Ended items stay in it: a record of a territory that is no more still has clerks.
func NewTerritories(items []*schema.ClassifierItem) *Territories {
	t := &Territories{children: map[string][]string{}}
	for _, it := range items {
		if it.Parent != "" {
			t.children[it.Parent] = append(t.children[it.Parent], it.Code)
		}
	}
	return t
}

// Below are the codes given and all below them, sorted, each once; a ring in the tree does no harm.
func (t *Territories) Below(_ context.Context, codes []string) ([]string, error) {
	seen := map[string]bool{}
	var out []string
	rest := slices.Clone(codes)
	for len(rest) > 0 {
		code := rest[len(rest)-1]
		rest = rest[:len(rest)-1]
		if seen[code] {
			continue
		}
		seen[code] = true
		out = append(out, code)
		rest = append(rest, t.children[code]...)
	}
	slices.Sort(out)
	return out, nil
}

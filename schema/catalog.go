package schema

import (
	"cmp"
	"slices"
)

// Catalog is all packages of a release joined and resolved: every name leads to its definition. It is made by
// schema/load and never changed afterwards.
type Catalog struct {
	Packages []*Package // in order of requires: a package comes after those that it requires

	Types       map[string]*TypeDef
	Documents   map[string]*Document
	Classifiers map[string]*Classifier
	Parameters  map[string]*Parameter
	Acts        map[string]*Act // by kebab-case name
	Functions   map[string]*Function
	Measures    map[string]*Measure
	Workflows   map[string]*Workflow // by name; WorkflowOf finds by type
	Lists       map[string]*List
	Forms       map[string]*Form
	PrintForms  map[string]*PrintForm
	Formats     map[string]*Format
	Exchanges   map[string]*Exchange
	Roles       map[string]*Role // of all packages; packages share a role by its name

	Objects map[string]*Type // object types by GraphQL name: named types, and inline objects as <Owner><Property>
	Wording Wording          // translations: Text reads them
}

// NewCatalog is a catalog without packages.
func NewCatalog() *Catalog {
	return &Catalog{
		Types: map[string]*TypeDef{}, Documents: map[string]*Document{}, Classifiers: map[string]*Classifier{},
		Parameters: map[string]*Parameter{}, Acts: map[string]*Act{}, Functions: map[string]*Function{},
		Measures: map[string]*Measure{}, Workflows: map[string]*Workflow{}, Lists: map[string]*List{},
		Forms: map[string]*Form{}, PrintForms: map[string]*PrintForm{}, Formats: map[string]*Format{},
		Exchanges: map[string]*Exchange{}, Roles: map[string]*Role{}, Objects: map[string]*Type{},
	}
}

// WorkflowOf is the workflow of a document type; nil where its records are no cases.
func (c *Catalog) WorkflowOf(document string) *Workflow {
	for _, w := range c.Workflows {
		if w.About.Text == document {
			return w
		}
	}
	return nil
}

// Inverse is a link read from the other side: person.registrations.
type Inverse struct {
	Name string
	From string // the document that holds the link
	Link string // its property
}

// Inverses are the links that lead to a document, or to the one that it extends, by name.
func (c *Catalog) Inverses(document string) []*Inverse {
	targets := []string{document}
	if d := c.Documents[document]; d != nil && !d.Extends.IsZero() {
		targets = append(targets, d.Extends.Text)
	}
	var out []*Inverse
	for _, from := range c.Documents {
		for _, p := range from.Properties {
			if !p.Inverse.IsZero() && p.Type != nil && p.Type.Kind == Link && slices.Contains(targets, p.Type.Of) {
				out = append(out, &Inverse{Name: p.Inverse.Text, From: from.Name, Link: p.Name})
			}
		}
	}
	slices.SortFunc(out, func(a, b *Inverse) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.From, b.From), cmp.Compare(a.Link, b.Link))
	})
	return out
}

// Extending are the documents that extend an abstract one, sorted.
func (c *Catalog) Extending(abstract string) []string {
	var out []string
	for name, d := range c.Documents {
		if d.Extends.Text == abstract && abstract != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Is tells that records of a document are records of another: of itself, or of the abstract one that it extends.
func (c *Catalog) Is(document, base string) bool {
	d := c.Documents[document]
	return document == base || d != nil && d.Extends.Text == base
}

// Chain is the card chain of a document type upward: the type itself, its card, the card's card, … the root.
func (c *Catalog) Chain(document string) []string {
	var out []string
	for d := c.Documents[document]; d != nil && !slices.Contains(out, d.Name); {
		out = append(out, d.Name)
		if d.Card == nil {
			break
		}
		d = c.Documents[d.Card.Type.Text]
	}
	return out
}

// KernelProperty is the type of a property that each record has without declaring it; false if there is none of the
// name. onCase adds those of a case.
func KernelProperty(name string, onCase bool) (*Type, bool) {
	if k, ok := recordProperty(name); ok {
		return k, true
	}
	if onCase {
		return caseProperty(name)
	}
	return nil, false
}

// KernelNames are the names of kernel properties.
func KernelNames(onCase bool) []string {
	names := []string{"attachments", "createdAt", "createdBy", "history", "id", "keys", "updatedAt", "version"}
	if onCase {
		names = append(names, "applicant", "channel", "due", "final", "number", "office", "opened", "parent", "state", "title", "worker")
	}
	return names
}

func recordProperty(name string) (*Type, bool) {
	switch name {
	case "id":
		return &Type{Kind: UUID}, true
	case "version":
		return &Type{Kind: Integer}, true
	case "createdAt", "updatedAt":
		return &Type{Kind: DateTime}, true
	case "createdBy":
		return &Type{Kind: Text}, true
	case "history", "attachments", "keys":
		return &Type{Kind: Array, Elem: &Type{Kind: Object}}, true
	}
	return nil, false
}

func caseProperty(name string) (*Type, bool) {
	switch name {
	case "state", "number", "title", "worker", "channel":
		return &Type{Kind: Text}, true
	case "final":
		return &Type{Kind: Boolean}, true
	case "office":
		return &Type{Kind: Link, Of: "Office"}, true
	case "applicant":
		return &Type{Kind: Link, Of: "Person"}, true
	case "parent":
		return &Type{Kind: Link, Of: "Case"}, true
	case "opened":
		return &Type{Kind: DateTime}, true
	case "due":
		return &Type{Kind: Date}, true
	}
	return nil, false
}

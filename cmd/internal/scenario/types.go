package scenario

import (
	"context"
	"encoding/json"
	"fmt"
)

// typeRef is a type of the server's schema as introspection gives it.
type typeRef struct {
	Kind   string
	Name   string
	OfType *typeRef
}

// named is the type inside lists and non-nulls.
func (t *typeRef) named() *typeRef {
	for t.OfType != nil {
		t = t.OfType
	}
	return t
}

// list tells that the type is a list.
func (t *typeRef) list() bool {
	for ; t != nil; t = t.OfType {
		if t.Kind == "LIST" {
			return true
		}
	}
	return false
}

// String is the type as a variable declares it.
func (t *typeRef) String() string {
	switch t.Kind {
	case "NON_NULL":
		return t.OfType.String() + "!"
	case "LIST":
		return "[" + t.OfType.String() + "]"
	}
	return t.Name
}

type argument struct {
	Name string
	Type typeRef
}

type field struct {
	Name string
	Type typeRef
	Args []argument
}

func (f *field) arg(name string) *argument {
	for i := range f.Args {
		if f.Args[i].Name == name {
			return &f.Args[i]
		}
	}
	return nil
}

type typeDef struct {
	Kind        string
	Name        string
	Fields      []field
	InputFields []argument
}

func (t *typeDef) field(name string) *field {
	if t == nil {
		return nil
	}
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return &t.Fields[i]
		}
	}
	return nil
}

func (t *typeDef) input(name string) *argument {
	if t == nil {
		return nil
	}
	for i := range t.InputFields {
		if t.InputFields[i].Name == name {
			return &t.InputFields[i]
		}
	}
	return nil
}

// api is what the server's introspection says.
type api struct{ types map[string]*typeDef }

const introspection = `{__schema {types {kind name
	fields {name type {...T} args {name type {...T}}}
	inputFields {name type {...T}}}}}
fragment T on __Type {kind name ofType {kind name ofType {kind name ofType {kind name ofType {kind name}}}}}`

func learn(ctx context.Context, c *Client) (*api, error) {
	data, err := c.Do(ctx, introspection, nil)
	if err != nil {
		return nil, fmt.Errorf("introspection: %w", err)
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Schema struct{ Types []*typeDef } `json:"__schema"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, fmt.Errorf("introspection: %w", err)
	}
	a := &api{types: map[string]*typeDef{}}
	for _, t := range answer.Schema.Types {
		a.types[t.Name] = t
	}
	return a, nil
}

func (a *api) query(name string) *field    { return a.types["Query"].field(name) }
func (a *api) mutation(name string) *field { return a.types["Mutation"].field(name) }

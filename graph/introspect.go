package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"unicode"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/introspection"
	"github.com/vektah/gqlparser/v2/ast"

	"mera/kernel"
)

// mayIntrospect refuses who may not read the schema. In development everybody may.
func (c *Config) mayIntrospect(ctx context.Context, actor kernel.Actor) error {
	switch {
	case c.Development:
		return nil
	case actor.Kind == kernel.Public:
		return kernel.Errorf(kernel.Unauthenticated, "introspection")
	}
	return c.Views.Introspect(ctx, actor)
}

// introspect answers __schema and __type. gqlgen's values of the schema have a method or a field for each field of
// introspection, so one walk by reflection serves all of them.
func (g *generation) introspect(op *graphql.OperationContext, f graphql.CollectedField) (json.RawMessage, error) {
	var v reflect.Value
	if f.Name == "__schema" {
		v = reflect.ValueOf(introspection.WrapSchema(g.schema))
	} else {
		a, err := arguments(f.Field, op.Variables)
		if err != nil {
			return nil, err
		}
		v = reflect.ValueOf(introspection.WrapTypeFromDef(g.schema, g.schema.Types[a.text("name")]))
	}
	return describe(op, v, f.Selections)
}

// describe is a value of introspection as JSON.
func describe(op *graphql.OperationContext, v reflect.Value, sel ast.SelectionSet) (json.RawMessage, error) {
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil():
		return null, nil
	case v.Kind() == reflect.Slice:
		list := make([]json.RawMessage, v.Len())
		for i := range list {
			var err error
			if list[i], err = describe(op, v.Index(i), sel); err != nil {
				return nil, err
			}
		}
		return json.Marshal(list)
	case len(sel) == 0:
		return json.Marshal(v.Interface())
	}
	if v.Kind() != reflect.Pointer { // methods have pointer receivers
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		v = p
	}
	name := "__" + v.Elem().Type().Name()
	out := &members{}
	for _, f := range graphql.CollectFields(op, sel, []string{name}) {
		if f.Name == "__typename" {
			out.add(f.Alias, json.RawMessage(`"`+name+`"`))
			continue
		}
		x, err := part(op, v, f)
		if err != nil {
			return nil, err
		}
		raw, err := describe(op, x, f.Selections)
		if err != nil {
			return nil, err
		}
		out.add(f.Alias, raw)
	}
	return out.MarshalJSON()
}

// part is what a field of introspection reads: a method, called with its only argument, or a field.
func part(op *graphql.OperationContext, v reflect.Value, f graphql.CollectedField) (reflect.Value, error) {
	name := string(unicode.ToUpper(rune(f.Name[0]))) + f.Name[1:]
	if f.Name == "specifiedByURL" {
		name = "SpecifiedByURL"
	}
	if m := v.MethodByName(name); m.IsValid() {
		if m.Type().NumIn() == 0 {
			return m.Call(nil)[0], nil
		}
		a, err := arguments(f.Field, op.Variables)
		return m.Call([]reflect.Value{reflect.ValueOf(a["includeDeprecated"] == true)})[0], err
	}
	if x := v.Elem().FieldByName(name); x.IsValid() {
		return x, nil
	}
	return reflect.Value{}, fmt.Errorf("introspection has no %s", f.Name)
}

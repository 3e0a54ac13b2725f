package link

import (
	"reflect"

	"mera/schema"
)

// clone copies a package, so that linking changes nothing that its caller holds. Nodes and bytes are never changed
// and stay shared.
func clone(p *schema.Package) *schema.Package {
	return cloneValue(reflect.ValueOf(p)).Interface().(*schema.Package)
}

var shared = map[reflect.Type]bool{
	reflect.TypeFor[*schema.Node]():      true,
	reflect.TypeFor[[]byte]():            true,
	reflect.TypeFor[map[string][]byte](): true,
}

func cloneValue(v reflect.Value) reflect.Value {
	if shared[v.Type()] {
		return v
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(cloneValue(v.Elem()))
		return out
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(cloneValue(v.Index(i)))
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeMapWithSize(v.Type(), v.Len())
		for it := v.MapRange(); it.Next(); {
			out.SetMapIndex(it.Key(), cloneValue(it.Value()))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for i := range v.NumField() {
			if f := out.Field(i); f.CanSet() {
				f.Set(cloneValue(v.Field(i)))
			}
		}
		return out
	default:
		return v
	}
}

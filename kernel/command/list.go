package command

import (
	"fmt"

	"mera/forms"
	"mera/kernel"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
	"mera/schema/value"
)

// listWhere binds the filter of a list to the values given. A link among them is loaded, so that the filter may read
// its properties.
func (w *work) listWhere(def *schema.List, given map[string]any) (map[string]any, *filter.Tree, error) {
	stored, faults := w.live.Forms.BindGiven(def, given)
	if len(faults) > 0 {
		return nil, nil, w.invalid(faults)
	}
	tree, err := w.listTree(def, stored)
	return stored, tree, err
}

// listTree is the filter of a list with values in stored form.
func (w *work) listTree(def *schema.List, stored map[string]any) (*filter.Tree, error) {
	names := map[string]*expr.Type{}
	values := map[string]any{"actor": actorValue(w)}
	for _, p := range def.Given {
		names[p.Name] = expr.FromSchema(p.Type)
		raw, has := stored[p.Name]
		if !has {
			return nil, w.invalid([]forms.FieldError{{Path: p.Name, Code: forms.Required}})
		}
		v, err := expr.FromStored(p.Type, raw)
		if err != nil {
			return nil, kernel.Errorf(kernel.Invalid, "invalid-input").Because(err)
		}
		values[p.Name] = v
	}
	tree, ds := filter.Compile(w.live.Catalog, def.About.Text, def.Where, names)
	if ds.Faulty() {
		return nil, kernel.Errorf(kernel.Internal, "list-does-not-compile", def.Name).Because(fmt.Errorf("%v", ds))
	}
	return tree.Resolve(expr.Input{Ctx: w.ctx, Vars: values, Day: value.DateOf(w.now), World: w.world})
}

package command

import (
	"slices"
	"strconv"

	"mera/kernel"
	"mera/schema"
)

// linksExist refuses a link to a record that is not there, is void, or that the actor may not see: all three look
// the same from outside. A link that stood there before is left as it is.
func (w *work) linksExist(def *schema.Document, r *kernel.Record, old map[string]any) error {
	for _, p := range def.Properties {
		before := linksIn(p.Type, p.Name, old[p.Name])
		for _, l := range linksIn(p.Type, p.Name, r.Data[p.Name]) {
			if slices.ContainsFunc(before, func(b link) bool { return b.id == l.id }) {
				continue
			}
			if err := w.linkExists(l); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *work) linkExists(l link) error {
	target, err := w.record(l.typ, l.id)
	if err != nil {
		return err
	}
	if target == nil || target.Void != "" {
		return w.missingLink(l.path)
	}
	if target.Version == 0 {
		return nil // made by this very command
	}
	err = w.gate.Check(w.ctx, w.actor, "read", target, "")
	if kernel.CodeOf(err) == kernel.NotFound {
		return w.missingLink(l.path)
	}
	return err
}

// link is one link of a record, wherever in its data it stands.
type link struct{ path, typ, id string }

// linksIn finds the links in a stored value, also in lists and in objects.
func linksIn(t *schema.Type, path string, v any) []link {
	if t == nil {
		return nil
	}
	var out []link
	switch v := v.(type) {
	case string:
		if t.Kind == schema.Link {
			out = append(out, link{path, t.Of, v})
		}
	case []any:
		for i, e := range v {
			if t.Kind == schema.Array {
				out = append(out, linksIn(t.Elem, path+"."+strconv.Itoa(i), e)...)
			}
		}
	case map[string]any:
		for _, f := range t.Fields {
			out = append(out, linksIn(f.Type, path+"."+f.Name, v[f.Name])...)
		}
	}
	return out
}

func (w *work) missingLink(property string) error {
	return &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{w.field(property, "link")}}
}

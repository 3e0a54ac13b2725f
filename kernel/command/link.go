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
	if isKernelType(l.typ) {
		return w.paperExists(l)
	}
	typ := l.typ
	if typ == "Case" {
		typ = "" // a case of any type
	}
	target, err := w.record(typ, l.id)
	if err != nil {
		return err
	}
	if target != nil && typ == "" && target.Case == nil {
		return w.missingLink(l.path)
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

// paperExists is linkExists for what was decided in a case: who may read the case and the paper may link to it.
func (w *work) paperExists(l link) error {
	paper, of, err := w.decided(l.typ, l.id)
	if err != nil {
		return err
	}
	if paper == nil {
		return w.missingLink(l.path)
	}
	if err := w.linkExists(link{l.path, "Case", of}); err != nil {
		return err
	}
	err = w.gate.Check(w.ctx, w.actor, "read", paper, "")
	if kernel.CodeOf(err) == kernel.NotFound {
		return w.missingLink(l.path)
	}
	return err
}

// decided is an award or a decision as policies read it, with the id of its case; nil if there is none.
func (w *work) decided(typ, id string) (*kernel.Record, string, error) {
	if typ == "Award" {
		a, err := w.tx.Award(w.ctx, id)
		if err != nil || a == nil {
			return nil, "", err
		}
		return &kernel.Record{Type: typ, ID: a.ID, Territory: a.Territory, Office: a.Office, Author: a.Author, Persons: a.Persons,
			CreatedAt: a.CreatedAt}, a.CaseID, nil
	}
	d, err := w.tx.Decision(w.ctx, id)
	if err != nil || d == nil {
		return nil, "", err
	}
	return &kernel.Record{Type: typ, ID: d.ID, Territory: d.Territory, Office: d.Office, Author: d.Author, Persons: d.Persons,
		CreatedAt: d.CreatedAt}, d.CaseID, nil
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

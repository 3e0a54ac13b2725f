package command

import (
	"cmp"
	"maps"
	"slices"

	"mera/kernel"
	"mera/kernel/registry"
	"mera/schema"
)

// place finds the card of a record and its root, and derives what policies read.
func (w *work) place(doc *registry.Document, r *kernel.Record) error {
	r.Root, r.Card = r.ID, ""
	var card *kernel.Record
	if doc.Def.Card != nil {
		id, _ := r.Data[doc.Def.Card.Link].(string)
		if id != "" {
			var err error
			if card, err = w.record(doc.Def.Card.Type.Text, id); err != nil {
				return err
			}
			if card == nil || card.Void != "" {
				return w.missingLink(doc.Def.Card.Link)
			}
			r.Card, r.Root = card.ID, card.Root
		}
	}
	r.Persons = w.persons(doc.Def, r)
	if own, ok := r.Data["office"].(string); ok && isLink(doc.Def.Property("office")) {
		r.Office = own
	} else if r.Office == "" && card != nil && card.Type == "Office" {
		r.Office = card.ID
	}
	access, err := doc.Access(w.input(r))
	if err != nil {
		return err
	}
	if card != nil {
		inherited := maps.Clone(card.Access)
		if inherited == nil {
			inherited = map[string]any{}
		}
		maps.Copy(inherited, access)
		access = inherited
	}
	r.Access = access
	r.Department = declared(r, "department")
	if r.Department == "" && card != nil {
		r.Department = card.Department
	}
	return w.territory(r, card)
}

// declared is what a record says of itself: by its own property of a name, or by the attribute that its definition
// declares.
func declared(r *kernel.Record, name string) string {
	own, _ := r.Data[name].(string)
	attribute, _ := r.Access[name].(string)
	return cmp.Or(own, attribute)
}

// territory is the one that the record declares, else the card's, else the office's.
func (w *work) territory(r, card *kernel.Record) error {
	if r.Territory = declared(r, "territory"); r.Territory != "" {
		return nil
	}
	if card != nil && card.Territory != "" {
		r.Territory = card.Territory
		return nil
	}
	if r.Office == "" {
		return nil
	}
	office, err := w.record("Office", r.Office)
	if err == nil && office != nil {
		r.Territory = office.Territory
	}
	return err
}

func isLink(p *schema.Property) bool { return p != nil && p.Type.Kind == schema.Link }

// persons are all top-level links to a person; a person is his own.
func (w *work) persons(def *schema.Document, r *kernel.Record) []string {
	var out []string
	add := func(v any) {
		if id, ok := v.(string); ok && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if r.Type == "Person" {
		add(r.ID)
	}
	for _, p := range def.Properties {
		switch {
		case isLink(p) && p.Type.Of == "Person":
			add(r.Data[p.Name])
		case p.Type.Kind == schema.Array && p.Type.Elem.Kind == schema.Link && p.Type.Elem.Of == "Person":
			list, _ := r.Data[p.Name].([]any)
			for _, v := range list {
				add(v)
			}
		}
	}
	return out
}

// numbers gives the numbers of some properties, once: at creation those that name no state, later those whose state
// was entered.
func (w *work) numbers(doc *registry.Document, r *kernel.Record, properties []string) error {
	for _, n := range doc.Numbers {
		if _, given := r.Data[n.Property]; given || !slices.Contains(properties, n.Property) {
			continue
		}
		in := w.input(r)
		office, err := w.officeOf(r)
		if err != nil {
			return err
		}
		per, err := n.Per(in, officeID(office))
		if err != nil {
			return err
		}
		next, err := w.nextNumber(series{n.Series, per})
		if err != nil {
			return err
		}
		text, err := n.Text(in, view(office), next)
		if err != nil {
			return err
		}
		r.Data[n.Property] = text
		if r.Case != nil && n.Property == "number" {
			r.Case.Number = text
		}
		r.Title = doc.Title(w.input(r))
	}
	return nil
}

// officeOf is the office of a record, else that of who acts; nil if neither has one.
func (w *work) officeOf(r *kernel.Record) (*kernel.Record, error) {
	for _, id := range []string{r.Office, w.actor.Office} {
		if id != "" {
			return w.record("Office", id)
		}
	}
	return nil, nil
}

func officeID(office *kernel.Record) string {
	if office == nil {
		return ""
	}
	return office.ID
}

package expr

import (
	"cmp"
	"slices"

	"mera/schema"
	"mera/schema/value"
)

// recordField is what an expression may read of a record: properties, links from the other side, and what the kernel
// adds.
func (e *Env) recordField(document, name string) (*field, []string) {
	d := e.cat.Documents[document]
	if d == nil {
		if k := cmp.Or(schema.KernelFact(document), schema.KernelType(document)); k != nil && document != "Case" {
			return e.kernelTypeField(k, name)
		}
		return e.kernelField(document, name, document == "Case")
	}
	if p := d.Property(name); p != nil {
		return e.propertyField(d, p), nil
	}
	if fl := e.shapeField(d, name); fl != nil {
		return fl, nil
	}
	for _, inv := range e.cat.Inverses(document) {
		if inv.Name == name {
			return inverseField(name, inv.From), nil
		}
	}
	fl, known := e.kernelField(document, name, e.cat.WorkflowOf(document) != nil)
	if fl == nil {
		for _, p := range d.Properties {
			known = append(known, p.Name)
		}
		for _, inv := range e.cat.Inverses(document) {
			known = append(known, inv.Name)
		}
		slices.Sort(known)
	}
	return fl, known
}

// kernelTypeField is a property of a record of the kernel's own: an award, a decision.
func (e *Env) kernelTypeField(d *schema.Document, name string) (*field, []string) {
	p := d.Property(name)
	switch {
	case name == "holds" && d.Holds != nil:
		return e.holdsField(d), nil
	case p == nil:
		known := make([]string, len(d.Properties))
		for i, p := range d.Properties {
			known[i] = p.Name
		}
		slices.Sort(known)
		return nil, known
	case name == "id" || name == "version":
		return e.kernelField(d.Name, name, false)
	}
	return e.propertyField(d, p), nil
}

// propertyField reads a declared property; a computed one that is not stored is computed.
func (e *Env) propertyField(d *schema.Document, p *schema.Property) *field {
	t, name := FromSchema(p.Type), d.Name+"."+p.Name
	return &field{t, func(f *frame, v any) any {
		r := f.loadedValue(v)
		if r == nil {
			return nil
		}
		got, ok := r.Data[p.Name]
		if ok && got != nil {
			return f.fromStored(p.Type, got, name)
		}
		if prog := e.computed[name]; prog != nil {
			return f.inner(prog.locals, func(in *frame) any {
				in.locals[0] = r
				return prog.root.eval(in)
			})
		}
		return nil
	}}
}

// loadedValue is the record of a value with its data; nil if there is none.
func (f *frame) loadedValue(v any) *Record {
	r, ok := v.(*Record)
	if !ok || r == nil {
		return nil
	}
	return f.loaded(r)
}

// shapeField is what follows from the document's own keys: holds, card, parent and children of a tree, keys.
func (e *Env) shapeField(d *schema.Document, name string) *field {
	switch {
	case name == "holds" && d.Holds != nil:
		return e.holdsField(d)
	case name == "card" && d.Card != nil:
		return e.propertyOf(d, d.Card.Link)
	case name == "parent" && !d.Tree.IsZero():
		return e.propertyOf(d, d.Tree.Text)
	case name == "children" && !d.Tree.IsZero():
		return inverseField(e.inverseName(d), d.Name)
	case name == "keys":
		fields := map[string]*Type{}
		for _, k := range d.Keys {
			fields[k.System] = Text
		}
		return &field{ObjectOf(fields), kernelValue("keys")}
	case name == "exchange" && d.Record:
		return &field{exchangeType, kernelValue("exchange")}
	}
	return nil
}

// exchangeType is what the kernel knows of a record of an exchange; attachmentType of an attachment.
var (
	exchangeType   = ObjectOf(map[string]*Type{"packet": Text, "no": Int, "state": Text, "errors": ListOf(Dyn)})
	attachmentType = ObjectOf(map[string]*Type{"slot": Text, "name": Text, "type": Text, "size": Int})
)

func (e *Env) propertyOf(d *schema.Document, name string) *field {
	if p := d.Property(name); p != nil {
		return e.propertyField(d, p)
	}
	return nil
}

// inverseName is the name of the children of a tree: that of the inverse of its link.
func (e *Env) inverseName(d *schema.Document) string {
	if p := d.Property(d.Tree.Text); p != nil && !p.Inverse.IsZero() {
		return p.Inverse.Text
	}
	return "children"
}

// holdsField is the period on which the fact holds; an absent end is open.
func (e *Env) holdsField(d *schema.Document) *field {
	from, to := d.Property(d.Holds.From.Text), d.Property(d.Holds.To.Text)
	bound := func(f *frame, r *Record, p *schema.Property, end bool) (value.Date, bool) {
		if p == nil || p.Type == nil {
			return value.Date{}, true
		}
		v := e.propertyField(d, p).read(f, r)
		switch v := v.(type) {
		case value.Date:
			return v, true
		case value.Period: // of a month, quarter or year
			if end {
				return v.To, true
			}
			return v.From, true
		}
		return value.Date{}, v == nil
	}
	return &field{PeriodT, func(f *frame, v any) any {
		r := f.loadedValue(v)
		if r == nil {
			return nil
		}
		first, ok1 := bound(f, r, from, false)
		last, ok2 := bound(f, r, to, true)
		if !ok1 || !ok2 {
			return Unknown{[]string{d.Name + ".holds"}}
		}
		return value.NewPeriod(first, last)
	}}
}

func inverseField(inverse, from string) *field {
	return &field{ListOf(RecordOf(from)), func(f *frame, v any) any {
		r, _ := v.(*Record)
		if r == nil || f.err != nil {
			return nil
		}
		if f.in.World == nil {
			return Unknown{[]string{inverse}}
		}
		rows, err := f.in.World.Inverse(f.ctx, r.Type, r.ID, inverse)
		if err != nil {
			return f.failed("read "+inverse+" of "+r.Type+" "+r.ID, err)
		}
		f.spend(1 + len(rows)/16)
		out := make([]any, len(rows))
		for i, row := range rows {
			out[i] = row
		}
		return out
	}}
}

// kernelField is a property that the kernel adds to every record, or to a case.
func (e *Env) kernelField(document, name string, onCase bool) (*field, []string) {
	switch name {
	case "id":
		return &field{Text, func(_ *frame, v any) any {
			if r := as[*Record](v); r != nil {
				return r.ID
			}
			return nil
		}}, nil
	case "version":
		return &field{Int, func(f *frame, v any) any {
			if r := f.loadedValue(v); r != nil {
				return int64(r.Version)
			}
			return nil
		}}, nil
	case "attachments":
		return &field{ListOf(attachmentType), kernelValue(name)}, nil
	case "history":
		return &field{ListOf(Dyn), kernelValue(name)}, nil
	}
	t, ok := schema.KernelProperty(name, onCase)
	if !ok {
		return nil, schema.KernelNames(onCase)
	}
	typ, read := FromSchema(t), kernelValue(name)
	if w := e.cat.WorkflowOf(document); name == "state" && w != nil {
		typ = stateType(w)
	}
	return &field{typ, func(f *frame, v any) any { return f.fromStored(t, read(f, v), name) }}, nil
}

// stateType is the states of a workflow, so that literals are checked and shown by their titles.
func stateType(w *schema.Workflow) *Type {
	t := &Type{Kind: schema.Enum, Titles: map[string]string{}}
	for _, s := range w.States {
		t.Enum = append(t.Enum, s.Name)
		t.Titles[s.Name] = s.Title
	}
	return t
}

func kernelValue(name string) func(*frame, any) any {
	return func(f *frame, v any) any {
		r := f.loadedValue(v)
		if r == nil {
			return nil
		}
		return r.KernelValue(name)
	}
}

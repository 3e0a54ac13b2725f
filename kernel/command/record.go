package command

import (
	"errors"
	"maps"
	"slices"

	"mera/forms"
	"mera/kernel"
	"mera/kernel/registry"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
	"mera/workflows"
)

// create makes a record; a record whose type has a workflow is a case and starts.
func create(w *work, c Command) (Result, error) {
	if c.Case != "" {
		of, err := w.lockCase("", c.Case)
		if err != nil {
			return Result{}, err
		}
		if err := w.gate.Check(w.ctx, w.actor, "read", of, ""); err != nil {
			return Result{}, err
		}
		w.job("wake", WakeArgs{Type: of.Type, Case: of.ID}) // what is entered may be what it waits for
	}
	r, err := w.create(c.Type, c.Data, origin{})
	if err != nil {
		return Result{}, err
	}
	for _, f := range c.Files {
		if _, err := w.attachFile(r, f); err != nil {
			return Result{}, err
		}
	}
	return done(r), nil
}

// origin is where a record comes from when no person typed it: the case that opened it.
type origin struct {
	parent *kernel.Record
	stored bool // data are in stored form already, written by an engine
}

func (w *work) create(typ string, input map[string]any, from origin) (*kernel.Record, error) {
	doc, err := w.document(typ)
	if err != nil {
		return nil, err
	}
	machine := w.live.Machines[typ]
	data := maps.Clone(input)
	if !from.stored {
		bind := w.live.Forms.Bind
		if machine != nil && machine.Draft() {
			bind = w.live.Forms.Draft
		}
		var faults []forms.FieldError
		if data, faults = bind(typ, input); len(faults) > 0 {
			return nil, w.invalid(faults)
		}
	}
	r := &kernel.Record{
		Type: typ, ID: w.road.IDs.New(), Data: data, Author: w.actor.ID,
		CreatedAt: w.now, CreatedBy: w.actor.ID, UpdatedAt: w.now, UpdatedBy: w.actor.ID,
	}
	if machine != nil {
		r.Case = &kernel.Case{}
		if from.parent != nil {
			r.Case.Parent, r.Case.ParentOf = from.parent.ID, from.parent.Type
		}
		r.Case.Channel, _ = data["channel"].(string)
	}
	w.change(r)
	if err := w.place(doc, r); err != nil {
		return nil, err
	}
	if err := doc.Prefill(w.input(r)); err != nil {
		return nil, err
	}
	if err := w.settleData(doc, r, nil, machine == nil || !machine.Draft()); err != nil {
		return nil, err
	}
	if err := w.numbers(doc, r, doc.NumberedAtOnce()); err != nil {
		return nil, err
	}
	if err := w.gate.Check(w.ctx, w.actor, "create", r, ""); err != nil {
		return nil, err
	}
	w.journal("create", r, "")
	if machine != nil {
		if err := w.move(r, workflows.Trigger{Kind: workflows.Created, At: w.now}, nil); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// update changes properties; null removes one. What a case lets its actors change, its state says.
func update(w *work, c Command) (Result, error) {
	r, err := w.lock(c.Type, c.ID)
	if err != nil {
		return Result{}, err
	}
	if err := w.mayChange("update", r, c); err != nil {
		return Result{}, err
	}
	if err := w.patch(r, c.Data, false); err != nil {
		return Result{}, err
	}
	if r.Case != nil {
		err = w.move(r, workflows.Trigger{Kind: workflows.Changed, At: w.now}, nil)
	}
	return done(r), err
}

func (w *work) patch(r *kernel.Record, input map[string]any, stored bool) error {
	doc, err := w.document(r.Type)
	if err != nil {
		return err
	}
	patch := input
	if !stored {
		if err := w.editable(r, input); err != nil {
			return err
		}
		if err := w.labelsGiven(doc.Def, r, input); err != nil {
			return err
		}
		change := w.live.Forms.Patch
		if w.draft(r) {
			change = w.live.Forms.PatchDraft
		}
		var faults []forms.FieldError
		if patch, faults = change(r.Type, r.Data, input); len(faults) > 0 {
			return w.invalid(faults)
		}
	}
	w.change(r)
	old := maps.Clone(r.Data)
	r.Data = maps.Clone(r.Data)
	for name, v := range patch {
		if v == nil {
			delete(r.Data, name)
		} else {
			r.Data[name] = v
		}
	}
	if err := w.place(doc, r); err != nil {
		return err
	}
	if err := w.settleData(doc, r, old, !w.draft(r)); err != nil {
		return err
	}
	if stored {
		return nil
	}
	err = w.gate.Check(w.ctx, w.actor, "update", r, "") // nobody moves a record to where he may not write
	if kernel.CodeOf(err) == kernel.NotFound {
		return kernel.Errorf(kernel.Denied, "denied").Because(err) // he saw it where it was
	}
	return err
}

// editable refuses a change of a case's property that its state does not open to the actor.
func (w *work) editable(r *kernel.Record, patch map[string]any) error {
	machine := w.live.Machines[r.Type]
	if machine == nil || w.actor.Kind == kernel.System {
		return nil
	}
	all, open := machine.Editable(r.Case.State, w.workflowActor(r))
	if all {
		return nil
	}
	var fields []kernel.FieldError
	for _, name := range slices.Sorted(maps.Keys(patch)) {
		if !slices.Contains(open, name) {
			fields = append(fields, w.field(name, "not-editable"))
		}
	}
	if fields != nil {
		return &kernel.Error{Code: kernel.Denied, Message: "not-editable", Fields: fields}
	}
	return nil
}

// void says that a record was never true. It stays in history.
func void(w *work, c Command) (Result, error) {
	if c.Reason == "" {
		return Result{}, &kernel.Error{Code: kernel.Invalid, Message: "reason-needed", Fields: []kernel.FieldError{w.field("reason", "required")}}
	}
	r, err := w.lock(c.Type, c.ID)
	if err != nil {
		return Result{}, err
	}
	if err := w.mayChange("void", r, c); err != nil {
		return Result{}, err
	}
	if r.Case != nil {
		return Result{}, kernel.Errorf(kernel.Invalid, "case-cannot-be-voided")
	}
	w.change(r)
	r.Void = c.Reason
	w.journal("void", r, c.Reason)
	return done(r), w.tx.DropKeys(w.ctx, r.Type, r.ID)
}

// mayChange asks the policy for a change of a record in the version that the caller saw. Who was overtaken by somebody
// else's change is told so, and not that he lacks a right.
func (w *work) mayChange(action string, r *kernel.Record, c Command) error {
	err := w.gate.Check(w.ctx, w.actor, action, r, c.Event)
	if err != nil && kernel.CodeOf(err) != kernel.Denied {
		return err
	}
	if old := fresh(r, c.Version); old != nil {
		return old
	}
	if err != nil && action == "fire" && r.Case.Final {
		return kernel.Errorf(kernel.Stale, "workflow.final", c.Event)
	}
	return err
}

func fresh(r *kernel.Record, seen int) error {
	if seen != 0 && seen != r.Version {
		return kernel.Errorf(kernel.Stale, "record-changed", r.Version)
	}
	return nil
}

func done(r *kernel.Record) Result { return Result{Type: r.Type, ID: r.ID, Version: r.Version} }

// draft tells that the case is in a state in which only types are held to be right.
func (w *work) draft(r *kernel.Record) bool {
	if r.Case == nil {
		return false
	}
	machine := w.live.Machines[r.Type]
	if machine == nil {
		return false
	}
	state := machine.Def().State(r.Case.State)
	return state != nil && state.Draft
}

// invalid words the field errors of an input.
func (w *work) invalid(faults []forms.FieldError) *kernel.Error {
	e := &kernel.Error{Code: kernel.Invalid, Message: "invalid-input"}
	for _, f := range faults {
		e.Fields = append(e.Fields, kernel.FieldError{Path: f.Path, Code: string(f.Code), Message: w.road.Texts.Field(f)})
	}
	return e
}

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
	return w.territory(doc, r, card)
}

// territory is the own property of that name or the declared attribute, else the card's, else the office's.
func (w *work) territory(doc *registry.Document, r, card *kernel.Record) error {
	if own, ok := r.Data["territory"].(string); ok {
		r.Territory = own
		return nil
	}
	if attr, ok := r.Access["territory"].(string); ok {
		r.Territory = attr
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

// settleData computes what is computed and holds the data against links, checks, unique rules and labels. old is the
// data before a change, nil for a new record.
func (w *work) settleData(doc *registry.Document, r *kernel.Record, old map[string]any, strict bool) error {
	if err := w.linksExist(doc.Def, r, old); err != nil {
		return err
	}
	in := w.input(r)
	if err := doc.Compute(in); err != nil {
		return err
	}
	if err := w.labels(doc.Def, r, old); err != nil {
		return err
	}
	codes, err := w.live.Forms.Check(w.ctx, w.world, in.Today, r.Type, r.Data, old)
	if err != nil {
		return err
	}
	if len(codes) > 0 {
		return w.invalid(codes)
	}
	if strict {
		faults, _, err := doc.Check(in)
		if err != nil {
			return err
		}
		if missing := w.live.Forms.Missing(r.Type, r.Data); len(missing) > 0 {
			faults = append(w.invalid(missing).Fields, faults...)
		}
		if len(faults) > 0 {
			return &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: faults}
		}
	}
	r.Title = doc.Title(in)
	if r.Case != nil {
		r.Case.Number, _ = r.Data["number"].(string)
		r.Case.Applicant, _ = r.Data["applicant"].(string)
	}
	return w.uniques(doc, r)
}

// labels refuses a change of a labelled property without edit.<label>.
func (w *work) labels(def *schema.Document, r *kernel.Record, old map[string]any) error {
	for _, p := range def.Properties {
		if p.Label == "" || same(r.Data[p.Name], old[p.Name]) {
			continue
		}
		if err := w.mayEdit(r, p); err != nil {
			return err
		}
	}
	return nil
}

// labelsGiven refuses a labelled property in an input without edit.<label>, also where it changes nothing: or a
// right guess of a hidden value could be told from a wrong one.
func (w *work) labelsGiven(def *schema.Document, r *kernel.Record, input map[string]any) error {
	for _, p := range def.Properties {
		if _, given := input[p.Name]; !given || p.Label == "" {
			continue
		}
		if err := w.mayEdit(r, p); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) mayEdit(r *kernel.Record, p *schema.Property) error {
	ok, err := w.gate.Edit(w.ctx, w.actor, r, p.Label)
	if err != nil {
		return err
	}
	if !ok {
		return &kernel.Error{Code: kernel.Denied, Message: "label-denied", Fields: []kernel.FieldError{w.field(p.Name, "denied")}}
	}
	return nil
}

func same(a, b any) bool {
	x, _ := hashOf(Command{Data: map[string]any{"v": a}})
	y, _ := hashOf(Command{Data: map[string]any{"v": b}})
	return slices.Equal(x, y)
}

// uniques holds the record against its type's unique rules; the rule's row is locked, so two commands cannot both
// find nothing.
func (w *work) uniques(doc *registry.Document, r *kernel.Record) error {
	for _, u := range doc.Uniques() {
		of := uniqueOf(u, r)
		if of == nil {
			continue
		}
		others, err := w.tx.Agreeing(w.ctx, r.Type+"."+u.Def.Name, r.Type, of, r.ID)
		if err != nil {
			return err
		}
		for _, other := range w.asChanged(others, r) {
			clash, err := w.clashes(doc, u, r, other)
			if err != nil {
				return err
			}
			if clash && !u.Def.Warn {
				return &kernel.Error{Code: kernel.Conflict, Message: u.Def.Message, Fields: []kernel.FieldError{{Path: u.Def.Of[0].Text, Code: u.Def.Name, Message: u.Def.Message}}}
			}
		}
	}
	return nil
}

// uniqueOf are the values in which a record must agree with no other; nil: a part is absent and agrees with nothing.
func uniqueOf(u registry.Unique, r *kernel.Record) map[string]any {
	of := make(map[string]any, len(u.Def.Of))
	for _, p := range u.Def.Of {
		v, has := r.Data[p.Text]
		if !has {
			return nil
		}
		of[p.Text] = v
	}
	return of
}

// asChanged adds to records found in the database what this command has made or changed and not yet written: of one
// type with a record, itself left out.
func (w *work) asChanged(found []*kernel.Record, r *kernel.Record) []*kernel.Record {
	var out []*kernel.Record
	for _, other := range found {
		if !slices.Contains(w.dirty, other.ID) {
			out = append(out, other)
		}
	}
	for _, id := range w.dirty {
		if other := w.records[id]; other.Type == r.Type && id != r.ID {
			out = append(out, other)
		}
	}
	return out
}

func (w *work) clashes(doc *registry.Document, u registry.Unique, r, other *kernel.Record) (bool, error) {
	if other.Void != "" || !same(uniqueOf(u, r), uniqueOf(u, other)) {
		return false, nil
	}
	if len(u.Def.During) == 1 {
		mine, _ := holds(doc.Def, r)
		theirs, _ := holds(doc.Def, other)
		if !mine.Touches(theirs) {
			return false, nil
		}
	}
	if len(u.Def.During) == 2 && !overlap(u.Def.During, r, other) {
		return false, nil
	}
	if u.Where == nil {
		return true, nil
	}
	for _, side := range []*kernel.Record{r, other} {
		in, err := u.Where.Match(w.ctx, view(side), w.world)
		if err != nil || !in {
			return false, err
		}
	}
	return true, nil
}

// overlap compares two properties of dates or instants as stored: both are ordered as text.
func overlap(during []schema.Scalar, a, b *kernel.Record) bool {
	start := func(r *kernel.Record) string { s, _ := r.Data[during[0].Text].(string); return s }
	end := func(r *kernel.Record) string {
		if s, ok := r.Data[during[1].Text].(string); ok {
			return s
		}
		return value.Forever.String()
	}
	return start(a) <= end(b) && start(b) <= end(a)
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
		next, err := w.tx.NextNumber(w.ctx, n.Series, per)
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

// refusal turns a workflow's refusal into an error of the kernel.
func (w *work) refusal(err error) error {
	var no *workflows.Refusal
	if !errors.As(err, &no) {
		if errors.Is(err, expr.ErrCost) {
			return kernel.Errorf(kernel.Limit, "cost-limit").Because(err)
		}
		return err
	}
	codes := map[workflows.RefusalCode]kernel.Code{
		workflows.DeniedCode: kernel.Denied, workflows.StaleCode: kernel.Stale, workflows.InvalidCode: kernel.Invalid,
		workflows.ConflictCode: kernel.Conflict, workflows.LimitCode: kernel.Limit,
	}
	e := &kernel.Error{Code: codes[no.Code], Message: no.Message, Args: no.Args, Err: err}
	for _, f := range no.Fields {
		e.Fields = append(e.Fields, w.field(f.Path, f.Code))
	}
	return e
}

// field is one wrong property, worded.
func (w *work) field(path, code string, args ...string) kernel.FieldError {
	return kernel.FieldError{Path: path, Code: code, Message: w.road.Texts.Field(forms.FieldError{Path: path, Code: forms.Code(code), Args: args})}
}

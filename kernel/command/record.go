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
	if err := w.foresee(doc, r); err != nil {
		return nil, err
	}
	w.change(r)
	if err := w.place(doc, r); err != nil {
		return nil, err
	}
	if err := doc.Prefill(w.input(r)); err != nil {
		return nil, err
	}
	if err := w.linksExist(doc.Def, r, nil); err != nil {
		return nil, err
	}
	// Before anything that depends on what the actor may not see: what he may not make tells him nothing of it.
	if err := w.gate.Check(w.ctx, w.actor, "create", r, ""); err != nil {
		return nil, w.misspelt(r, err)
	}
	if err := w.complete(doc, r, nil, machine == nil || !machine.Draft()); err != nil {
		return nil, err
	}
	if err := w.uniques(doc, r); err != nil {
		return nil, err
	}
	if err := w.numbers(doc, r, doc.NumberedAtOnce()); err != nil {
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

// misspelt names the codes of a refused record that no classifier has: they are why it is nobody's, and no secret.
func (w *work) misspelt(r *kernel.Record, refused error) error {
	wrong, err := w.live.Forms.Check(w.ctx, w.world, w.input(r).Today, r.Type, r.Data, nil)
	if err != nil || len(wrong) == 0 {
		return refused
	}
	return w.invalid(wrong)
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
	if err := w.linksExist(doc.Def, r, old); err != nil {
		return err
	}
	if err := w.complete(doc, r, old, !w.draft(r)); err != nil {
		return err
	}
	if !stored {
		err = w.gate.Check(w.ctx, w.actor, "update", r, "") // nobody moves a record to where he may not write
		if kernel.CodeOf(err) == kernel.NotFound {
			return kernel.Errorf(kernel.Denied, "denied").Because(err) // he saw it where it was
		}
		if err != nil {
			return err
		}
	}
	return w.uniques(doc, r)
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
		e.Fields = append(e.Fields, kernel.FieldError{Path: f.Path, Code: string(f.Code), Message: w.road.Texts.Field(w.cmd.Language, f)})
	}
	return e
}

// settleData holds changed data against links, checks, unique rules and labels, and computes what is computed.
func (w *work) settleData(doc *registry.Document, r *kernel.Record, old map[string]any, strict bool) error {
	if err := w.linksExist(doc.Def, r, old); err != nil {
		return err
	}
	if err := w.complete(doc, r, old, strict); err != nil {
		return err
	}
	return w.uniques(doc, r)
}

// complete computes what is computed and holds the data against labels and checks. old is the data before a change, nil
// for a new record.
func (w *work) complete(doc *registry.Document, r *kernel.Record, old map[string]any, strict bool) error {
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
	answers, err := w.answers(r, stateOf(r), old, strict)
	if err != nil {
		return err
	}
	if wrong := append(codes, answers...); len(wrong) > 0 {
		return w.invalid(wrong)
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
	return nil
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
	switch x := a.(type) {
	case nil:
		return b == nil
	case string:
		y, ok := b.(string)
		return ok && x == y
	}
	x, _ := hashOf(Command{Data: map[string]any{"v": a}})
	y, _ := hashOf(Command{Data: map[string]any{"v": b}})
	return slices.Equal(x, y)
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
	return kernel.FieldError{Path: path, Code: code, Message: w.road.Texts.Field(w.cmd.Language, forms.FieldError{Path: path, Code: forms.Code(code), Args: args})}
}

package command

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"mera/kernel"
	"mera/kernel/exchange"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
	"mera/workflows"
)

// ask opens a request to an agency: its body is built now, from what is known now, and sent by a job. A request that
// cannot be built - a number that it needs is not known - is failed at once, with the reason, for a person to see.
func (w *work) ask(r *kernel.Record, o workflows.OpenWork) error {
	flow, err := w.live.Exchanges.Request(o.Target)
	if err != nil {
		return err
	}
	asked := o.Asked
	if asked.IsZero() {
		asked = w.input(r).Today
		if day, ok := r.Data["date"].(string); ok {
			asked, _ = value.ParseDate(day)
		}
	}
	q := &kernel.Request{
		ID: w.road.IDs.New(), Scope: scopeOf(r), Name: o.Target, Title: flow.Title(), Exchange: flow.Exchange(), Flow: flow.Name(),
		Work: o.Name, State: o.State, SubjectType: o.SubjectType, SubjectID: o.SubjectID, Given: w.sources(r, flow, o.Sources),
		Asked: asked, Item: o.Item,
		Status: "planned", CreatedAt: w.now, CreatedBy: w.actor.ID, Release: w.live.Digest, Due: w.due(r, flow.Wait()),
	}
	if err := w.build(r, q, flow); err != nil {
		return err
	}
	q.Derived = w.derived(flow.Labels())
	if q.Status == "planned" {
		w.job("send", SendArgs{Request: q.ID})
	}
	w.journal("request:"+q.Name, r, q.Title)
	return w.tx.PutRequest(w.ctx, q)
}

func (w *work) build(r *kernel.Record, q *kernel.Request, flow *exchange.Flow) error {
	q.Body = json.RawMessage("{}")
	in, whole, err := w.madeFrom(r, q, flow)
	if err != nil {
		return err
	}
	if !whole {
		q.Status, q.Note, q.AnsweredAt = exchange.Failed, w.road.Texts.Message(schema.Written, "request-without-subject"), w.now
		return nil
	}
	body, err := flow.Build(in)
	var bad *exchange.Error
	if errors.As(err, &bad) {
		q.Status, q.Note, q.AnsweredAt = exchange.Failed, bad.Error(), w.now
		return nil
	}
	if err == nil {
		q.Body = body
	}
	return err
}

// sources are the records from which a request is made besides its subject: those that are given, else what belongs to
// the case.
func (w *work) sources(r *kernel.Record, flow *exchange.Flow, given map[string]string) map[string]string {
	var out map[string]string
	for _, s := range flow.Others() {
		id, said := given[s.Name]
		if !said {
			id = w.related(r, s.Type)
		}
		if out == nil {
			out = map[string]string{}
		}
		out[s.Name] = id
	}
	return out
}

// madeFrom loads the records from which a request is made; whole is false if one of them is not there.
func (w *work) madeFrom(r *kernel.Record, q *kernel.Request, flow *exchange.Flow) (in exchange.BuildInput, whole bool, err error) {
	in = exchange.BuildInput{Ctx: w.ctx, Case: view(r), Asked: q.Asked, World: w.world, Others: map[string]*expr.Record{}}
	subject, err := w.record(q.SubjectType, q.SubjectID)
	if err != nil {
		return in, false, err
	}
	in.Subject, whole = view(subject), subject != nil
	for _, s := range flow.Others() {
		other, err := w.record(s.Type, q.Given[s.Name])
		if err != nil {
			return in, false, err
		}
		in.Others[s.Name], whole = view(other), whole && other != nil
	}
	return in, whole, nil
}

func (w *work) due(r *kernel.Record, wait value.Duration) time.Time {
	if wait.N == 0 {
		return time.Time{}
	}
	zone := w.zone(r)
	return w.live.Data.Calendar.Due(value.DateOf(w.now.In(zone)), wait, "next").AddDays(1).Time(zone)
}

// sent notes that the agency has accepted a request, or why it could not be sent.
func sent(w *work, c Command) (Result, error) {
	q, err := w.tx.LockRequest(w.ctx, c.ID)
	if err != nil || q == nil || q.Status != "planned" {
		return Result{ID: c.ID}, err
	}
	q.Attempts++
	if c.Reason != "" {
		q.Note = c.Reason
	} else {
		q.Status, q.SentAt, q.Note = "sent", w.now, ""
	}
	return Result{ID: c.ID}, w.tx.SaveRequest(w.ctx, q)
}

// receive stores what came from outside, as it came, and leaves its meaning to a job. The same message again changes
// nothing.
func receive(w *work, c Command) (Result, error) {
	raw, _ := c.Data["raw"].([]byte)
	request, _ := c.Data["request"].(string)
	first, err := w.tx.PutMessage(w.ctx, &kernel.Message{
		Channel: c.Type, ID: c.ID, Request: request, ReceivedAt: w.now, Raw: raw, Status: "received",
	})
	if err != nil || !first {
		return Result{ID: c.ID}, err
	}
	w.job("apply", ApplyArgs{Channel: c.Type, Message: c.ID})
	return Result{ID: c.ID}, nil
}

// apply parses a stored answer, writes what it says as the exchange's actor, marks the request and looks at the case
// again. What cannot be applied is kept with the reason: an answer to nobody, about another person, garbled, repeated.
func apply(w *work, c Command) (Result, error) {
	m, err := w.tx.LockMessage(w.ctx, c.Type, c.ID)
	if err != nil || m == nil || m.Status != "received" {
		return Result{}, err
	}
	park := func(note string) (Result, error) {
		m.Status, m.Note, m.AppliedAt = "parked", note, w.now
		w.journal("answer-parked", nil, m.Channel+" "+m.ID+": "+note)
		return Result{}, w.tx.SaveMessage(w.ctx, m)
	}
	q, err := w.tx.LockRequest(w.ctx, m.Request)
	if err != nil {
		return Result{}, err
	}
	if q == nil {
		return park("no such request")
	}
	if q.Status != "planned" && q.Status != "sent" && q.Status != "late" && q.Status != "cancelled" && q.Status != "unclear" {
		return park("answered already")
	}
	flow, err := w.live.Exchanges.Request(q.Name)
	if err != nil {
		return park(err.Error())
	}
	if def := w.live.Catalog.Exchanges[q.Exchange]; def == nil || def.Channel.Text != m.Channel {
		return park("asked on another channel")
	}
	r, err := w.lock(q.CaseType, q.CaseID)
	if err != nil {
		return Result{}, err
	}
	if flow.Answer() == nil {
		return park("no answer is wanted")
	}
	subject, err := w.record(q.SubjectType, q.SubjectID)
	if err != nil {
		return Result{}, err
	}
	from, _, err := w.madeFrom(r, q, flow)
	if err != nil {
		return Result{}, err
	}
	answer, err := flow.Parse(exchange.ParseInput{BuildInput: from, Raw: m.Raw})
	var bad *exchange.Error
	if errors.As(err, &bad) {
		q.Status, q.Note = "unclear", bad.Error()
		answer = nil
	} else if err != nil {
		return Result{}, err
	}
	var refused *kernel.Error
	if answer != nil {
		if refused, err = w.accept(q, r, subject, answer); err != nil {
			return Result{}, err
		}
	}
	q.AnsweredAt, q.Derived = w.now, joined(q.Derived, w.told(flow.AnswerLabels()))
	m.Status, m.Note, m.AppliedAt = "applied", q.Note, w.now
	if err := w.tx.SaveRequest(w.ctx, q); err != nil {
		return Result{}, err
	}
	if err := w.tx.SaveMessage(w.ctx, m); err != nil {
		return Result{}, err
	}
	said := q.Note
	if len(q.Labels) > 0 { // a note may quote the answer, and the journal is not hidden
		said = ""
	}
	w.journal("answer:"+q.Name, r, strings.TrimSpace(q.Status+" "+said))
	if r.Case.Final {
		return done(r), nil // a late answer still became a document
	}
	stuck, err := w.orRefused(func() error {
		return w.as(kernel.SystemActor(), func() error { return w.move(r, workflows.Trigger{Kind: workflows.Changed, At: w.now}, nil) })
	})
	if err != nil {
		return Result{}, err
	}
	return done(r), w.entrust(q, r, cmp.Or(refused, stuck))
}

// orRefused does a part that the register or a workflow may refuse: why they did, and then nothing of it is done; or what
// is no refusal and may go well another time.
func (w *work) orRefused(part func() error) (why *kernel.Error, err error) {
	err = w.try(part)
	if errors.As(err, &why) && why.Code != kernel.Unavailable && why.Code != kernel.Internal {
		return why, nil
	}
	return nil, err
}

// entrust gives an answer that was refused to a person: a task of the case that says why. A better answer takes it back.
func (w *work) entrust(q *kernel.Request, r *kernel.Record, why *kernel.Error) error {
	name := own(answerWork, q.ID)
	if err := w.tx.CancelWork(w.ctx, r.ID, name, nil); err != nil || why == nil {
		return err
	}
	reasons := []string{}
	for _, f := range why.Fields {
		reasons = append(reasons, fmt.Sprintf("%s (%s)", f.Message, f.Path))
	}
	reason := w.message("refused." + string(why.Code))
	if len(reasons) > 0 {
		reason = plain(strings.Join(reasons, "; "))
	}
	title, texts := w.spoken(w.message("answer-refused", plain(q.Title), reason))
	return w.tx.PutTask(w.ctx, &kernel.Task{
		ID: w.road.IDs.New(), Scope: scopeOf(r), Name: name, State: r.Case.State, Role: reviewRole, Item: q.ID,
		Title: title, Texts: texts,
		Status: "open", CreatedAt: w.now,
	})
}

// accept does the steps of an answer. What the register or a workflow refuses makes the answer unclear; the answer
// itself is kept.
func (w *work) accept(q *kernel.Request, r, subject *kernel.Record, a *exchange.Answer) (refused *kernel.Error, err error) {
	q.Answer, q.Status, q.Note = a.Body, a.Status, a.Note
	if a.Status != "answered" && a.Status != "none" {
		return nil, nil
	}
	exchangeActor := kernel.Actor{Kind: kernel.System, ID: "exchange:" + q.Exchange, Name: q.Title}
	write := func() error {
		made := map[string]*kernel.Record{}
		return w.as(exchangeActor, func() error {
			for _, in := range a.Intents {
				rec, err := w.intend(q, in, r, subject, made)
				if err != nil {
					return err
				}
				made[in.Step] = rec
			}
			for _, id := range w.dirty {
				if err := w.saveKeys(w.records[id]); err != nil { // a key that is another's must be seen here, not by flush
					return err
				}
			}
			return nil
		})
	}
	refused, err = w.orRefused(write)
	if refused != nil && refused.Code == kernel.Conflict {
		refused, err = w.orRefused(write) // another answer wrote the same meanwhile: now it is found
	}
	if refused != nil {
		q.Status, q.Note = "unclear", refused.Error()
	}
	if refused != nil || err != nil {
		return refused, err
	}
	for _, c := range a.Covers {
		q.Covers = append(q.Covers, kernel.Cover{Type: c.Type, How: c.How, From: c.From, To: c.To})
	}
	return nil, nil
}

// intend carries out one step of an answer to a request of a case.
func (w *work) intend(q *kernel.Request, in exchange.Intent, r, subject *kernel.Record, made map[string]*kernel.Record) (*kernel.Record, error) {
	if in.Type == "" {
		return nil, w.act(q, in, r, made)
	}
	var target *kernel.Record
	owner, err := w.ownerOf(in, subject, made)
	if err != nil {
		return nil, err
	}
	switch {
	case in.ID != "":
		if target, err = w.lock(in.Type, in.ID); err != nil {
			return nil, err
		}
	case len(in.Key) > 0:
		if target, err = w.byKeys(in.Type, in.Key); err != nil {
			return nil, err
		}
		if target != nil && owner != nil && target.Card != owner.ID {
			return nil, kernel.Errorf(kernel.Conflict, "key-of-another")
		}
	}
	switch in.Verb {
	case "void":
		if target != nil {
			w.change(target)
			target.Void = in.Reason
			w.journal("void", target, in.Reason)
		}
		return target, nil
	case "update":
		if target != nil {
			set, err := w.references(in.Set, made)
			if err != nil {
				return nil, err
			}
			return target, w.patchIfNew(target, set)
		}
		if in.None == "skip" {
			return nil, nil
		}
	}
	set, err := w.references(in.Set, made)
	if err != nil {
		return nil, err
	}
	if owner != nil {
		set[w.live.Catalog.Documents[in.Type].Card.Link] = owner.ID
	}
	from := origin{stored: true}
	if in.Verb == "start" {
		from.parent = r
	}
	rec, err := w.create(in.Type, set, from)
	if err != nil {
		return nil, err
	}
	for system, key := range in.Key {
		if err := w.tx.PutKey(w.ctx, system, key, rec.Type, rec.ID); err != nil {
			return nil, err
		}
	}
	return rec, nil
}

// ownerOf is the record on whose card a step of an answer writes; nil for a type without a card.
func (w *work) ownerOf(in exchange.Intent, subject *kernel.Record, made map[string]*kernel.Record) (*kernel.Record, error) {
	def := w.live.Catalog.Documents[in.Type]
	switch {
	case def == nil || def.Card == nil:
		return nil, nil
	case in.Of == "":
		return subject, nil
	}
	return w.reference(in.Of, made)
}

// stepReference names the record of an earlier step where an id is wanted.
const stepReference = "step:"

func (w *work) reference(id string, made map[string]*kernel.Record) (*kernel.Record, error) {
	if name, isStep := strings.CutPrefix(id, stepReference); isStep {
		if made[name] == nil {
			return nil, kernel.Errorf(kernel.Invalid, "step-made-nothing", name)
		}
		return made[name], nil
	}
	r, err := w.record("", id)
	if err == nil && r == nil {
		err = kernel.Errorf(kernel.NotFound, "not-found")
	}
	return r, err
}

func (w *work) references(set map[string]any, made map[string]*kernel.Record) (map[string]any, error) {
	out := maps.Clone(set)
	if out == nil {
		out = map[string]any{}
	}
	for name, v := range out {
		var err error
		if out[name], err = w.referred(v, made); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// referred puts the ids of records of earlier steps into a value, wherever in it they stand.
func (w *work) referred(v any, made map[string]*kernel.Record) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		return w.references(v, made)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			var err error
			if out[i], err = w.referred(e, made); err != nil {
				return nil, err
			}
		}
		return out, nil
	case exchange.Made:
		if made[string(v)] == nil {
			return nil, kernel.Errorf(kernel.Invalid, "step-made-nothing", string(v))
		}
		return made[string(v)].ID, nil
	}
	return v, nil
}

func (w *work) byKeys(typ string, keys map[string]string) (*kernel.Record, error) {
	for system, key := range keys {
		found, id, err := w.tx.ByKey(w.ctx, system, key)
		if err != nil {
			return nil, err
		}
		if id != "" && found == typ {
			return w.lock(typ, id)
		}
	}
	return nil, nil
}

// patchIfNew writes only what differs, so that the same answer again makes no new version.
func (w *work) patchIfNew(r *kernel.Record, set map[string]any) error {
	patch := map[string]any{}
	for name, v := range set {
		if !same(r.Data[name], v) {
			patch[name] = v
		}
	}
	if len(patch) == 0 {
		return nil
	}
	return w.patch(r, patch, true)
}

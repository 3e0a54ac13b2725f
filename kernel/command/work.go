package command

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"mera/kernel"
	"mera/kernel/access"
	"mera/kernel/registry"
	"mera/kernel/store"
	"mera/schema/expr"
	"mera/schema/value"
)

// work is one command under way: its transaction, its «now», the records it has read and what it has changed. What
// is changed is written once, by flush, so that a command makes one version of a record however many times it
// touched it.
type work struct {
	ctx   context.Context
	road  *Road
	live  *registry.Live
	tx    *store.Tx
	gate  *access.Gate
	actor kernel.Actor
	now   time.Time
	cmd   Command

	records  map[string]*kernel.Record // by id, as they stand now; nil: known not to exist
	before   map[string]map[string]any // data as loaded, of changed records
	stood    map[string]stand          // where changed records stood
	dirty    []string                  // ids, in the order of the first change
	events   []kernel.Event
	jobs     []kernel.Job
	attached []*kernel.Record // records that got a file
	paidTo   []string         // persons of awards that have changed
	changes  int              // how often a record that is no case was changed
	looked   map[string]int   // by case: after how many of those changes it looked at its triggers
	depth    int              // of cases that move each other
	taken    []string         // ids of the rows that were taken from lists
	world    *world

	hash      []byte            // of the command
	keyKnown  bool              // that its key is new
	concerned *concern          // by the record that it makes, read ahead
	numbered  map[series]*int64 // which number comes next, read ahead
}

func newWork(ctx context.Context, r *Road, live *registry.Live, tx *store.Tx, actor kernel.Actor, c Command) *work {
	w := &work{
		ctx: ctx, road: r, live: live, tx: tx, gate: r.Gates.Of(live), actor: actor, now: tx.Now(), cmd: c,
		records: map[string]*kernel.Record{}, before: map[string]map[string]any{}, stood: map[string]stand{}, looked: map[string]int{},
	}
	w.world = &world{work: w, StaticWorld: live.Data.World}
	return w
}

// as does something in the name of the kernel: what a case does by itself is not the clerk's doing.
func (w *work) as(actor kernel.Actor, f func() error) error {
	own := w.actor
	w.actor = actor
	defer func() { w.actor = own }()
	return f()
}

// record loads a record, nil if there is none. It is not locked.
func (w *work) record(typ, id string) (*kernel.Record, error) {
	if r, seen := w.records[id]; seen {
		if r != nil && typ != "" && r.Type != typ {
			return nil, nil
		}
		return r, nil
	}
	r, err := w.find(typ, id, false)
	if err != nil {
		return nil, err
	}
	w.records[id] = r
	return r, nil
}

// lock loads a record for a change. A record that is not there is NOT_FOUND.
func (w *work) lock(typ, id string) (*kernel.Record, error) {
	if r := w.records[id]; r != nil && slices.Contains(w.dirty, id) {
		return r, nil
	}
	r, err := w.find(typ, id, true)
	if err != nil {
		return nil, err
	}
	if r == nil || r.Void != "" {
		return nil, kernel.Errorf(kernel.NotFound, "not-found")
	}
	w.records[id] = r
	return r, nil
}

func (w *work) find(typ, id string, lock bool) (*kernel.Record, error) {
	if typ == "" {
		found, err := w.tx.FindRecord(w.ctx, id)
		if err != nil || found == nil || !lock {
			return found, err
		}
		typ = found.Type
	}
	if lock {
		return w.tx.LockRecord(w.ctx, typ, id)
	}
	return w.tx.Record(w.ctx, typ, id)
}

// change marks a record as changed; call it before the first change of its data.
func (w *work) change(r *kernel.Record) {
	if r.Case == nil {
		w.changes++
	}
	if slices.Contains(w.dirty, r.ID) {
		return
	}
	w.dirty = append(w.dirty, r.ID)
	w.records[r.ID] = r
	if r.Version > 0 {
		w.before[r.ID], w.stood[r.ID] = maps.Clone(r.Data), standOf(r)
	}
}

// journal adds an event about a record (nil: about none).
func (w *work) journal(action string, r *kernel.Record, note string) {
	e := kernel.Event{
		ID: w.road.IDs.New(), At: w.now, Actor: w.actor.ID, Kind: w.actor.Kind, Action: action,
		Release: w.live.Digest, Key: w.cmd.Key, Note: note,
	}
	if r != nil {
		e.Type, e.Record, e.Root = r.Type, r.ID, r.Root
	}
	w.events = append(w.events, e)
}

func (w *work) job(kind string, args any) {
	w.jobs = append(w.jobs, kernel.Job{Kind: kind, Args: args})
}

// flush writes what was changed: records with their versions, keys, the journal and the jobs, with those that the
// changes mean for others.
func (w *work) flush() error {
	if err := w.touched(); err != nil {
		return err
	}
	if err := w.spread(); err != nil {
		return err
	}
	for _, id := range w.dirty {
		r := w.records[id]
		isNew := r.Version == 0
		r.Version++
		r.UpdatedAt, r.UpdatedBy = w.now, w.actor.ID
		data, err := w.tx.Form(r.Data)
		if err != nil {
			return err
		}
		event, err := w.eventOf(r, data)
		if err != nil {
			return err
		}
		if err := w.tx.SaveForm(w.ctx, r, data, event, isNew); err != nil {
			return err
		}
		if r.Void != "" {
			if err := w.tx.DropKeys(w.ctx, r.Type, r.ID); err != nil {
				return err
			}
		} else if err := w.saveKeys(r); err != nil {
			return err
		}
		if err := w.saveSearch(r); err != nil {
			return err
		}
	}
	if err := w.tx.Append(w.ctx, w.events...); err != nil {
		return err
	}
	if err := w.tx.Enqueue(w.ctx, w.jobs); err != nil || !w.officesWritten() {
		return err
	}
	return w.tx.OfficesChanged(w.ctx)
}

// eventOf completes the first event about a record with its data before and after; a change that no handler put in
// the journal gets an event of its own. It returns the event's id.
func (w *work) eventOf(r *kernel.Record, data json.RawMessage) (id string, err error) {
	i := slices.IndexFunc(w.events, func(e kernel.Event) bool { return e.Record == r.ID })
	if i < 0 {
		w.journal("update", r, "")
		i = len(w.events) - 1
	}
	e := &w.events[i]
	e.Version = r.Version
	if before := w.before[r.ID]; before != nil {
		e.Before, err = w.tx.Form(before)
	}
	e.After = data
	return e.ID, err
}

func (w *work) saveKeys(r *kernel.Record) error {
	def := w.live.Catalog.Documents[r.Type]
	for _, k := range def.Keys {
		text := ""
		for i, p := range k.Properties {
			v, ok := r.Data[p.Text].(string)
			if !ok {
				text = ""
				break
			}
			if i > 0 {
				text += "/"
			}
			text += v
		}
		if err := w.tx.PutKey(w.ctx, k.System, text, r.Type, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// try does a part of the command wholly or not at all: after an error the database and what the command has in hand
// are as they were before.
func (w *work) try(part func() error) error {
	kept := map[*kernel.Record]kernel.Record{}
	for _, r := range w.records {
		if r != nil {
			kept[r] = *r // a change replaces Data, so a copy of the struct is enough
		}
	}
	records, before := maps.Clone(w.records), maps.Clone(w.before)
	dirty, events, jobs := len(w.dirty), len(w.events), len(w.jobs)
	err := w.tx.Try(w.ctx, func(*store.Tx) error { return part() })
	if err == nil {
		return nil
	}
	for r, was := range kept {
		*r = was
	}
	w.records, w.before = records, before
	w.dirty, w.events, w.jobs = w.dirty[:dirty], w.events[:events], w.jobs[:jobs]
	return err
}

// document is the compiled type of a record; a type that is not installed is INVALID.
func (w *work) document(typ string) (*registry.Document, error) {
	d := w.live.Documents[typ]
	if d == nil || d.Def.Abstract || d.Def.Record {
		return nil, kernel.Errorf(kernel.Invalid, "unknown-type", typ)
	}
	return d, nil
}

// input is what the expressions of a record see.
func (w *work) input(r *kernel.Record) registry.Input {
	return registry.Input{
		Ctx: w.ctx, Doc: view(r), Actor: w.actor, Now: w.now, Today: value.DateOf(w.now.In(w.zone(r))), World: w.world, Language: w.cmd.Language,
	}
}

// zone is the time zone of the record's office, UTC where it has none or names none.
func (w *work) zone(r *kernel.Record) *time.Location {
	id := cmp.Or(r.Office, w.actor.Office)
	if id == "" {
		return time.UTC
	}
	office, err := w.record("Office", id)
	if err != nil || office == nil {
		return time.UTC
	}
	name, _ := office.Data["zone"].(string)
	return w.road.zone(name)
}

// zone is a time zone by its name, read once; UTC for a name that no zone has.
func (r *Road) zone(name string) *time.Location {
	if known, ok := r.zones.Load(name); ok {
		return known.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC // not kept: names come from data
	}
	r.zones.Store(name, loc)
	return loc
}

// view is a record as expressions see it. It shares the record: what is set later is seen.
func view(r *kernel.Record) *expr.Record {
	if r == nil {
		return nil
	}
	return &expr.Record{Type: r.Type, ID: r.ID, Version: r.Version, Data: r.Data, Kept: func(name string) any { return kept(r, name) }}
}

// kept is a kernel property of a record; nil where it is absent.
func kept(r *kernel.Record, name string) any {
	switch name {
	case "id":
		return r.ID
	case "version":
		return int64(r.Version)
	case "createdAt":
		return r.CreatedAt
	case "createdBy":
		return r.CreatedBy
	case "updatedAt":
		return r.UpdatedAt
	case "title":
		return r.Title
	case "office":
		return textOrNil(r.Office)
	case "territory":
		return textOrNil(r.Territory)
	}
	if r.Case == nil {
		return nil
	}
	return keptOfCase(r, name)
}

func keptOfCase(r *kernel.Record, name string) any {
	c := r.Case
	switch name {
	case "state":
		return c.State
	case "final":
		return c.Final
	case "number":
		return textOrNil(c.Number)
	case "worker":
		return textOrNil(c.Worker)
	case "channel":
		return textOrNil(c.Channel)
	case "applicant":
		return textOrNil(c.Applicant)
	case "parent":
		return textOrNil(c.Parent)
	case "opened":
		return value.DateOf(r.CreatedAt)
	case "due":
		if !c.Due.IsZero() {
			return c.Due
		}
	}
	return nil
}

func textOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func setText(m map[string]any, key, text string) {
	if text != "" {
		m[key] = text
	}
}

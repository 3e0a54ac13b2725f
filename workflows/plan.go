package workflows

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"mera/schema/expr"
	"mera/workflows/definition"
)

// planned is an item of work that will be opened if the case stays in the state.
type planned struct {
	ref  WorkRef
	work *definition.Work
	it   any
	need *Need // of an ask
}

// row is one item that a piece of work wants.
type row struct {
	item string
	it   any
	need *Need
}

// plan brings the work of the visit up to what the state wants now: on entry all of it, later new rows of `each`, new
// needs of an ask and work whose `if` has become true. Open rows that left their list are dropped.
func (r *run) plan() error {
	for _, w := range r.state.Work {
		rows, whole, err := r.rows(w)
		if err != nil {
			return err
		}
		if len(rows) > maxRows {
			return refuse(LimitCode, "workflow.rows", w.Name, len(rows))
		}
		for _, row := range rows {
			if err := r.want(w, row); err != nil {
				return err
			}
		}
		if w.Many() && !w.Ask && whole {
			r.drop(w, rows)
		}
	}
	return nil
}

func (r *run) want(w *definition.Work, row row) error {
	ref := WorkRef{w.Name, row.item}
	if slices.Contains(r.s.Work, ref) {
		return nil
	}
	if ok, err := r.truth(w.Cond, row.it); !ok || err != nil {
		return err
	}
	view := r.view(ref)
	once := w.Def.Once && slices.Contains(r.s.Once, ref)
	if once && (view == nil || view.Status == WorkCancelled) {
		return nil
	}
	r.s.Work = append(r.s.Work, ref)
	if kept := view != nil && view.Status == WorkOpen; !once && !kept {
		r.planned = append(r.planned, planned{ref, w, row.it, row.need})
	}
	return nil
}

func (r *run) drop(w *definition.Work, rows []row) {
	r.dropWhere(w, func(item string) bool {
		return !slices.ContainsFunc(rows, func(row row) bool { return row.item == item })
	})
}

// dropWhere cancels the open items of a work that are gone from its list.
func (r *run) dropWhere(w *definition.Work, gone func(item string) bool) {
	r.s.Work = slices.DeleteFunc(r.s.Work, func(ref WorkRef) bool {
		if ref.Name != w.Name || !gone(ref.Item) {
			return false
		}
		view := r.view(ref)
		if view == nil || view.Status != WorkOpen {
			return false
		}
		view.Status = WorkCancelled
		r.out.Drop = append(r.out.Drop, ref)
		return true
	})
}

// rows are the items that a piece of work wants, and whether that is the whole list.
func (r *run) rows(w *definition.Work) ([]row, bool, error) {
	switch {
	case w.Ask:
		return r.needs(w)
	case w.Each == nil:
		return []row{{}}, true, nil
	}
	res, err := r.eval(w.Each, nil)
	if err != nil {
		return nil, false, err
	}
	items, _ := listOf(res.Value)
	var out []row
	for _, it := range items {
		key := itemKey(it)
		if it != nil && !slices.ContainsFunc(out, func(o row) bool { return o.item == key }) {
			out = append(out, row{item: key, it: it})
		}
	}
	return out, res.Known(), nil
}

// needs are the requests of an ask: of the case, or of each of its rows. A row that has left the list takes its open
// requests with it; a request that is not needed any more may still be answered.
func (r *run) needs(w *definition.Work) ([]row, bool, error) {
	host, err := r.host()
	if err != nil {
		return nil, false, err
	}
	docs, err := r.askedDocs(w)
	if err != nil {
		return nil, false, err
	}
	var out []row
	for _, doc := range docs {
		q, prefix := r.question(w.Target), ""
		if w.Many() {
			prefix = doc.ID + " "
		}
		q.Doc = doc
		needs, err := host.Needs(q)
		if err != nil {
			return nil, false, err
		}
		for _, n := range needs {
			out = append(out, row{item: fmt.Sprintf("%s%s %s %s", prefix, n.Request, n.ID, n.Asked), it: doc, need: &n})
		}
	}
	if w.Many() {
		r.dropWhere(w, func(item string) bool {
			return !slices.ContainsFunc(docs, func(doc *expr.Record) bool { return strings.HasPrefix(item, doc.ID+" ") })
		})
	}
	return out, true, nil
}

// askedDocs are the records about which an ask asks its measure.
func (r *run) askedDocs(w *definition.Work) ([]*expr.Record, error) {
	if w.Each == nil {
		return []*expr.Record{r.doc}, nil
	}
	res, err := r.eval(w.Each, nil)
	if err != nil {
		return nil, err
	}
	return r.rowRecords(res.Value)
}

// rowRecords are the records of a list, each once, with their data.
func (r *run) rowRecords(list any) ([]*expr.Record, error) {
	items, _ := listOf(list)
	var out []*expr.Record
	for _, it := range items {
		rec, ok := it.(*expr.Record)
		if !ok || rec == nil || slices.ContainsFunc(out, func(o *expr.Record) bool { return o.ID == rec.ID }) {
			continue
		}
		if rec.Data == nil && r.in.World != nil {
			full, err := r.in.World.Record(r.in.Ctx, rec.Type, rec.ID)
			if err != nil {
				return nil, err
			}
			if full == nil {
				continue
			}
			rec = full
		}
		out = append(out, rec)
	}
	return out, nil
}

func listOf(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case expr.PartList:
		return v.Items, true
	}
	return nil, false
}

// itemKey names a row of a list, so that it can be found again when the list has changed.
func itemKey(v any) string {
	switch v := v.(type) {
	case *expr.Record:
		return v.ID
	case expr.Item:
		return v.Code
	case string:
		return v
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []any:
		keys := make([]string, len(v))
		for i, e := range v {
			keys[i] = itemKey(e)
		}
		return "[" + strings.Join(keys, ",") + "]"
	case map[string]any:
		keys := make(map[string]string, len(v))
		for name, e := range v {
			keys[name] = itemKey(e)
		}
		text, _ := json.Marshal(keys) // a map of texts always has a JSON form
		return string(text)
	}
	return fmt.Sprint(v)
}

func (r *run) isPlanned(ref WorkRef) bool {
	return slices.ContainsFunc(r.planned, func(p planned) bool { return p.ref == ref })
}

// view is the item as it stands: the last of its name and item. The run owns the views, so that it can mark what it
// does to them.
func (r *run) view(ref WorkRef) *WorkView {
	for i := len(r.in.Work) - 1; i >= 0; i-- {
		if v := &r.in.Work[i]; v.Name == ref.Name && v.Item == ref.Item {
			return v
		}
	}
	return nil
}

// allDone tells that nothing of the work of this visit is open.
func (r *run) allDone() bool {
	return !slices.ContainsFunc(r.s.Work, func(ref WorkRef) bool {
		view := r.view(ref)
		return r.isPlanned(ref) || view == nil || view.Status == WorkOpen
	})
}

// open resolves all that is written about a planned item.
func (r *run) open(p planned) (OpenWork, error) {
	w := p.work
	o := OpenWork{
		Kind: WorkKind(w.Kind), Name: w.Name, Target: w.Target, Title: w.Def.Title, Item: p.ref.Item, State: r.s.State,
		Form: w.Def.Form.Text, Not: definition.Texts(w.Def.Not), Choices: definition.Texts(w.Def.Choices), Keep: w.Def.Keep, Once: w.Def.Once,
	}
	if !w.Def.Within.IsZero() {
		o.Due = r.in.Calendar.DueAt(r.at, w.Within, "").UTC()
	}
	var err error
	switch WorkKind(w.Kind) {
	case RequestWork:
		err = r.openRequest(&o, p)
	case CaseWork:
		o.Set, err = r.values(w.Set, p.it)
	case TaskWork:
		err = r.assign(&o, p)
	}
	return o, err
}

func (r *run) openRequest(o *OpenWork, p planned) error {
	if n := p.need; n != nil {
		o.Target, o.SubjectType, o.SubjectID, o.Asked = n.Request, n.Type, n.ID, n.Asked
		return nil
	}
	res, err := r.eval(p.work.Subject, p.it)
	if err != nil {
		return err
	}
	o.SubjectType, o.SubjectID = p.work.SubjectType, idOf(res.Value)
	for _, s := range p.work.Sources {
		res, err := r.eval(s.Record, p.it)
		if err != nil {
			return err
		}
		if o.Sources == nil {
			o.Sources = map[string]string{}
		}
		o.Sources[s.Name] = idOf(res.Value)
	}
	return nil
}

// assign says whose a task is: the role of `by`, and the person, office or actor of `to`.
func (r *run) assign(o *OpenWork, p planned) error {
	o.Role = p.work.By.Name
	if p.work.To == nil {
		return nil
	}
	res, err := r.eval(p.work.To, p.it)
	if err != nil {
		return err
	}
	switch v := res.Value.(type) {
	case *expr.Record:
		if v.Type == definition.PersonType || v.Type == definition.OfficeType {
			o.Party = v.ID
		} else {
			o.Worker = v.ID
		}
	case string:
		o.Worker = v
	}
	return nil
}

// partyID is the id of the Person or Office to which a link of the document leads; "" if it leads nowhere.
func (r *run) partyID(w definition.Who) string {
	return idOf(r.doc.Data[w.Party.Name])
}

// values are the values of setters in stored form, without those that are absent or unknown.
func (r *run) values(set []*expr.Setter, it any) (map[string]any, error) {
	return expr.Filled(set, r.known(it))
}

// known evaluates expressions: nil for what is absent or unknown.
func (r *run) known(it any) func(*expr.Program) (any, error) {
	return func(p *expr.Program) (any, error) {
		res, err := r.eval(p, it)
		if err != nil || !res.Known() {
			return nil, err
		}
		return res.Value, nil
	}
}

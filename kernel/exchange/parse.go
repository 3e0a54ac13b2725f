package exchange

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"mera/schema/expr"
	"mera/schema/value"
)

// ParseInput is a raw answer and what it answers.
type ParseInput struct {
	BuildInput        // what the request was made from
	Raw        []byte // the envelope as it came
}

// Statuses of an answer.
const (
	Answered = "answered" // it says something; Intents write it
	None     = "none"     // they know of nothing: the facts are known to be empty
	Unclear  = "unclear"  // a person must look at it
	Failed   = "failed"   // it says nothing; asking again may help
)

// Answer is what an answer means.
type Answer struct {
	Status   string
	Note     string          // why it is unclear, none or failed: for people
	Body     json.RawMessage // the record that was read, in stored form; null for a rejection
	Warnings []string        // keys that the format does not know
	Covers   []Covered
	Intents  []Intent
}

// Covered says about which facts the answer speaks. untilTold: the days before the answer, and as many after it as the
// answer stays fresh; period: From to To.
type Covered struct {
	Type     string
	How      string
	From, To value.Date
}

// Made is a link to the record that an earlier step made, by the name of the step: no text of an answer is one.
type Made string

// Intent is one act, to be carried out in order by the usual road. Verb is match, create, update, void, submit or start
// - which write a document -, or fire, print, notify, task or send: these have a Target (the event, the print form, the
// role or party, what is to be done, the flow), notify a print form With it, and fire the case Of, or "" for the one that
// asked.
//
// The record meant is the one of ID, else the one that has a Key (system → text), else none. Where there is none,
// None says what to do: create, skip or stop. Of is the record of the card: an id, "step:NAME" for the record of an
// earlier intent of that step, or "" for the subject of the request. Values of Set are in stored form, with a
// Made for each link to such a record.
type Intent struct {
	Verb   string
	Step   string
	Type   string
	ID     string
	Key    map[string]string
	Of     string
	Set    map[string]any
	None   string
	Many   string // match: ask or stop
	Reason string // void
	Target string // of an act
	With   string // of notify
}

// Parse understands a raw answer. An *Error says that it cannot be read: a person must look at it. Any other error is
// a failure of the world, and the same bytes may be parsed again.
func (f *Flow) Parse(in ParseInput) (*Answer, error) {
	v, err := f.all.decode(in.Raw)
	if err != nil {
		return nil, err
	}
	envelope, ok := v.(map[string]any)
	if !ok {
		return nil, f.all.problem("", NoEnvelope)
	}
	if code, ok := envelope["rejected"].(string); ok && code != "" {
		return f.rejected(in, code)
	}
	body, ok := envelope["body"]
	if !ok {
		return nil, f.all.problem("", NoEnvelope)
	}
	record, unknown, err := f.answer.read(in.Ctx, in.World, body)
	if err != nil {
		return nil, err
	}
	a := &Answer{Status: Answered, Warnings: unknown}
	if a.Body, err = json.Marshal(record); err != nil {
		return nil, err
	}
	vars := f.vars(in, record)
	if clear, err := f.isClear(in, vars, a); err != nil || !clear {
		return a, err
	}
	if a.Covers, err = f.covers(in); err != nil {
		return nil, err
	}
	a.Intents, err = f.intents(in, vars)
	return a, err
}

// rejected understands a refusal by its code.
func (f *Flow) rejected(in ParseInput, code string) (*Answer, error) {
	a := &Answer{Status: Unclear, Body: json.RawMessage("null"), Note: word(f.all.texts, Problem{Code: StrangeCode, Args: []string{clip(code)}})}
	how, known := f.def.Answer.Rejected[code]
	if !known {
		return a, nil
	}
	a.Status, a.Note = how.Text, word(f.all.texts, Problem{Code: Rejection, Args: []string{clip(code)}})
	var err error
	if a.Status == None {
		a.Covers, err = f.covers(in)
	}
	return a, err
}

func (f *Flow) vars(in ParseInput, record map[string]any) map[string]any {
	vars := f.names(in.BuildInput)
	vars["answer"] = &expr.Record{Type: f.answered.Name, Data: record}
	return vars
}

// isClear asks whether the answer is about what was asked; if not, it says why.
func (f *Flow) isClear(in ParseInput, vars map[string]any, a *Answer) (bool, error) {
	if f.clear == nil {
		return true, nil
	}
	got, err := f.eval(in, f.clear, vars)
	switch {
	case err != nil:
		return false, err
	case got.True():
		return true, nil
	case !got.Known():
		a.Note = word(f.all.texts, Problem{Code: Uncertain, Args: []string{strings.Join(got.Unclear, ", ")}})
	default:
		a.Note = word(f.all.texts, Problem{Code: Other})
	}
	a.Status = Unclear
	return false, nil
}

func (f *Flow) eval(in ParseInput, p *expr.Program, vars map[string]any) (expr.Result, error) {
	return p.Eval(expr.Input{Ctx: in.Ctx, Vars: vars, Day: in.Asked, World: in.World})
}

// covers says which facts the answer makes known, and for which days.
func (f *Flow) covers(in ParseInput) ([]Covered, error) {
	var out []Covered
	for _, c := range f.def.Answer.Covers {
		one := Covered{Type: c.Type.Text, How: c.How}
		if c.How == "period" {
			from, to, err := f.askedDays(in)
			if err != nil {
				return nil, err
			}
			one.From, one.To = from, to
		}
		out = append(out, one)
	}
	return out, nil
}

// askedDays are the days that the request named: what bounds it (`holds`, or from and to), else the day asked for.
func (f *Flow) askedDays(in ParseInput) (from, to value.Date, err error) {
	if f.window == nil {
		return in.Asked, in.Asked, nil
	}
	sent, err := f.fill(in.BuildInput)
	var bad *Error
	if errors.As(err, &bad) {
		return in.Asked, in.Asked, nil // the subject has changed since: only the day is sure
	}
	if err != nil {
		return from, to, err
	}
	day := func(name string) value.Date {
		s, _ := sent[name].(string)
		if d, err := value.ParseDate(s); err == nil {
			return d
		}
		return in.Asked
	}
	return day(f.window.from), day(f.window.to), nil
}

// intents resolves the steps of an answer.
func (f *Flow) intents(in ParseInput, vars map[string]any) ([]Intent, error) {
	var out []Intent
	for _, s := range f.steps {
		rows := []any{nil}
		if s.each != nil {
			got, err := f.eval(in, s.each, vars)
			if err != nil {
				return nil, err
			}
			if rows, _ = got.Value.([]any); rows == nil {
				continue
			}
		}
		for _, row := range rows {
			vars["it"] = row
			one, err := f.intent(in, s, vars)
			if err != nil {
				return nil, err
			}
			if one != nil {
				out = append(out, *one)
			}
		}
		delete(vars, "it")
	}
	return out, nil
}

// intent resolves one step for one row; nil where it does not apply: its condition is not true, the record that it
// names is not there, or its key is absent.
func (f *Flow) intent(in ParseInput, s *step, vars map[string]any) (*Intent, error) {
	r := &resolver{f: f, in: in, vars: vars}
	if s.when != nil && r.value(s.when) != true {
		return nil, r.err
	}
	one := &Intent{Verb: s.def.Verb, Step: s.def.Name, Type: s.typ, None: s.def.None, Many: s.def.Many, Set: map[string]any{}}
	if s.typ == "" {
		one.Target, one.With = s.def.Target.Text, s.def.With.Text
		one.Of, _ = r.stored(s.of).(string)
		if one.Of == "" && !s.of.empty() {
			return nil, r.err // the case is not there
		}
		return one, r.err
	}
	if s.target != nil {
		rec, _ := r.value(s.target).(*expr.Record)
		if rec == nil || r.err != nil {
			return nil, r.err
		}
		one.ID = rec.ID
	}
	for _, k := range s.keys {
		if text := r.key(k); text != "" {
			if one.Key == nil {
				one.Key = map[string]string{}
			}
			one.Key[k.system] = text
		}
	}
	if len(s.keys) > 0 && one.Key == nil {
		return nil, r.err
	}
	one.Of, _ = r.stored(s.of).(string)
	one.Reason, _ = r.stored(s.reason).(string)
	set, err := expr.Filled(s.set, func(p *expr.Program) (any, error) { return r.value(p), r.err })
	if err != nil {
		return nil, err
	}
	one.Set = set
	return one, r.err
}

// resolver evaluates the parts of one step.
type resolver struct {
	f    *Flow
	in   ParseInput
	vars map[string]any
	err  error
}

func (r *resolver) value(p *expr.Program) any {
	if r.err != nil {
		return nil
	}
	got, err := r.f.eval(r.in, p, r.vars)
	if err != nil {
		r.err = err
		return nil
	}
	return known(got)
}

// stored is what a setter gives, in stored form; nil where it is absent or not known.
func (r *resolver) stored(s setter) any {
	switch {
	case s.empty():
		return nil
	case s.step != "":
		return "step:" + s.step
	case s.program == nil:
		return s.literal
	}
	v, err := expr.ToStored(s.typ, r.value(s.program))
	if err != nil {
		r.err = errors.Join(r.err, err)
	}
	return v
}

// key joins the parts of a key; "" if one is absent.
func (r *resolver) key(k key) string {
	var parts []string
	for _, p := range k.parts {
		v := r.stored(p)
		if v == nil {
			return ""
		}
		text, _ := textOf(v)
		if text == "" {
			return ""
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "/") // as the kernel joins the keys that documents declare
}

// Writes are the types that the answer of a request may write, sorted.
func (f *Flow) Writes() []string {
	var out []string
	for _, s := range f.steps {
		if s.typ != "" {
			out = append(out, s.typ)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

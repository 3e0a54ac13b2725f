package command

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"mera/kernel"
	"mera/kernel/measure"
	"mera/printforms"
	"mera/schema"
)

// printForm renders a print form of a case as issued: template, data and digest are kept. The same key again is the
// same paper.
func printForm(w *work, c Command) (Result, error) {
	r, err := w.lock(c.Type, c.ID)
	if err != nil {
		return Result{}, err
	}
	if err := w.gate.Check(w.ctx, w.actor, "print", r, c.List); err != nil {
		return Result{}, err
	}
	template := w.live.PrintForms[c.List]
	if template == nil {
		return Result{}, kernel.Errorf(kernel.Invalid, "unknown-print-form", c.List)
	}
	data, of, err := w.printData(r, template)
	if err != nil {
		return Result{}, err
	}
	html, err := template.Render(data)
	if err != nil {
		return Result{}, kernel.Errorf(kernel.Limit, "print-failed", c.List).Because(err)
	}
	encoded, err := json.Marshal(data)
	if err != nil {
		return Result{}, err
	}
	sum := sha256.Sum256([]byte(html))
	p := &kernel.Print{
		ID: w.road.IDs.New(), Scope: scopeOf(r), Form: c.List, Title: w.live.Catalog.PrintForms[c.List].Title, Release: w.live.Digest,
		Template: template.Digest(), Data: encoded, HTML: html, SHA256: hex.EncodeToString(sum[:]), Key: c.Reason,
		CreatedAt: w.now, CreatedBy: w.actor.ID, Derived: of,
	}
	first, err := w.tx.PutPrint(w.ctx, p)
	if err != nil || !first {
		return Result{}, err
	}
	w.journal("print:"+c.List, r, p.SHA256)
	return Result{Type: "Print", ID: p.ID}, nil
}

// printData is what a template sees: the paths that it names of the record, the case, and the last decision. of is what
// the paper is made of that is hidden from somebody.
func (w *work) printData(r *kernel.Record, t *printforms.Template) (data map[string]any, of kernel.Derived, err error) {
	src := printforms.Sources{Doc: view(r), World: w.world, Today: w.input(r).Today, Zone: w.zone(r)}
	row, err := w.tx.LastDecision(w.ctx, r.ID)
	if err != nil {
		return nil, of, err
	}
	if row != nil {
		if src.Decision, err = w.printDecision(row); err != nil {
			return nil, of, err
		}
		if t.Reasons() {
			of = row.Derived
		}
	}
	if data, err = t.Data(w.ctx, src); err != nil {
		return nil, of, err
	}
	return data, joined(of, w.derived(printed(t))), nil
}

func (w *work) printDecision(row *kernel.Decision) (*printforms.Decision, error) {
	var d measure.Decision
	if err := json.Unmarshal(row.Content, &d); err != nil {
		return nil, err
	}
	law, err := w.cite(d.Law)
	if err != nil {
		return nil, err
	}
	out := &printforms.Decision{
		Number: row.Number, Date: row.Date, Asked: d.Asked, Result: row.Result, Measure: d.Measure, Law: law, Period: d.Period,
		Amount: d.Amount, HasSum: d.Result == measure.Granted,
	}
	if def := w.live.Catalog.Measures[d.Measure]; def != nil {
		out.Title = def.Title
	}
	for _, r := range d.Reasons {
		cited, err := w.cite(r.Law)
		if err != nil {
			return nil, err
		}
		out.Reasons = append(out.Reasons, printforms.Reason{Condition: r.Condition, Title: r.Title, Text: r.Text, Law: cited})
	}
	return out, nil
}

// cite is a law as people read it; "" where a definition cites none.
func (w *work) cite(law schema.Law) (string, error) {
	if law.IsZero() {
		return "", nil
	}
	return printforms.Cite(w.live.Catalog, law)
}

// notify leaves word for a party of a case, or for each official of its office who has a role: what was printed with
// it, else the print form's title.
func notify(w *work, c Command) (Result, error) {
	r, err := w.lock(c.Type, c.ID)
	if err != nil {
		return Result{}, err
	}
	if err := w.gate.Check(w.ctx, w.actor, "notify", r, ""); err != nil {
		return Result{}, err
	}
	def := w.live.Catalog.PrintForms[c.List]
	party, role := text(c.Data, "party"), text(c.Data, "role")
	if def == nil || party == "" && role == "" {
		return Result{}, kernel.Errorf(kernel.Invalid, "unknown-print-form", c.List)
	}
	title, texts := w.spoken(w.titled(def.Title, "printforms/"+def.Name+"/title"))
	n := kernel.Notice{Scope: scopeOf(r), Title: title, Texts: texts, Channel: "portal", CreatedAt: w.now}
	if len(def.Channel) > 0 {
		n.Channel = def.Channel[len(def.Channel)-1].Text
	}
	if n.Print, err = w.paper(r, c); err != nil {
		return Result{}, err
	}
	if party != "" {
		n.Party, n.Key = party, c.Reason
		return done(r), w.leave(r, n, c.List)
	}
	staff, err := w.tx.StaffOf(w.ctx, r.Office, role)
	if err != nil {
		return Result{}, err
	}
	for _, a := range staff {
		n.Staff, n.Key = a.ID, c.Reason+":"+a.ID
		if err := w.leave(r, n, c.List); err != nil {
			return Result{}, err
		}
	}
	return done(r), nil
}

// paper is the paper that goes with a word: the one of its move, which may still be in the printer, else the last one.
func (w *work) paper(r *kernel.Record, c Command) (string, error) {
	key := text(c.Data, "print")
	if key == "" {
		return w.tx.LastPrint(w.ctx, r.ID, c.List)
	}
	id, err := w.tx.PrintOf(w.ctx, key)
	if err == nil && id == "" {
		err = kernel.Errorf(kernel.Unavailable, "print-not-ready", c.List)
	}
	return id, err
}

func (w *work) leave(r *kernel.Record, n kernel.Notice, form string) error {
	n.ID = w.road.IDs.New()
	first, err := w.tx.PutNotice(w.ctx, &n)
	if err == nil && first {
		w.journal("notify:"+form, r, strings.TrimSpace(n.Channel+" "+n.Staff))
	}
	return err
}

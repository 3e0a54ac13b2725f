package command

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"mera/kernel"
	"mera/kernel/measure"
	"mera/schema"
	"mera/schema/expr"
	"mera/workflows"
)

// rowsChunk is how many rows of a case one command decides or seals: section 9 of the language.
const rowsChunk = 1000

// Rows decides the next rows of a case, or seals what was decided of them. Each decision hangs on its row, whose card,
// persons and payout are its own; the case gives numbers and days. What cannot be decided or sealed becomes a task in
// the case and does not hold up the others.
func (h *host) Rows(q workflows.RowsQuestion) (workflows.RowsAnswer, error) {
	if q.One != "" {
		return h.oneRow(q)
	}
	rows, end, err := h.nextRows(q)
	out := workflows.RowsAnswer{After: q.After, End: end}
	for _, row := range rows {
		if err != nil {
			break
		}
		out.After = row.ID
		if q.Seal {
			err = h.sealRow(q, row, &out)
		} else {
			err = h.decideRow(q, row, &out)
		}
	}
	return out, err
}

// nextRows loads the rows of a step; end tells that none is left.
func (h *host) nextRows(q workflows.RowsQuestion) (rows []*kernel.Record, end bool, err error) {
	w := h.work
	if q.Link != "" {
		rows, err = w.tx.LinkedAfter(w.ctx, q.Type, q.Link, h.of.ID, q.After, rowsChunk)
		for _, r := range rows {
			w.records[r.ID] = r
		}
		return rows, len(rows) < rowsChunk, err
	}
	from, _ := slices.BinarySearch(q.Rows, q.After)
	if from < len(q.Rows) && q.Rows[from] == q.After {
		from++
	}
	to := min(from+rowsChunk, len(q.Rows))
	for _, id := range q.Rows[from:to] {
		r, err := w.record(q.Type, id)
		if err != nil {
			return nil, false, err
		}
		if r != nil && r.Void == "" {
			rows = append(rows, r)
		}
	}
	return rows, to == len(q.Rows), nil
}

// judgeRow asks the measure about a row. A row about which it cannot be asked - it has several beneficiaries, its sums
// overflow - is unclear, and why says so.
func (h *host) judgeRow(q workflows.RowsQuestion, row *kernel.Record, answers map[string]bool) (d *measure.Decision, why string, err error) {
	of := &host{work: h.work, of: row}
	d, err = of.judge(workflows.Question{Measure: q.Measure, Asked: q.Asked, Doc: view(row), Answers: answers})
	var own *kernel.Error
	switch {
	case errors.As(err, &own) && own.Code == kernel.Invalid, errors.Is(err, expr.ErrCost), errors.Is(err, expr.ErrOverflow):
		return nil, err.Error(), nil
	case err != nil:
		return nil, "", err
	}
	return d, strings.Join(d.Unclear, ", "), nil
}

// decideRow decides a row and keeps the decision.
func (h *host) decideRow(q workflows.RowsQuestion, row *kernel.Record, out *workflows.RowsAnswer) error {
	w := h.work
	if err := w.tx.CancelWork(w.ctx, h.of.ID, own(rowWork, row.ID), nil); err != nil {
		return err
	}
	d, why, err := h.judgeRow(q, row, q.Answers)
	if err != nil {
		return err
	}
	if d != nil {
		if _, err := h.keepRow(row, d); err != nil {
			return err
		}
	}
	if d == nil || d.Result == measure.Unclear {
		out.Count(string(measure.Unclear))
		return h.rowTask(row, w.message("row-unclear", plain(row.Title), plain(why)))
	}
	out.Count(string(d.Result))
	return nil
}

func (h *host) keepRow(row *kernel.Record, d *measure.Decision) (*kernel.Decision, error) {
	kept, err := (&host{work: h.work, of: row}).determination(d)
	if err != nil {
		return nil, err
	}
	h.work.journal("decide", row, d.Measure+": "+string(d.Result))
	return kept, h.work.tx.PutDecision(h.work.ctx, kept)
}

// rowTask asks a person to look at a row.
func (h *host) rowTask(row *kernel.Record, says phrase) error {
	w := h.work
	title, texts := w.spoken(says)
	return w.tx.PutTask(w.ctx, &kernel.Task{
		ID: w.road.IDs.New(), Scope: scopeOf(h.of), Name: own(rowWork, row.ID), State: h.of.Case.State, Role: reviewRole,
		Item: row.ID, Title: title, Texts: texts, Status: "open", CreatedAt: w.now,
	})
}

// sealRow seals the last decision on a row. One that would be another now, or whose purpose somebody else has taken, is
// left to a person.
func (h *host) sealRow(q workflows.RowsQuestion, row *kernel.Record, out *workflows.RowsAnswer) error {
	w := h.work
	last, err := w.tx.LastDecision(w.ctx, row.ID)
	if err != nil || last == nil || last.Settled || last.Result == string(measure.Unclear) {
		return err
	}
	var d measure.Decision
	if err := json.Unmarshal(last.Content, &d); err != nil {
		return err
	}
	now, _, err := h.judgeRow(workflows.RowsQuestion{Measure: d.Measure, Asked: d.Asked}, row, d.Answers)
	if err != nil {
		return err
	}
	if now != nil && string(substance(row.ID, &d)) == string(substance(row.ID, now)) {
		left, err := h.seal(row, last, &d, q.Number)
		if err != nil || !left {
			return err
		}
	}
	out.Count(last.Result)
	out.Count(string(measure.Unclear))
	return h.rowTask(row, w.message("row-outdated", plain(row.Title)))
}

// seal settles a decision on a row, wholly or not at all; left tells that somebody else has taken its purpose.
func (h *host) seal(row *kernel.Record, kept *kernel.Decision, d *measure.Decision, number *schema.Number) (left bool, err error) {
	w := h.work
	err = w.try(func() error {
		if err := w.sealed(row, h.of, kept, number); err != nil || d.Result != measure.Granted {
			return err
		}
		return w.award(row, kept, d)
	})
	if outdated := (*outdatedDecision)(nil); errors.As(err, &outdated) {
		return true, nil
	}
	return false, err
}

// oneRow decides a row again that was left to a person, and seals it if the others are sealed. What is still unclear
// changes nothing.
func (h *host) oneRow(q workflows.RowsQuestion) (out workflows.RowsAnswer, err error) {
	row, err := h.work.record(q.Type, q.One)
	if err != nil || row == nil || row.Void != "" {
		return out, err
	}
	d, why, err := h.judgeRow(q, row, q.Answers)
	if err != nil {
		return out, err
	}
	if d == nil || d.Result == measure.Unclear {
		out.Count(string(measure.Unclear))
		out.Names = []string{why}
		return out, nil
	}
	kept, err := h.keepRow(row, d)
	if err != nil {
		return out, err
	}
	if q.Seal {
		left, err := h.seal(row, kept, d, q.Number)
		if err == nil && left {
			err = kernel.Errorf(kernel.Conflict, "purpose-taken")
		}
		if err != nil {
			return out, err
		}
	}
	out.Count(string(d.Result))
	return out, nil
}

// endRows takes back the tasks of rows when a case ends that does not seal them.
func (w *work) endRows(r *kernel.Record, out *workflows.Outcome) error {
	rows := out.Snapshot.Rows
	if !out.Final || rows == nil || rows.Phase == workflows.RowsSealing || rows.Phase == workflows.RowsSealed {
		return nil
	}
	tasks, err := w.tx.Tasks(w.ctx, r.ID)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if t.Status == "open" && strings.HasPrefix(t.Name, own(rowWork, "")) {
			if err := w.tx.CancelWork(w.ctx, r.ID, t.Name, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

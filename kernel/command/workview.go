package command

import (
	"cmp"
	"slices"
	"time"

	"mera/kernel"
	"mera/workflows"
)

// workOf lists the tasks, requests and child cases of a case as its workflow reads them, in the order of opening.
func (w *work) workOf(r *kernel.Record) ([]workflows.WorkView, error) {
	type opened struct {
		at   time.Time
		view workflows.WorkView
	}
	var all []opened
	tasks, err := w.tx.Tasks(w.ctx, r.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		all = append(all, opened{t.CreatedAt, workflows.WorkView{
			Kind: workflows.TaskWork, Name: t.Name, Item: t.Item, State: t.State, Status: workflows.WorkStatus(t.Status), Choice: t.Choice,
			By: t.DoneBy, At: t.DoneAt, Late: late(t.Due, t.DoneAt, w.now), Worker: t.Worker, Party: t.Party,
		}})
	}
	requests, err := w.tx.Requests(w.ctx, r.ID)
	if err != nil {
		return nil, err
	}
	for _, q := range requests {
		all = append(all, opened{q.CreatedAt, workflows.WorkView{
			Kind: workflows.RequestWork, Name: q.Work, Item: q.Item, State: q.State, Status: requestStatus(q.Status), Choice: q.Status,
			By: "exchange:" + q.Exchange, At: q.AnsweredAt, Late: late(q.Due, q.AnsweredAt, w.now),
		}})
	}
	children, err := w.tx.Children(w.ctx, r.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range children {
		child, err := w.record(c.Type, c.ID)
		if err != nil || child == nil {
			return nil, err
		}
		status := workflows.WorkOpen
		if child.Case != nil && child.Case.Final {
			status = workflows.WorkDone
		}
		all = append(all, opened{child.CreatedAt, workflows.WorkView{
			Kind: workflows.CaseWork, Name: c.Name, Item: c.Item, State: c.State, Status: status, Child: view(child),
		}})
	}
	slices.SortStableFunc(all, func(a, b opened) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	out := make([]workflows.WorkView, len(all))
	for i, o := range all {
		out[i] = o.view
	}
	return out, nil
}

func requestStatus(status string) workflows.WorkStatus {
	switch status {
	case "planned", "sent":
		return workflows.WorkOpen
	case "cancelled":
		return workflows.WorkCancelled
	}
	return workflows.WorkDone
}

// late tells that work was done after its term, or is not done and the term is over.
func late(due, done, now time.Time) bool {
	if due.IsZero() {
		return false
	}
	if done.IsZero() {
		done = now
	}
	return done.After(due)
}

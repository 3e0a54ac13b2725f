package command

import (
	"slices"
	"strings"

	"mera/kernel"
	"mera/workflows"
)

// finishTask closes a task that the kernel gave - to review an award, to mind a deadline - and that no event of the
// case closes. Tasks of a workflow are done by its events.
func finishTask(w *work, c Command) (Result, error) {
	task, err := w.tx.Task(w.ctx, c.ID)
	if err != nil {
		return Result{}, err
	}
	if task == nil {
		return Result{}, kernel.Errorf(kernel.NotFound, "not-found")
	}
	if err := w.gate.Check(w.ctx, w.actor, "update", taskRow(task), ""); err != nil {
		return Result{}, err
	}
	r, err := w.lock(task.CaseType, task.CaseID) // of two who close it at once the second finds it closed
	if err != nil {
		return Result{}, err
	}
	if err := w.gate.Check(w.ctx, w.actor, "read", r, ""); err != nil { // a task of a hidden case is not there
		return Result{}, err
	}
	if task, err = w.tx.Task(w.ctx, c.ID); err != nil {
		return Result{}, err
	}
	switch {
	case !strings.Contains(task.Name, ":"):
		return Result{}, kernel.Errorf(kernel.Conflict, "task-by-event")
	case task.Status != "open":
		return Result{}, kernel.Errorf(kernel.Stale, "task-closed")
	case task.Role != "" && !slices.Contains(w.actor.Roles, task.Role):
		return Result{}, kernel.Errorf(kernel.Denied, "denied")
	}
	w.journal("finishTask", r, task.Title)
	if row, isRow := strings.CutPrefix(task.Name, own(rowWork, "")); isRow {
		if err := w.move(r, workflows.Trigger{Kind: workflows.Row, Name: row, At: w.now}, rowAnswers(c.Data)); err != nil {
			return Result{}, err
		}
	}
	return Result{Type: "Task", ID: task.ID}, w.tx.FinishTask(w.ctx, r.ID, task.Name, task.Item, w.actor.ID, text(c.Data, "choice"))
}

// rowAnswers are what a person answers about an unclear row.
func rowAnswers(data map[string]any) map[string]any {
	if data["answers"] == nil {
		return nil
	}
	return map[string]any{"answers": data["answers"]}
}

// taskRow is what policies read of a task.
func taskRow(t *kernel.Task) *kernel.Record {
	return &kernel.Record{
		Type: "Task", ID: t.ID, Root: t.Root, Territory: t.Territory, Office: t.Office, Persons: t.Persons, Author: t.Author,
		Data: map[string]any{"status": t.Status, "role": t.Role},
	}
}

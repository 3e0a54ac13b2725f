package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
)

// What a state of a case waits for: tasks of people, requests to agencies, child cases. Requests are in request.go.

const scopeList = "case_type, case_id, root, territory, office, persons, author"

func scopeCells(s *kernel.Scope) []any {
	return []any{&s.CaseType, &s.CaseID, &s.Root, text(&s.Territory), text(&s.Office), &s.Persons, &s.Author}
}

const taskList = scopeList + `, id, work, state, title, texts, role, party, worker, not_states, item, form, choices, due, status,
	choice, done_by, done_at, created_at`

const selectTask = "select " + taskList + " from task"

func taskCells(x *kernel.Task) []any {
	return append(scopeCells(&x.Scope), &x.ID, &x.Name, &x.State, &x.Title, object(&x.Texts, "{}"), text(&x.Role), text(&x.Party), text(&x.Worker),
		&x.Not, &x.Item, text(&x.Form), &x.Choices, moment(&x.Due), &x.Status,
		text(&x.Choice), text(&x.DoneBy), moment(&x.DoneAt), &x.CreatedAt)
}

// PutTask writes a new or changed task.
func (t *Tx) PutTask(ctx context.Context, x *kernel.Task) error {
	return t.exec(ctx, upsert("task", taskList, "id"), values(taskCells(x))...)
}

// Task loads a task; nil if there is none.
func (t *Tx) Task(ctx context.Context, id string) (*kernel.Task, error) {
	return find(ctx, t, taskCells, selectTask+" where id = $1", id)
}

// Tasks lists the tasks of a case in the order in which they were opened.
func (t *Tx) Tasks(ctx context.Context, caseID string) ([]*kernel.Task, error) {
	return list(ctx, t, taskCells, selectTask+" where case_id = $1 order by created_at, id", caseID)
}

// FinishTask closes the open tasks of a case that have a name and an item of `each`.
func (t *Tx) FinishTask(ctx context.Context, caseID, name, item, actor, choice string) error {
	return t.exec(ctx, `update task set status = 'done', done_by = $4, done_at = $5, choice = nullif($6, '')
		where case_id = $1 and work = $2 and item = $3 and status = 'open'`, caseID, name, item, actor, t.now, choice)
}

// CancelWork takes back the open work of a case under a name, of one item of `each` or of all (nil): open tasks,
// requests without an answer, child cases that have not ended are its work no more.
func (t *Tx) CancelWork(ctx context.Context, caseID, name string, item *string) error {
	b := &pgx.Batch{}
	b.Queue(`update task set status = 'cancelled'
		where case_id = $1 and work = $2 and ($3::text is null or item = $3) and status = 'open'`, caseID, name, item)
	b.Queue(`update request set status = 'cancelled' where case_id = $1 and work = $2
		and ($3::text is null or item = $3) and status in ('planned', 'sent', 'late')`, caseID, name, item)
	b.Queue(`delete from child c where parent = $1 and work = $2 and ($3::text is null or item = $3)
		and not exists (select from record r where r.type = c.type and r.id = c.id and r.final)`, caseID, name, item)
	return t.send(ctx, b, nil)
}

const childList = "work, item, state, type, id"

const selectChild = "select " + childList + " from child"

func childCells(c *kernel.Child) []any { return []any{&c.Name, &c.Item, &c.State, &c.Type, &c.ID} }

// PutChild notes that a case opened another as its work.
func (t *Tx) PutChild(ctx context.Context, caseID, name, item, state, childType, childID string) error {
	return t.exec(ctx, `insert into child (parent, work, item, state, type, id, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
		caseID, name, item, state, childType, childID, t.now)
}

// Children lists the cases that a case opened as its work.
func (t *Tx) Children(ctx context.Context, caseID string) ([]*kernel.Child, error) {
	return list(ctx, t, childCells, selectChild+" where parent = $1 order by created_at, id", caseID)
}

// scoped are the tables whose rows carry the scope of their case.
var scoped = []string{"task", "request", "decision", "award", "print"}

// Rescope brings the rows that hang on a case to the case's present territory, office and persons.
func (t *Tx) Rescope(ctx context.Context, caseID string, s kernel.Scope) error {
	b := &pgx.Batch{}
	persons := s.Persons
	if persons == nil {
		persons = []string{}
	}
	for _, table := range scoped {
		b.Queue("update "+table+` set territory = $2, office = $3, persons = $4 where case_id = $1
			and (territory, office, persons) is distinct from ($2::text, $3::uuid, $4::uuid[])`,
			caseID, text(&s.Territory), text(&s.Office), persons)
	}
	return t.send(ctx, b, nil)
}

const timerList = "id, case_type, case_id, name, due"

const selectTimer = "select " + timerList + " from timer"

func timerCells(x *kernel.Timer) []any { return []any{&x.ID, &x.CaseType, &x.CaseID, &x.Name, &x.Due} }

// ReplaceTimers makes timers the only ones of a case.
func (t *Tx) ReplaceTimers(ctx context.Context, caseType, caseID string, timers []kernel.Timer) error {
	kept := make([]string, len(timers))
	for i, x := range timers {
		kept[i] = x.Name
	}
	b := &pgx.Batch{}
	b.Queue("delete from timer where case_id = $1 and name <> all($2)", caseID, kept)
	for _, x := range timers {
		b.Queue("insert into timer ("+timerList+`) values ($1, $2, $3, $4, $5)
			on conflict (case_id, name) do update set due = excluded.due where timer.due <> excluded.due`,
			x.ID, caseType, caseID, x.Name, x.Due)
	}
	return t.send(ctx, b, nil)
}

// DueTimers lists the timers whose time has come, the longest due first.
func (t *Tx) DueTimers(ctx context.Context, now time.Time, limit int) ([]kernel.Timer, error) {
	rows, err := list(ctx, t, timerCells, selectTimer+" where due <= $1 order by due, id limit $2", now, limit)
	out := make([]kernel.Timer, len(rows))
	for i, x := range rows {
		out[i] = *x
	}
	return out, err
}

// Timer tells when a timer of a case is due; live is false if the case has no such timer any more.
func (t *Tx) Timer(ctx context.Context, caseID, name string) (due time.Time, live bool, err error) {
	err = t.tx.QueryRow(ctx, "select due from timer where case_id = $1 and name = $2", caseID, name).Scan(&due)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, false, nil
	}
	return due, err == nil, translate(err)
}

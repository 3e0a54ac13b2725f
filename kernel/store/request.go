package store

import (
	"context"

	"mera/kernel"
)

const requestList = scopeList + `, labels, sources, id, name, title, exchange, flow, work, state, subject_type, subject_id, asked, item, body,
	status, attempts, note, covers, answer, created_at, created_by, sent_at, answered_at, due, release, given`

const selectRequest = "select " + requestList + " from request"

func requestCells(x *kernel.Request) []any {
	return append(scopeCells(&x.Scope), &x.Labels, &x.Sources, &x.ID, &x.Name, &x.Title, &x.Exchange, &x.Flow, &x.Work, &x.State, &x.SubjectType,
		&x.SubjectID, day(&x.Asked), &x.Item, raw(&x.Body), &x.Status, &x.Attempts, &x.Note, object(&x.Covers, "[]"),
		raw(&x.Answer), &x.CreatedAt, &x.CreatedBy, moment(&x.SentAt), moment(&x.AnsweredAt), moment(&x.Due), &x.Release,
		object(&x.Given, "{}"))
}

// PutRequest writes a new request.
func (t *Tx) PutRequest(ctx context.Context, x *kernel.Request) error {
	return t.exec(ctx, insert("request", requestList), values(requestCells(x))...)
}

// SaveRequest writes what has come of a request.
func (t *Tx) SaveRequest(ctx context.Context, x *kernel.Request) error {
	return t.exec(ctx, upsert("request", requestList, "id"), values(requestCells(x))...)
}

// Request loads a request; nil if there is none.
func (t *Tx) Request(ctx context.Context, id string) (*kernel.Request, error) {
	return t.requestWhere(ctx, "id = $1", id)
}

// LockRequest loads a request for a change; nil if there is none.
func (t *Tx) LockRequest(ctx context.Context, id string) (*kernel.Request, error) {
	return t.requestWhere(ctx, "id = $1 for update", id)
}

func (t *Tx) requestWhere(ctx context.Context, cond, id string) (*kernel.Request, error) {
	if !isUUID(id) { // what comes from outside may name anything
		return nil, nil
	}
	return find(ctx, t, requestCells, selectRequest+" where "+cond, id)
}

// Requests lists the requests of a case in the order in which they were made.
func (t *Tx) Requests(ctx context.Context, caseID string) ([]*kernel.Request, error) {
	return list(ctx, t, requestCells, selectRequest+" where case_id = $1 order by created_at, id", caseID)
}

// answeredLimit is how many answers about one subject are looked at: older ones are no longer fresh.
const answeredLimit = 100

// AnsweredRequests lists the answered requests of a name about a subject, whatever case asked, the latest answer
// first. That an agency knows of nothing is an answer.
func (t *Tx) AnsweredRequests(ctx context.Context, name, subject string) ([]*kernel.Request, error) {
	return list(ctx, t, requestCells, selectRequest+`
		where subject_id = $1 and name = $2 and answered_at is not null and status in ('answered', 'none')
		order by answered_at desc, id limit $3`, subject, name, answeredLimit)
}

const messageList = "channel, id, request, received_at, raw, status, note, applied_at"

const selectMessage = "select " + messageList + " from message"

func messageCells(m *kernel.Message) []any {
	return []any{&m.Channel, &m.ID, text(&m.Request), &m.ReceivedAt, &m.Raw, &m.Status, &m.Note, moment(&m.AppliedAt)}
}

// PutMessage stores what came from outside, as it came; false if the channel has brought it before.
func (t *Tx) PutMessage(ctx context.Context, m *kernel.Message) (first bool, err error) {
	if m.Raw == nil {
		m.Raw = []byte{}
	}
	return t.added(ctx, insert("message", messageList)+" on conflict (channel, id) do nothing", messageCells(m)...)
}

// LockMessage loads a message for its application; nil if there is none.
func (t *Tx) LockMessage(ctx context.Context, channel, id string) (*kernel.Message, error) {
	return find(ctx, t, messageCells, selectMessage+" where channel = $1 and id = $2 for update", channel, id)
}

// SaveMessage writes what has come of a message; its bytes never change.
func (t *Tx) SaveMessage(ctx context.Context, m *kernel.Message) error {
	return t.exec(ctx, "update message set status = $3, note = $4, applied_at = $5 where channel = $1 and id = $2",
		m.Channel, m.ID, m.Status, m.Note, moment(&m.AppliedAt))
}

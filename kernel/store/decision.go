package store

import (
	"context"

	"mera/kernel"
	"mera/schema/value"
)

const decisionList = scopeList + `, labels, sources, id, measure, beneficiary, recipient, result, number, date, asked, period_from, period_to,
	amount, reasons, content, settled, release, known_at, created_at, created_by`

const selectDecision = "select " + decisionList + " from decision"

func decisionCells(x *kernel.Decision) []any {
	return append(scopeCells(&x.Scope), &x.Labels, &x.Sources, &x.ID, &x.Measure, text(&x.Beneficiary), text(&x.Recipient), &x.Result, text(&x.Number),
		day(&x.Date), day(&x.Asked), day(&x.From), end(&x.To), money(&x.Amount), raw(&x.Reasons), raw(&x.Content),
		&x.Settled, &x.Release, &x.KnownAt, &x.CreatedAt, &x.CreatedBy)
}

// PutDecision writes a determination. It never changes but for being settled.
func (t *Tx) PutDecision(ctx context.Context, x *kernel.Decision) error {
	if x.Reasons == nil {
		x.Reasons = []byte("[]")
	}
	return t.exec(ctx, insert("decision", decisionList), values(decisionCells(x))...)
}

// SettleDecision seals a determination: from now on it is the decision on the case, with its number and day.
func (t *Tx) SettleDecision(ctx context.Context, id, number string, date value.Date) error {
	return t.exec(ctx, "update decision set settled = true, number = $2, date = $3 where id = $1 and not settled",
		id, text(&number), day(&date))
}

// Decision loads a determination; nil if there is none.
func (t *Tx) Decision(ctx context.Context, id string) (*kernel.Decision, error) {
	return find(ctx, t, decisionCells, selectDecision+" where id = $1", id)
}

// LastDecision loads the latest determination of a case; nil if there is none. Of several at the same moment it is the
// one with the greatest id, which is the last made.
func (t *Tx) LastDecision(ctx context.Context, caseID string) (*kernel.Decision, error) {
	return find(ctx, t, decisionCells, selectDecision+" where case_id = $1 order by created_at desc, id desc limit 1", caseID)
}

// Decisions lists the determinations of a case, the first made first.
func (t *Tx) Decisions(ctx context.Context, caseID string) ([]*kernel.Decision, error) {
	return list(ctx, t, decisionCells, selectDecision+" where case_id = $1 order by created_at, id", caseID)
}

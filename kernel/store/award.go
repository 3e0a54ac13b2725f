package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
	"mera/schema/value"
)

const awardList = scopeList + `, id, decision, measure, beneficiary, recipient, purpose, purpose_key, date_from, date_to,
	amount, every, payout, status, ended, accrued, created_at, created_by`

const selectAward = "select " + awardList + ", version from award"

func awardCells(x *kernel.Award) []any {
	return append(scopeCells(&x.Scope), &x.ID, &x.Decision, &x.Measure, &x.Beneficiary, &x.Recipient, &x.Purpose, &x.PurposeKey,
		day(&x.From), end(&x.To), money(&x.Amount), &x.Every, raw(&x.Payout), &x.Status, &x.Ended, day(&x.Accrued), &x.CreatedAt, &x.CreatedBy)
}

func awardRead(x *kernel.Award) []any { return append(awardCells(x), &x.Version) }

// ClaimPurpose holds a purpose until the transaction ends: of two that grant the same purpose, the second waits and
// then sees the first's award.
func (t *Tx) ClaimPurpose(ctx context.Context, purpose, key string) error {
	b := &pgx.Batch{}
	b.Queue("insert into purpose_claim (purpose, key) values ($1, $2) on conflict do nothing", purpose, key)
	b.Queue("select from purpose_claim where purpose = $1 and key = $2 for update", purpose, key)
	return t.send(ctx, b, nil)
}

// PurposeHolder finds an award of a purpose that holds on some day of a period; nil if there is none. Of several it is
// the first.
func (t *Tx) PurposeHolder(ctx context.Context, purpose, key string, during value.Period) (*kernel.Award, error) {
	return find(ctx, t, awardRead, selectAward+" where "+holdsPurpose+" limit 1", purpose, key, day(&during.From), end(&during.To))
}

const holdsPurpose = `purpose = $1 and purpose_key = $2 and status <> 'void'
	and date_from <= coalesce($4::date, 'infinity') and coalesce(date_to, 'infinity') >= coalesce($3::date, '-infinity')
	and (date_to is null or date_to >= date_from) order by date_from, id`

// PutAward writes a new award.
func (t *Tx) PutAward(ctx context.Context, x *kernel.Award) error {
	return t.exec(ctx, insert("award", awardList), values(awardCells(x))...)
}

// SaveAward writes a changed award.
func (t *Tx) SaveAward(ctx context.Context, x *kernel.Award) error {
	return t.exec(ctx, upsert("award", awardList, "id")+", version = award.version + 1", values(awardCells(x))...)
}

// Award loads an award; nil if there is none.
func (t *Tx) Award(ctx context.Context, id string) (*kernel.Award, error) {
	return find(ctx, t, awardRead, selectAward+" where id = $1", id)
}

// LockAward loads an award for a change of its money; nil if there is none.
func (t *Tx) LockAward(ctx context.Context, id string) (*kernel.Award, error) {
	return find(ctx, t, awardRead, selectAward+" where id = $1 for update", id)
}

// Awards lists the awards of a case.
func (t *Tx) Awards(ctx context.Context, caseID string) ([]*kernel.Award, error) {
	return list(ctx, t, awardRead, selectAward+" where case_id = $1 order by created_at, id", caseID)
}

// awardLinks are the columns of the links by which awards are found.
var awardLinks = map[string]string{
	"id": "id", "beneficiary": "beneficiary", "recipient": "recipient", "case": "case_id", "decision": "decision", "office": "office",
}

// AwardsByLink lists the awards that link to any of ids by a property, by their first days. Those that never held are
// not among them.
func (t *Tx) AwardsByLink(ctx context.Context, property string, ids []string) ([]*kernel.Award, error) {
	col, ok := awardLinks[property]
	if !ok || len(ids) == 0 {
		return nil, nil
	}
	return list(ctx, t, awardRead, selectAward+" where "+col+" = any($1::uuid[]) and status <> 'void' order by date_from, id", ids)
}

// StopAwards ends the active awards of a case, and of the rows on its card: the day is their last. An award that begins
// later is void. It gives the ids of those that it ended.
func (t *Tx) StopAwards(ctx context.Context, caseID string, last value.Date) ([]string, error) {
	rows, err := t.tx.Query(ctx, `update award set version = version + 1, ended = 'stopped',
		status = case when date_from > $2 then 'void' else 'ended' end, date_to = least(date_to, greatest($2, date_from))
		where (case_id = $1 or case_id in (select id from record where card = $1 and state is null)) and status = 'active'
		returning id::text`, caseID, day(&last))
	if err != nil {
		return nil, translate(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, translate(err)
}

// AwardsToAccrue lists the ids of awards that have begun by a day, after an id, in the order of ids: the active ones,
// and those that have ended and whose last days are not accrued yet.
func (t *Tx) AwardsToAccrue(ctx context.Context, until value.Date, after string, limit int) ([]string, error) {
	rows, err := t.tx.Query(ctx, `select id::text from award where date_from <= $1 and (status = 'active' or status = 'ended'
		and date_to >= date_from and not exists (select from accrual x where x.award = award.id and x.date_to >= award.date_to))
		and ($2 = '' or id > nullif($2, '')::uuid) order by id limit $3`, day(&until), after, limit)
	if err != nil {
		return nil, translate(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, translate(err)
}

// PutSchedule writes the steps of an award's amount; a step of the same day is replaced.
func (t *Tx) PutSchedule(ctx context.Context, award string, steps []kernel.Scheduled) error {
	b := &pgx.Batch{}
	for _, s := range steps {
		b.Queue(upsert("schedule", "award, date_from, every, amount", "award, date_from"),
			award, day(&s.From), s.Every, money(&s.Amount))
	}
	return t.send(ctx, b, nil)
}

// Schedule lists the steps of an award's amount by day.
func (t *Tx) Schedule(ctx context.Context, award string) ([]*kernel.Scheduled, error) {
	cells := func(s *kernel.Scheduled) []any { return []any{day(&s.From), &s.Every, money(&s.Amount)} }
	return list(ctx, t, cells, "select date_from, every, amount from schedule where award = $1 order by date_from", award)
}

const accrualList = "id, award, root, date_from, date_to, seq, kind, amount, due, release, content, labels, sources, created_at, created_by"

const selectAccrual = "select " + accrualList + " from accrual"

func accrualCells(x *kernel.Accrual) []any {
	return []any{&x.ID, &x.Award, &x.Root, day(&x.From), day(&x.To), &x.Seq, &x.Kind, money(&x.Amount), day(&x.Due), &x.Release,
		raw(&x.Content), &x.Labels, &x.Sources, &x.CreatedAt, &x.CreatedBy}
}

// PutAccrual writes what a slice owes; false if the slice has an accrual of this seq already, which stays as it is.
func (t *Tx) PutAccrual(ctx context.Context, x *kernel.Accrual) (first bool, err error) {
	if x.Content == nil {
		x.Content = []byte("{}")
	}
	return t.added(ctx, insert("accrual", accrualList)+" on conflict (award, date_from, date_to, seq) do nothing",
		values(accrualCells(x))...)
}

// Accruals lists the accruals of an award by slice and seq.
func (t *Tx) Accruals(ctx context.Context, award string) ([]*kernel.Accrual, error) {
	return list(ctx, t, accrualCells, selectAccrual+" where award = $1 order by date_from, date_to, seq", award)
}

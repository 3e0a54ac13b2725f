package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
	"mera/schema/value"
)

// What a change touches: open cases and awards that may have read what has changed. The answers are wider than the
// truth; who asks finds out what is really different.

// CaseRef names a case.
type CaseRef struct {
	Type string
	ID   string
}

// ofPersons hides the persons from the planner: it would plan anew for each list, which costs more than it saves.
const ofPersons = "(select $1::uuid[] as them offset 0) q"

// OpenCasesOf asks for the cases of some types that are not final and in which any of the persons has a part, in the
// order of ids.
func OpenCasesOf(into *[]CaseRef, types, persons []string) Ask {
	return Ask{"select type, id::text from record, " + ofPersons + " where " + typeIn(types) +
		" and persons && them and state is not null and not final and void is null order by id", []any{persons},
		func(rows pgx.Rows) (err error) {
			*into, err = pgx.CollectRows(rows, pgx.RowToStructByPos[CaseRef])
			return err
		}}
}

// AwardsOf asks for the ids of the awards of measures in whose case any of the persons has a part, in the order of ids.
// Awards that have ended are among them: what is learnt late is often about the past.
func AwardsOf(into *[]string, measures, persons []string) Ask {
	return Ask{"select id::text from award, " + ofPersons + ` where persons && them and measure = any($2) and status <> 'void'
		order by id`, []any{persons, measures},
		func(rows pgx.Rows) (err error) {
			*into, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		}}
}

// AwardsSince lists the ids of the awards of measures that last until a day or longer, after an id, in the order of
// ids.
func (t *Tx) AwardsSince(ctx context.Context, measures []string, since value.Date, after string, limit int) ([]string, error) {
	return t.ids(ctx, `select id::text from award where measure = any($1) and status <> 'void'
		and (date_to is null or date_to >= $2) and ($3 = '' or id > nullif($3, '')::uuid) order by id limit $4`,
		measures, day(&since), after, limit)
}

func (t *Tx) ids(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := t.tx.Query(ctx, query, args...)
	if err != nil {
		return nil, translate(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, translate(err)
}

// ReplaceSchedule makes steps the only ones of an award's amount.
func (t *Tx) ReplaceSchedule(ctx context.Context, award string, steps []kernel.Scheduled) error {
	if err := t.exec(ctx, "delete from schedule where award = $1", award); err != nil {
		return err
	}
	return t.PutSchedule(ctx, award, steps)
}

// UnpaidOf lists the accruals of an award that no payment list holds, by slice and seq.
func (t *Tx) UnpaidOf(ctx context.Context, award string) ([]*kernel.Accrual, error) {
	return list(ctx, t, accrualCells, selectAccrual+` where award = $1
		and not exists (select from payment_accrual p where p.accrual = accrual.id) order by date_from, date_to, seq`, award)
}

// ParameterValuesFrom lists the values of a parameter, of all its keys, that a source set from a day.
func (t *Tx) ParameterValuesFrom(ctx context.Context, name string, from value.Date, source string) ([]*ParameterValue, error) {
	return list(ctx, t, (*ParameterValue).cells, selectParameterValue+" where name = $1 and date_from = $2 and source = $3 order by keys",
		name, day(&from), source)
}

// PurposeHolders lists the awards of a purpose that hold on some day of a period, the first first.
func (t *Tx) PurposeHolders(ctx context.Context, purpose, key string, during value.Period) ([]*kernel.Award, error) {
	return list(ctx, t, awardRead, selectAward+" where "+holdsPurpose, purpose, key, day(&during.From), end(&during.To))
}

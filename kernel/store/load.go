package store

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"mera/kernel"
)

// Loading fills an installation that is still empty: by COPY, with indexes and foreign keys built after the rows. It is
// for the data of a region that moves in and for rehearsals. Each call is one transaction: a table is filled, or as it
// was. Nothing is checked that the write road checks: whoever calls it answers for the rows, Verify* tell whether they
// are whole. Rows may be reused by the sequence that yields them.

// LoadRecords fills the table of a document type, which must have no records yet, and builds those of the indexes that
// are the type's. Each record is known since it was created. event is the id of the journal's entry that will tell of the
// loading (LoadAction) with what is returned: it shows what was loaded, for VerifyVersions.
func (db *DB) LoadRecords(ctx context.Context, typ, event string, indexes []Index, rows iter.Seq[*kernel.Record]) (loaded json.RawMessage, err error) {
	if !typeName.MatchString(typ) {
		return nil, kernel.Errorf(kernel.Invalid, "database-value", typ)
	}
	name := partition(typ)
	if err := db.dropEmpty(ctx, typ, name); err != nil {
		return nil, err
	}
	err = db.Write(ctx, func(t *Tx) error {
		if err := t.atOnce(ctx, "create table "+name+" (like record including defaults including constraints)"); err != nil {
			return err
		}
		if err := t.copyRows(ctx, name, presentList, presentRows(event, rows)); err != nil {
			return err
		}
		if err := t.tx.QueryRow(ctx, loadedSum(name)).Scan(&loaded); err != nil {
			return translate(err)
		}
		for _, x := range indexes {
			if x.Type != typ {
				continue
			}
			if err := t.atOnce(ctx, x.create("")); err != nil {
				return err
			}
		}
		return t.atOnce(ctx, "alter table record attach partition "+name+" for values in ("+quote(typ)+")")
	})
	return loaded, err
}

func presentRows(event string, rows iter.Seq[*kernel.Record]) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		row := &recordRow{}
		for r := range rows {
			row.Record, row.kase = *r, kernel.Case{}
			if r.Case != nil {
				row.kase = *r.Case
			}
			if !yield(append(row.cells(), &row.CreatedAt, &event)) {
				return
			}
		}
	}
}

// LoadAction is the journal's word for the loading of the records of a type.
const LoadAction = "load"

// loadedSum counts the records of a table and adds up the digests of what they say, in four parts: the same whatever
// their order. Each digest is made once, which is why it stands in a part that no planner can pull out.
func loadedSum(from string) string {
	parts := make([]string, 4)
	for i := range parts {
		parts[i] = fmt.Sprintf("sum(('x' || substr(d_.digest, %d, 16))::bit(64)::bigint)", 16*i+1)
	}
	return "select jsonb_build_object('records', count(*), 'sums', jsonb_build_array(" + strings.Join(parts, ", ") + `))
		from (select encode(sha256(convert_to(row(id, data, void, state)::text, 'UTF8')), 'hex') as digest from ` + from + " offset 0) d_"
}

// dropEmpty removes the table of a type, so that its rows come into a new one; it refuses to drop records.
func (db *DB) dropEmpty(ctx context.Context, typ, name string) error {
	return db.Write(ctx, func(t *Tx) error {
		var used, there bool
		err := t.tx.QueryRow(ctx, "select exists (select from record where "+typeIs(typ)+"), to_regclass($1) is not null", name).
			Scan(&used, &there)
		switch {
		case err != nil:
			return translate(err)
		case used:
			return kernel.Errorf(kernel.Conflict, "exists", typ)
		case there:
			return t.atOnce(ctx, "drop table "+name)
		}
		return nil
	})
}

// Key is the identity of a record in an outside system.
type Key struct{ System, Value, Type, ID string }

// LoadKeys fills the outside identities.
func (db *DB) LoadKeys(ctx context.Context, rows iter.Seq[*Key]) error {
	return db.fill(ctx, []string{"record_key"}, func(t *Tx) error {
		cells := func(k *Key) []any { return []any{&k.System, &k.Value, &k.Type, &k.ID} }
		return t.copyRows(ctx, "record_key", "system, value, type, id", through(rows, cells))
	})
}

// Money is what a region has decided and granted. Each accrual is posted as the write road would post it.
type Money struct {
	Decisions iter.Seq[*kernel.Decision]
	Awards    iter.Seq[*kernel.Award]
	Schedules iter.Seq2[string, *kernel.Scheduled] // by award
	Accruals  iter.Seq[*kernel.Accrual]
}

// LoadMoney fills decisions, awards, schedules, accruals and the ledger.
func (db *DB) LoadMoney(ctx context.Context, m Money) error {
	tables := []string{"decision", "award", "schedule", "accrual", "entry", "posting", "purpose_claim"}
	return db.fill(ctx, tables, func(t *Tx) error {
		if err := t.copyRows(ctx, "decision", decisionList, through(m.Decisions, decisionCells)); err != nil {
			return err
		}
		if err := t.copyRows(ctx, "award", awardList, through(m.Awards, awardCells)); err != nil {
			return err
		}
		err := t.copyRows(ctx, "schedule", "award, date_from, every, amount", func(yield func([]any) bool) {
			for award, s := range m.Schedules {
				if !yield([]any{&award, day(&s.From), &s.Every, money(&s.Amount)}) {
					return
				}
			}
		})
		if err != nil {
			return err
		}
		if err := t.copyRows(ctx, "accrual", accrualList, through(m.Accruals, accrualCells)); err != nil {
			return err
		}
		for _, q := range postAccruals {
			if err := t.atOnce(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
}

// postAccruals are the entries of first accruals, budget → award, as kernel/ledger words them.
var postAccruals = []string{
	`insert into purpose_claim (purpose, key) select distinct purpose, purpose_key from award`,
	`insert into entry (id, key, kind, award, at, date, actor)
		select md5('entry ' || a.id)::uuid, 'accrue:' || a.award || ':' || a.date_from || ':' || a.date_to || ':' || a.seq,
			'accrue', a.award, a.created_at, a.created_at::date, a.created_by from accrual a`,
	`insert into posting (entry, line, account, amount)
		select md5('entry ' || a.id)::uuid, l.line, case l.line when 1 then 'budget' else 'award:' || a.award end,
			case l.line when 1 then -a.amount else a.amount end
		from accrual a cross join (values (1), (2)) l(line)`,
}

// Analyze lets PostgreSQL look at all rows after a loading: its plans and index-only reads depend on it. EnsureSearch
// does it for the search index. The partitions of records and all the other tables are looked at side by side.
func (db *DB) Analyze(ctx context.Context) error {
	both, ctx := errgroup.WithContext(ctx)
	for _, partitioned := range []bool{true, false} {
		both.Go(func() error {
			var tables string
			err := db.pool.QueryRow(ctx, `select string_agg(oid::regclass::text, ', ') from pg_class where not relispartition
				and relkind = case when $1 then 'p' else 'r' end and relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
				and oid::regclass::text !~ '^search_'`, partitioned).Scan(&tables)
			if err == nil {
				_, err = db.pool.Exec(ctx, "vacuum (freeze, analyze) "+tables)
			}
			return err
		})
	}
	return translate(both.Wait())
}

func through[T any](rows iter.Seq[*T], cells func(*T) []any) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for r := range rows {
			if !yield(cells(r)) {
				return
			}
		}
	}
}

// fill runs a loading of empty tables without their indexes and constraints, which are built again behind it. A table
// that was emptied in the transaction that fills it takes rows that need not be frozen later; where the server archives
// nothing, they are not logged either.
func (db *DB) fill(ctx context.Context, tables []string, load func(*Tx) error) error {
	return db.Write(ctx, func(t *Tx) error {
		if err := t.atOnce(ctx, "lock table "+strings.Join(tables, ", ")+" in access exclusive mode"); err != nil {
			return err
		}
		for _, name := range tables {
			var used bool
			if err := t.tx.QueryRow(ctx, "select exists (select from "+name+")").Scan(&used); err != nil {
				return translate(err)
			}
			if used {
				return kernel.Errorf(kernel.Conflict, "exists", name)
			}
		}
		bare, whole, err := t.undress(ctx, tables)
		if err != nil {
			return err
		}
		for _, name := range tables { // whose triggers forbid to truncate what has rows
			bare = append(bare, "alter table "+name+" disable trigger user", "truncate "+name, "alter table "+name+" enable trigger user")
		}
		for _, q := range bare {
			if err := t.atOnce(ctx, q); err != nil {
				return err
			}
		}
		if err := load(t); err != nil {
			return err
		}
		for _, q := range whole {
			if err := t.atOnce(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
}

// undress lists the statements that take indexes and constraints from tables, and those that give them back: keys
// before what refers to them.
func (t *Tx) undress(ctx context.Context, tables []string) (bare, whole []string, err error) {
	rows, err := t.tx.Query(ctx, `
		select format('alter table %s drop constraint %I', conrelid::regclass, conname),
			format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)), contype = 'f'
			from pg_constraint where contype in ('f', 'p', 'u') and conrelid = any($1::regclass[])
				or contype = 'f' and confrelid = any($1::regclass[])
		union all
		select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid), false
			from pg_index where indrelid = any($1::regclass[])
				and not exists (select from pg_constraint c where c.conindid = indexrelid and c.contype in ('p', 'u'))
		order by 3`, tables)
	if err != nil {
		return nil, nil, translate(err)
	}
	var take, give string
	var refers bool
	_, err = pgx.ForEachRow(rows, []any{&take, &give, &refers}, func() error {
		whole = append(whole, give)
		if refers {
			bare = append([]string{take}, bare...)
		} else {
			bare = append(bare, take)
		}
		return nil
	})
	return bare, whole, translate(err)
}

// copyRows writes rows by COPY into a table that this transaction has made or emptied.
func (t *Tx) copyRows(ctx context.Context, table, columns string, rows iter.Seq[[]any]) error {
	in, out := io.Pipe()
	go func() { out.CloseWithError(writeRows(out, rows)) }()
	q := "copy " + table + " (" + columns + ") from stdin with (freeze)"
	_, err := t.tx.Conn().PgConn().CopyFrom(ctx, in, q)
	_ = in.Close() // ends the writer where PostgreSQL has refused; a pipe closes without fault
	if err != nil {
		return translate(fmt.Errorf("copy %s: %w", table, err))
	}
	return nil
}

// atOnce runs a statement that those behind it need; others wait for the next round trip.
func (t *Tx) atOnce(ctx context.Context, query string, args ...any) error {
	_, err := t.tx.Exec(ctx, query, args...)
	return translate(err)
}

// copyBlock is how much is handed to PostgreSQL at once.
const copyBlock = 1 << 16

func writeRows(w io.Writer, rows iter.Seq[[]any]) error {
	buf := make([]byte, 0, copyBlock+copyBlock/4)
	for cells := range rows {
		for i, c := range cells {
			if i > 0 {
				buf = append(buf, '\t')
			}
			var err error
			if buf, err = appendCell(buf, c); err != nil {
				return err
			}
		}
		buf = append(buf, '\n')
		if len(buf) >= copyBlock {
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	_, err := w.Write(buf)
	return err
}

// escaped are the characters that COPY's text form writes in another way.
var escaped = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

// Counter is where a series of numbers stands: Next is the number that is given next.
type Counter struct {
	Series, Per string
	Next        int64
}

// LoadCounters fills the counters.
func (db *DB) LoadCounters(ctx context.Context, rows iter.Seq[*Counter]) error {
	return db.fill(ctx, []string{"counter"}, func(t *Tx) error {
		cells := func(c *Counter) []any { return []any{&c.Series, &c.Per, &c.Next} }
		return t.copyRows(ctx, "counter", "series, per, next", through(rows, cells))
	})
}

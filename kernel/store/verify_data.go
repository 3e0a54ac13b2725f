package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// contradiction is a query that finds rows which cannot be: where they are, and what is wrong with them.
type contradiction struct{ what, query string }

// breakLimit bounds how many breaks of one kind are listed.
const breakLimit = 100

var ledgerContradictions = []contradiction{
	{"the postings of the entry do not sum to zero",
		`select 'entry ' || e.key from entry e join posting p on p.entry = e.id group by e.key having sum(p.amount) <> 0`},
	{"the entry has no postings",
		`select 'entry ' || e.key from entry e where not exists (select from posting p where p.entry = e.id)`},
	{"two entries have one key", // the unique index may be broken, too
		`select 'entry ' || key from (select key || '' as key from entry) e group by key having count(*) > 1`},
	{"the accrual was not posted, or with another amount",
		`select 'accrual ' || a.id from accrual a where a.kind <> 'held' and a.amount is distinct from (
			select -sum(p.amount) from entry e join posting p on p.entry = e.id and p.account = 'budget'
			where e.key = 'accrue:' || a.award || ':' || a.date_from || ':' || a.date_to || ':' || a.seq)`},
	{"the entry accrues what no accrual owes",
		`select 'entry ' || e.key from entry e where e.kind in ('accrue', 'correct') and not exists (select from accrual a
			where a.award = e.award and e.key = 'accrue:' || a.award || ':' || a.date_from || ':' || a.date_to || ':' || a.seq)`},
	{"the payment is not the sum of its accruals",
		`select 'payment ' || p.id from payment p where p.amount is distinct from (
			select sum(a.amount) from payment_accrual x join accrual a on a.id = x.accrual where x.payment = p.id)`},
	{"the payment pays an accrual of another award",
		`select 'payment ' || p.id from payment p join payment_accrual x on x.payment = p.id join accrual a on a.id = x.accrual
			where a.award <> p.award`},
	{"the total or the count of the list is not that of its payments",
		`select 'payment list ' || l.number from payment_list l left join payment p on p.list = l.id
			group by l.id having l.total <> coalesce(sum(p.amount), 0) or l.count <> count(p.id)`},
	{"two awards of one purpose hold on the same days",
		`select 'award ' || b.id from award a join award b on a.purpose = b.purpose and a.purpose_key = b.purpose_key and a.id < b.id
			where a.status <> 'void' and b.status <> 'void' and a.date_from <= coalesce(b.date_to, 'infinity')
			and b.date_from <= coalesce(a.date_to, 'infinity')`},
	{"the account of what is accrued and not paid is below zero",
		`select account from posting where account like 'award:%' group by account having sum(amount) < 0`},
	{"the account of a debt is above zero",
		`select account from posting where account like 'debt:%' group by account having sum(amount) > 0`},
}

// VerifyLedger holds entries, accruals, payments and purposes against each other and lists what contradicts.
func (db *DB) VerifyLedger(ctx context.Context) ([]Break, error) {
	return db.verify(ctx, ledgerContradictions)
}

var versionContradictions = []contradiction{
	{"versions are missing or overlap in time",
		`select type || ' ' || id from (select type, id, version, since, until,
				lag(version, 1, 0) over w as before, lag(until) over w as ended, lead(version) over w as next
			from record_known window w as (partition by type, id order by version, until)) v
			where version <> before + 1 or (before > 0 and ended is distinct from since) or (until is null) <> (next is null)
			group by type, id`},
	{"the journal says otherwise about the version",
		`select v.type || ' ' || v.id || ' v' || v.version from record_known v join journal j on j.id = v.event
			where case when j.record is null then j.action <> '` + LoadAction + `' or j.type <> v.type or v.version <> 1
				else j.record <> v.id or j.type <> v.type or j.version <> v.version or j.after is distinct from v.data end`},
	{"the journal does not know how the version came",
		`select v.type || ' ' || v.id || ' v' || v.version from record_known v
			where not exists (select from journal j where j.id = v.event)`},
	{"the version is in the journal only",
		`select j.type || ' ' || j.record || ' v' || j.version from journal j where j.version > 0
			and not exists (select from record_known v where v.event = j.id and v.id = j.record)`},
	{"what was loaded is not what is there",
		`select j.type from journal j where j.action = '` + LoadAction + `' and j.after is not null and j.after is distinct from
			(` + loadedSum("record_known v where v.type = j.type and v.version = 1 and v.event = j.id") + `)`},
	{"the record is void and the journal does not say so, or the other way round",
		`select r.type || ' ' || r.id from record r left join journal j on j.record = r.id and j.action = 'void' and j.note = r.void
			where r.void is not null and j.id is null and not exists (` + wasLoaded + `)
		union all select type || ' ' || id from record r where r.void is null
			and exists (select from journal j where j.record = r.id and j.action = 'void' and j.note <> '')`},
	{"the record is in a state to which no move of the journal has led", // the last one in each chain that it was in
		`with moved as (select distinct on (record, chain) record, substr(action, 6) as state from journal
				where action like 'move:%' order by record, chain, seq desc)
			select r.type || ' ' || r.id from record r where not exists (select from moved m where m.record = r.id and m.state = r.state)
			and (exists (select from moved m where m.record = r.id) or r.state is distinct from
				(select v.state from record_known v join journal j on j.id = v.event and j.record is null
					where v.type = r.type and v.id = r.id and v.version = 1))`},
	{"the record stands elsewhere than its card",
		`select r.type || ' ' || r.id from record r left join record c on c.id = r.card where r.void is null
			and (r.card is null and r.root <> r.id or c.void is null and c.root <> r.root)`},
}

// wasLoaded finds the journal's entry by which a record r was loaded as it is.
const wasLoaded = "select from journal l where l.id = r.event and l.record is null"

// VerifyVersions holds the records and their past versions against each other and against the journal: after
// VerifyJournal has found the journal whole, this shows data that were changed outside the program.
func (db *DB) VerifyVersions(ctx context.Context) ([]Break, error) {
	return db.verify(ctx, versionContradictions)
}

func (db *DB) verify(ctx context.Context, all []contradiction) ([]Break, error) {
	var out []Break
	err := db.Snapshot(ctx, func(t *Tx) error {
		out = nil
		for _, c := range all {
			rows, err := t.tx.Query(ctx, fmt.Sprintf("%s limit %d", c.query, breakLimit))
			if err != nil {
				return translate(err)
			}
			found, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return translate(err)
			}
			for _, where := range found {
				out = append(out, Break{where, c.what})
			}
		}
		return nil
	})
	return out, err
}

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"mera/kernel"
)

// recordRow is a record as a row of record.
type recordRow struct {
	kernel.Record
	kase kernel.Case
}

const recordList = `type, id, version, root, card, data, territory, office, department, author, persons, access,
	created_at, created_by, updated_at, updated_by, void, title,
	state, final, number, worker, parent, parent_of, applicant, due, channel, flow`

func (r *recordRow) cells() []any {
	c := &r.kase
	return []any{&r.Type, &r.ID, &r.Version, &r.Root, text(&r.Card), object(&r.Data, "{}"), text(&r.Territory),
		text(&r.Office), text(&r.Department), &r.Author, &r.Persons, object(&r.Access, "{}"),
		&r.CreatedAt, &r.CreatedBy, &r.UpdatedAt, &r.UpdatedBy, text(&r.Void), &r.Title,
		text(&c.State), &c.Final, text(&c.Number), text(&c.Worker), text(&c.Parent), text(&c.ParentOf),
		text(&c.Applicant), day(&c.Due), text(&c.Channel), raw(&c.Flow)}
}

// record gives the case to records that have one: a case always is in a state.
func (r *recordRow) record() *kernel.Record {
	if r == nil {
		return nil
	}
	if r.kase.State != "" {
		r.Case = &r.kase
	}
	return &r.Record
}

var typeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,59}$`)

// typeIs is the condition that rows are of a type. The type is a literal, so that PostgreSQL plans for its partition
// alone; a name that no definition can have is a type without rows.
func typeIs(typ string) string {
	if !typeName.MatchString(typ) {
		return "false"
	}
	return "type = " + quote(typ)
}

// typeIn is the condition that rows are of one of some types.
func typeIn(types []string) string {
	var known []string
	for _, t := range types {
		if typeName.MatchString(t) {
			known = append(known, quote(t))
		}
	}
	if known == nil {
		return "false"
	}
	slices.Sort(known)
	return "type in (" + strings.Join(known, ", ") + ")"
}

// idIn is the condition that an id is one of some arguments. Single places, of which there are few numbers, and no
// array: PostgreSQL would guess its length too high and plan anew each time. Arguments are repeated to fill them.
func idIn(args *[]any) string {
	if len(*args) == 0 {
		return "false"
	}
	list := make([]string, 0, 2*len(*args))
	for n := 1; len(list) < len(*args); n *= 2 {
		for len(list) < n {
			list = append(list, fmt.Sprintf("$%d", len(list)+1))
		}
	}
	for len(*args) < len(list) {
		*args = append(*args, (*args)[0])
	}
	return "id in (" + strings.Join(list, ", ") + ")"
}

// noData is a property that no record has.
const noData = "null::jsonb"

// dataPath reads a property of data as jsonb, by a path with dots. Names are those of definitions; for another
// name it is noData.
func dataPath(property string) string {
	path := "data"
	for name := range strings.SplitSeq(property, ".") {
		if !typeName.MatchString(name) {
			return noData
		}
		path += "->" + quote(name)
	}
	return path
}

// Record loads a record, voided ones too; nil if there is none.
func (t *Tx) Record(ctx context.Context, typ, id string) (*kernel.Record, error) {
	return t.recordByID(ctx, typ, "id = $1", id)
}

// LockRecord loads a record for a change: until the transaction ends no other changes it.
func (t *Tx) LockRecord(ctx context.Context, typ, id string) (*kernel.Record, error) {
	return t.recordByID(ctx, typ, "id = $1 for update", id)
}

func (t *Tx) recordByID(ctx context.Context, typ, cond, id string) (*kernel.Record, error) {
	if !isUUID(id) {
		return nil, nil
	}
	found, err := t.recordsWhere(ctx, typ, cond, id)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// FindRecord loads a record by its id alone; nil if there is none.
func (t *Tx) FindRecord(ctx context.Context, id string) (*kernel.Record, error) {
	typ, err := t.TypeOf(ctx, id)
	if err != nil || typ == "" {
		return nil, err
	}
	return t.Record(ctx, typ, id)
}

// TypeOf is the document type of the record with an id; "" if there is none. The journal knows all but those that were
// loaded past the write road, for which every partition is asked.
func (t *Tx) TypeOf(ctx context.Context, id string) (typ string, err error) {
	if !isUUID(id) {
		return "", nil
	}
	for _, table := range []string{"journal where record", "record where id"} {
		err = t.tx.QueryRow(ctx, "select coalesce((select type from "+table+" = $1 limit 1), '')", id).Scan(&typ)
		if err != nil || typ != "" {
			break
		}
	}
	return typ, translate(err)
}

// RecordsByIDs loads records of one type, ordered by id; those that are not there are left out.
func (t *Tx) RecordsByIDs(ctx context.Context, typ string, ids []string) ([]*kernel.Record, error) {
	return t.recordsWhere(ctx, typ, "id = any($1::uuid[]) order by id", ids)
}

// RecordsOf asks for records of some types, in no order; those that are not there are left out.
func RecordsOf(types, ids []string, each func(*kernel.Record)) Ask {
	args := make([]any, 0, len(ids))
	for _, id := range ids {
		if isUUID(id) {
			args = append(args, id)
		}
	}
	return Ask{"select " + recordList + " from record where " + typeIn(types) + " and " + idIn(&args), args, func(rows pgx.Rows) error {
		defer rows.Close()
		for rows.Next() {
			r, err := scanRecord(rows)
			if err != nil {
				return err
			}
			each(r)
		}
		return rows.Err()
	}}
}

func (t *Tx) recordsWhere(ctx context.Context, typ, cond string, args ...any) ([]*kernel.Record, error) {
	rows, err := t.tx.Query(ctx, "select "+recordList+" from record where "+typeIs(typ)+" and "+cond, args...)
	if err != nil {
		return nil, translate(err)
	}
	out, err := pgx.CollectRows(rows, func(pgx.CollectableRow) (*kernel.Record, error) { return scanRecord(rows) })
	return out, translate(err)
}

// RecordsByLink loads the live records of a type whose property links to any of ids, ordered by id. The property is a
// link or a list of links, at the top or at a path with dots.
func (t *Tx) RecordsByLink(ctx context.Context, typ, property string, ids []string) ([]*kernel.Record, error) {
	if len(ids) == 0 || dataPath(property) == noData {
		return nil, nil
	}
	index, err := t.linkIndex(ctx, typ, property)
	if err != nil {
		return nil, err
	}
	cond := "(" + dataPath(property) + ") ?| $1::text[]" // true of a single text, too
	if index == "btree" {
		cond = linkExpr(property) + " = any($1::uuid[])"
	}
	return t.recordsWhere(ctx, typ, cond+" and void is null order by id", ids)
}

// Inverse loads the live records that link to one record.
func (t *Tx) Inverse(ctx context.Context, typ, property, id string) ([]*kernel.Record, error) {
	return t.RecordsByLink(ctx, typ, property, []string{id})
}

// Records loads live records of a type after an id, in the order of ids: a page of a run over all of them.
func (t *Tx) Records(ctx context.Context, typ, after string, limit int) ([]*kernel.Record, error) {
	return t.recordsWhere(ctx, typ, "($1 = '' or id > nullif($1, '')::uuid) and void is null order by id limit $2", after, limit)
}

// Version loads a record as it was in one of its versions; nil if there is none.
func (t *Tx) Version(ctx context.Context, typ, id string, version int) (*kernel.Record, error) {
	r, err := find(ctx, t, (*recordRow).cells, "select "+recordList+" from record_known where "+typeIs(typ)+
		" and id = $1 and version = $2", id, version)
	return r.record(), err
}

// RecordAt loads a record as it was known at a time; nil if it was not known then.
func (t *Tx) RecordAt(ctx context.Context, typ, id string, known time.Time) (*kernel.Record, error) {
	r, err := find(ctx, t, (*recordRow).cells, "select "+recordList+" from record_known where "+typeIs(typ)+
		" and id = $1 and since <= $2 and (until is null or until > $2)", id, known)
	return r.record(), err
}

// SaveRecord writes a record and keeps the version that it had. r.Version is the version that is written: 1 of a new
// record, else one more than the version that was loaded; if somebody has written that one already, the error is STALE.
// event is the id of the journal's entry about it.
func (t *Tx) SaveRecord(ctx context.Context, r *kernel.Record, event string, isNew bool) error {
	data, err := t.Form(r.Data)
	if err != nil {
		return err
	}
	return t.SaveForm(ctx, r, data, event, isNew)
}

// Form is the data of a record in the form in which they are written: once made, it serves the row and the entry of the
// journal (SaveForm, Append). It must not be changed.
func (t *Tx) Form(data map[string]any) (json.RawMessage, error) {
	if data == nil {
		data = map[string]any{}
	}
	b, err := form(data)
	if err != nil {
		return nil, kernel.Errorf(kernel.Internal, "database").Because(fmt.Errorf("data of a record: %w", err))
	}
	t.forms = append(t.forms, b)
	return b, nil
}

// SaveForm is SaveRecord with the Form of the record's data.
func (t *Tx) SaveForm(_ context.Context, r *kernel.Record, data json.RawMessage, event string, isNew bool) error {
	row := recordRow{Record: *r}
	if r.Case != nil {
		row.kase = *r.Case
	}
	args, err := row.arguments(data)
	if err != nil {
		return kernel.Errorf(kernel.Internal, "database").Because(fmt.Errorf("attributes of a record: %w", err))
	}
	w := waiting{query: insertRecord, args: append(args, t.now, event)}
	if !isNew {
		w.query, w.args = strings.ReplaceAll(updateRecord, "$type", typeIs(r.Type)), w.args[1:]
		w.word = func(pg *pgconn.PgError) error {
			if pg.Code != "22012" && pg.ConstraintName != "record_version_pkey" {
				return nil
			}
			return kernel.Errorf(kernel.Stale, "stale", r.Type, r.ID, r.Version-1)
		}
	}
	return t.later(w)
}

var insertRecord = insert("record", presentList)

// presentList is what record has of each record: since when it is known to be so, and the journal's entry that says it.
const presentList = recordList + ", since, event"

// updateRecord moves the version before to those that are past and writes the new one in its place; $type stands for the
// condition on the type, which is no argument. A record that is not there in that version makes none, by which is
// divided; where two write at once, the second finds that the version has been moved already. A clock that steps back
// must not make a version that ended before it began.
var updateRecord = func() string {
	columns := names(presentList)[1:]
	var set []string
	for i, c := range columns[1:] {
		set = append(set, fmt.Sprintf("%s = $%d", c, i+2))
	}
	now := fmt.Sprintf("greatest(since, $%d)", slices.Index(columns, "since")+1)
	set[slices.Index(columns, "since")-1] = "since = " + now
	const former = "$type and id = $1 and version = $2 - 1"
	return fmt.Sprintf(`with past as (insert into record_version (%[1]s, until) select %[1]s, %[2]s from record where %[3]s),
		saved as (update record set %[4]s where %[3]s returning version)
		select 1 / count(*) from saved`, presentList, now, former, strings.Join(set, ", "))
}()

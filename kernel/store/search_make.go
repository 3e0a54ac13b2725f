package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
	"mera/kernel/search"
	"mera/schema"
)

// EnsureSearch makes the search index anew for each document type whose searchable properties are others than when it
// was made, and for types whose records were loaded past the write road. Records may be written and searched meanwhile.
// It goes in batches, each a transaction: where one server died the next goes on.
func (db *DB) EnsureSearch(ctx context.Context, cat *schema.Catalog) error {
	want := searchTypes(cat)
	if done, err := db.searchMade(ctx, want); err != nil || done {
		return err
	}
	return translate(db.alone(ctx, searchLease, func(ctx context.Context, _ *sql.DB) error {
		if done, err := db.searchMade(ctx, want); err != nil || done { // by another server, while this one waited
			return err
		}
		return db.makeSearch(ctx, cat, want)
	}))
}

// ForgetSearch makes the next EnsureSearch go over all records of a type.
func (db *DB) ForgetSearch(ctx context.Context, typ string) error {
	_, err := db.pool.Exec(ctx, "delete from search_type where type = $1", typ)
	return translate(err)
}

// searchRules is the version of the rules by which keys are made of texts: with another one, all keys are made anew.
const searchRules = "1"

// searchTypes are the types whose records are found by what they hold, each with what its keys depend on.
func searchTypes(cat *schema.Catalog) map[string]string {
	out := map[string]string{}
	for _, name := range EntityTypes(cat, entityRecord) {
		d := cat.Documents[name]
		if isCase := cat.WorkflowOf(name) != nil; search.Searchable(d, isCase) {
			rules := searchRules + " " + strconv.FormatBool(isCase)
			for _, p := range d.Properties {
				if p.Search && p.Type != nil {
					rules += fmt.Sprintf(" %s:%s:%s", p.Name, p.Type.Kind, p.Label)
				}
			}
			out[name] = rules
		}
	}
	return out
}

const searchIndex = "search_record_keys"

// searchMade tells that nothing is left to do.
func (db *DB) searchMade(ctx context.Context, want map[string]string) (bool, error) {
	var indexed bool
	err := db.pool.QueryRow(ctx, "select coalesce((select indisvalid from pg_index where indexrelid = to_regclass($1)), false)", searchIndex).Scan(&indexed)
	if err != nil || !indexed {
		return false, translate(err)
	}
	rows, err := db.pool.Query(ctx, "select type, made from search_type where after is null")
	if err != nil {
		return false, translate(err)
	}
	have := map[string]string{}
	var typ, made string
	_, err = pgx.ForEachRow(rows, []any{&typ, &made}, func() error {
		have[typ] = made
		return nil
	})
	return maps.Equal(have, want), translate(err)
}

// makeSearch makes what is missing. The index of a table that is still empty is built after
// many rows.
func (db *DB) makeSearch(ctx context.Context, cat *schema.Catalog, want map[string]string) error {
	types := slices.Sorted(maps.Keys(want))
	if _, err := db.pool.Exec(ctx, "delete from search_record where type <> all($1)", types); err != nil {
		return err
	}
	if _, err := db.pool.Exec(ctx, "delete from search_type where type <> all($1)", types); err != nil {
		return err
	}
	var bulk bool
	err := db.pool.QueryRow(ctx, `select not exists (select from search_record) and
		exists (select from record where type = any($1) offset $2)`, types, searchBatch).Scan(&bulk)
	if err != nil {
		return err
	}
	if bulk {
		if err := db.runSteps(ctx, []string{drop(searchIndex)}); err != nil {
			return err
		}
	}
	known := map[int64]bool{}
	for _, typ := range types {
		if err := db.makeSearchOf(ctx, cat.Documents[typ], want[typ], known); err != nil {
			return fmt.Errorf("search index of %s: %w", typ, err)
		}
	}
	steps := []string{"create index concurrently if not exists " + searchIndex + " on search_record using gin (keys) with (fastupdate = off)",
		"vacuum (freeze, analyze) search_record, search_word, search_form"}
	if !bulk {
		steps = steps[:1]
	}
	return db.runSteps(ctx, steps)
}

// searchBatch is how many records are taken at a time.
const searchBatch = 5000

// lockSearch keeps keys from being saved while a batch runs: whoever changes a record saves its keys after those of the
// batch, which are made of the record as it was. A lock on each record would rewrite the pages of them all.
const lockSearch = "lock table search_record in share row exclusive mode"

func (db *DB) makeSearchOf(ctx context.Context, d *schema.Document, rules string, known map[int64]bool) error {
	for more := true; more; {
		b := &batch{}
		err := db.Write(ctx, func(t *Tx) (err error) {
			*b = batch{known: known, adding: map[int64]bool{}}
			more, err = t.makeSearchBatch(ctx, d, rules, b)
			return err
		})
		if err != nil {
			return err
		}
		for _, key := range b.words.keys {
			known[key] = true
		}
	}
	return nil
}

// makeSearchBatch goes on where the batch before ended.
func (t *Tx) makeSearchBatch(ctx context.Context, d *schema.Document, rules string, b *batch) (more bool, err error) {
	if err := t.atOnce(ctx, lockSearch); err != nil {
		return false, err
	}
	var made string
	var after *string
	err = t.tx.QueryRow(ctx, `select coalesce(max(made), ''), max(after::text) from search_type where type = $1`, d.Name).Scan(&made, &after)
	switch {
	case err != nil:
		return false, translate(err)
	case made == rules && after == nil:
		return false, nil
	case made != rules:
		after = nil
	}
	values := "data"
	if !search.Searchable(d, false) { // by the number alone
		values = "'{}'::jsonb"
	}
	rows, err := t.tx.Query(ctx, `select id::text, `+values+`, coalesce(number, '') from record where `+typeIs(d.Name)+`
		and void is null and id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') order by record.id limit $2`, after, searchBatch)
	if err != nil {
		return false, translate(err)
	}
	var id, number string
	var data []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &data, &number}, func() error { return b.add(d, id, data, number) })
	if err != nil {
		return false, translate(err)
	}
	var last *string
	if len(b.seen) == searchBatch {
		last = &b.seen[len(b.seen)-1]
	}
	return last != nil, t.saveBatch(ctx, d.Name, rules, after, last, b)
}

// batch are the keys of some records as columns.
type batch struct {
	known  map[int64]bool // words that were added to the dictionary before
	seen   []string       // ids of all records
	ids    []string       // of those that have keys
	keys   []string       // as arrays of PostgreSQL's
	words  dictionary
	adding map[int64]bool // words of this batch
}

func (b *batch) add(d *schema.Document, id string, data []byte, number string) error {
	var values map[string]any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&values); err != nil {
		return kernel.Errorf(kernel.Internal, "database").Because(err)
	}
	b.seen = append(b.seen, id)
	k := search.KeysOf(d, values, number)
	if len(k.Keys) == 0 {
		return nil
	}
	text := []byte{'{'}
	for i, key := range k.Keys {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, key, 10)
	}
	b.ids, b.keys = append(b.ids, id), append(b.keys, string(append(text, '}')))
	for _, w := range k.Words {
		if !b.known[w.Key] && !b.adding[w.Key] {
			b.adding[w.Key] = true
			b.words.add(w)
		}
	}
	return nil
}

// saveBatch replaces what was kept of the records between two ids, and notes how far it has come.
func (t *Tx) saveBatch(ctx context.Context, typ, rules string, after, last *string, b *batch) error {
	if len(b.words.keys) > 0 {
		if err := t.exec(ctx, saveWords+"select from word", b.words.args()...); err != nil {
			return err
		}
	}
	err := t.exec(ctx, `delete from search_record where type = $1 and id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')
		and ($3::uuid is null or id <= $3) and id <> all($4::uuid[])`, typ, after, last, b.ids)
	if err != nil {
		return err
	}
	err = t.exec(ctx, `insert into search_record (id, type, keys)
		select id, $1, keys::bigint[] from unnest($2::uuid[], $3::text[]) r(id, keys)
		on conflict (id) do update set keys = excluded.keys where search_record.keys <> excluded.keys`, typ, b.ids, b.keys)
	if err != nil {
		return err
	}
	return t.exec(ctx, `insert into search_type (type, made, after) values ($1, $2, $3::uuid)
		on conflict (type) do update set made = excluded.made, after = excluded.after`, typ, rules, last)
}

package store

import (
	"context"
	"fmt"

	"mera/kernel/search"
)

// SaveSearch keeps what a live record is found by, in place of what was kept of it before.
func (t *Tx) SaveSearch(ctx context.Context, typ, id string, keys search.Keys) error {
	if len(keys.Keys) == 0 {
		return t.DropSearch(ctx, id)
	}
	if len(keys.Words) == 0 {
		return t.exec(ctx, saveKeys(1), id, typ, keys.Keys)
	}
	d := dictionary{}
	for _, w := range keys.Words {
		d.add(w)
	}
	return t.exec(ctx, saveWords+saveKeys(7), append(d.args(), id, typ, keys.Keys)...)
}

// DropSearch forgets what a record is found by.
func (t *Tx) DropSearch(ctx context.Context, id string) error {
	return t.exec(ctx, "delete from search_record where id = $1::uuid", id)
}

// saveKeys takes three parameters, the first of which has a number.
func saveKeys(first int) string {
	return fmt.Sprintf(`insert into search_record (id, type, keys) values ($%d::uuid, $%d, $%d::bigint[])
		on conflict (id) do update set keys = excluded.keys where search_record.keys <> excluded.keys`, first, first+1, first+2)
}

// saveWords adds to the dictionary the words that it has not, with their forms; a statement follows.
const saveWords = `with word as (insert into search_word (key, class, word)
		select * from unnest($1::bigint[], $2::text[], $3::text[]) on conflict do nothing returning key),
	form as (insert into search_form (form, gap, key)
		select f.form, f.gap, f.key from unnest($4::bigint[], $5::smallint[], $6::bigint[]) f(form, gap, key)
		where f.key in (select key from word) on conflict do nothing)
	`

// dictionary is words with their forms as columns.
type dictionary struct {
	keys          []int64
	classes, word []string
	forms, of     []int64
	gaps          []int16
}

func (d *dictionary) add(w search.Word) {
	d.keys, d.classes, d.word = append(d.keys, w.Key), append(d.classes, w.Class), append(d.word, w.Text)
	for _, f := range w.Forms() {
		d.forms, d.gaps, d.of = append(d.forms, f.Key), append(d.gaps, f.Gap), append(d.of, w.Key)
	}
}

func (d *dictionary) args() []any {
	return []any{d.keys, d.classes, d.word, d.forms, d.gaps, d.of}
}

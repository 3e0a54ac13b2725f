package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// A row's cells list where each of its columns is kept, in the order of its table's list of columns, both for reading
// and for writing.

// find reads one row; nil if there is none.
func find[T any](ctx context.Context, t *Tx, cells func(*T) []any, query string, args ...any) (*T, error) {
	row := new(T)
	err := t.tx.QueryRow(ctx, query, args...).Scan(cells(row)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, translate(err)
	}
	return row, nil
}

// list reads all rows.
func list[T any](ctx context.Context, t *Tx, cells func(*T) []any, query string, args ...any) ([]*T, error) {
	rows, err := t.tx.Query(ctx, query, args...)
	if err != nil {
		return nil, translate(err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (*T, error) {
		row := new(T)
		return row, r.Scan(cells(row)...)
	})
	return out, translate(err)
}

// exec runs a statement whose result does not matter.
func (t *Tx) exec(ctx context.Context, query string, args ...any) error {
	_, err := t.tx.Exec(ctx, query, args...)
	return translate(err)
}

// added runs an «insert … on conflict do nothing» and tells whether the row is new.
func (t *Tx) added(ctx context.Context, query string, args ...any) (bool, error) {
	tag, err := t.tx.Exec(ctx, query, args...)
	return tag.RowsAffected() > 0, translate(err)
}

// insert is «insert into … values ($1, …)» for a table and its list of columns.
func insert(table, columns string) string {
	return fmt.Sprintf("insert into %s (%s) values (%s)", table, columns, places(columns))
}

// upsert is an insert that replaces the row of the same key. A row that exists keeps its key columns only.
func upsert(table, columns, key string) string {
	var set []string
	keys := ", " + key + ","
	for _, c := range names(columns) {
		if !strings.Contains(keys, ", "+c+",") {
			set = append(set, c+" = excluded."+c)
		}
	}
	return insert(table, columns) + fmt.Sprintf(" on conflict (%s) do update set %s", key, strings.Join(set, ", "))
}

// places is "$1, $2, …" for a list of columns.
func places(columns string) string {
	var b strings.Builder
	for i := range names(columns) {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", i+1)
	}
	return b.String()
}

func names(columns string) []string {
	out := strings.Split(columns, ",")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

// values are cells as arguments: an absent list is an empty one, not null.
func values(cells []any) []any {
	for i, c := range cells {
		if list, ok := c.(*[]string); ok && *list == nil {
			cells[i] = []string{}
		}
	}
	return cells
}

// send runs statements in one round trip. check, if given, sees what each of them did.
func (t *Tx) send(ctx context.Context, b *pgx.Batch, check func(n int, rows int64) error) (err error) {
	if b.Len() == 0 {
		return nil
	}
	results := t.tx.SendBatch(ctx, b)
	for n := range b.Len() {
		tag, e := results.Exec()
		if e == nil && check != nil {
			e = check(n, tag.RowsAffected())
		}
		if e != nil {
			err = e
			break
		}
	}
	if e := results.Close(); err == nil {
		err = e
	}
	return translate(err)
}

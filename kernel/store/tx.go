package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
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

// exec leaves a statement for the next round trip: its error comes with that, at the commit at the latest.
func (t *Tx) exec(_ context.Context, query string, args ...any) error {
	return t.later(waiting{query: query, args: args})
}

// later leaves a statement for the next round trip with its arguments as they are now.
func (t *Tx) later(w waiting) error {
	for i, a := range w.args {
		if v, ok := a.(driver.Valuer); ok {
			var err error
			if w.args[i], err = v.Value(); err != nil {
				return translate(err)
			}
		} else if p := reflect.ValueOf(a); p.Kind() == reflect.Pointer && !p.IsNil() {
			w.args[i] = p.Elem().Interface()
		}
	}
	t.tx.later(w)
	return nil
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

// send leaves statements for the next round trip; with a check, which sees what each of them did, they are sent now.
func (t *Tx) send(ctx context.Context, b *pgx.Batch, check func(n int, rows int64) error) error {
	if check != nil {
		return t.sendNow(ctx, b, check)
	}
	for _, q := range b.QueuedQueries {
		if err := t.later(waiting{query: q.SQL, args: q.Arguments}); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) sendNow(ctx context.Context, b *pgx.Batch, check func(n int, rows int64) error) error {
	for n, q := range b.QueuedQueries {
		tag, err := t.tx.Exec(ctx, q.SQL, q.Arguments...)
		if err == nil {
			err = check(n, tag.RowsAffected())
		}
		if err != nil {
			return translate(err)
		}
	}
	return nil
}

// Ask is a question that can go with others.
type Ask struct {
	query string
	args  []any
	take  func(pgx.Rows) error
}

// Together asks in one round trip. Nothing is locked by it.
func (t *Tx) Together(ctx context.Context, asks ...Ask) error {
	if len(asks) == 0 {
		return nil
	}
	more := make([]waiting, len(asks))
	for i, a := range asks {
		more[i] = waiting{query: a.query, args: a.args}
	}
	results, err := t.tx.ask(ctx, more...)
	if err != nil {
		return translate(err)
	}
	for _, a := range asks {
		rows, err := results.Query()
		if err == nil {
			err = a.take(rows)
		}
		if err != nil {
			return translate(errors.Join(err, closed(results, err)))
		}
	}
	return translate(results.Close())
}

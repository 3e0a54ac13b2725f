package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
)

// Select reads a selection by one statement: an object with a member for each root.
func (db *DB) Select(ctx context.Context, s Selection) (json.RawMessage, error) {
	columns, err := db.SelectColumns(ctx, s)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, c := range columns {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(s.Roots[i].Alias)
		if err != nil {
			return nil, kernel.Errorf(kernel.Internal, "database").Because(err)
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(c)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// SelectColumns reads a selection by one statement: the JSON of each root, in their order, as PostgreSQL wrote it.
func (db *DB) SelectColumns(ctx context.Context, s Selection) ([]json.RawMessage, error) {
	if len(s.Roots) == 0 {
		return nil, nil
	}
	st, err := s.Compile()
	var cursor *CursorError
	switch {
	case errors.As(err, &cursor):
		return nil, kernel.Errorf(kernel.Invalid, "cursor").Because(err)
	case err != nil:
		return nil, kernel.Errorf(kernel.Internal, "selection").Because(err)
	}
	rows, err := db.pool.Query(ctx, st.Text, st.Args...)
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	var out []json.RawMessage
	for rows.Next() {
		for _, raw := range rows.RawValues() {
			if raw == nil {
				raw = []byte("null")
			}
			out = append(out, slices.Clone(raw)) // the driver uses its buffer again
		}
	}
	return out, translate(rows.Err())
}

// Explain is the statement of a selection and how PostgreSQL would run it: for whoever asks why a read is slow.
func (db *DB) Explain(ctx context.Context, s Selection) (string, error) {
	st, err := s.Compile()
	if err != nil {
		return "", kernel.Errorf(kernel.Internal, "selection").Because(err)
	}
	rows, err := db.pool.Query(ctx, "explain (costs off) "+st.Text, st.Args...)
	if err != nil {
		return "", translate(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return st.Text + "\n\n" + strings.Join(lines, "\n"), translate(err)
}

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
	st, err := s.Statement()
	if err != nil {
		return nil, err
	}
	out := make([]json.RawMessage, 0, len(s.Roots))
	err = db.Run(ctx, st, st.Args, true, func(_ int, raw []byte) { out = append(out, slices.Clone(raw)) })
	return out, err
}

// Statement is Compile with the errors of the kernel.
func (s Selection) Statement() (Statement, error) {
	st, err := s.Compile()
	var cursor *CursorError
	switch {
	case errors.As(err, &cursor):
		return st, kernel.Errorf(kernel.Invalid, "cursor").Because(err)
	case err != nil:
		return st, kernel.Errorf(kernel.Internal, "selection").Because(err)
	}
	return st, nil
}

// Run runs a compiled selection. each sees the JSON of a root as PostgreSQL wrote it, in the driver's buffer: it must
// not keep it. A statement that will come again is kept prepared in its session; one that is perhaps met once must not
// push others out, nor stay in the memory of the database.
//
// Half of the sessions run selections at once: a selection waits for nothing but the processor, so more of them would
// only take it from each other, and from whoever writes. One that takes longer than Config.Selection is stopped, and so
// is one whose context has ended.
func (db *DB) Run(ctx context.Context, st Statement, args []any, keep bool, each func(column int, raw []byte)) error {
	turn, err := db.turns.take(ctx)
	if err != nil {
		return translate(err)
	}
	defer db.turns.leave(turn)
	w := wires.Get().(*wire)
	defer w.free()
	values, err := w.write(args)
	if err != nil {
		return kernel.Errorf(kernel.Internal, "database").Because(err)
	}
	conn, err := db.pool.Acquire(turn)
	if err != nil {
		return translate(err)
	}
	defer conn.Release()
	err = ask(turn, conn.Conn(), st, values, keep, each)
	if stale(err) {
		_ = conn.Conn().Close(turn) // the pool makes another one
	}
	return translate(err)
}

// ask runs a statement in a session and shows what it answers.
func ask(ctx context.Context, session *pgx.Conn, st Statement, values [][]byte, keep bool, each func(column int, raw []byte)) error {
	result, err := send(ctx, session, st, values, keep)
	if err != nil {
		return err
	}
	for result.NextRow() {
		for i, raw := range result.Values() {
			if raw == nil {
				raw = absent
			}
			each(i, raw)
		}
	}
	_, err = result.Close()
	return err
}

var absent = []byte("null")

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

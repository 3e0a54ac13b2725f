package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// wire holds the arguments of a selection as PostgreSQL takes them. They are of a few kinds - texts, lists of texts, of
// the numbers of words, titles by name - so they are written here at once: the driver would ask its tables of types for each of them.
type wire struct {
	bytes  []byte
	ends   []int
	values [][]byte
}

var wires = sync.Pool{New: func() any { return &wire{} }}

// maxWire is the largest buffer of arguments that is used again.
const maxWire = 64 << 10

func (w *wire) free() {
	if cap(w.bytes) <= maxWire {
		wires.Put(w)
	}
}

// binaryFormat is that of all arguments. A text is the same bytes in it.
var binaryFormat = []int16{pgtype.BinaryFormatCode}

// jsonbVersion stands before the text of a jsonb.
const jsonbVersion = 1

// write encodes arguments.
func (w *wire) write(args []any) ([][]byte, error) {
	w.bytes, w.ends, w.values = w.bytes[:0], w.ends[:0], w.values[:0]
	for _, a := range args {
		switch a := a.(type) {
		case string:
			w.bytes = append(w.bytes, a...)
		case json.RawMessage: // a jsonb
			w.bytes = append(append(w.bytes, jsonbVersion), a...)
		case []string:
			w.list(len(a), pgtype.TextOID)
			for _, s := range a {
				w.number(len(s))
				w.bytes = append(w.bytes, s...)
			}
		case []int64:
			w.list(len(a), pgtype.Int8OID)
			for _, n := range a {
				w.number(8)
				w.bytes = binary.BigEndian.AppendUint64(w.bytes, uint64(n))
			}
		case []int16:
			w.list(len(a), pgtype.Int2OID)
			for _, n := range a {
				w.number(2)
				w.bytes = binary.BigEndian.AppendUint16(w.bytes, uint16(n))
			}
		default:
			return nil, fmt.Errorf("an argument of a selection is %T", a)
		}
		w.ends = append(w.ends, len(w.bytes))
	}
	from := 0
	for _, end := range w.ends {
		w.values = append(w.values, w.bytes[from:end:end])
		from = end
	}
	return w.values, nil
}

// list begins an array: its dimensions, no nulls, the type of its elements; the length and the first index of the only
// dimension. Each element follows behind its length.
func (w *wire) list(length, element int) {
	w.number(min(length, 1))
	w.number(0)
	w.number(element)
	if length > 0 {
		w.number(length)
		w.number(1)
	}
}

func (w *wire) number(n int) { w.bytes = binary.BigEndian.AppendUint32(w.bytes, uint32(n)) }

// nameOf is the name under which sessions keep a statement.
func nameOf(text string) string {
	digest := sha256.Sum256([]byte(text))
	return "select_" + hex.EncodeToString(digest[:16])
}

// kept are the statements that a session has prepared, by their names.
type kept map[string]*pgconn.StatementDescription

// keptKey is their place in the session.
const keptKey = "selections"

// maxStatements is how many a session keeps; a full one forgets them all.
const maxStatements = 1024

// prepared is a statement as a session knows it.
func prepared(ctx context.Context, session *pgx.Conn, st Statement) (*pgconn.StatementDescription, error) {
	custom := session.PgConn().CustomData()
	known, _ := custom[keptKey].(kept)
	if d := known[st.name]; d != nil {
		return d, nil
	}
	if known == nil {
		known = kept{}
		custom[keptKey] = known
	}
	if len(known) >= maxStatements {
		if err := session.DeallocateAll(ctx); err != nil {
			return nil, err
		}
		clear(known)
	}
	d, err := session.Prepare(ctx, st.name, st.Text)
	if err == nil {
		known[st.name] = d
	}
	return d, err
}

// send runs a statement in a session: one that will come again by its name, another one by its text.
func send(ctx context.Context, session *pgx.Conn, st Statement, values [][]byte, keep bool) (*pgconn.ResultReader, error) {
	if !keep || st.name == "" {
		return session.PgConn().ExecParams(ctx, st.Text, values, nil, binaryFormat, nil), nil
	}
	d, err := prepared(ctx, session, st)
	if err != nil {
		return nil, err
	}
	return session.PgConn().ExecStatement(ctx, d, values, binaryFormat, nil), nil
}

// stale tells that a statement is not what the session has kept it as: its columns have changed, or it is gone.
func stale(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "0A000" || pg.Code == "26000")
}

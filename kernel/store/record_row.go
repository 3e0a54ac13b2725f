package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"mera/kernel"
	"mera/schema/value"
)

// Records are read and written more often than all else, so their rows are taken apart and put together here, without
// asking the driver for the type of each cell.

// arguments are the cells of a record as arguments, with its data in their form.
func (r *recordRow) arguments(data json.RawMessage) ([]any, error) {
	access := "{}"
	if r.Access != nil {
		b, err := form(r.Access)
		if err != nil {
			return nil, err
		}
		access = string(b)
	}
	persons := r.Persons
	if persons == nil {
		persons = []string{}
	}
	c := &r.kase
	var due, flow any
	if !c.Due.IsZero() {
		due = c.Due.Time(time.UTC)
	}
	if len(c.Flow) > 0 {
		flow = string(c.Flow)
	}
	return []any{r.Type, r.ID, r.Version, r.Root, orNull(r.Card), string(data), orNull(r.Territory),
		orNull(r.Office), orNull(r.Department), r.Author, persons, access,
		r.CreatedAt, r.CreatedBy, r.UpdatedAt, r.UpdatedBy, orNull(r.Void), r.Title,
		orNull(c.State), c.Final, orNull(c.Number), orNull(c.Worker), orNull(c.Parent), orNull(c.ParentOf),
		orNull(c.Applicant), due, orNull(c.Channel), flow}, nil
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// recordTypes are the types of recordList.
var recordTypes = func() []uint32 {
	types := map[string]uint32{
		"id": pgtype.UUIDOID, "version": pgtype.Int4OID, "root": pgtype.UUIDOID, "card": pgtype.UUIDOID, "data": pgtype.JSONBOID,
		"office": pgtype.UUIDOID, "persons": pgtype.UUIDArrayOID, "access": pgtype.JSONBOID, "created_at": pgtype.TimestamptzOID,
		"updated_at": pgtype.TimestamptzOID, "final": pgtype.BoolOID, "parent": pgtype.UUIDOID, "applicant": pgtype.UUIDOID,
		"due": pgtype.DateOID, "flow": pgtype.JSONBOID,
	}
	var out []uint32
	for _, c := range names(recordList) {
		out = append(out, cmp.Or(types[c], pgtype.TextOID))
	}
	return out
}()

// familiar tells that cells come as cutter reads them: texts and JSON as texts, all else in PostgreSQL's binary form.
func familiar(fields []pgconn.FieldDescription) bool {
	if len(fields) != len(recordTypes) {
		return false
	}
	for i, f := range fields {
		binary := f.DataTypeOID != pgtype.TextOID && f.DataTypeOID != pgtype.JSONBOID
		if f.DataTypeOID != recordTypes[i] || binary != (f.Format == pgtype.BinaryFormatCode) {
			return false
		}
	}
	return true
}

// scanRecord reads a row of recordList.
func scanRecord(rows pgx.Rows) (*kernel.Record, error) {
	row := new(recordRow)
	if !familiar(rows.FieldDescriptions()) {
		err := rows.Scan(row.cells()...)
		return row.record(), err
	}
	c := cutter{cells: rows.RawValues()}
	k := &row.kase
	row.Type, row.ID, row.Version, row.Root, row.Card, row.Data = c.text(), c.uuid(), c.number(), c.uuid(), c.uuid(), c.object()
	row.Territory, row.Office, row.Department, row.Author = c.text(), c.uuid(), c.text(), c.text()
	row.Persons, row.Access = c.uuids(), c.object()
	row.CreatedAt, row.CreatedBy, row.UpdatedAt, row.UpdatedBy = c.moment(), c.text(), c.moment(), c.text()
	row.Void, row.Title = c.text(), c.text()
	k.State, k.Final, k.Number, k.Worker, k.Parent, k.ParentOf = c.text(), c.truth(), c.text(), c.text(), c.uuid(), c.text()
	k.Applicant, k.Due, k.Channel, k.Flow = c.uuid(), c.day(), c.text(), c.json()
	return row.record(), c.err
}

// cutter reads cells in their order; null is empty. It keeps its first error.
type cutter struct {
	cells [][]byte
	err   error
}

// cell is the next one, of so many bytes or, if it is null, of none; -1 is any number.
func (c *cutter) cell(size int) []byte {
	b := c.cells[0]
	c.cells = c.cells[1:]
	if b != nil && size >= 0 && len(b) != size {
		c.fail()
		return nil
	}
	return b
}

func (c *cutter) fail() {
	if c.err == nil {
		c.err = errors.New("a cell of a record is not of its type")
	}
}

func (c *cutter) text() string { return string(c.cell(-1)) }

func (c *cutter) json() json.RawMessage { return bytes.Clone(c.cell(-1)) }

func (c *cutter) object() (data map[string]any) {
	if b := c.cell(-1); b != nil {
		if err := decode(b, &data); err != nil && c.err == nil {
			c.err = err
		}
	}
	return data
}

func (c *cutter) uuid() string { return uuidText(c.cell(16)) }

func uuidText(b []byte) string {
	if len(b) != 16 {
		return ""
	}
	var out [36]byte
	hex.Encode(out[:8], b[:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:], b[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

func (c *cutter) number() int {
	if b := c.cell(4); b != nil {
		return int(int32(binary.BigEndian.Uint32(b)))
	}
	return 0
}

func (c *cutter) truth() bool {
	b := c.cell(1)
	return b != nil && b[0] == 1
}

// The ends of time, which no record has.
const (
	beginning = math.MinInt64
	eternity  = math.MaxInt64
)

func (c *cutter) moment() time.Time {
	b := c.cell(8)
	if b == nil {
		return time.Time{}
	}
	n := int64(binary.BigEndian.Uint64(b))
	if n == beginning || n == eternity {
		c.fail()
		return time.Time{}
	}
	return time.UnixMicro(n + epoch.UnixMicro()).UTC()
}

func (c *cutter) day() value.Date {
	b := c.cell(4)
	if b == nil {
		return value.Date{}
	}
	n := int32(binary.BigEndian.Uint32(b))
	if n == math.MinInt32 || n == math.MaxInt32 {
		c.fail()
		return value.Date{}
	}
	return value.DateOf(epoch).AddDays(int(n))
}

// epoch is the moment from which PostgreSQL counts.
var epoch = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

// uuids reads a list: how many dimensions, a flag, the type, then length and first number of the dimension, then each
// element behind its length.
func (c *cutter) uuids() []string {
	b := c.cell(-1)
	if b == nil {
		return nil
	}
	if len(b) == 12 && binary.BigEndian.Uint32(b) == 0 {
		return []string{}
	}
	const head, element = 20, 4 + 16
	if len(b) < head || binary.BigEndian.Uint32(b) != 1 || binary.BigEndian.Uint32(b[4:]) != 0 || (len(b)-head)%element != 0 {
		c.fail()
		return nil
	}
	out := make([]string, 0, (len(b)-head)/element)
	for b = b[head:]; len(b) > 0; b = b[element:] {
		out = append(out, uuidText(b[4:element]))
	}
	return out
}

package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
)

// sealed is what the journal says of a batch of reads.
type sealed struct {
	Count  int    `json:"count"`
	SHA256 string `json:"sha256"`
}

// PutReadings adds a batch of reads, by one statement, with the journal's entry that seals it; id is that of both.
func (t *Tx) PutReadings(ctx context.Context, id string, rows []kernel.Reading) error {
	columns := struct {
		at                                         []time.Time
		actor, kind, reason, typ, record, variable []string
		operation                                  []int32 // places in digests
		digests                                    [][]byte
		texts                                      []string
	}{}
	c, places := &columns, map[string]int32{}
	for i := range rows {
		r := &rows[i]
		r.At = r.At.UTC().Truncate(time.Microsecond)
		place := places[r.Query]
		if place == 0 {
			digest := sha256.Sum256([]byte(r.Query))
			c.digests, c.texts = append(c.digests, digest[:]), append(c.texts, r.Query)
			place = int32(len(c.digests))
			places[r.Query] = place
		}
		c.at, c.actor, c.kind, c.reason = append(c.at, r.At), append(c.actor, r.Actor), append(c.kind, string(r.Kind)), append(c.reason, r.Reason)
		c.typ, c.record, c.operation = append(c.typ, r.Type), append(c.record, strings.ToLower(r.Record)), append(c.operation, place)
		c.variable = append(c.variable, r.Variables)
	}
	err := t.exec(ctx, `with texts as (insert into operation (digest, text)
			select d, q from unnest($2::bytea[], $3::text[]) as x(d, q) on conflict do nothing)
		insert into reading (batch, n, at, actor, kind, reason, type, record, operation, variables)
		select $1, n, at, actor, kind, reason, type, nullif(record, '')::uuid, ($2::bytea[])[operation], variables
		from unnest($4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::int[], $11::text[])
			with ordinality as x(at, actor, kind, reason, type, record, operation, variables, n)`,
		id, c.digests, c.texts, c.at, c.actor, c.kind, c.reason, c.typ, c.record, c.operation, c.variable)
	if err != nil {
		return err
	}
	after, err := json.Marshal(sealed{len(rows), digestOf(rows)})
	if err != nil {
		return translate(errors.Join(err))
	}
	return t.Append(ctx, kernel.Event{ID: id, At: t.now, Actor: kernel.SystemActor().ID, Kind: kernel.System, Action: kernel.ReadAction, After: after})
}

// digestOf is SHA-256 over rows, each part behind its length.
func digestOf(rows []kernel.Reading) string {
	h := sha256.New()
	operations := map[string]string{}
	var row []byte
	for _, r := range rows {
		operation := operations[r.Query]
		if operation == "" {
			digest := sha256.Sum256([]byte(r.Query))
			operation = string(digest[:])
			operations[r.Query] = operation
		}
		row = row[:0]
		for _, part := range [...]string{r.At.Format(time.RFC3339Nano), r.Actor, string(r.Kind), r.Reason, r.Type, strings.ToLower(r.Record), operation, r.Variables} {
			row = append(binary.BigEndian.AppendUint64(row, uint64(len(part))), part...)
		}
		h.Write(row) // never fails
	}
	return hex.EncodeToString(h.Sum(nil))
}

const readingList = `r.at, r.actor, r.kind, r.reason, r.type, r.record, coalesce(o.text, ''), r.variables`

func readingCells(r *kernel.Reading) []any {
	return []any{&r.At, &r.Actor, &r.Kind, &r.Reason, &r.Type, text(&r.Record), &r.Query, &r.Variables}
}

// Readings lists who read a record, the latest first.
func (t *Tx) Readings(ctx context.Context, record string, limit int) ([]*kernel.Reading, error) {
	return list(ctx, t, readingCells, "select "+readingList+` from reading r left join operation o on o.digest = r.operation
		where r.record = $1 order by r.at desc, r.n desc limit $2`, record, limit)
}

// VerifyReadings holds the batches of reads against what the journal says of them.
func (db *DB) VerifyReadings(ctx context.Context) (out []Break, err error) {
	err = db.Snapshot(ctx, func(t *Tx) error {
		out = nil
		for after := int64(0); ; {
			entries, err := list(ctx, t, (*journalEntry).cells, selectJournal+" where chain = $1 and seq > $2 order by seq limit $3",
				readChain, after, verifyPage)
			if err != nil {
				return err
			}
			for _, e := range entries {
				after = e.Seq
				b, err := t.verifyBatch(ctx, e)
				if err != nil {
					return err
				}
				if b != nil {
					out = append(out, *b)
				}
			}
			if len(entries) < verifyPage {
				break
			}
		}
		rows, err := t.tx.Query(ctx, `select distinct batch::text from reading r
			where not exists (select from journal j where j.chain = $1 and j.id = r.batch) limit $2`, readChain, breakLimit)
		if err != nil {
			return translate(err)
		}
		unsealed, err := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, id := range unsealed {
			out = append(out, Break{"reads " + id, "the journal knows nothing of them"})
		}
		return translate(err)
	})
	return out, err
}

func (t *Tx) verifyBatch(ctx context.Context, e *journalEntry) (*Break, error) {
	var told sealed
	if err := json.Unmarshal(e.After, &told); err != nil {
		return &Break{"reads " + e.ID, "the journal's entry says nothing of them"}, nil
	}
	rows, err := list(ctx, t, readingCells, "select "+readingList+` from reading r left join operation o on o.digest = r.operation
		where r.batch = $1 order by r.n`, e.ID)
	if err != nil {
		return nil, err
	}
	plain := make([]kernel.Reading, len(rows))
	for i, r := range rows {
		plain[i] = *r
		plain[i].At = r.At.UTC()
	}
	if len(plain) != told.Count || digestOf(plain) != told.SHA256 {
		return &Break{"reads " + e.ID, fmt.Sprintf("%d rows differ from the %d that were written", len(plain), told.Count)}, nil
	}
	return nil, nil
}

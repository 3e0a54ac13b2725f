package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
)

// Chains is how many chains the journal has. Changes of one card are in one of cardChains, so writers of different
// cards seldom wait for each other; reads are in the last chain, so readers and writers never do.
const (
	Chains     = cardChains + 1
	cardChains = 16
	readChain  = cardChains
)

// chainOf is the chain of an event.
func chainOf(e *kernel.Event) int {
	if e.Action == kernel.ReadAction {
		return readChain
	}
	h := fnv.New32a()
	h.Write([]byte(e.Root)) // never fails
	return int(h.Sum32() % cardChains)
}

// journalEntry is an event as a row: with its chain and its hash.
type journalEntry struct {
	kernel.Event
	chain int
	hash  []byte
}

const journalList = `chain, seq, id, at, actor, kind, action, type, record, root, version, release, key, before, after,
	note, hash`

const selectJournal = "select " + journalList + " from journal"

func (e *journalEntry) cells() []any {
	return []any{&e.chain, &e.Seq, &e.ID, &e.At, &e.Actor, &e.Kind, &e.Action, &e.Type, text(&e.Record), text(&e.Root),
		&e.Version, &e.Release, &e.Key, raw(&e.Before), raw(&e.After), &e.Note, &e.hash}
}

// Append adds events to the journal, in the order given. Each is hashed together with the hash of the event before it
// in its chain, so that no entry can be changed, dropped or put between later without a trace (VerifyJournal). The
// chain is held until the transaction ends: call Append last.
func (t *Tx) Append(ctx context.Context, events ...kernel.Event) error {
	if len(events) == 0 {
		return nil
	}
	byChain := map[int][]*journalEntry{}
	for _, e := range events {
		entry, err := prepare(e)
		if err != nil {
			return kernel.Errorf(kernel.Internal, "database").Because(fmt.Errorf("event %s: %w", e.Action, err))
		}
		byChain[entry.chain] = append(byChain[entry.chain], entry)
	}
	chains := slices.Sorted(maps.Keys(byChain))
	heads, err := t.heads(ctx, selectHeads+" where chain = any($1) order by chain for update", chains)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	for _, chain := range chains {
		head, ok := heads[chain]
		if !ok {
			return kernel.Errorf(kernel.Internal, "database").Because(fmt.Errorf("journal has no chain %d", chain))
		}
		for _, e := range byChain[chain] {
			head = e.link(head)
			b.Queue(insert("journal", journalList), e.cells()...)
		}
		b.Queue("update journal_head set seq = $2, hash = $3 where chain = $1", chain, head.Seq, head.Hash)
	}
	return t.send(ctx, b, nil)
}

// prepare brings an event into the form in which PostgreSQL gives it back, because its hash is taken over that form.
func prepare(e kernel.Event) (*journalEntry, error) {
	entry := &journalEntry{Event: e}
	entry.At = e.At.UTC().Truncate(time.Microsecond)
	entry.ID, entry.Record, entry.Root = strings.ToLower(e.ID), strings.ToLower(e.Record), strings.ToLower(e.Root)
	entry.chain = chainOf(&entry.Event)
	var err error
	if entry.Before, err = canonical(e.Before); err != nil {
		return nil, fmt.Errorf("before: %w", err)
	}
	if entry.After, err = canonical(e.After); err != nil {
		return nil, fmt.Errorf("after: %w", err)
	}
	return entry, nil
}

// Head is the end of a chain.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash []byte `json:"hash"`
}

const selectHeads = "select chain, seq, hash from journal_head"

func (t *Tx) heads(ctx context.Context, query string, args ...any) (map[int]Head, error) {
	rows, err := t.tx.Query(ctx, query, args...)
	if err != nil {
		return nil, translate(err)
	}
	heads := map[int]Head{}
	var chain int
	var h Head
	_, err = pgx.ForEachRow(rows, []any{&chain, &h.Seq, &h.Hash}, func() error {
		heads[chain] = Head{h.Seq, slices.Clone(h.Hash)}
		return nil
	})
	return heads, translate(err)
}

// link puts the event behind the head of its chain and returns the new head.
func (e *journalEntry) link(head Head) Head {
	e.Seq = head.Seq + 1
	e.hash = e.sum(head.Hash)
	return Head{e.Seq, e.hash}
}

// sum is SHA-256 over the former hash and all that the event says, each part behind its length: no two events have the
// same bytes.
func (e *journalEntry) sum(former []byte) []byte {
	h := sha256.New()
	part := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	number := func(n int64) { part(binary.BigEndian.AppendUint64(nil, uint64(n))) }
	part(former)
	number(int64(e.chain))
	number(e.Seq)
	number(e.At.UnixMicro())
	number(int64(e.Version))
	for _, s := range []string{e.ID, e.Actor, string(e.Kind), e.Action, e.Type, e.Record, e.Root, e.Release, e.Key, e.Note} {
		part([]byte(s))
	}
	for _, j := range []json.RawMessage{e.Before, e.After} {
		number(int64(min(len(j), 1))) // absent is not the same as empty
		part(j)
	}
	return h.Sum(nil)
}

// History lists what happened to a record, the latest first.
func (t *Tx) History(ctx context.Context, record string, limit int) ([]kernel.Event, error) {
	rows, err := list(ctx, t, (*journalEntry).cells, selectJournal+` where record = $1
		order by at desc, seq desc limit $2`, record, limit)
	if err != nil {
		return nil, err
	}
	out := make([]kernel.Event, len(rows))
	for i, r := range rows {
		out[i] = r.Event
	}
	return out, nil
}

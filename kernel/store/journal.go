package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
)

// Chains is how many chains the journal has. Changes of one card are in one of cardChains: a chain is held from the
// writing of an entry to the end of its commit, so there are many more of them than writers at once, and those of
// different cards seldom wait for each other. Reads have a chain of their own, so readers and writers never do.
const (
	Chains      = cardChains + 1
	cardChains  = 64
	firstChains = 16 // of cards, by the first rule
	readChain   = firstChains
)

// chainOf is the chain of an event that is hashed by a rule.
func chainOf(e *kernel.Event, rule int) int {
	if e.Action == kernel.ReadAction {
		return readChain
	}
	h := fnv.New32a()
	h.Write([]byte(e.Root)) // never fails
	if rule == 1 {
		return int(h.Sum32() % firstChains)
	}
	n := int(h.Sum32() % cardChains)
	if n >= readChain {
		n++
	}
	return n
}

// journalEntry is an event as a row: with its chain, its hash and the rule by which it was hashed.
type journalEntry struct {
	kernel.Event
	chain int
	hash  []byte
	rule  int
}

const journalList = `chain, seq, id, at, actor, kind, action, type, record, root, version, release, key, before, after,
	note, hash, rule`

const selectJournal = "select " + journalList + " from journal"

func (e *journalEntry) cells() []any {
	return []any{&e.chain, &e.Seq, &e.ID, &e.At, &e.Actor, &e.Kind, &e.Action, &e.Type, text(&e.Record), text(&e.Root),
		&e.Version, &e.Release, &e.Key, raw(&e.Before), raw(&e.After), &e.Note, &e.hash, &e.rule}
}

// Append adds events to the journal; those of one chain in the order given. Each is hashed together with the hash of
// the event before it in its chain, so that no entry can be changed, dropped or put between later without a trace
// (VerifyJournal). The end of the chain is read, and held until the transaction ends, only when the entries are written,
// which is with the commit if nothing is read after Append: call it last.
func (t *Tx) Append(_ context.Context, events ...kernel.Event) error {
	entries := make([]*journalEntry, len(events))
	for i, e := range events {
		var err error
		if entries[i], err = t.prepare(e); err != nil {
			return kernel.Errorf(kernel.Internal, "database").Because(fmt.Errorf("event %s: %w", e.Action, err))
		}
	}
	// All transactions hold chains in one order, so that none waits for another in a circle.
	slices.SortStableFunc(entries, func(a, b *journalEntry) int { return a.chain - b.chain })
	for len(entries) > 0 {
		n := 1
		for n < min(len(entries), appendAtOnce) && entries[n].chain == entries[0].chain {
			n++
		}
		if err := t.later(waiting{query: appendEntries[n], args: bound(entries[:n])}); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// appendAtOnce is how many entries one statement puts behind the end of their chain at most.
const appendAtOnce = 8

// appendEntries are the statements that do it, by how many entries they put there. A chain that is missing has no next
// number: null is none.
var appendEntries = func() (of [appendAtOnce + 1]string) {
	const columns = "id, at, actor, kind, action, type, record, root, version, release, key, before, after, note"
	for n := 1; n <= appendAtOnce; n++ {
		arg := 2
		rows := make([]string, n)
		for i := range rows {
			place := func() string { arg++; return fmt.Sprintf("$%d", arg) }
			hash, rule := "(select hash from head)", 2
			if i < n-1 {
				hash, rule = place(), 3
			}
			rows[i] = fmt.Sprintf("($1, (select seq - %d from head), %s, %d", n-1-i, hash, rule)
			for range names(columns) {
				rows[i] += ", " + place()
			}
			rows[i] += ")"
		}
		of[n] = fmt.Sprintf(`with head as (update journal_head set seq = seq + %[1]d, hash = sha256(hash || int8send(seq + %[1]d) || $2)
				where chain = $1 returning seq, hash)
			insert into journal (chain, seq, hash, rule, %[2]s) values %[3]s`, n, columns, strings.Join(rows, ", "))
	}
	return of
}()

// bound are entries of one chain as the arguments of their statement. All but the last are bound to the one behind them.
func bound(entries []*journalEntry) []any {
	args := []any{entries[0].chain, nil}
	var pending []byte
	for i, e := range entries {
		pending = e.digest(pending)
		if i < len(entries)-1 {
			args = append(args, pending)
		}
		args = append(args, e.ID, e.At, e.Actor, string(e.Kind), e.Action, e.Type, orNull(e.Record), orNull(e.Root),
			e.Version, e.Release, e.Key, orNull(string(e.Before)), orNull(string(e.After)), e.Note)
	}
	args[1] = pending
	return args
}

// prepare brings an event into the form in which PostgreSQL gives it back, because its hash is taken over that form.
func (t *Tx) prepare(e kernel.Event) (*journalEntry, error) {
	entry := &journalEntry{Event: e, rule: 2}
	entry.At = e.At.UTC().Truncate(time.Microsecond)
	entry.ID, entry.Record, entry.Root = strings.ToLower(e.ID), strings.ToLower(e.Record), strings.ToLower(e.Root)
	entry.chain = chainOf(&entry.Event, entry.rule)
	var err error
	if entry.Before, err = t.canonical(e.Before); err != nil {
		return nil, fmt.Errorf("before: %w", err)
	}
	if entry.After, err = t.canonical(e.After); err != nil {
		return nil, fmt.Errorf("after: %w", err)
	}
	return entry, nil
}

// canonical is JSON in its form; what Form made is in it.
func (t *Tx) canonical(b []byte) ([]byte, error) {
	made := func(form []byte) bool { return len(form) == len(b) && len(b) > 0 && &form[0] == &b[0] }
	if slices.ContainsFunc(t.forms, made) {
		return b, nil
	}
	return canonical(b)
}

// Head is the end of a chain.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash []byte `json:"hash"`

	pending []byte // while a chain is walked: what entries say that are bound to the next one
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
		heads[chain] = Head{Seq: h.Seq, Hash: slices.Clone(h.Hash)}
		return nil
	})
	return heads, translate(err)
}

// sum is the hash of an entry that stands behind a head, by the rule of the entry. By the second rule PostgreSQL makes
// it, of what the entry says and where it stands; by the third it is only what the entry says, and the entry behind it,
// which was written with it, is hashed with that; by the first our server made it, while it held the chain. 0 is no rule.
func (e *journalEntry) sum(former Head) []byte {
	switch e.rule {
	case 1:
		return e.hashed(former.Hash, e.Seq)
	case 2:
		sum := sha256.Sum256(slices.Concat(former.Hash, binary.BigEndian.AppendUint64(nil, uint64(e.Seq)), e.digest(former.pending)))
		return sum[:]
	case 3:
		return e.digest(former.pending)
	}
	return nil
}

// after is the head that the entry makes of the one before it.
func (e *journalEntry) after(former Head) Head {
	if e.rule == 3 {
		return Head{e.Seq, former.Hash, e.hash}
	}
	return Head{Seq: e.Seq, Hash: e.hash}
}

// digest is what the entry says, with what the entries before it say that are bound to it.
func (e *journalEntry) digest(pending []byte) []byte {
	own := e.hashed(nil, 0)
	if pending == nil {
		return own
	}
	sum := sha256.Sum256(slices.Concat(pending, own))
	return sum[:]
}

// hashed is SHA-256 over all that the event says, each part behind its length: no two events have the same bytes.
func (e *journalEntry) hashed(former []byte, seq int64) []byte {
	b := make([]byte, 0, 512+len(e.Before)+len(e.After))
	part := func(s string) {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	number := func(n int64) {
		b = binary.BigEndian.AppendUint64(b, 8)
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	part(string(former))
	for _, n := range []int64{int64(e.chain), seq, e.At.UnixMicro(), int64(e.Version)} {
		number(n)
	}
	for _, s := range []string{e.ID, e.Actor, string(e.Kind), e.Action, e.Type, e.Record, e.Root, e.Release, e.Key, e.Note} {
		part(s)
	}
	for _, j := range []json.RawMessage{e.Before, e.After} {
		number(int64(min(len(j), 1))) // absent is not the same as empty
		part(string(j))
	}
	sum := sha256.Sum256(b)
	return sum[:]
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

package store_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
)

// story appends n events of one card, each in a transaction of its own.
func story(t *testing.T, db *store.DB, root string, n int) {
	t.Helper()
	for i := range n {
		write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.Append(ctx, event(t, root, i)) })
	}
}

func event(t testing.TB, root string, i int) kernel.Event {
	return kernel.Event{
		ID: id(t), At: noon, Actor: "ivanova", Kind: kernel.Staff, Action: "update", Type: "Person", Record: root, Root: root,
		Version: i + 1, Release: "sha256:1", Key: "k", Note: "примечание",
		Before: json.RawMessage(`{"b": {"z": 1.10, "a": [1, "<&>"]}, "a": -0}`), After: json.RawMessage(fmt.Sprintf(`{"n":%d}`, i)),
	}
}

func breaks(t *testing.T, db *store.DB, keys []ed25519.PublicKey, kept ...store.Checkpoint) []store.Break {
	t.Helper()
	out, err := db.VerifyJournal(t.Context(), keys, kept...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestJournalHolds(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	var wg sync.WaitGroup
	for range 6 { // six writers, four cards each, several events a transaction
		wg.Go(func() {
			for range 5 {
				err := db.Write(t.Context(), func(tx *store.Tx) error {
					return tx.Append(t.Context(), event(t, id(t), 0), event(t, id(t), 1), event(t, "", 2), event(t, id(t), 3))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if b := breaks(t, db, nil); len(b) != 0 {
		t.Errorf("breaks %v", b)
	}
	if n := count(t, db, "select sum(seq)::int from journal_head"); n != 120 {
		t.Errorf("%d entries", n)
	}
	root := id(t)
	story(t, db, root, 3)
	read(t, db, func(ctx context.Context, tx *store.Tx) error {
		h, err := tx.History(ctx, root, 10)
		if err != nil || len(h) != 3 || h[0].Version != 3 || string(h[0].After) != `{"n": 2}` {
			t.Errorf("history %v, %v", h, err)
		}
		return nil
	})
}

func TestJournalRefusesWhatCannotBeHashed(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	for _, bad := range []string{`{"n": 1e3}`, `{"n": "\u0000"}`, `{"\u0000": 1}`, `{} {}`, `{`} {
		e := event(t, id(t), 0)
		e.After = json.RawMessage(bad)
		err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.Append(t.Context(), e) })
		if kernel.CodeOf(err) != kernel.Internal {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestJournalShowsTampering changes one chain of twelve entries in every way and wants the first broken entry named.
func TestJournalShowsTampering(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, tamper, want string }{
		{"edit data", `update journal set after = '{"n":99}' where seq = 5`, "seq 5: the entry was changed"},
		{"edit actor", `update journal set actor = 'sidorov' where seq = 5`, "seq 5: the entry was changed"},
		{"edit time", `update journal set at = at + interval '1 microsecond' where seq = 5`, "seq 5: the entry was changed"},
		{"drop before", `update journal set before = null where seq = 5`, "seq 5: the entry was changed"},
		{"delete", `delete from journal where seq = 5`, "seq 6: entries from 5 are missing"},
		{"delete and close up", `delete from journal where seq = 5; update journal set seq = seq - 1 where seq > 5`, "seq 5: the entry was changed"},
		{"insert", `update journal set seq = seq + 100 where seq > 5; update journal set seq = seq - 99 where seq > 100;
			insert into journal select chain, 6, id, at, actor, kind, action, type, record, root, version, release, key, before, after, note, hash
			from journal where seq = 5`, "seq 6: the entry was changed"},
		{"swap", `update journal set seq = 1000 where seq = 4; update journal set seq = 4 where seq = 5; update journal set seq = 5 where seq = 1000`,
			"seq 4: the entry was changed"},
		{"move to another chain", `update journal set chain = (chain + 1) % 16 where seq = 1`, ""},
		{"cut tail", `delete from journal where seq > 9`, "seq 9: the tail is cut"},
		{"cut tail and head", `delete from journal where seq > 9; update journal_head h set seq = 9, hash = j.hash from journal j where j.chain = h.chain and j.seq = 9`,
			"seq 9: the tail is cut"},
		{"empty the chain", `delete from journal; update journal_head set seq = 0, hash = '\x00'`, "seq 0: the tail is cut"},
		{"head only", `update journal_head set hash = '\x01' where seq > 0`, "the chain does not end at its head"},
		{"drop the head", `delete from journal_head where seq > 0`, "the chain does not end at its head"},
		{"forge a checkpoint", `update checkpoint set at = at + interval '1 second'`, "no trusted key has signed it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := storetest.Open(t)
			story(t, db, id(t), 10)
			if _, err := db.Checkpoint(t.Context(), id(t), private); err != nil {
				t.Fatal(err)
			}
			if b := breaks(t, db, []ed25519.PublicKey{public}); len(b) != 0 {
				t.Fatalf("whole: %v", b)
			}
			tamper(t, db, c.tamper)
			b := breaks(t, db, []ed25519.PublicKey{public})
			if len(b) == 0 || !strings.Contains(fmt.Sprint(b), c.want) {
				t.Errorf("got %v, want %q", b, c.want)
			}
		})
	}
}

// TestRewrittenJournal: who can write all chains anew cannot sign, and the checkpoint that lies outside tells.
func TestRewrittenJournal(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	db := storetest.Open(t)
	root := id(t)
	story(t, db, root, 3)
	kept, err := db.Checkpoint(t.Context(), id(t), private)
	if err != nil {
		t.Fatal(err)
	}
	story(t, db, root, 1)
	rewrite := `delete from journal; delete from checkpoint; update journal_head set seq = 0, hash = '\x00'`
	tamper(t, db, rewrite)
	story(t, db, root, 5)
	keys := []ed25519.PublicKey{public}
	if b := breaks(t, db, keys); len(b) != 0 {
		t.Errorf("the new chains contradict themselves: %v", b)
	}
	if b := breaks(t, db, keys, kept); len(b) != 1 || !strings.Contains(b[0].What, "signed checkpoint") {
		t.Errorf("with the kept checkpoint: %v", b)
	}
}

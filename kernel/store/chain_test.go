package store_test

import (
	"context"
	"strings"
	"testing"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
)

// Every column of the journal is under the hash, whichever is edited.
func TestEveryColumnOfTheJournalIsHashed(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	root := id(t)
	story(t, db, root, 3)
	rows, err := db.Pool().Query(t.Context(), "select column_name::text, data_type::text from information_schema.columns where table_name = 'journal'")
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string]string{}
	for rows.Next() {
		var name, typ string
		if err := rows.Scan(&name, &typ); err != nil {
			t.Fatal(err)
		}
		columns[name] = typ
	}
	if len(columns) < 18 {
		t.Fatalf("columns %v", columns)
	}
	other := map[string]string{
		"integer": "%s + 1", "bigint": "%s + 100", "text": "%s || 'x'", "uuid": "gen_random_uuid()", "bytea": "%s || '\\x00'",
		"jsonb": "'{\"other\": 1}'", "timestamp with time zone": "%s + interval '1 second'",
	}
	for name, typ := range columns {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.Open(t)
			story(t, db, id(t), 3)
			if b := breaks(t, db, nil); len(b) != 0 {
				t.Fatalf("whole: %v", b)
			}
			tamper(t, db, "update journal set "+name+" = "+strings.ReplaceAll(other[typ], "%s", name)+" where seq = 2")
			if b := breaks(t, db, nil); len(b) == 0 {
				t.Errorf("nobody sees that %s was edited", name)
			}
		})
	}
}

// firstRuleHash is the hash of the entry below, made apart from our program.
const firstRuleHash = "7aef96ed75f61bf5d03135575223344a9327dc1ca54ad37769857613eb1cff28"

// Entries that our server hashed itself, while it held the chain, are still verified.
func TestEntriesOfTheFirstRuleHold(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	former := `insert into journal (chain, seq, id, at, actor, kind, action, rule, hash)
		values (5, 1, '0190a1b2-0000-7000-8000-000000000001', '2019-07-16 12:00:00+00', 'ivanova', 'staff', 'setClock', 1,
			'\x` + firstRuleHash + `');
		update journal_head set seq = 1, hash = '\x` + firstRuleHash + `' where chain = 5`
	tamper(t, db, former)
	if b := breaks(t, db, nil); len(b) != 0 {
		t.Fatalf("whole: %v", b)
	}
	tamper(t, db, "update journal set note = 'x'")
	if b := breaks(t, db, nil); len(b) != 1 {
		t.Errorf("an edit of an entry of the first rule: %v", b)
	}
}

// Entries that one transaction puts into a chain are bound to each other: none is changed, dropped, moved or cut off
// without a trace.
func TestEntriesWrittenTogetherHold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, tamper, want string }{
		{"edit the first", "update journal set note = 'x' where seq = 2", "seq 2: the entry was changed"},
		{"edit and hash anew", "update journal a set hash = b.hash from journal b where a.seq = 2 and b.seq = 3", "seq 2: the entry was changed"},
		{"edit the last", "update journal set note = 'x' where seq = 9", "seq 9: the entry was changed"},
		{"delete", "delete from journal where seq = 3", "seq 4: entries from 3 are missing"},
		{"delete and close up", "delete from journal where seq = 3; update journal set seq = seq - 1 where seq > 3", "seq 3: the entry was changed"},
		{"swap", "update journal set seq = 100 where seq = 3; update journal set seq = 3 where seq = 4; update journal set seq = 4 where seq = 100", "seq 3: the entry was changed"},
		{"another rule", "update journal set rule = 2 where seq = 3", "seq 3: the entry was changed"},
		{"unbind the last", "update journal set rule = 3 where seq = 9", "seq 9: the entry was changed"},
		{"cut the last off", `delete from journal where seq > 9; delete from journal where seq = 9;
			update journal_head h set seq = 8, hash = j.hash from journal j where j.chain = h.chain and j.seq = 8`, "does not end at its head"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := storetest.Open(t)
			root := id(t)
			story(t, db, root, 1)
			write(t, db, func(ctx context.Context, tx *store.Tx) error {
				var events []kernel.Event
				for i := range 12 { // more than go at once: eight and four
					events = append(events, event(t, root, i))
				}
				return tx.Append(ctx, events...)
			})
			story(t, db, root, 1)
			if b := breaks(t, db, nil); len(b) != 0 {
				t.Fatalf("whole: %v", b)
			}
			if n := count(t, db, "select count(*) from journal where rule = 2 and seq in (1, 9, 13, 14)"); n != 4 {
				t.Errorf("%d entries are hashed with the end of the chain", n)
			}
			tamper(t, db, c.tamper)
			if b := breaks(t, db, nil); len(b) != 1 || !strings.Contains(b[0].String(), c.want) {
				t.Errorf("got %v, want %q", b, c.want)
			}
		})
	}
}

// What goes in one round trip without BEGIN is done wholly or not at all.
func TestOneRoundTripIsOneTransaction(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	card := person(t, map[string]any{"lastName": "Северова"})
	save(t, db, card)
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.SetCounter(t.Context(), "s", "", 5); err != nil {
			return err
		}
		return tx.SaveRecord(t.Context(), card, id(t), true) // it is there already
	})
	wantCode(t, err, kernel.Conflict, "exists")
	if n := count(t, db, "select count(*) from counter"); n != 0 {
		t.Error("half of it was done")
	}
}

// What a part of a transaction left unsent is never sent when the part is undone; what was sent is undone.
func TestTryForgetsWhatWasNotSent(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	refused := kernel.Errorf(kernel.Invalid, "no")
	for _, sent := range []bool{false, true} {
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.SetCounter(ctx, "kept", "", 1); err != nil {
				return err
			}
			err := tx.Try(ctx, func(tx *store.Tx) error {
				if err := tx.SetCounter(ctx, "undone", "", 1); err != nil {
					return err
				}
				if sent {
					if _, err := tx.NextNumber(ctx, "undone", ""); err != nil {
						return err
					}
				}
				if err := tx.SetCounter(ctx, "undone", "2", 1); err != nil {
					return err
				}
				return refused
			})
			wantCode(t, err, kernel.Invalid, "no")
			return tx.SetCounter(ctx, "after", "", 1)
		})
	}
	if n := count(t, db, "select count(*) from counter where series in ('kept', 'after')"); n != 2 {
		t.Errorf("%d counters are kept", n)
	}
	if n := count(t, db, "select count(*) from counter"); n != 2 {
		t.Errorf("%d counters", n)
	}
}

// A failure of what Try leaves for later is a failure of Try.
func TestTryKnowsItsErrors(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	anna, kolya := id(t), id(t)
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.PutKey(ctx, "snils", "1", "Person", anna) })
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		err := tx.Try(ctx, func(tx *store.Tx) error { return tx.PutKey(ctx, "snils", "1", "Person", kolya) })
		wantCode(t, err, kernel.Conflict, "key-taken")
		return tx.PutKey(ctx, "snils", "2", "Person", kolya)
	})
	if n := count(t, db, "select count(*) from record_key"); n != 2 {
		t.Errorf("%d keys", n)
	}
}

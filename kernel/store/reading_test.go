package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
)

func readings(t *testing.T, record string, n int) []kernel.Reading {
	var out []kernel.Reading
	for i := range n {
		out = append(out, kernel.Reading{At: noon.Add(time.Duration(i)*time.Second + 123), Actor: fmt.Sprint("a", i), Kind: kernel.Staff, Reason: "пожар",
			Type: "Person", Record: record, Query: fmt.Sprintf("{person(id: $id) {x%d}}", i%2), Variables: `{"id": "x", "b": 1.10}`})
	}
	return append(out, kernel.Reading{At: noon, Actor: "list", Kind: kernel.Citizen, Type: "Case", Query: "{cases {id}}"})
}

// What was read is found by the record, and every change of it afterwards shows.
func TestReadings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, tamper, want string }{
		{"whole", "", ""},
		{"changed", "update reading set actor = 'другой' where n = 2", "differ"},
		{"dropped", "delete from reading where n = 2", "3 rows differ from the 4"},
		{"added", "insert into reading select batch, 9, at, actor, kind, reason, type, record, operation, variables from reading limit 1", "5 rows differ"},
		{"moved", "update reading set record = gen_random_uuid() where n = 1", "differ"},
		{"another query", "update operation set text = '{}'", "differ"},
		{"a batch that nobody sealed", "insert into reading select gen_random_uuid(), n, at, actor, kind, reason, type, record, operation, variables from reading", "knows nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := storetest.Open(t)
			card := id(t)
			rows := readings(t, card, 3)
			write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.PutReadings(ctx, id(t), rows) })
			read(t, db, func(ctx context.Context, tx *store.Tx) error {
				found, err := tx.Readings(ctx, card, 10)
				var got []string
				for _, r := range found {
					got = append(got, r.Actor+" "+r.Query+" "+r.Variables)
				}
				const v = ` {"id": "x", "b": 1.10}`
				want := []string{"a2 {person(id: $id) {x0}}" + v, "a1 {person(id: $id) {x1}}" + v, "a0 {person(id: $id) {x0}}" + v}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				return err
			})
			if c.tamper != "" {
				tamper(t, db, c.tamper)
			}
			found, err := db.VerifyReadings(t.Context())
			if err != nil || (c.want == "") != (len(found) == 0) || !strings.Contains(fmt.Sprint(found), c.want) {
				t.Errorf("%v, %v", found, err)
			}
			if b := breaks(t, db, nil); len(b) > 0 {
				t.Errorf("the journal itself: %v", b)
			}
		})
	}
}

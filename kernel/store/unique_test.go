package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
)

func TestNumbersHaveNoGapsAndNoDoubles(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	var mu sync.Mutex
	var got []int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 5 {
				var n int64
				err := db.Write(t.Context(), func(tx *store.Tx) (err error) {
					n, err = tx.NextNumber(t.Context(), "Claim.number", "2019")
					return err
				})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				got = append(got, n)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(got)
	for i, n := range got {
		if n != int64(i+1) {
			t.Fatalf("number %d is %d", i+1, n)
		}
	}
	_ = db.Write(t.Context(), func(tx *store.Tx) error { // a number of a failed transaction is given again
		_, _ = tx.NextNumber(t.Context(), "Claim.number", "2019")
		return kernel.Errorf(kernel.Invalid, "no")
	})
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, c := range []struct {
			per  string
			want int64
		}{{"2019", 81}, {"2020", 1}} {
			if n, err := tx.NextNumber(ctx, "Claim.number", c.per); n != c.want || err != nil {
				t.Errorf("%s: %d, want %d, %v", c.per, n, c.want, err)
			}
		}
		if err := tx.SetCounter(ctx, "Claim.number", "2019", 500); err != nil {
			return err
		}
		first, err := tx.NumberBlock(ctx, "Claim.number", "2019", 100)
		if err != nil || first != 500 {
			t.Errorf("block begins with %d, %v", first, err)
		}
		if n, err := tx.NextNumber(ctx, "Claim.number", "2019"); n != 600 || err != nil {
			t.Errorf("after the block %d, %v", n, err)
		}
		return nil
	})
}

// Of two who were told the same next number one takes it, and of what the other wrote nothing is there.
func TestANumberThatWasToldIsTakenOnce(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	took := make([]error, 2)
	ctx := t.Context()
	ask := func(tx *store.Tx) (n int64, err error) {
		return n, errors.Join(err, tx.Together(ctx, store.NextNumberOf(&n, "Claim.number", "2019")))
	}
	for want := range int64(3) {
		var told, wrote sync.WaitGroup
		told.Add(len(took))
		for i := range took {
			wrote.Go(func() {
				first := true
				took[i] = db.Write(ctx, func(tx *store.Tx) error {
					n, err := ask(tx)
					if first {
						told.Done()
						first = false
					}
					told.Wait()
					if n != want+1 {
						t.Errorf("told %d, want %d", n, want+1)
					}
					return errors.Join(err, tx.SetCounter(ctx, "mark", fmt.Sprint(want, i), 7), tx.TakeNumber(ctx, "Claim.number", "2019", n))
				})
			})
		}
		wrote.Wait()
		var lost *store.NumberTaken
		if (took[0] == nil) == (took[1] == nil) || !errors.As(errors.Join(took...), &lost) || lost.Series != "Claim.number" {
			t.Errorf("round %d: %v", want, took)
		}
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			for i, err := range took {
				wrote, _ := tx.NextNumber(ctx, "mark", fmt.Sprint(want, i))
				if (wrote == 7) != (err == nil) {
					t.Errorf("round %d: who ended with %v left %d", want, err, wrote)
				}
			}
			return nil
		})
	}
}

// TestOneOfManyKeepsAUniqueRule: sixteen transactions want the same pension; one gets it.
func TestOneOfManyKeepsAUniqueRule(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	if err := db.EnsureIndexes(t.Context(), store.IndexesOf(pensions())); err != nil {
		t.Fatal(err)
	}
	anna := person(t, nil)
	save(t, db, anna)
	taken := kernel.Errorf(kernel.Conflict, "taken")
	var mu sync.Mutex
	won := 0
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				r := pension(t, anna.ID, "a", fmt.Sprintf("2019-01-%02d", i+1))
				of := map[string]any{"person": anna.ID, "type": "a"}
				others, err := tx.Agreeing(t.Context(), "Pension.once", "Pension", of, r.ID)
				if err != nil {
					return err
				}
				if len(others) > 0 {
					return taken
				}
				return tx.SaveRecord(t.Context(), r, id(t), true)
			})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if kernel.CodeOf(err) != kernel.Conflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d pensions", won)
	}
}

func TestAgreeing(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, atNoon)
	anna := person(t, nil)
	a, b, c := pension(t, anna.ID, "a", "2019-01-01"), pension(t, anna.ID, "b", "2019-01-01"), pension(t, anna.ID, "a", "2019-01-01")
	c.Void = "mistake"
	a.Data["payout"] = map[string]any{"bank": "1"}
	save(t, db, anna, a, b, c)
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		for _, q := range []struct {
			of     map[string]any
			except string
			want   int
		}{
			{map[string]any{"person": anna.ID, "type": "a"}, "", 1}, {map[string]any{"person": anna.ID}, "", 2},
			{map[string]any{"person": anna.ID}, a.ID, 1}, {map[string]any{"payout.bank": "1"}, "", 1}, {map[string]any{"type": true}, "", 0},
		} {
			got, err := tx.Agreeing(ctx, "rule", "Pension", q.of, q.except)
			if err != nil || len(got) != q.want {
				t.Errorf("%v: %d records, want %d, %v", q.of, len(got), q.want, err)
			}
		}
		return nil
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	anna, kolya := id(t), id(t)
	put := func(system, value, owner string) error {
		return db.Write(t.Context(), func(tx *store.Tx) error { return tx.PutKey(t.Context(), system, value, "Person", owner) })
	}
	for _, value := range []string{"1", "1", "2"} {
		if err := put("snils", value, anna); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, put("snils", "2", kolya), kernel.Conflict, "key-taken")
	if err := put("snils", "1", kolya); err != nil { // free again
		t.Error(err)
	}
	if err := put("snils", "", kolya); err != nil {
		t.Error(err)
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		if typ, who, err := tx.ByKey(ctx, "snils", "2"); typ != "Person" || who != anna || err != nil {
			t.Errorf("%s %s %v", typ, who, err)
		}
		if _, who, err := tx.ByKey(ctx, "snils", "1"); who != "" || err != nil {
			t.Errorf("%s %v", who, err)
		}
		if err := tx.PutKeys(ctx, "Person", anna, map[string]string{"esia": "7"}); err != nil {
			return err
		}
		keys, err := tx.Keys(ctx, "Person", anna)
		if len(keys) != 1 || keys["esia"] != "7" {
			t.Errorf("keys %v", keys)
		}
		if err == nil {
			err = tx.DropKeys(ctx, "Person", anna)
		}
		return err
	})
	if n := count(t, db, "select count(*) from record_key"); n != 0 {
		t.Errorf("%d keys", n)
	}
}

func TestSameKeyAtOnceGivesOneAnswer(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	var mu sync.Mutex
	answers := map[string]int{}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			answer := json.RawMessage(fmt.Sprintf(`{"id": "%d"}`, i))
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				if _, err := tx.NextNumber(t.Context(), "effects", ""); err != nil {
					return err
				}
				return tx.KeepAnswer(t.Context(), "anna", "k", []byte("hash"), answer)
			})
			if kernel.CodeOf(err) == kernel.Conflict {
				err = db.Read(t.Context(), func(tx *store.Tx) (err error) {
					answer, err = tx.Answer(t.Context(), "anna", "k", []byte("hash"))
					return err
				})
			}
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			answers[string(answer)]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if n := count(t, db, "select next::int - 1 from counter"); n != 1 || len(answers) != 1 {
		t.Errorf("%d effects, answers %v", n, answers)
	}
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Answer(t.Context(), "anna", "k", []byte("another command"))
		return err
	})
	wantCode(t, err, kernel.Conflict, "key-reused")
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return tx.ForgetAnswers(ctx, tx.Now().AddDate(0, 0, 1)) })
	if n := count(t, db, "select count(*) from answer"); n != 0 {
		t.Errorf("%d answers", n)
	}
}

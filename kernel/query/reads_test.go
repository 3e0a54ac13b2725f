package query_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"mera/kernel"
	"mera/kernel/query"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
)

type ids struct{}

func (ids) New() string { return uuid.Must(uuid.NewV7()).String() }

func look(actor, variables string, roots ...kernel.LookRoot) kernel.Look {
	return kernel.Look{At: time.Date(2019, 7, 16, 9, 0, 0, 0, time.UTC), Actor: kernel.Actor{ID: actor, Kind: kernel.Staff}, Query: "query($id: ID!) {person(id: $id) {id}}",
		Variables: []byte(variables), Roots: roots}
}

// Everything that was noted by many at once is written when the journal is closed, in batches, each look once.
func TestReadsAreWritten(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	reads := query.NewReads(db, ids{}, slog.New(slog.DiscardHandler))
	person := kernel.LookRoot{Type: "Person", Variable: "id"}
	cards := make([]string, 8)
	var wg sync.WaitGroup
	for i := range cards {
		cards[i] = ids{}.New()
		wg.Go(func() {
			for n := range 300 {
				actor := fmt.Sprint("a", n)
				for range 2 { // the second is the same again
					if err := reads.Note(t.Context(), look(actor, `{"id": "`+cards[i]+`"}`, person, kernel.LookRoot{Type: "Case"})); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	if err := reads.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := reads.Note(t.Context(), look("late", `{}`, person)); kernel.CodeOf(err) != kernel.Unavailable {
		t.Errorf("after the end: %v", err)
	}
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		for _, card := range cards {
			found, err := tx.Readings(t.Context(), card, 1000)
			if err != nil || len(found) != 300 {
				t.Errorf("%d reads of a card, %v", len(found), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var rows, batches int
	if err := db.Pool().QueryRow(t.Context(), "select count(*)::int, count(distinct batch)::int from reading").Scan(&rows, &batches); err != nil {
		t.Fatal(err)
	}
	if rows != 2*8*300 || batches > 100 {
		t.Errorf("%d rows in %d batches", rows, batches)
	}
	if found, err := db.VerifyReadings(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
}

// away is a database that does not answer until it is told to.
type away struct {
	db   *store.DB
	back chan struct{}
}

func (a away) Write(ctx context.Context, write func(*store.Tx) error) error {
	select {
	case <-a.back:
		return a.db.Write(ctx, write)
	default:
		return kernel.Errorf(kernel.Unavailable, "database-unavailable")
	}
}

// While the database is away there is room for some reads; then who reads waits, and is refused. When it is back
// everything that was let through is written.
func TestReadsAreNeverLetThroughUnnoted(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	journal := away{db, make(chan struct{})}
	reads := query.NewReads(journal, ids{}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	noted := 0
	for ; ; noted++ {
		err := reads.Note(ctx, look(fmt.Sprint("a", noted), `{}`, kernel.LookRoot{Type: "Person"}))
		if err != nil {
			if kernel.CodeOf(err) != kernel.Unavailable {
				t.Fatal(err)
			}
			break
		}
	}
	if noted == 0 || noted > 20_000 {
		t.Errorf("%d reads were let through", noted)
	}
	close(journal.back)
	if err := reads.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := db.Pool().QueryRow(t.Context(), "select count(*)::int from reading").Scan(&rows); err != nil || rows != noted {
		t.Errorf("%d were let through, %d are written, %v", noted, rows, err)
	}
}

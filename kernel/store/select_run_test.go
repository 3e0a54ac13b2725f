package store_test

import (
	"context"
	"testing"
	"time"

	"mera/kernel"
	"mera/kernel/store"
	"mera/kernel/store/storetest"
)

// Half of the sessions run selections: who comes when they are taken waits, no longer than he wants to, and whoever
// writes has a session.
func TestSelectionsLeaveSessionsToWrites(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), store.Config{URL: storetest.Open(t).Pool().Config().ConnString(), MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	one := store.Statement{Text: "select 1::text"}
	inside, leave, left := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		left <- db.Run(t.Context(), one, nil, true, func(int, []byte) {
			close(inside)
			<-leave
		})
	}()
	<-inside
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := db.Run(ctx, one, nil, true, func(int, []byte) {}); kernel.CodeOf(err) != kernel.Unavailable {
		t.Errorf("without a turn: %v", err)
	}
	if err := db.Write(t.Context(), func(*store.Tx) error { return nil }); err != nil {
		t.Errorf("a write meanwhile: %v", err)
	}
	close(leave)
	if err := <-left; err != nil {
		t.Error(err)
	}
	if err := db.Run(t.Context(), one, nil, true, func(int, []byte) {}); err != nil {
		t.Errorf("after it: %v", err)
	}
}

// A selection is stopped, in the database too, when its reader goes and when it takes too long.
func TestSelectionsAreStopped(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]time.Duration{"its reader goes": time.Hour, "it takes too long": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := storetest.Open(t)
			db := storetest.Open(t, func(c *store.Config) { c.URL, c.Selection = other.Pool().Config().ConnString(), most })
			running := func() (n int) {
				err := other.Pool().QueryRow(t.Context(), `select count(*)::int from pg_stat_activity
					where datname = current_database() and state = 'active' and query = 'select pg_sleep(6000)::text'`).Scan(&n)
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				ended <- db.Run(ctx, store.Statement{Text: "select pg_sleep(6000)::text"}, nil, true, func(int, []byte) {})
			}()
			for most == time.Hour && running() == 0 {
				time.Sleep(10 * time.Millisecond)
			}
			if most == time.Hour {
				cancel()
			}
			if err := <-ended; kernel.CodeOf(err) != kernel.Unavailable {
				t.Errorf("it ended with %v", err)
			}
			for running() > 0 {
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
}

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

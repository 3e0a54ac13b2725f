package app

import (
	"context"
	"fmt"

	"mera/kernel/store"
)

// Verify opens the database of an installation and checks what was written: the chains of the journal, the ledger,
// the versions and the files. Each finding is one line; none means that all is as it was written.
func Verify(ctx context.Context, c Config) (findings []string, err error) {
	a := &App{config: c, log: c.Log, failed: make(chan error, 1)}
	if err := a.openDatabase(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if e := a.Stop(context.WithoutCancel(ctx)); err == nil {
			err = e
		}
	}()
	journal := func(ctx context.Context) ([]store.Break, error) { return a.db.VerifyJournal(ctx, nil) }
	for _, check := range []struct {
		name string
		run  func(context.Context) ([]store.Break, error)
	}{{"journal", journal}, {"reads", a.db.VerifyReadings}, {"ledger", a.db.VerifyLedger}, {"versions", a.db.VerifyVersions}} {
		breaks, err := check.run(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", check.name, err)
		}
		for _, b := range breaks {
			findings = append(findings, fmt.Sprintf("%s: %v", check.name, b))
		}
	}
	files, err := a.verifyFiles(ctx)
	return append(findings, files...), err
}

func (a *App) verifyFiles(ctx context.Context) (findings []string, err error) {
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		digests, err := tx.AttachmentDigests(ctx)
		if err != nil {
			return err
		}
		for _, d := range digests {
			if err := a.road.Blobs.Verify(d); err != nil {
				findings = append(findings, err.Error())
			}
		}
		return nil
	})
	return findings, err
}

// FreshDatabase makes an empty database on a server and returns its address and how to drop it again.
func FreshDatabase(ctx context.Context, server string) (url string, drop func(context.Context) error, err error) {
	return store.FreshDatabase(ctx, server)
}

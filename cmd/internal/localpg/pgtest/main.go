//go:build unix

// Command pgtest makes sure that the shared test cluster of this machine runs and prints its address. The first test
// process that needs a database starts it; the others adopt it; it goes on after they end, because a start costs more
// than most tests. It is not safe on power loss and holds nothing that is worth keeping.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"mera/cmd/internal/localpg"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("mera-pgtest-%d", os.Geteuid()))
	s, err := localpg.Start(ctx, localpg.Config{
		Dir: dir,
		Settings: map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
			"max_connections": "400", "autovacuum": "off", "checkpoint_timeout": "'1h'",
		},
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	fmt.Println(s.URL())
	return nil
}

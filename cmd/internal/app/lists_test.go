package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"mera/catalog"
	"mera/cmd/internal/app"
	"mera/cmd/internal/scenario"
	"mera/schema/load"
)

// Lists that are decided row by row and rows that are taken: the stories of a package that no catalog has, through
// GraphQL alone.
func TestStoriesOfLists(t *testing.T) {
	t.Parallel()
	core := t.TempDir()
	if err := os.CopyFS(core, catalog.FS); err != nil {
		t.Fatal(err)
	}
	folder := os.DirFS("../../../kernel/command/testdata/relief")
	if err := os.CopyFS(filepath.Join(core, "relief"), folder); err != nil {
		t.Fatal(err)
	}
	p, faults := load.Read(folder, "relief")
	if faults.Faulty() || len(p.Scenarios) < 2 {
		t.Fatalf("%d stories: %v", len(p.Scenarios), faults)
	}
	for _, story := range p.Scenarios {
		t.Run(story.Name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(c *app.Config) { c.Core = os.DirFS(core) })
			server := scenario.Server{URL: s.app.URL(), Token: s.app.Token, Agencies: s.agencies}
			if err := scenario.New(server, story).Run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

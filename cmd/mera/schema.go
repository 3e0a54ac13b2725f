package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"mera/catalog"
	"mera/cmd/internal/app"
	"mera/graph"
	"mera/kernel/query"
	"mera/schema/meta"
)

func sortedCopy(s []string) []string { return slices.Sorted(slices.Values(s)) }

func schemaCommand() *cobra.Command {
	var dirs []string
	var metaDir string
	c := &cobra.Command{
		Use:     "schema",
		Short:   "Print the GraphQL schema of the packages, or write the meta-schemas for editors",
		Example: "  mera schema > schema.graphql\n  mera schema --meta ./meta",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if metaDir != "" {
				return writeMeta(metaDir)
			}
			found, err := app.ReadPackages(catalog.FS, dirs)
			if err != nil {
				return err
			}
			release, ds := app.Compile(found)
			fmt.Fprint(c.ErrOrStderr(), ds.Render(sourceOf(catalog.FS, dirs)))
			lists, _ := query.CompileLists(release.Catalog, release.Env) // faults were printed above
			sdl, ds := graph.SDL(release.Catalog, lists)
			if ds.Faulty() {
				fmt.Fprint(c.ErrOrStderr(), ds.Render(sourceOf(catalog.FS, dirs)))
				return errFaults
			}
			fmt.Fprint(c.OutOrStdout(), sdl)
			return nil
		},
	}
	c.Flags().StringArrayVar(&dirs, "catalog", nil, "folder of a package, or of packages; may be repeated")
	c.Flags().StringVar(&metaDir, "meta", "", "write the JSON Schemas of the definitions into this folder")
	return c
}

// writeMeta copies the JSON Schemas of the definition language, for editors that complete and check YAML by them.
func writeMeta(dir string) error {
	return fs.WalkDir(meta.Files, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		src, err := fs.ReadFile(meta.Files, path)
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.Base(path))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, src, 0o644)
	})
}

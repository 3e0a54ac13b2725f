package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mera/catalog"
	"mera/cmd/internal/app"
	"mera/schema"
	"mera/schema/load/source"
)

func lintCommand() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:     "lint [FOLDER…]",
		Short:   "Compile packages and print every fault with its place",
		Long:    "Compiles the packages of the folders together with the core ones and prints all faults at once. Without a folder the core packages are looked at.",
		Example: "  mera lint my-package\n  mera lint --output json packages/",
		RunE: func(c *cobra.Command, dirs []string) error {
			ds, err := lint(dirs)
			if err != nil {
				return err
			}
			if output == "json" {
				if err := printJSON(c.OutOrStdout(), jsonDiagnostics(ds)); err != nil {
					return err
				}
			} else {
				fmt.Fprint(c.OutOrStdout(), ds.Render(sourceOf(catalog.FS, dirs)))
			}
			if ds.Faulty() {
				return errFaults
			}
			if output != "json" {
				fmt.Fprintln(c.OutOrStdout(), "no faults")
			}
			return nil
		},
	}
	outputFlag(c, &output)
	return c
}

// lint returns the diagnostics of the packages in the folders, or of all core packages where no folder is given.
func lint(dirs []string) (schema.Diagnostics, error) {
	found, err := app.ReadPackages(catalog.FS, dirs)
	if err != nil {
		return nil, err
	}
	_, ds := app.Compile(found)
	if len(dirs) == 0 {
		return ds, nil
	}
	wanted := map[string]bool{}
	asked, err := app.ReadPackages(nil, dirs)
	if err != nil {
		return nil, err
	}
	for _, f := range asked {
		wanted[f.Package.Name] = true
	}
	if len(asked) == 0 {
		return nil, fmt.Errorf("no package.yaml in %s", strings.Join(dirs, ", "))
	}
	var out schema.Diagnostics
	for _, d := range ds {
		name, _, _ := strings.Cut(d.Pos.File, "/")
		if wanted[name] {
			out = append(out, d)
		}
	}
	return out, nil
}

type jsonDiagnostic struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
}

func jsonDiagnostics(ds schema.Diagnostics) []jsonDiagnostic {
	out := make([]jsonDiagnostic, len(ds))
	for i, d := range ds {
		severity := "error"
		if d.Severity == schema.Lint {
			severity = "warning"
		}
		out[i] = jsonDiagnostic{d.Pos.File, d.Pos.Line, d.Pos.Col, severity, d.Code, d.Message, d.Hint}
	}
	return out
}

// sourceOf finds the text of a file of a package, for the caret under a fault.
func sourceOf(core fs.FS, dirs []string) func(string) []byte {
	return func(file string) []byte {
		name, inside, ok := strings.Cut(file, "/")
		if !ok {
			return nil
		}
		for _, dir := range dirs {
			if filepath.Base(filepath.Clean(dir)) == name {
				if src, err := os.ReadFile(filepath.Join(dir, inside)); err == nil {
					return src
				}
			}
			if src, err := os.ReadFile(filepath.Join(dir, name, inside)); err == nil {
				return src
			}
		}
		if core == nil {
			return nil
		}
		src, err := fs.ReadFile(core, file)
		if err != nil {
			return nil
		}
		return src
	}
}

func fmtCommand() *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use:   "fmt FILE|FOLDER…",
		Short: "Write YAML definitions in the one usual form",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, paths []string) error {
			changed, faulty := 0, false
			for _, path := range paths {
				err := filepath.WalkDir(path, func(file string, e fs.DirEntry, err error) error {
					if err != nil || e.IsDir() || filepath.Ext(file) != ".yaml" {
						return err
					}
					src, err := os.ReadFile(file)
					if err != nil {
						return err
					}
					out, ds := source.Format(file, src)
					for i := range ds {
						ds[i].Pos.File = file
					}
					fmt.Fprint(c.OutOrStdout(), ds.Render(func(string) []byte { return src }))
					if ds.Faulty() {
						faulty = true
						return nil
					}
					if string(out) == string(src) {
						return nil
					}
					changed++
					fmt.Fprintln(c.OutOrStdout(), file)
					if check {
						return nil
					}
					return os.WriteFile(file, out, 0o644)
				})
				if err != nil {
					return err
				}
			}
			if faulty || check && changed > 0 {
				return errFaults
			}
			return nil
		},
	}
	c.Flags().BoolVar(&check, "check", false, "change nothing; exit 1 if something would change")
	return c
}

package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mera/graph"
	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/query"
	"mera/kernel/registry"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load"
)

// Found is a package as it was read.
type Found struct {
	Package *schema.Package
	Faults  schema.Diagnostics
}

// ReadPackages reads the core packages and those in the given folders. A folder is a package itself, or holds
// packages as its sub-folders. A package of a folder stands in for a core one of the same name.
func ReadPackages(core fs.FS, dirs []string) ([]Found, error) {
	byName := map[string]Found{}
	if core != nil {
		if err := readAll(core, true, byName); err != nil {
			return nil, fmt.Errorf("core packages: %w", err)
		}
	}
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil || !info.IsDir() {
			return nil, fmt.Errorf("--catalog %s: not a folder", dir)
		}
		if _, err := os.Stat(filepath.Join(dir, "package.yaml")); err == nil {
			abs, err := filepath.Abs(dir)
			if err != nil {
				return nil, err
			}
			name := filepath.Base(abs)
			p, ds := load.Read(os.DirFS(dir), name)
			p.Core = byName[name].Package != nil && byName[name].Package.Core
			byName[name] = Found{p, ds}
			continue
		}
		if err := readAll(os.DirFS(dir), false, byName); err != nil {
			return nil, fmt.Errorf("--catalog %s: %w", dir, err)
		}
	}
	out := make([]Found, 0, len(byName))
	for _, f := range byName {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Found) int { return strings.Compare(a.Package.Name, b.Package.Name) })
	return out, nil
}

func readAll(fsys fs.FS, core bool, into map[string]Found) error {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if _, err := fs.Stat(fsys, e.Name()+"/package.yaml"); err != nil {
			continue
		}
		sub, err := fs.Sub(fsys, e.Name())
		if err != nil {
			return err
		}
		p, ds := load.Read(sub, e.Name())
		p.Core = core || into[e.Name()].Package != nil && into[e.Name()].Package.Core
		into[e.Name()] = Found{p, ds}
	}
	return nil
}

// Compile makes a release of what was found.
func Compile(found []Found) (*registry.Release, schema.Diagnostics) {
	pkgs := make([]*schema.Package, len(found))
	read := map[string]schema.Diagnostics{}
	for i, f := range found {
		pkgs[i] = f.Package
		read[f.Package.Name] = f.Faults
	}
	return registry.Compile(pkgs, read, published)
}

// published finds the faults of what is served: the lists of the packages and their names in GraphQL.
func published(cat *schema.Catalog, env *expr.Env) schema.Diagnostics {
	lists, ds := query.CompileLists(cat, env)
	if ds.Faulty() {
		return ds
	}
	_, names := graph.SDL(cat, lists)
	return append(ds, names...)
}

// install writes the release into the database: packages with their files and faults, partitions and indexes, the
// seeds of classifiers, and the present release. The same release again changes nothing.
func (a *App) install(ctx context.Context, r *registry.Release) error {
	if err := a.shape(ctx, r); err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		current, err := tx.CurrentRelease(ctx)
		if err != nil {
			return err
		}
		for _, p := range r.Catalog.Packages {
			if err := tx.PutPackageFiles(ctx, p.Digest, p.Files); err != nil {
				return err
			}
			row := &store.Package{Name: p.Name, Version: p.Version, Digest: p.Digest, Title: p.Title, Status: "installed", InstalledAt: tx.Now(), InstalledBy: "system", Core: p.Core}
			if err := tx.PutPackage(ctx, row); err != nil {
				return err
			}
		}
		for _, b := range r.Broken {
			faults, err := json.Marshal(b.Faults)
			if err != nil {
				return err
			}
			row := &store.Package{Name: b.Name, Version: b.Version, Digest: b.Digest, Title: b.Name, Status: "broken", Faults: faults, InstalledAt: tx.Now(), InstalledBy: "system"}
			if err := tx.PutPackage(ctx, row); err != nil {
				return err
			}
		}
		if err := seed(ctx, tx, r); err != nil {
			return err
		}
		if current != nil && current.Digest == r.Digest {
			return nil
		}
		if err := tx.Append(ctx, kernel.Event{ID: a.ids.New(), At: tx.Now(), Actor: "system", Kind: kernel.System, Action: "install", Release: r.Digest}); err != nil {
			return err
		}
		return tx.PutRelease(ctx, &store.Release{Digest: r.Digest, Packages: packagesOf(r), CreatedAt: tx.Now(), Current: true})
	})
}

func packagesOf(r *registry.Release) json.RawMessage {
	versions := map[string]string{}
	for _, p := range r.Catalog.Packages {
		versions[p.Name] = p.Version + " " + p.Digest
	}
	b, _ := json.Marshal(versions) // a map of texts always encodes
	return b
}

// shape makes partitions, indexes and what is searched for the documents of a release.
func (a *App) shape(ctx context.Context, r *registry.Release) error {
	for _, d := range r.Catalog.Documents {
		if d.Abstract || d.Record {
			continue
		}
		if err := a.db.EnsurePartition(ctx, d.Name); err != nil {
			return err
		}
	}
	if err := a.db.EnsureIndexes(ctx, store.IndexesOf(r.Catalog)); err != nil {
		return err
	}
	return a.db.EnsureSearch(ctx, r.Catalog)
}

// seed writes the items of the packages' classifiers, which lists and filters join.
func seed(ctx context.Context, tx *store.Tx, r *registry.Release) error {
	for _, c := range r.Catalog.Classifiers {
		if err := tx.PutItems(ctx, c.Name, c.Items, "package"); err != nil {
			return err
		}
	}
	return nil
}

// data joins the packages' seeds with what the region added.
func (a *App) data(ctx context.Context, r *registry.Release) (*registry.Data, error) {
	values := map[string][]*schema.ParameterValue{}
	items := map[string][]*schema.ClassifierItem{}
	err := a.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.ParameterValues(ctx, "region")
		if err != nil {
			return err
		}
		for _, row := range rows {
			v, err := command.StoredValue(row)
			if err != nil {
				return fmt.Errorf("parameter %s from %s: %w", row.Name, row.From, err)
			}
			values[row.Name] = append(values[row.Name], v)
		}
		items, err = tx.Items(ctx, "region")
		return err
	})
	if err != nil {
		return nil, err
	}
	return registry.NewData(r.Catalog, values, items), nil
}

package store

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Package is one installed package. Its files lie under its digest.
type Package struct {
	Name        string
	Version     string
	Digest      string
	Title       string
	Status      string          // installed, or why it is left out of the release
	Faults      json.RawMessage // its diagnostics as JSON; nil: none
	InstalledAt time.Time
	InstalledBy string
	Core        bool // of the embedded catalog: its names have no prefix
}

const packageList = "name, version, digest, title, status, faults, installed_at, installed_by, core"

const selectPackage = "select " + packageList + " from package"

func (p *Package) cells() []any {
	if p.Faults == nil {
		p.Faults = json.RawMessage("[]")
	}
	return []any{&p.Name, &p.Version, &p.Digest, &p.Title, &p.Status, raw(&p.Faults), &p.InstalledAt, &p.InstalledBy, &p.Core}
}

// PutPackage installs a package, in the place of its former version if there was one.
func (t *Tx) PutPackage(ctx context.Context, p *Package) error {
	return t.exec(ctx, upsert("package", packageList, "name"), values(p.cells())...)
}

// DropPackage removes a package from the installation. Its files stay, for the decisions that are pinned to them.
func (t *Tx) DropPackage(ctx context.Context, name string) error {
	return t.exec(ctx, "delete from package where name = $1", name)
}

// Packages lists the installed packages by name.
func (t *Tx) Packages(ctx context.Context) ([]*Package, error) {
	return list(ctx, t, (*Package).cells, selectPackage+" order by name")
}

// PutPackageFiles keeps the files of a package by its digest. What is there already is the same.
func (t *Tx) PutPackageFiles(ctx context.Context, digest string, files map[string][]byte) error {
	b := &pgx.Batch{}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		content := files[path]
		if content == nil {
			content = []byte{}
		}
		b.Queue("insert into package_file (digest, path, content) values ($1, $2, $3) on conflict do nothing", digest, path, content)
	}
	return t.send(ctx, b, nil)
}

// PackageFiles reads the files of a package by its digest: path → content. Empty for an unknown digest.
func (t *Tx) PackageFiles(ctx context.Context, digest string) (map[string][]byte, error) {
	rows, err := t.tx.Query(ctx, "select path, content from package_file where digest = $1", digest)
	if err != nil {
		return nil, translate(err)
	}
	files := map[string][]byte{}
	var path string
	var content []byte
	_, err = pgx.ForEachRow(rows, []any{&path, &content}, func() error {
		files[path] = slices.Clone(content)
		return nil
	})
	return files, translate(err)
}

// Release is a set of packages compiled together. Packages is a JSON map from names to digests.
type Release struct {
	Digest    string
	Packages  json.RawMessage
	CreatedAt time.Time
	Current   bool
}

const releaseList = "digest, packages, created_at, current"

const selectRelease = "select " + releaseList + " from release"

func (r *Release) cells() []any { return []any{&r.Digest, raw(&r.Packages), &r.CreatedAt, &r.Current} }

// PutRelease makes a release the current one; there is always one at most. Of two transactions that do it at once the
// second gets a CONFLICT.
func (t *Tx) PutRelease(ctx context.Context, r *Release) error {
	b := &pgx.Batch{}
	b.Queue("update release set current = false where current and digest <> $1", r.Digest)
	b.Queue(`insert into release (digest, packages, created_at, current) values ($1, $2, $3, true)
		on conflict (digest) do update set current = true`, r.Digest, raw(&r.Packages), t.now)
	b.Queue(revise + "'release'")
	return t.send(ctx, b, nil)
}

// CurrentRelease reads the current release; nil before the first installation.
func (t *Tx) CurrentRelease(ctx context.Context) (*Release, error) {
	return find(ctx, t, (*Release).cells, selectRelease+" where current")
}

// Release reads a release by its digest, for what is pinned to it; nil if it never was.
func (t *Tx) Release(ctx context.Context, digest string) (*Release, error) {
	return find(ctx, t, (*Release).cells, selectRelease+" where digest = $1", digest)
}

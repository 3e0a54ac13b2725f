package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
	"mera/schema"
)

// Index is an index on the records of one type.
type Index struct {
	Type   string
	Name   string // what it is for: a property or a unique rule
	method string // btree or gin
	exprs  []string
	desc   []bool // of the last of exprs, which are an order with both directions; nil: all go up
	where  string
}

// PropertyIndex serves filters and orders by a property; several properties are a path into objects.
func PropertyIndex(typ string, path ...*schema.Property) Index {
	json := "data"
	names := make([]string, len(path))
	for i, p := range path {
		names[i] = p.Name
		if i < len(path)-1 {
			json += "->" + quote(p.Name)
		}
	}
	if len(path) > 1 {
		json = "(" + json + ")"
	}
	last := path[len(path)-1]
	x := Index{Type: typ, Name: strings.Join(names, "."), method: "btree", exprs: []string{dataTerm(json, last).sql}}
	if last.Type != nil && last.Type.Kind == schema.Array {
		x.method = "gin"
	}
	return x
}

// UniqueIndex finds the live records that agree on properties, whatever the types of those are.
func UniqueIndex(typ, rule string, properties ...string) Index {
	properties = slices.Sorted(slices.Values(properties))
	x := Index{Type: typ, Name: "unique." + rule, method: "btree", where: "void is null"}
	for _, p := range properties {
		x.exprs = append(x.exprs, dataPath(p))
	}
	return x
}

// IndexesOf lists the indexes that the document types of a catalog ask for: links, properties marked for it, the bounds
// of a fact, the unique rules and the lists that are read in an order.
func IndexesOf(cat *schema.Catalog) []Index {
	var out []Index
	for _, name := range slices.Sorted(maps.Keys(cat.Documents)) {
		if d := cat.Documents[name]; !d.Abstract && !d.Record {
			out = append(out, indexesOf(d)...)
		}
	}
	return append(out, listIndexes(cat)...)
}

func indexesOf(d *schema.Document) []Index {
	var out []Index
	for _, p := range d.Properties {
		switch {
		case p.Type == nil:
		case p.Type.Kind == schema.Object:
			for _, f := range p.Type.Fields {
				if f.Type != nil && (f.Index || f.Type.Kind == schema.Link) && indexable(f) {
					out = append(out, PropertyIndex(d.Name, p, f))
				}
			}
		case indexable(p) && (p.Index || linking(p.Type) || bounds(d, p.Name)):
			out = append(out, PropertyIndex(d.Name, p))
		}
	}
	for _, u := range d.Unique {
		var of []string
		for _, p := range u.Of {
			of = append(of, p.Text)
		}
		out = append(out, UniqueIndex(d.Name, u.Name, of...))
	}
	return out
}

// indexable leaves out what no filter compares: durations are equal only as text and points need another method.
func indexable(p *schema.Property) bool {
	switch p.Type.Kind {
	case schema.Duration, schema.Point, schema.Boolean:
		return false
	}
	return true
}

func linking(t *schema.Type) bool {
	return t.Kind == schema.Link || t.Kind == schema.Array && t.Elem != nil && t.Elem.Kind == schema.Link
}

func bounds(d *schema.Document, property string) bool {
	return d.Holds != nil && (d.Holds.From.Text == property || d.Holds.To.Text == property)
}

// linkExpr is a link as select reads it, so that both use one index.
func linkExpr(property string) string {
	json := "data"
	at, name, nested := cutLast(property)
	if nested {
		json = "(" + dataPath(at) + ")"
	}
	if !typeName.MatchString(name) {
		return "null::uuid"
	}
	return dataTerm(json, &schema.Property{Name: name, Type: &schema.Type{Kind: schema.Link}}).sql
}

func cutLast(path string) (before, last string, found bool) {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i], path[i+1:], true
	}
	return "", path, false
}

// id is the name of the index: readable as far as it goes, told apart by a hash of all that it is.
func (x Index) id() string {
	what := strings.Join(append([]string{x.Type, x.Name, x.method, x.where}, x.exprs...), "\x00")
	if x.desc != nil {
		what += fmt.Sprint(x.desc)
	}
	return hashed("ix_"+x.Type+"_"+x.Name, what)
}

// partition is the name of the table with the records of a type.
func partition(typ string) string { return hashed("record_"+typ, typ) }

// hashed makes an identifier of at most 52 of PostgreSQL's 63 bytes that needs no quotes.
func hashed(readable, what string) string {
	sum := sha256.Sum256([]byte(what))
	readable = strings.ToLower(strings.ReplaceAll(readable, ".", "_"))
	return fmt.Sprintf("%s_%x", readable[:min(len(readable), 35)], sum[:8])
}

// EnsurePartition gives a document type a table of its own; records of the type that were written before move there.
// Two servers may do it at once.
func (db *DB) EnsurePartition(ctx context.Context, typ string) error {
	if !typeName.MatchString(typ) {
		return kernel.Errorf(kernel.Invalid, "database-value", typ)
	}
	name := partition(typ)
	exists := func(t *Tx) (there bool, err error) {
		err = t.tx.QueryRow(ctx, "select to_regclass($1) is not null", name).Scan(&there)
		return there, translate(err)
	}
	return db.Write(ctx, func(t *Tx) error {
		if there, err := exists(t); err != nil || there {
			return err
		}
		if err := t.lockRule(ctx, "partition", []byte(typ)); err != nil {
			return err
		}
		if there, err := exists(t); err != nil || there { // made by another server, while this one waited
			return err
		}
		for _, q := range []string{
			"lock table record_other in access exclusive mode",
			"create table " + name + " (like record including defaults including constraints)",
			"insert into " + name + " select * from record_other where " + typeIs(typ),
			"delete from record_other where " + typeIs(typ),
			"alter table record attach partition " + name + " for values in (" + quote(typ) + ")",
		} {
			if _, err := t.tx.Exec(ctx, q); err != nil { // now: the next one names what this one makes
				return err
			}
		}
		return nil
	})
}

// EnsureIndexes makes the partitions and indexes that are missing and drops the indexes of records that are not among
// the wanted ones. Rows may be written meanwhile; an index that a crash left half made is made anew. Servers that start
// at once do it one after the other.
func (db *DB) EnsureIndexes(ctx context.Context, want []Index) error {
	defer db.links.Clear()
	types := map[string]bool{}
	for _, x := range want {
		types[x.Type] = true
	}
	for _, typ := range slices.Sorted(maps.Keys(types)) {
		if err := db.EnsurePartition(ctx, typ); err != nil {
			return err
		}
	}
	steps, err := db.indexSteps(ctx, want)
	if err != nil || len(steps) == 0 {
		return err
	}
	return translate(db.alone(ctx, indexLease, func(ctx context.Context, _ *sql.DB) error {
		steps, err := db.indexSteps(ctx, want) // another server may have done some
		if err != nil {
			return err
		}
		return db.runSteps(ctx, steps)
	}))
}

// indexSteps are the statements that lead from the indexes that are there to those that are wanted.
func (db *DB) indexSteps(ctx context.Context, want []Index) ([]string, error) {
	have, err := db.indexes(ctx)
	if err != nil {
		return nil, err
	}
	var steps []string
	wanted := map[string]bool{}
	for _, x := range want {
		id := x.id()
		if wanted[id] {
			continue
		}
		wanted[id] = true
		valid, there := have[id]
		if there && !valid {
			steps = append(steps, drop(id))
		}
		if !valid {
			steps = append(steps, x.create("concurrently"))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(have)) {
		if !wanted[id] {
			steps = append(steps, drop(id))
		}
	}
	return steps, nil
}

// indexes lists, by name, the indexes on records that were made here: whether they are complete. They are known by
// the form of their names (id), so that an index which an administrator has added stays.
func (db *DB) indexes(ctx context.Context) (map[string]bool, error) {
	rows, err := db.pool.Query(ctx, `select c.relname::text, i.indisvalid from pg_inherits h
		join pg_index i on i.indrelid = h.inhrelid join pg_class c on c.oid = i.indexrelid
		where h.inhparent = 'record'::regclass and c.relname ~ '^ix_.*_[0-9a-f]{16}$'`)
	if err != nil {
		return nil, translate(err)
	}
	have := map[string]bool{}
	var name string
	var valid bool
	_, err = pgx.ForEachRow(rows, []any{&name, &valid}, func() error {
		have[name] = valid
		return nil
	})
	return have, translate(err)
}

// create makes the index; how is "concurrently" where rows may be written meanwhile.
func (x Index) create(how string) string {
	exprs := make([]string, len(x.exprs))
	for i, e := range x.exprs {
		exprs[i] = "(" + e + ")"
		if at := i - len(x.exprs) + len(x.desc); at >= 0 && x.desc[at] {
			exprs[i] += " desc"
		}
	}
	q := fmt.Sprintf("create index %s if not exists %s on %s using %s (%s)",
		how, x.id(), partition(x.Type), x.method, strings.Join(exprs, ", "))
	if x.where != "" {
		q += " where " + x.where
	}
	return q
}

func drop(id string) string { return "drop index concurrently if exists " + id }

// runSteps runs statements that no transaction may hold. They wait for transactions that are older than they, so they
// wait longer than other statements do.
func (db *DB) runSteps(ctx context.Context, steps []string) error {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "set lock_timeout = '10min'"); err != nil {
		return err
	}
	for _, q := range steps {
		if _, e := conn.Exec(ctx, q); e != nil {
			err = fmt.Errorf("%s: %w", q, e)
			break
		}
	}
	_, e := conn.Exec(ctx, "reset lock_timeout")
	return errors.Join(err, e)
}

// linkIndex tells how the links of a property are indexed: "gin" for a list, "btree" for one, "" for not at all. The
// answer is kept until the next EnsureIndexes.
func (t *Tx) linkIndex(ctx context.Context, typ, property string) (string, error) {
	key := typ + "." + property
	if known, ok := t.db.links.Load(key); ok {
		return known.(string), nil
	}
	many := Index{Type: typ, Name: property, method: "gin", exprs: []string{"(" + dataPath(property) + ")"}}
	one := Index{Type: typ, Name: property, method: "btree", exprs: []string{linkExpr(property)}}
	var method string
	err := t.tx.QueryRow(ctx, `select case when to_regclass($1) is not null then 'gin'
		when to_regclass($2) is not null then 'btree' else '' end`, many.id(), one.id()).Scan(&method)
	if err != nil {
		return "", translate(err)
	}
	t.db.links.Store(key, method)
	return method, nil
}

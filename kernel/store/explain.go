package store

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"mera/schema"
)

// Plan is how PostgreSQL runs a statement.
type Plan struct {
	Text    string
	Indexes []string // by which rows are found, by name
	Scans   []Scan   // rows that are looked through
}

// Scan is rows of a document type, or of a kernel table, that are looked at one by one because no index finds them, or
// finds too many.
type Scan struct {
	Entity     string   // a document type, or the table
	Properties []string // of the type, that the filter reads and no index holds
	Filter     string
	Whole      bool // all rows of the table; else those that an index gave
}

// Plan asks PostgreSQL how it would run a statement. The text is the plan for the rows that there are; Scans are what
// is left to look through where PostgreSQL would take any index rather: a small table does not hide that one is missing.
func (db *DB) Plan(ctx context.Context, cat *schema.Catalog, st Statement, costs bool) (Plan, error) {
	var p Plan
	err := db.Read(ctx, func(t *Tx) error {
		options := "costs off"
		if costs {
			options = "costs on"
		}
		rows, err := t.tx.Query(ctx, "explain ("+options+") "+st.Text, st.Args...)
		if err != nil {
			return translate(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return translate(err)
		}
		p.Text = strings.Join(lines, "\n")
		if p.Indexes, err = t.used(ctx, st, nil, nil); err != nil {
			return err
		}
		if _, err := t.tx.Exec(ctx, "set local enable_seqscan = off"); err != nil {
			return translate(err)
		}
		_, err = t.used(ctx, st, cat, &p.Scans)
		return err
	})
	return p, err
}

// node is one node of a plan as PostgreSQL writes it in JSON.
type node struct {
	Type     string `json:"Node Type"`
	Relation string `json:"Relation Name"`
	Index    string `json:"Index Name"`
	Cond     string `json:"Index Cond"`
	Filter   string `json:"Filter"`
	Plans    []node `json:"Plans"`
}

// used lists the indexes of a plan, and the scans where they are wanted.
func (t *Tx) used(ctx context.Context, st Statement, cat *schema.Catalog, scans *[]Scan) ([]string, error) {
	var raw []byte
	if err := t.tx.QueryRow(ctx, "explain (format json) "+st.Text, st.Args...).Scan(&raw); err != nil {
		return nil, translate(err)
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal(raw, &plans); err != nil {
		return nil, translate(err)
	}
	var indexes []string
	var walk func(n node)
	walk = func(n node) {
		if n.Index != "" {
			indexes = append(indexes, n.Index)
		}
		if n.Relation != "" && scans != nil {
			if s, ok := scanOf(cat, n); ok {
				*scans = append(*scans, s)
			}
		}
		for _, below := range n.Plans {
			walk(below)
		}
	}
	for _, p := range plans {
		walk(p.Plan)
	}
	slices.Sort(indexes)
	return slices.Compact(indexes), nil
}

var onlyType = regexp.MustCompile(`^\(?type = '[A-Za-z0-9]+'::text\)?$`)

// whole tells that all rows of the table are met: one by one, or along an index that narrows nothing.
func (n node) whole() bool {
	switch n.Type {
	case "Seq Scan":
		return true
	case "Index Scan", "Index Only Scan":
		return n.Filter != "" && (n.Cond == "" || onlyType.MatchString(n.Cond))
	}
	return false
}

// dataIn finds the properties that a condition reads, as PostgreSQL writes it.
var dataIn = regexp.MustCompile(`data ->>? '([A-Za-z0-9]+)'::text`)

func scanOf(cat *schema.Catalog, n node) (Scan, bool) {
	s := Scan{Entity: n.Relation, Filter: n.Filter, Whole: n.whole()}
	var held []Index
	for _, typ := range EntityTypes(cat, entityRecord) {
		if partition(typ) == n.Relation {
			s.Entity = typ
			held = indexesOf(cat.Documents[typ])
		}
	}
	for _, m := range dataIn.FindAllStringSubmatch(n.Filter, -1) {
		switch {
		case slices.ContainsFunc(held, func(x Index) bool { return x.Name == m[1] }):
			s.Whole = false // an index is there: PostgreSQL finds these few rows sooner without it
		case !slices.Contains(s.Properties, m[1]):
			s.Properties = append(s.Properties, m[1])
		}
	}
	return s, s.Whole || len(s.Properties) > 0
}

package store

import (
	"fmt"
	"slices"
	"strings"

	"mera/schema"
)

// maxGroups is how many groups a grouped set has at most.
const maxGroups = 1000

// grouped counts and sums rows by their keys. The groups make rows of a table of their own, whose columns are the
// names of the keys and aggregates, so that a key that is a link or a classifier item is read like any other.
func (b *builder) grouped(s *Set, r row, cond string) (string, error) {
	g := row{alias: b.alias(), entity: entity{table: &table{columns: map[string]column{}}}}
	var inner, keys []string
	ranked := map[string]string{} // what orders groups, by the name of the key or aggregate
	for i, k := range s.Groups {
		b.unfolded = true
		t, err := b.path(r, k.Path)
		b.unfolded = false
		if err != nil {
			return "", err
		}
		if t, err = part(t, k.Part); err != nil {
			return "", err
		}
		name := fmt.Sprintf("k%d", i+1)
		inner = append(inner, t.sql+" as "+name)
		keys = append(keys, name)
		ranked[k.Name] = name
		key := column{"$." + name, t.repr, t.typ}
		if t.repr == asNumeric {
			key = column{sql: shownNumber(key.sql, t)}
		}
		g.table.columns[k.Name] = key
	}
	for i, a := range s.Aggregates {
		raw, c, err := b.aggregate(r, a)
		if err != nil {
			return "", err
		}
		ranked[a.Name] = raw
		name := fmt.Sprintf("a%d", i+1)
		inner = append(inner, c.sql+" as "+name)
		g.table.columns[a.Name] = column{"$." + name, c.repr, nil}
	}
	object, err := b.fields(g, s.Fields)
	if err != nil {
		return "", err
	}
	by := " having true" // all rows are one group, even where nothing of them is counted
	if len(keys) > 0 {
		by = fmt.Sprintf(" group by %s order by %s limit %d", strings.Join(keys, ", "), strings.Join(append(ranks(s, ranked), keys...), ", "), maxGroups)
	}
	return fmt.Sprintf("(select coalesce(json_agg(%s), '[]'::json) from (select %s from %s %s where %s%s) %s)",
		object, strings.Join(inner, ", "), b.source(r.entity), r.alias, cond, by, g.alias), nil
}

// ranks are the keys of the order of groups.
func ranks(s *Set, of map[string]string) []string {
	var out []string
	for _, k := range s.Ranks {
		sql := of[k.Name]
		if k.Desc {
			sql += " desc"
		}
		out = append(out, sql+" nulls last")
	}
	return out
}

// aggregated is one value of all rows of a set.
func (b *builder) aggregated(s *Set, r row, cond string) (string, error) {
	_, c, err := b.aggregate(r, s.Aggregates[0])
	return fmt.Sprintf("(select to_json(%s) from %s %s where %s)", c.sql, b.source(r.entity), r.alias, cond), err
}

// part cuts a day or a moment (in UTC) to a part of it.
func part(t term, word string) (term, error) {
	if word == "" {
		return t, nil
	}
	text := t.sql
	switch t.repr {
	case asText:
	case asDay:
		text = t.sql + "::text"
	case asTime:
		text = "to_char(" + t.sql + ` at time zone 'UTC', 'YYYY-MM-DD"T"HH24')`
	default:
		return term{}, fmt.Errorf("no %s of such a value", word)
	}
	switch word {
	case "year":
		return term{sql: "left(" + text + ", 4)"}, nil
	case "month":
		return term{sql: "left(" + text + ", 7)"}, nil
	case "day":
		return term{sql: "left(" + text + ", 10)"}, nil
	case "quarter":
		return term{sql: fmt.Sprintf("left(%[1]s, 4) || '-Q' || ((substr(%[1]s, 6, 2)::int + 2) / 3)", text)}, nil
	case "hour":
		return term{sql: "substr(" + text + ", 12, 2)::int", repr: asInt}, nil
	}
	return term{}, fmt.Errorf("no part %q of a date", word)
}

// aggregate is one value of a group: as it is compared, and in the form in which it is shown.
func (b *builder) aggregate(r row, a Aggregate) (raw string, shown column, err error) {
	if a.Function == "count" {
		return "count(*)", column{sql: "count(*)", repr: asInt}, nil
	}
	t, err := b.path(r, a.Path)
	if err != nil {
		return "", column{}, err
	}
	number := slices.Contains([]repr{asInt, asNumeric, asKopecks}, t.repr)
	switch a.Function {
	case "countDistinct":
		raw = "count(distinct " + t.sql + ")"
		return raw, column{sql: raw, repr: asInt}, nil
	case "sum", "min", "max":
		if a.Function == "sum" && !number {
			return "", column{}, fmt.Errorf("no sum of such a value")
		}
		raw = a.Function + "(" + t.sql + ")"
		return raw, column{sql: shownNumber(raw, t), repr: asJSON}, nil
	case "avg", "median":
		if !number {
			return "", column{}, fmt.Errorf("no %s of such a value", a.Function)
		}
		x := t.sql
		if t.repr == asKopecks {
			x = "(" + x + ")::numeric / 100"
		}
		raw = "avg(" + x + ")"
		if a.Function == "median" {
			raw = "(percentile_cont(0.5) within group (order by (" + x + ")::double precision))::numeric"
		}
		return raw, column{sql: "round(" + raw + ", 2)::text"}, nil
	}
	return "", column{}, fmt.Errorf("no aggregate %q", a.Function)
}

// shownNumber writes sums as money is written, other numbers exactly.
func shownNumber(sql string, t term) string {
	switch {
	case t.repr == asKopecks:
		return shown(sql, asKopecks)
	case t.repr == asNumeric && t.typ != nil && t.typ.Kind == schema.Money:
		return "round(" + sql + ", 2)::text"
	case t.repr == asNumeric:
		return "trim_scale(" + sql + ")::text"
	}
	return shown(sql, t.repr)
}

package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"mera/schema"
	"mera/schema/filter"
	"mera/schema/value"
)

// builder makes one statement. What is inherited down the tree of sets - the day, the moment, whether rows are open -
// is kept in fields that set restores when it leaves.
type builder struct {
	catalog *schema.Catalog
	guards  map[string]Guard
	args    []any
	aliases int
	lists   map[string]string // of policies → their parameters
	words   map[string]string // titles → their parameters
	unfit   bool              // an open value is none that the statement takes
	worded  bool              // another language would have another statement

	language string
	open     bool // rows are read without policy
	unfolded bool // texts are shown, not compared
	policy   bool // a policy is being compiled: it reads attributes without guards and masks
	asOf     value.Date
	knownAt  time.Time
	knownIn  string // the parameter that holds knownAt
}

func (b *builder) arg(v any) string {
	b.args = append(b.args, v)
	return "$" + strconv.Itoa(len(b.args))
}

// textArg is a parameter whose type is always text, so that what it is cast to is written in the statement.
func (b *builder) textArg(v string) string { return b.arg(v) + "::text" }

func (b *builder) alias() string {
	b.aliases++
	return "t" + strconv.Itoa(b.aliases)
}

// moment is knownAt as a parameter.
func (b *builder) moment() string {
	if b.knownIn == "" {
		b.knownIn = b.textArg(b.knownAt.UTC().Format(time.RFC3339Nano)) + "::timestamptz"
	}
	return b.knownIn
}

// guard is the condition under which a row may be seen.
func (b *builder) guard(r row) (string, error) {
	if b.open || b.policy || r.table != nil && r.table.free {
		return "true", nil
	}
	if r.table != nil {
		return b.guardOf(r, b.guards[r.name].Rows)
	}
	return b.asItIs(r, func(r row) (string, error) {
		return b.eachType(r, func(typ row) (string, error) { return b.guardOf(typ, b.guards[typ.name].Rows) })
	})
}

// asItIs puts a condition of the policies to a record as it is now, whatever version of it is read: what was sealed
// since then is sealed in the past too.
func (b *builder) asItIs(r row, cond func(row) (string, error)) (string, error) {
	if b.knownAt.IsZero() || r.table != nil {
		return cond(r)
	}
	now, known := r, b.knownAt
	now.alias, b.knownAt = b.alias(), time.Time{}
	defer func() { b.knownAt = known }()
	c, err := cond(now)
	if err != nil || c == "true" || c == "false" {
		return c, err
	}
	return fmt.Sprintf("exists (select from record %[1]s where %[1]s.type = %[2]s.type and %[1]s.id = %[2]s.id and %[3]s)", now.alias, r.alias, c), nil
}

func (b *builder) guardOf(r row, rows *filter.Tree) (string, error) {
	if rows == nil {
		return "false", nil
	}
	was := b.policy
	b.policy = true
	defer func() { b.policy = was }()
	return b.where(r, rows)
}

// eachType is a condition on rows that is put for each of their types in its own way.
func (b *builder) eachType(r row, cond func(typ row) (string, error)) (string, error) {
	if len(r.types) == 1 {
		return cond(b.as(r, r.types[0]))
	}
	var parts []string
	open := true
	for _, t := range r.types {
		c, err := cond(b.as(r, t))
		if err != nil {
			return "", err
		}
		if c != "true" {
			open = false
		}
		if c != "false" {
			parts = append(parts, fmt.Sprintf("(%s.type = %s and %s)", r.alias, quote(t), c))
		}
	}
	switch {
	case open && len(r.types) > 0:
		return "true", nil
	case len(parts) == 0:
		return "false", nil
	}
	return "(" + strings.Join(parts, " or ") + ")", nil
}

// masked is a value that is there only where its label shows.
func (b *builder) masked(r row, label, sql string) (string, error) {
	if label == "" || b.policy {
		return sql, nil
	}
	shown, err := b.shown(r, label)
	switch {
	case err != nil || shown == "true":
		return sql, err
	}
	return "(case when " + shown + " then " + sql + " end)", nil
}

// shown is the condition under which a label shows.
func (b *builder) shown(r row, label string) (string, error) {
	return b.asItIs(r, func(r row) (string, error) {
		return b.eachType(r, func(typ row) (string, error) { return b.guardOf(typ, b.guards[typ.name].Labels[label]) })
	})
}

// member is one name and value of a JSON object.
type member struct{ name, sql string }

// objectLimit is how many members json_build_object takes: a function has at most 100 arguments.
const objectLimit = 50

// object builds a JSON object. Names come from the client's aliases and are parameters; longer objects are joined from
// parts as text, which keeps the order that was asked for.
func (b *builder) object(members []member) string {
	if len(members) == 0 {
		return "'{}'::json"
	}
	var parts []string
	for len(members) > 0 {
		n := min(len(members), objectLimit)
		var s strings.Builder
		s.WriteString("json_build_object(")
		for i, m := range members[:n] {
			if i > 0 {
				s.WriteString(", ")
			}
			s.WriteString(b.name(m.name) + ", " + m.sql)
		}
		s.WriteByte(')')
		parts = append(parts, s.String())
		members = members[n:]
	}
	if len(parts) == 1 {
		return parts[0]
	}
	for i, p := range parts {
		switch {
		case i == 0:
			parts[i] = "left(" + p + "::text, -1)"
		case i < len(parts)-1:
			parts[i] = "', ' || left(substr(" + p + "::text, 2), -1)"
		default:
			parts[i] = "', ' || substr(" + p + "::text, 2)"
		}
	}
	return "(" + strings.Join(parts, " || ") + ")::json"
}

// name is a name of the client in a literal. GraphQL names are [_A-Za-z][_0-9A-Za-z]*; anything else is a parameter.
func (b *builder) name(s string) string {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return b.textArg(s)
		}
	}
	return quote(s)
}

package store

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mera/schema/filter"
	"mera/schema/value"
)

// key is one key of the order of a set. An absent value is the greatest, as in PostgreSQL.
type key struct {
	sql  string
	repr repr
	desc bool
}

// keys are those that were asked for and, last, the id, which makes the order total.
func (b *builder) keys(s *Set, r row) ([]key, error) {
	var out []key
	for _, o := range s.Order {
		t, err := b.path(r, o.Path)
		if err != nil {
			return nil, err
		}
		if t.repr == asJSON || t.repr == asTexts || t.repr == asUUIDs {
			return nil, fmt.Errorf("no order by the list %q", o.Path[len(o.Path)-1].Property)
		}
		if t.repr == asText {
			t.sql = inC(t.sql)
		}
		out = append(out, key{t.sql, t.repr, o.Desc})
	}
	id, err := b.term(r, "id")
	if err != nil {
		return nil, err
	}
	if id.repr == asText {
		id.sql = inC(id.sql)
	}
	desc := len(out) > 0 && out[len(out)-1].desc
	return append(out, key{id.sql, id.repr, desc}), nil
}

func orderBy(keys []key, back bool) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = k.sql
		if k.desc != back {
			parts[i] += " desc"
		}
	}
	return strings.Join(parts, ", ")
}

// between adds to a condition the bounds that the cursors of a page set.
func (b *builder) between(s *Set, keys []key, cond string) (string, error) {
	for _, c := range []struct {
		cursor string
		slot   *filter.Slot
		after  bool
	}{{s.Page.After, s.Slots.After, true}, {s.Page.Before, s.Slots.Before, false}} {
		if c.cursor == "" {
			continue
		}
		values, ok := readCursor(c.cursor, signature(s), keys)
		if !ok {
			return "", &CursorError{Cursor: c.cursor}
		}
		cond = all(cond, b.beyond(keys, b.cursorArgs(keys, values, c.slot, signature(s)), c.after))
	}
	return cond, nil
}

// cursorArgs are the values of a cursor as parameters, "" for an absent one. An open cursor serves others that lack
// the same values.
func (b *builder) cursorArgs(keys []key, values []*string, slot *filter.Slot, signature string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		switch {
		case v == nil:
			continue
		case slot == nil:
			out[i] = b.textArg(*v)
		default:
			out[i] = b.arg(&Later{Name: slot.Name, make: func(cursor any) (any, bool) {
				text, _ := cursor.(string)
				others, ok := readCursor(text, signature, keys)
				if !ok {
					return nil, false
				}
				for j, o := range others {
					if (o == nil) != (values[j] == nil) {
						return nil, false
					}
				}
				return *others[i], true
			}}) + "::text"
		}
		out[i] += casts[keys[i].repr]
	}
	return out
}

// beyond is the keyset condition: rows after the cursor (or before it) in the order of the keys.
func (b *builder) beyond(keys []key, args []string, after bool) string {
	var ors []string
	for i, k := range keys {
		var ands []string
		for j := range i {
			if args[j] == "" {
				ands = append(ands, keys[j].sql+" is null")
			} else {
				ands = append(ands, keys[j].sql+" = "+args[j])
			}
		}
		up := k.desc != after // towards greater values
		switch {
		case args[i] == "" && up:
			continue // nothing is greater than what is absent
		case args[i] == "":
			ands = append(ands, k.sql+" is not null")
		case up && i < len(keys)-1:
			ands = append(ands, "("+k.sql+" > "+args[i]+" or "+k.sql+" is null)")
		case up:
			ands = append(ands, k.sql+" > "+args[i])
		default:
			ands = append(ands, k.sql+" < "+args[i])
		}
		ors = append(ors, "("+strings.Join(ands, " and ")+")")
	}
	if len(ors) == 0 {
		return "false"
	}
	cond := "(" + strings.Join(ors, " or ") + ")"
	if args[0] != "" && keys[0].desc == after { // lets an index begin at the cursor
		cond += " and " + keys[0].sql + " <= " + args[0]
	}
	return cond
}

// cursor is a row's place in the order: the values of its keys, marked with the order that they belong to.
func (b *builder) cursor(s *Set, keys []key) string {
	parts := []string{quote(signature(s))}
	for _, k := range keys {
		parts = append(parts, "("+k.sql+")::text")
	}
	return "translate(encode(convert_to(json_build_array(" + strings.Join(parts, ", ") +
		")::text, 'UTF8'), 'base64'), E'+/=\\n', '-_')"
}

// signature names an order, so that a cursor of another one is refused.
func signature(s *Set) string {
	h := fnv.New32a()
	fmt.Fprint(h, s.Entity)
	for _, o := range s.Order {
		for _, hop := range o.Path {
			fmt.Fprint(h, "/", hop.Property)
		}
		fmt.Fprint(h, o.Desc)
	}
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// readCursor takes a cursor apart; false where it is not one that this server made for the order.
func readCursor(cursor, signature string, keys []key) ([]*string, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || !utf8.Valid(raw) {
		return nil, false
	}
	var parts []*string
	if json.Unmarshal(raw, &parts) != nil || len(parts) != len(keys)+1 || parts[0] == nil || *parts[0] != signature {
		return nil, false
	}
	values := parts[1:]
	for i, v := range values {
		if v != nil && !keys[i].repr.holds(*v) {
			return nil, false
		}
	}
	return values, values[len(values)-1] != nil
}

// holds tells that PostgreSQL would cast the text to the type.
func (r repr) holds(s string) bool {
	var err error
	switch r {
	case asUUID:
		return isUUID(s)
	case asInt, asKopecks:
		_, err = strconv.ParseInt(s, 10, 64)
	case asNumeric:
		_, err = value.ParseNumber(s)
	case asBool:
		_, err = strconv.ParseBool(s)
	case asDay:
		_, err = value.ParseDate(s)
	case asTime:
		_, err = time.Parse("2006-01-02 15:04:05.999999-07", s)
	default:
		return !strings.ContainsRune(s, 0)
	}
	return err == nil
}

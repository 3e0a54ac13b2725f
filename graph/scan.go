package graph

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// body is a request as it came, taken apart without being decoded: what of it makes the shape of a query, and the
// texts in its variables, which may be values of a plan. A body that is not written in the plainest way - a key with an
// escape, a key that stands twice, a member that is not ours - is no body to it, and goes the long way.
type body struct {
	query, operation []byte // as they are written, between their quotes
	extensions       []byte // as they are written: what was in order once is in order again
	variables        []byte // as they are written
	shape            []byte // of the variables: all of them but the texts
	leaves           []leaf
	names            [][]byte // keys of the maps that are being read, to find those that stand twice

	raw []byte
	at  int
	// paths is whether leaves are to know where they stand; path is where the scanner is.
	paths bool
	path  []byte
}

// leaf is a text of the variables, or a list of texts.
type leaf struct {
	raw  []byte // a text between its quotes; a list between its brackets
	list bool
	path string // id, where.lastName.eq; "" unless paths are wanted
}

// Marks of leaves in a shape; JSON has neither.
const (
	textMark = '\x01'
	listMark = '\x02'
)

// maxLeaves is how many texts a body may have that is not decoded.
const maxLeaves = 64

// read takes a body apart; false where it must go the long way.
func (b *body) read(raw []byte, paths bool) bool {
	b.query, b.operation, b.extensions, b.variables = nil, nil, nil, nil
	b.shape, b.leaves, b.names = b.shape[:0], b.leaves[:0], b.names[:0]
	b.raw, b.at, b.paths, b.path = raw, 0, paths, b.path[:0]
	if !utf8.Valid(raw) || !b.eat('{') {
		return false
	}
	seen := 0
	for first := true; ; first = false {
		if b.eat('}') {
			break
		}
		if !first && !b.eat(',') {
			return false
		}
		name, ok := b.name()
		if !ok || !b.member(name, &seen) {
			return false
		}
	}
	b.space()
	return b.at == len(b.raw) && len(b.query)+len(b.extensions) > 0 && len(b.query)+len(b.extensions) <= maxKept
}

// member reads one member of the body. seen has a bit for each that was there.
func (b *body) member(name []byte, seen *int) bool {
	bit := 0
	switch string(name) {
	case "query":
		bit = 1
	case "operationName":
		bit = 2
	case "variables":
		bit = 4
	case "extensions":
		bit = 8
	}
	if bit == 0 || *seen&bit != 0 {
		return false
	}
	*seen |= bit
	b.space()
	var ok bool
	switch {
	case bit == 1:
		b.query, _, ok = b.text()
	case b.word("null"):
		ok = true
	case bit == 2:
		b.operation, _, ok = b.text()
	case bit == 4:
		from := b.at
		ok = b.at < len(b.raw) && b.raw[b.at] == '{' && b.value(1)
		b.variables = b.raw[from:b.at]
	default:
		b.extensions, ok = b.skip()
	}
	return ok
}

// skip reads a map and leaves no trace of it.
func (b *body) skip() ([]byte, bool) {
	if b.at >= len(b.raw) || b.raw[b.at] != '{' {
		return nil, false
	}
	from, shape, leaves, paths := b.at, len(b.shape), len(b.leaves), b.paths
	b.paths = false
	ok := b.value(1)
	b.shape, b.leaves, b.paths = b.shape[:shape], b.leaves[:leaves], paths
	return b.raw[from:b.at], ok
}

func (b *body) space() {
	for b.at < len(b.raw) {
		switch b.raw[b.at] {
		case ' ', '\t', '\n', '\r':
			b.at++
		default:
			return
		}
	}
}

func (b *body) eat(c byte) bool {
	b.space()
	if b.at < len(b.raw) && b.raw[b.at] == c {
		b.at++
		return true
	}
	return false
}

func (b *body) word(w string) bool {
	if bytes.HasPrefix(b.raw[b.at:], []byte(w)) {
		b.at += len(w)
		return true
	}
	return false
}

// text reads a text; what stands between its quotes, and whether it has escapes.
func (b *body) text() (raw []byte, escaped, ok bool) {
	if !b.eat('"') {
		return nil, false, false
	}
	from := b.at
	for ; b.at < len(b.raw); b.at++ {
		switch c := b.raw[b.at]; {
		case c == '"':
			b.at++
			return b.raw[from : b.at-1], escaped, true
		case c == '\\':
			escaped = true
			b.at++
		case c < ' ':
			return nil, false, false
		}
	}
	return nil, false, false
}

// name reads a key and its colon.
func (b *body) name() ([]byte, bool) {
	raw, escaped, ok := b.text()
	return raw, ok && !escaped && b.eat(':')
}

// value reads one value of the variables into the shape.
func (b *body) value(depth int) bool {
	b.space()
	if b.at >= len(b.raw) || depth > maxNesting {
		return false
	}
	switch b.raw[b.at] {
	case '{':
		return b.object(depth)
	case '[':
		return b.textList() || b.array(depth)
	case '"':
		return b.leaf()
	}
	from := b.at
	for b.at < len(b.raw) && !bytes.ContainsRune([]byte(",]} \t\n\r"), rune(b.raw[b.at])) {
		b.at++
	}
	b.shape = append(b.shape, b.raw[from:b.at]...)
	return json.Valid(b.raw[from:b.at])
}

func (b *body) object(depth int) bool {
	b.at++
	b.shape = append(b.shape, '{')
	keys, path := len(b.names), len(b.path)
	for first := true; !b.eat('}'); first = false {
		if !first && !b.eat(',') {
			return false
		}
		name, ok := b.name()
		if !ok || bytes.IndexByte(name, '.') >= 0 { // paths are written with dots
			return false
		}
		if len(b.names)-keys >= maxLeaves { // each is compared with each
			return false
		}
		for _, other := range b.names[keys:] {
			if bytes.Equal(name, other) {
				return false
			}
		}
		b.names = append(b.names, name)
		b.shape = append(append(append(b.shape, '"'), name...), '"')
		b.below(name)
		if !b.value(depth + 1) {
			return false
		}
		b.path = b.path[:path]
	}
	b.names = b.names[:keys]
	b.shape = append(b.shape, '}')
	return true
}

func (b *body) array(depth int) bool {
	b.at++
	b.shape = append(b.shape, '[')
	path := len(b.path)
	for i := 0; !b.eat(']'); i++ {
		if i > 0 && !b.eat(',') {
			return false
		}
		if b.paths {
			b.below(strconv.AppendInt(nil, int64(i), 10))
		}
		if !b.value(depth + 1) {
			return false
		}
		b.shape = append(b.shape, ',')
		b.path = b.path[:path]
	}
	b.shape = append(b.shape, ']')
	return true
}

// textList reads a list of one text or more, and nothing else.
func (b *body) textList() bool {
	from := b.at
	b.at++
	for {
		text, _, ok := b.text()
		if !ok || len(text) == 0 {
			break
		}
		if b.eat(']') {
			return b.add(leaf{raw: b.raw[from+1 : b.at-1], list: true}, listMark)
		}
		if !b.eat(',') {
			break
		}
	}
	b.at = from
	return false
}

// leaf reads a text. An empty one is as good as absent in some places, so it belongs to the shape.
func (b *body) leaf() bool {
	text, _, ok := b.text()
	switch {
	case !ok:
		return false
	case len(text) == 0:
		b.shape = append(b.shape, '"', '"')
		return true
	}
	return b.add(leaf{raw: text}, textMark)
}

func (b *body) add(l leaf, mark byte) bool {
	if b.paths {
		l.path = string(b.path)
	}
	b.leaves = append(b.leaves, l)
	b.shape = append(b.shape, mark)
	return len(b.leaves) <= maxLeaves
}

func (b *body) below(name []byte) {
	if !b.paths {
		return
	}
	if len(b.path) > 0 {
		b.path = append(b.path, '.')
	}
	b.path = append(b.path, name...)
}

// value is the text or the texts of a leaf; false where they are no texts that a database keeps.
func (l leaf) value() (any, bool) {
	if l.list {
		var list []string
		if err := json.Unmarshal(append(append([]byte{'['}, l.raw...), ']'), &list); err != nil || halfPair(l.raw) {
			return nil, false
		}
		for _, s := range list {
			if s == "" || clean(s) != nil {
				return nil, false
			}
		}
		return list, true
	}
	if bytes.IndexByte(l.raw, '\\') < 0 {
		return string(l.raw), true
	}
	var s string
	if err := json.Unmarshal(append(append([]byte{'"'}, l.raw...), '"'), &s); err != nil || halfPair(l.raw) || clean(s) != nil {
		return nil, false
	}
	return s, true
}

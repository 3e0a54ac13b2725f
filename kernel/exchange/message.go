package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"mera/schema"
	"mera/schema/expr"
)

// Print writes a record in stored form as JSON, keys in the order of the format. World gives the codes of items.
func (f *Format) Print(ctx context.Context, world expr.World, record map[string]any) (json.RawMessage, error) {
	p := &printer{f: f, ctx: ctx, world: world}
	out, err := p.object(f.root.kids, record, "")
	if err != nil {
		return nil, err
	}
	if len(p.problems) > 0 {
		return nil, &Error{Problems: p.problems, texts: f.all.texts}
	}
	return out, nil
}

// printer writes one record.
type printer struct {
	f        *Format
	ctx      context.Context
	world    expr.World
	problems []Problem
}

func (p *printer) object(kids []*node, record map[string]any, path string) (json.RawMessage, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, n := range kids {
		v, err := p.node(n, record, path)
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.Write(text(n.key))
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// node prints one key; nil where there is nothing to print.
func (p *printer) node(n *node, record map[string]any, path string) (json.RawMessage, error) {
	if n.value != nil {
		return constantJSON(n, *n.value), nil
	}
	if n.typ == nil {
		out, err := p.object(n.kids, record, path)
		if bytes.Equal(out, []byte("{}")) {
			out = nil
		}
		return out, err
	}
	at := join(path, strings.Join(n.path, "."))
	v := pick(record, n.path)
	if n.many {
		return p.list(n, v, at)
	}
	return p.one(n, v, at)
}

// pick follows a path in a record.
func pick(record map[string]any, path []string) any {
	var v any = record
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func (p *printer) list(n *node, v any, at string) (json.RawMessage, error) {
	rows, _ := v.([]any)
	if rows == nil {
		return nil, nil
	}
	var b bytes.Buffer
	b.WriteByte('[')
	for i, row := range rows {
		out, err := p.one(n, row, join(at, strconv.Itoa(i)))
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = json.RawMessage("{}")
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(out)
	}
	b.WriteByte(']')
	return b.Bytes(), nil
}

func (p *printer) one(n *node, v any, at string) (json.RawMessage, error) {
	switch {
	case n.kids != nil:
		m, _ := v.(map[string]any)
		if m == nil {
			return nil, nil
		}
		return p.object(n.kids, m, at)
	case v == nil && n.absent == nil:
		return nil, nil
	case v == nil:
		return constantJSON(n, *n.absent), nil
	}
	return p.leaf(n, v, at)
}

// constantJSON prints a constant of a format: it is spelled as the message spells it.
func constantJSON(n *node, s string) json.RawMessage {
	if n.typ != nil && (n.typ.Kind == schema.Boolean || n.typ.Kind == schema.Integer) {
		return json.RawMessage(s) // Compile has seen that it is one
	}
	return text(s)
}

// leaf prints a stored value.
func (p *printer) leaf(n *node, v any, at string) (json.RawMessage, error) {
	s, isText := v.(string)
	if n.as.codes == "" || !isText {
		return p.spelled(n, v)
	}
	code, err := p.codeOf(n, s)
	if err != nil {
		return nil, err
	}
	if code == "" {
		p.problems = append(p.problems, Problem{at, Uncoded, []string{clip(s), n.as.codes}})
	}
	return text(code), nil
}

// spelled prints a value as `as` says, else as JSON does.
func (p *printer) spelled(n *node, v any) (json.RawMessage, error) {
	s, isText := v.(string)
	switch {
	case !isText:
		return json.Marshal(v)
	case n.as.mask != "":
		s = schema.Masked(n.as.mask, s)
	case n.as.money != "":
		s = strings.Replace(s, ".", ",", 1)
	case n.as.date != "":
		if d, err := time.Parse(time.DateOnly, s); err == nil {
			s = d.Format(n.as.date)
		}
	}
	return text(s), nil
}

// text is a JSON string; < > & stay as they are, for this is no HTML.
func text(s string) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return json.RawMessage(`""`) // a string always encodes
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// Read makes the stored form of a message. Keys that the format does not know are returned, sorted; everything that
// is wrong is told at once in an *Error. Any other error is a failure of the world.
func (f *Format) Read(ctx context.Context, world expr.World, raw []byte) (record map[string]any, unknown []string, err error) {
	v, err := f.all.decode(raw)
	if err != nil {
		return nil, nil, err
	}
	return f.read(ctx, world, v)
}

func (f *Format) read(ctx context.Context, world expr.World, v any) (map[string]any, []string, error) {
	in, ok := v.(map[string]any)
	if !ok {
		return nil, nil, f.all.problem("", NoObject)
	}
	r := &reader{f: f, ctx: ctx, world: world}
	out := map[string]any{}
	r.object(f.root.kids, in, out, "", "")
	for _, p := range f.doc.Properties {
		if _, there := out[p.Name]; p.Required && !there && !r.told(p.Name) {
			r.fail(p.Name, Missing)
		}
	}
	if r.err != nil {
		return nil, nil, r.err
	}
	if len(r.problems) > 0 {
		return nil, nil, &Error{Problems: r.problems, texts: f.all.texts}
	}
	slices.Sort(r.unknown)
	return out, r.unknown, nil
}

// reader reads one message.
type reader struct {
	f        *Format
	ctx      context.Context
	world    expr.World
	problems []Problem
	unknown  []string
	err      error
}

func same(a, b any) bool { return show(a) == show(b) }

const maxProblems = 50

func (r *reader) fail(path, code string, args ...string) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, Problem{path, code, args})
	}
}

func (r *reader) told(path string) bool {
	return slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Path == path || strings.HasPrefix(p.Path, path+".") })
}

// object reads the keys of one object into a record. path is where the record is, key where the object is.
func (r *reader) object(kids []*node, in, out map[string]any, path, key string) {
	for name := range in {
		if !slices.ContainsFunc(kids, func(n *node) bool { return n.key == name }) && len(r.unknown) < maxProblems {
			r.unknown = append(r.unknown, clip(join(key, name)))
		}
	}
	for _, n := range kids {
		if given, there := in[n.key]; there {
			r.node(n, given, out, path, join(key, n.key))
		}
	}
}

func (r *reader) node(n *node, given any, out map[string]any, path, key string) {
	at := join(path, strings.Join(n.path, "."))
	switch {
	case given == nil:
	case n.value != nil:
		if s, ok := textOf(given); (!ok || s != *n.value) && show(given) != *n.value {
			r.fail(key, WrongConst, clip(show(given)), *n.value)
		}
	case n.typ == nil:
		if inner, ok := given.(map[string]any); ok {
			r.object(n.kids, inner, out, path, key)
		} else {
			r.fail(key, WrongValue, clip(show(given)), string(schema.Object))
		}
	case n.many:
		if v := r.list(n, given, at, key); v != nil {
			put(out, n.path, v)
		}
	default:
		if v := r.one(n, given, at, key); v != nil {
			put(out, n.path, v)
		}
	}
}

// put places a value under a path, making the objects on the way.
func put(out map[string]any, path []string, v any) {
	for _, name := range path[:len(path)-1] {
		next, ok := out[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			out[name] = next
		}
		out = next
	}
	out[path[len(path)-1]] = v
}

func (r *reader) list(n *node, given any, at, key string) any {
	rows, ok := given.([]any)
	switch {
	case !ok:
		r.fail(at, NotList)
		return nil
	case len(rows) > n.most:
		r.fail(at, TooManyRows, strconv.Itoa(n.most))
		return nil
	}
	out := []any{}
	for i, row := range rows {
		if v := r.one(n, row, join(at, strconv.Itoa(i)), key); v != nil {
			out = append(out, v)
		}
		if len(r.problems) >= maxProblems || r.err != nil {
			break
		}
	}
	return out
}

func (r *reader) one(n *node, given any, at, key string) any {
	if n.kids != nil {
		inner, ok := given.(map[string]any)
		if !ok {
			r.fail(at, WrongValue, clip(show(given)), string(schema.Object))
			return nil
		}
		out := map[string]any{}
		r.object(n.kids, inner, out, at, key)
		for _, p := range n.typ.Fields {
			if _, there := out[p.Name]; p.Required && !there && !r.told(join(at, p.Name)) {
				r.fail(join(at, p.Name), Missing)
			}
		}
		return out
	}
	if _, list := given.([]any); list {
		r.fail(at, Listed)
		return nil
	}
	if n.absent != nil && show(given) == *n.absent {
		return nil
	}
	v, bad := r.leaf(n, given)
	if bad != nil {
		r.fail(at, bad.code, bad.args...)
		return nil
	}
	if n.none != nil && same(v, n.none) { // the constant in another spelling
		return nil
	}
	return v
}

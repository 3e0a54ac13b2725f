package graph

import (
	"bytes"
	"container/list"
	"context"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strconv"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"mera/kernel"
	"mera/kernel/query"
	"mera/kernel/search"
	"mera/kernel/store"
	"mera/schema/value"
)

// plan is an operation as one statement, for every actor of a class and all values of its open variables.
type plan struct {
	query     string // its text
	statement store.Statement
	roots     []planRoot
	looks     []kernel.LookRoot // of all roots that look at somebody
	tail      []byte            // what stands after the last root
}

// planRoot is a root field of a plan.
type planRoot struct {
	before []byte // the bytes of the answer before its value
	alias  string
	one    bool             // a record that is not there is an error
	look   *kernel.LookRoot // what it looks at
}

// family is what a query is, with a shape of variables: which of their texts belong to the plan and which are its
// parameters.
type family struct {
	id       uint64
	pinned   []int
	boxes    []int // texts of search boxes: what they are looked up by depends on their shape
	personal bool  // plans are the actor's own, of the day
	worded   bool  // plans are of a language
}

// plans keeps families and plans. What a caller can make grow is bounded by number and by bytes; what was not used for
// longest goes first. It lives as long as its generation, so it knows nothing of another release.
type plans struct {
	mu      sync.Mutex
	entries map[string]*list.Element
	order   list.List // of *planEntry, the latest first
	bytes   int
	made    uint64 // families
}

type planEntry struct {
	key   string
	value any
	bytes int
}

// Bounds of the plans of a generation.
const (
	maxPlans     = 4096
	maxPlanBytes = 48 << 20
)

func newPlans() *plans { return &plans{entries: map[string]*list.Element{}} }

func (p *plans) get(key []byte) any {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[string(key)] // without a copy of the key
	if e == nil {
		return nil
	}
	p.order.MoveToFront(e)
	return e.Value.(*planEntry).value
}

func (p *plans) put(key []byte, v any, size int) {
	e := &planEntry{key: string(key), value: v, bytes: size + 2*len(key) + 200}
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.entries[e.key]; old != nil {
		p.drop(old)
	}
	p.entries[e.key] = p.order.PushFront(e)
	p.bytes += e.bytes
	for p.order.Len() > maxPlans || p.bytes > maxPlanBytes {
		p.drop(p.order.Back())
	}
}

func (p *plans) drop(e *list.Element) {
	entry := p.order.Remove(e).(*planEntry)
	delete(p.entries, entry.key)
	p.bytes -= entry.bytes
}

// familyKey is the query with the shape of its variables.
func familyKey(k []byte, b *body) []byte {
	k = append(append(k, b.query...), 0)
	k = append(append(k, b.operation...), 0)
	k = append(append(k, b.extensions...), 0)
	return append(k, b.shape...)
}

// planKey is all that a plan depends on beside its family: the class of the actor - or himself, and the day -, the
// language where titles are read, and the texts that are no parameters.
func (g *generation) planKey(k []byte, f *family, actor kernel.Actor, lang string, class query.Class, b *body) ([]byte, error) {
	k = binary.BigEndian.AppendUint64(k, f.id)
	k = append(append(k, class.Key...), 0)
	if f.personal {
		own, err := json.Marshal(actor)
		if err != nil {
			return nil, err
		}
		k = append(append(k, own...), g.today().String()...)
	}
	if f.worded {
		k = append(append(k, lang...), 0)
	}
	for _, i := range f.boxes {
		text, _ := b.leaves[i].value()
		typed, _ := text.(string)
		k = append(append(k, search.Parse(typed).Shape()...), 0)
	}
	for _, i := range f.pinned {
		k = append(append(k, '"'), b.leaves[i].raw...) // no text has a bare quote inside
	}
	return k, nil
}

func (g *generation) today() value.Date { return value.DateOf(g.config.Clock.Now().In(g.config.Zone)) }

// planned runs an operation by a plan made for it and keeps the plan; nil where it has none, so that it must be run in
// the plain way. That way words all errors: a plan says only what is in order.
func (g *generation) planned(ctx context.Context, op *graphql.OperationContext) *graphql.Response {
	r := requestOf(ctx)
	b := &body{}
	if r.raw == nil || !b.read(r.raw, true) {
		return nil
	}
	class, err := g.reader.Class(ctx, r.actor)
	if err != nil || class.Key == "" {
		return nil
	}
	c := g.selecting(ctx, op)
	c.opening = newOpening(b.leaves)
	p := g.plan(ctx, c, class)
	if p == nil {
		return nil
	}
	bound, ok := p.bind(b, class)
	if !ok {
		return nil
	}
	out, missing, err := g.run(ctx, p, bound, false, nil)
	if err != nil {
		return refused(ctx, "", err)
	}
	if err := g.noted(ctx, p, b.variables, missing); err != nil {
		return refused(ctx, "", err)
	}
	for _, alias := range missing {
		fail(ctx, alias, kernel.Errorf(kernel.NotFound, "not-found"))
	}
	g.keep(p, c, r.actor, class, b)
	return &graphql.Response{Data: out}
}

// plan compiles an operation whose roots are all in the database; nil where one is not, or is wrong.
func (g *generation) plan(ctx context.Context, c *selecting, class query.Class) *plan {
	p := &plan{query: c.op.RawQuery}
	var sets []*store.Set
	next := []byte("{")
	for _, f := range graphql.CollectFields(c.op, c.op.Operation.SelectionSet, []string{"Query"}) {
		next = append(strconv.AppendQuote(next, f.Alias), ':') // a GraphQL name
		def := g.model.types["Query"].field(f.Name)
		switch {
		case f.Name == "__typename":
			next = append(next, `"Query",`...)
			continue
		case def == nil || def.source.kind != fromRows:
			return nil
		}
		s, err := c.root(ctx, f, def)
		if err != nil {
			return nil
		}
		sets = append(sets, s)
		look := lookOf(f, def)
		if look != nil {
			p.looks = append(p.looks, *look)
		}
		p.roots = append(p.roots, planRoot{before: next, alias: f.Alias, one: s.Shape == store.One, look: look})
		next = []byte(",")
	}
	if len(sets) == 0 || len(c.marks) > 0 || c.looked {
		return nil
	}
	p.tail = append(bytes.TrimSuffix(next, []byte(",")), '}')
	var err error
	if p.statement, err = g.reader.Plan(ctx, c.actor, class, sets...); err != nil {
		return nil
	}
	return p
}

// keep puts a plan where the next request of its kind finds it.
func (g *generation) keep(p *plan, c *selecting, actor kernel.Actor, class query.Class, b *body) {
	var pinned []int
	for i := range b.leaves {
		if !c.opening.open(i) {
			pinned = append(pinned, i)
		}
	}
	key := familyKey(nil, b)
	f, _ := g.plans.get(key).(*family)
	if f == nil || f.personal != c.personal || f.worded != p.statement.Worded || !slices.Equal(f.pinned, pinned) || !slices.Equal(f.boxes, c.boxes) {
		f = &family{id: g.plans.next(), pinned: pinned, boxes: c.boxes, personal: c.personal, worded: p.statement.Worded}
		g.plans.put(key, f, 0)
	}
	key, err := g.planKey(nil, f, actor, c.lang, class, b)
	if err != nil {
		return
	}
	size := len(p.statement.Text) + len(p.query)
	for _, a := range p.statement.Args {
		switch a := a.(type) {
		case string:
			size += len(a)
		case json.RawMessage:
			size += len(a)
		}
		size += 160 // of what a place keeps
	}
	g.plans.put(key, p, size)
}

func (p *plans) next() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.made++
	return p.made
}

// bind are the arguments of the statement for one request; false where a value does not fit.
func (p *plan) bind(b *body, class query.Class) ([]any, bool) {
	return p.statement.Bind(func(name string) (any, bool) {
		if i, err := strconv.Atoi(name); err == nil {
			return b.leaves[i].value()
		}
		v, ok := class.Values[name]
		return v, ok
	})
}

// run reads the answer into a buffer: what is in the database goes there as PostgreSQL wrote it. missing are the roots
// that are not there.
func (g *generation) run(ctx context.Context, p *plan, bound []any, keep bool, out []byte) (data []byte, missing []string, err error) {
	err = g.reader.Run(ctx, p.statement, bound, keep, func(i int, raw []byte) {
		root := &p.roots[i]
		if root.one && string(raw) == "null" {
			missing = append(missing, root.alias)
		}
		out = append(append(out, root.before...), raw...)
	})
	return append(out, p.tail...), missing, err
}

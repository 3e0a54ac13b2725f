package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"

	"mera/graph"
	"mera/kernel"
	"mera/kernel/query"
	"mera/kernel/store"
	"mera/schema"
)

// Explained is one statement of an operation and how PostgreSQL runs it.
type Explained struct {
	store.Plan
	SQL  string
	Args []any
	Hint []string // what would make a missing index, with the line of the definition
}

// Explain tells how a query of an actor is run on the database of an installation: it goes the whole road, with his
// policy inside, and stops where it would be run. Nothing is installed and nothing is read but his identity.
func Explain(ctx context.Context, c Config, as, text string, variables map[string]any, costs bool) (out []Explained, err error) {
	found, err := ReadPackages(c.Core, c.Catalog)
	if err != nil {
		return nil, err
	}
	release, ds := Compile(found)
	if release == nil {
		return nil, fmt.Errorf("packages: %s", ds.Render(func(string) []byte { return nil }))
	}
	a := &App{config: c, log: c.Log, failed: make(chan error, 1), actors: newActors()}
	if err := a.openDatabase(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Stop(context.WithoutCancel(ctx))) }()
	data, err := a.data(ctx, release)
	if err != nil {
		return nil, err
	}
	a.reg.Swap(release, data)
	heard, err := a.listen(ctx, as, text, variables)
	if err != nil {
		return nil, err
	}
	for _, st := range heard {
		p, err := a.db.Plan(ctx, release.Catalog, st, costs)
		if err != nil {
			return nil, err
		}
		out = append(out, Explained{Plan: p, SQL: st.Text, Args: st.Args, Hint: hints(release.Catalog, p.Scans)})
	}
	return out, nil
}

// listen runs a query over a database that only listens.
func (a *App) listen(ctx context.Context, as, text string, variables map[string]any) ([]store.Statement, error) {
	var actor *kernel.Actor
	err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
		actor, err = tx.Actor(ctx, as)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case actor == nil:
		return nil, fmt.Errorf("no active actor %q", as)
	}
	live := a.reg.Live()
	lists, ds := query.CompileLists(live.Catalog, live.Env)
	if ds.Faulty() {
		return nil, fmt.Errorf("lists: %s", ds.Render(func(string) []byte { return nil }))
	}
	deaf := &listener{}
	server, err := graph.NewServer(graph.Config{Auth: only(*actor), Views: views{a.road, a.db}, Clock: a.road.Clock, IDs: a.ids, Log: a.log})
	if err != nil {
		return nil, err
	}
	defer server.Close()
	reader := query.NewReader(deaf, a.road.Gates.Of(live), live.Catalog)
	if err := server.Swap(graph.Release{Digest: live.Digest, Catalog: live.Catalog, Lists: lists, Reader: reader}); err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]any{"query": text, "variables": variables})
	if err != nil {
		return nil, err
	}
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+as)
	res := httptest.NewRecorder()
	server.Handler().ServeHTTP(res, req)
	if len(deaf.heard) == 0 {
		return nil, fmt.Errorf("nothing is read: %s", res.Body)
	}
	return deaf.heard, nil
}

// only knows one actor, by any token.
type only kernel.Actor

func (o only) Actor(context.Context, string) (kernel.Actor, error) { return kernel.Actor(o), nil }

// listener is a database that keeps what it is asked and answers nothing.
type listener struct {
	mu    sync.Mutex
	heard []store.Statement
}

// SelectColumns keeps the statement of a selection.
func (l *listener) SelectColumns(ctx context.Context, s store.Selection) ([]json.RawMessage, error) {
	st, err := s.Compile()
	if err != nil {
		return nil, kernel.Errorf(kernel.Invalid, "selection").Because(err)
	}
	out := make([]json.RawMessage, len(s.Roots))
	for i := range out {
		out[i] = json.RawMessage("null")
	}
	return out, l.Run(ctx, st, st.Args, false, func(int, []byte) {})
}

// Run keeps a statement.
func (l *listener) Run(_ context.Context, st store.Statement, args []any, _ bool, each func(int, []byte)) error {
	l.mu.Lock()
	l.heard = append(l.heard, store.Statement{Text: st.Text, Args: slices.Clone(args), Aliases: st.Aliases})
	l.mu.Unlock()
	for i := range st.Aliases {
		each(i, []byte("null"))
	}
	return nil
}

// Explain is not asked here.
func (l *listener) Explain(context.Context, store.Selection) (string, error) {
	return "", errors.New("this database only listens")
}

// hints say which line of a definition would make an index for what is looked through.
func hints(cat *schema.Catalog, scans []store.Scan) []string {
	var out []string
	for _, s := range scans {
		d := cat.Documents[s.Entity]
		for _, name := range s.Properties {
			if d == nil || d.Property(name) == nil {
				continue
			}
			out = append(out, fmt.Sprintf("%s: x-index: true on %s.%s would let an index find the rows", d.Property(name).Pos, s.Entity, name))
		}
		if s.Whole && len(s.Properties) == 0 {
			out = append(out, fmt.Sprintf("all of %s is read: %s", s.Entity, orAll(s.Filter)))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func orAll(filter string) string {
	if filter == "" {
		return "nothing narrows it"
	}
	return "no index holds " + filter
}

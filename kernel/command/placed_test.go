package command_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/store"
)

// cardOf is the link by which a record of the tree lies on another.
var cardOf = map[string]string{"TreeBranch": "treeRoot", "TreeLeaf": "treeBranch", "TreeCase": "treeLeaf"}

// expected is where a record of the tree stands by the rule of the language: attributes are inherited down the cards,
// the territory is the own one, else the card's.
func (s *stage) expected(all map[string]*kernel.Record, r *kernel.Record) (root, territory string, access map[string]any) {
	root, access = r.ID, map[string]any{}
	var chain []*kernel.Record // the cards, the nearest first
	for at := r; cardOf[at.Type] != ""; {
		at = all[at.Data[cardOf[at.Type]].(string)]
		chain = append(chain, at)
	}
	if len(chain) > 0 {
		root, territory, access = s.expected(all, chain[0])
	}
	own := func(name string, of *kernel.Record, property string) {
		if v, ok := of.Data[property]; ok {
			access[name] = v
		}
	}
	switch r.Type {
	case "TreeLeaf":
		own("mark", chain[0], "mark")
	case "TreeCase":
		own("far", chain[2], "zone")
	default:
		own("zone", r, "zone")
	}
	if v, ok := r.Data["territory"].(string); ok {
		territory = v
	}
	return root, territory, access
}

// stands compares each record of the tree, its present version and the tasks of its cases with the rule.
func (s *stage) stands(ids []string) {
	s.t.Helper()
	all := map[string]*kernel.Record{}
	s.in(func(ctx context.Context, tx *store.Tx) error {
		for _, id := range ids {
			r, err := tx.FindRecord(ctx, id)
			if err != nil {
				return err
			}
			all[id] = r
		}
		return nil
	})
	for _, id := range ids {
		r := all[id]
		root, territory, access := s.expected(all, r)
		got := fmt.Sprint(r.Root, r.Territory, r.Access)
		if want := fmt.Sprint(root, territory, access); got != want {
			s.t.Errorf("%s stands at %s, should at %s", r.Type, got, want)
		}
		s.in(func(ctx context.Context, tx *store.Tx) error {
			v, err := tx.Version(ctx, r.Type, r.ID, r.Version)
			if err == nil && fmt.Sprint(v.Root, v.Territory, v.Access) != got {
				s.t.Errorf("the version of %s stands at %v", r.Type, v)
			}
			return err
		})
		if r.Type != "TreeCase" {
			continue
		}
		for _, task := range s.tasks(id) {
			if diff := cmp.Diff([]string{root, territory, r.Office}, []string{task.Root, task.Territory, task.Office}); diff != "" {
				s.t.Errorf("a task: %s", diff)
			}
		}
	}
}

// Whatever changes on a card, all that lies below stands, in the same transaction, where a fresh write would put it.
func TestWhatStandsBelowACardFollowsIt(t *testing.T) {
	t.Parallel()
	s := setup(t, "testdata/tree")
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 7))
		pick := func(of []string) string { return of[r.IntN(len(of))] }
		byType := map[string][]string{}
		var ids []string
		types := []string{"TreeRoot", "TreeBranch", "TreeLeaf", "TreeCase"}
		some := func(typ string) map[string]any {
			data := map[string]any{}
			if typ == "TreeRoot" || typ == "TreeBranch" {
				if r.IntN(2) == 0 {
					data["zone"] = pick([]string{"a", "b", "c"})
				}
				if r.IntN(3) == 0 {
					data["territory"] = pick([]string{"uray", "sovetsky"})
				}
			}
			if typ == "TreeBranch" && r.IntN(2) == 0 {
				data["mark"] = pick([]string{"x", "y"})
			}
			return data
		}
		for i, n := range []int{2, 3, 4, 4} {
			for range n {
				data := some(types[i])
				if i > 0 {
					data[cardOf[types[i]]] = pick(byType[types[i-1]])
				}
				id := s.create(types[i], data)
				byType[types[i]], ids = append(byType[types[i]], id), append(ids, id)
			}
		}
		s.stands(ids)
		for range 8 {
			i := r.IntN(2)
			id := pick(byType[types[i]])
			patch := some(types[i])
			for _, name := range []string{"zone", "territory"} {
				if _, given := patch[name]; !given && r.IntN(2) == 0 {
					patch[name] = nil
				}
			}
			s.do(command.Command{Verb: "update", Type: types[i], ID: id, Data: patch})
			s.stands(ids)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// Who writes below a card while it changes never leaves a record that stands where the card stood before.
func TestWhoWritesBelowACardThatChanges(t *testing.T) {
	t.Parallel()
	s := setup(t, "testdata/tree")
	root := s.create("TreeRoot", map[string]any{"zone": "a"})
	branch := s.create("TreeBranch", map[string]any{"treeRoot": root})
	ids := []string{root, branch}
	var mu sync.Mutex
	var wg sync.WaitGroup
	again := func(c command.Command) string {
		for {
			res, err := s.road.Execute(context.Background(), s.actor, c)
			switch {
			case err == nil:
				return res.ID
			case !slices.Contains([]kernel.Code{kernel.Unavailable, kernel.Stale}, kernel.CodeOf(err)):
				t.Error(err)
				return ""
			}
		}
	}
	for range 3 {
		wg.Go(func() {
			for range 6 {
				id := again(command.Command{Verb: "create", Type: "TreeLeaf", Data: map[string]any{"treeBranch": branch}})
				mu.Lock()
				ids = append(ids, id)
				mu.Unlock()
			}
		})
	}
	wg.Go(func() {
		for i := range 10 {
			again(command.Command{Verb: "update", Type: "TreeRoot", ID: root, Data: map[string]any{"zone": fmt.Sprint("z", i), "territory": []string{"uray", "sovetsky"}[i%2]}})
		}
	})
	wg.Wait()
	s.stands(ids)
}

// A task of an office whose territory changes is seen where the office is now.
func TestWhatStandsInAnOffice(t *testing.T) {
	t.Parallel()
	s := setup(t, "testdata/tree")
	office := s.office()
	root := s.create("TreeRoot", nil)
	leaf := s.create("TreeLeaf", map[string]any{"treeBranch": s.create("TreeBranch", map[string]any{"treeRoot": root})})
	var id string
	s.as(kernel.Actor{Kind: kernel.System, ID: "desk", Office: office}, func() {
		id = s.create("TreeCase", map[string]any{"treeLeaf": leaf})
	})
	want(t, "before", "uray", s.record("TreeCase", id).Territory)
	want(t, "its task before", "uray", s.tasks(id)[0].Territory)
	s.do(command.Command{Verb: "update", Type: "Office", ID: office, Data: map[string]any{"territory": "sovetsky"}})
	want(t, "the case", "sovetsky", s.record("TreeCase", id).Territory)
	want(t, "its task", "sovetsky", s.tasks(id)[0].Territory)
}

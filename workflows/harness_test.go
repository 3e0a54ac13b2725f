package workflows

import (
	"maps"
	"os"
	"slices"
	"sync"
	"testing"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load"
)

// shelf is the test catalog, read and linked once.
type shelf struct {
	cat      *schema.Catalog
	machines map[string]*Machine
	tests    []*schema.Test
	faults   string
}

var theShelf = sync.OnceValue(func() *shelf {
	pkgs, faults := load.ReadAll(os.DirFS("testdata/catalog"))
	cat, more := load.Link(pkgs)
	faults = append(faults, more...)
	s := &shelf{cat: cat, machines: map[string]*Machine{}}
	env := expr.NewEnv(cat)
	for _, name := range slices.Sorted(maps.Keys(cat.Workflows)) {
		m, ds := Compile(cat.Workflows[name], cat, env)
		faults = append(faults, ds...)
		s.machines[name] = m
	}
	for _, p := range pkgs {
		s.tests = append(s.tests, p.Tests...)
	}
	s.faults = faults.Render(catalogFile)
	return s
})

func catalogFile(file string) []byte {
	src, err := os.ReadFile("testdata/catalog/" + file)
	if err != nil {
		return nil
	}
	return src
}

// machine is a machine of the test catalog, which must compile without a fault or lint.
func machine(t *testing.T, name string) *Machine {
	t.Helper()
	s := theShelf()
	if s.faults != "" {
		t.Fatalf("the test catalog does not compile:\n%s", s.faults)
	}
	m := s.machines[name]
	if m == nil {
		t.Fatalf("there is no machine %s", name)
	}
	return m
}

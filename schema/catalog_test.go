package schema

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestChainEnds: a circle of cards, which linking reports, must not hang who asks.
func TestChainEnds(t *testing.T) {
	t.Parallel()
	c := NewCatalog()
	for name, card := range map[string]string{"A": "B", "B": "C", "C": "A", "D": "Nowhere"} {
		c.Documents[name] = &Document{Meta: Meta{Name: name}, Card: &Card{Type: Scalar{Text: card}}}
	}
	for document, want := range map[string][]string{"A": {"A", "B", "C"}, "D": {"D"}, "Nowhere": nil} {
		if diff := cmp.Diff(want, c.Chain(document)); diff != "" {
			t.Errorf("%s: %s", document, diff)
		}
	}
}

func TestKernelProperty(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]bool{"id": {true, true}, "createdAt": {true, true}, "state": {false, true}, "office": {false, true}, "lastName": {false, false}} {
		_, record := KernelProperty(name, false)
		_, onCase := KernelProperty(name, true)
		if got := [2]bool{record, onCase}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestPerFile(t *testing.T) {
	t.Parallel()
	var ds Diagnostics
	for _, file := range []string{"a", "b"} {
		for line := range 5 {
			ds = append(ds, Faultf(Pos{File: file, Line: line + 1, Col: 1}, "x", "wrong"))
		}
	}
	var got []string
	for _, d := range append(ds[:7:7], ds[5:7]...).Sorted().PerFile(3) {
		got = append(got, d.Pos.String()+" "+d.Code)
	}
	want := []string{"a:1:1 x", "a:2:1 x", "a:3:1 x", "a:4:1 more-faults", "b:1:1 x", "b:2:1 x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

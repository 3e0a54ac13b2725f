package bench

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLiveHeapIsReadFromTheLog(t *testing.T) {
	t.Parallel()
	const log = `mera serves http://127.0.0.1:1/graphql
gc 7 @1.234s 2%: 0.05+1.2+0.01 ms clock, 0.1+0.2/1.1/0.4+0.02 ms cpu, 98->101->23 MB, 100 MB goal, 0 MB stacks, 0 MB globals, 2 P
{"msg":"gc 9 @1.3s 1->1->1 MB"}
gc 8 @2.5s 2%: 0.05+1.2+0.01 ms clock, 0.1+0.2/1.1/0.4+0.02 ms cpu, 99->102->21 MB, 100 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)
`
	if diff := cmp.Diff([]int{21, 23}, collections([]byte(log))); diff != "" {
		t.Error(diff)
	}
}

func TestMemoryIsFlatWhenTheLastPartHoldsNoMore(t *testing.T) {
	t.Parallel()
	part := func(live ...int) memory { return memory{live: live} }
	for name, c := range map[string]struct {
		parts []memory
		want  bool
	}{
		"caches filled, then nothing grew": {[]memory{part(10, 90), part(40, 60), part(41, 99)}, true},
		"what is left grows":               {[]memory{part(10), part(40), part(60)}, false},
		"what is left has shrunk":          {[]memory{part(10), part(40), part(30)}, true},
		"a part without a collection":      {[]memory{part(10), part(), part(30)}, false},
		"one part":                         {[]memory{part(10)}, false},
	} {
		if got := flat(c.parts); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

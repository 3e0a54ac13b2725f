package command_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"mera/kernel"
	"mera/kernel/command"
)

// What the making of a document costs, from the command to the commit: with the policy of a specialist, a key, a version
// and an entry of the journal. synchronous_commit is on, so times are those of the disk; allocations are ours.
func BenchmarkCreate(b *testing.B) {
	s := setup(b)
	office := s.office()
	clerk := kernel.Actor{Kind: kernel.Staff, ID: "ivanova", Roles: []string{"specialist"}, Office: office, Territories: []string{"uray"}}
	persons := make([]string, 64)
	for i := range persons {
		persons[i] = s.create("Person", map[string]any{"lastName": fmt.Sprint("Северова", i), "firstName": "Анна", "birthDate": "2010-02-03", "territory": "uray"})
	}
	var n atomic.Int64
	create := func(b *testing.B) {
		i := n.Add(1)
		who := persons[int(i)%len(persons)]
		_, err := s.road.Execute(b.Context(), clerk, command.Command{
			Verb: "create", Type: "Study", Key: fmt.Sprint("study-", i), Brief: true,
			Data: map[string]any{"person": who, "school": "Колледж", "form": "fullTime", "town": "Урай", "from": "2018-09-01"},
		})
		if err != nil {
			b.Error(err)
		}
	}
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			create(b)
		}
	})
	b.Run("eight at once", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(4)
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				create(b)
			}
		})
	})
}

package command_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"mera/kernel"
	"mera/kernel/command"
)

// Sixteen writers of one series at once: no number is given twice and none is passed over, also when some of the
// writers fail, and the same key gives the same number.
func TestNumbersHaveNoGapsAndNoDoubles(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.office()
	child := s.person("Николай", "2010-06-06", "112-233-445 95")
	var mu sync.Mutex
	ids := map[string]bool{}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			data := map[string]any{"applicant": child, "child": child, "date": "2019-07-16", "payout": payout}
			if i%4 == 3 {
				data["payout"] = nil // refused
			}
			for range 2 {
				res, err := s.road.Execute(context.Background(), s.actor, command.Command{
					Verb: "create", Type: "SurvivorBenefitApplication", Key: fmt.Sprint("app-", i), Data: data,
				})
				if i%4 == 3 {
					if kernel.CodeOf(err) != kernel.Invalid {
						t.Errorf("writer %d: %v", i, err)
					}
					continue
				}
				if err != nil {
					t.Errorf("writer %d: %v", i, err)
					continue
				}
				mu.Lock()
				ids[res.ID] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(ids) != 12 {
		t.Fatalf("%d applications", len(ids))
	}
	var numbers []int
	for id := range ids {
		n, err := strconv.Atoi(s.record("SurvivorBenefitApplication", id).Case.Number)
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		if n != i+1 {
			t.Fatalf("numbers %v", numbers)
		}
	}
}

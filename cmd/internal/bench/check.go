package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// check asks each template a few times, looks for errors and that something was found.
func (b *run) check(ctx context.Context, w *workload) error {
	c, err := dial(ctx, b.address)
	if err != nil {
		return err
	}
	defer c.close()
	found := 0
	rnd := rand.New(rand.NewPCG(b.seed, 7))
	for range 5 {
		body, who := w.request(b.region, rnd, nil)
		status, err := c.post(b.token(who), body)
		if err != nil {
			return err
		}
		if status != 200 || bytes.Contains(c.body, []byte(`"errors":[`)) {
			return fmt.Errorf("status %d: %.400s", status, c.body)
		}
		var answer any
		if err := json.Unmarshal(c.body, &answer); err != nil {
			return err
		}
		if says(answer) {
			found++
		}
	}
	if found == 0 {
		return fmt.Errorf("the answers are empty, the last: %.400s", c.body)
	}
	return nil
}

// says tells that a JSON value holds a text or a number.
func says(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, x := range v {
			if says(x) {
				return true
			}
		}
	case []any:
		for _, x := range v {
			if says(x) {
				return true
			}
		}
	case string:
		return v != ""
	case float64:
		return true
	}
	return false
}

// firstAnswer is how long the first answer to a query takes whose text the server has never seen: the card under a new
// alias, the middle of several.
func (b *run) firstAnswer(ctx context.Context) (time.Duration, error) {
	c, err := dial(ctx, b.address)
	if err != nil {
		return 0, err
	}
	defer c.close()
	all, err := workloads()
	if err != nil {
		return 0, err
	}
	var took []time.Duration
	rnd := rand.New(rand.NewPCG(b.seed, 9))
	for range 15 {
		body, who := all[0].request(b.region, rnd, nil)
		text := strings.Replace(string(body), "{ id fullName", fmt.Sprintf("{ fresh%d: id fullName", rnd.Uint32()), 1)
		began := time.Now()
		status, err := c.post(b.token(who), []byte(text))
		if err != nil {
			return 0, err
		}
		if status != 200 {
			return 0, fmt.Errorf("status %d: %.300s", status, c.body)
		}
		took = append(took, time.Since(began))
	}
	return middle(took), nil
}

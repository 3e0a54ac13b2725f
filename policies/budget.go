package policies

import (
	"context"
	"fmt"
)

// Limits of one evaluation. Steps are those of OPA's evaluator, one for each expression that it looks at: an idle machine
// makes as many as maxSteps in some 50 ms, and rules that people write take some hundred.
const (
	maxSteps     = 100_000
	maxDisjuncts = 200
)

// Limits of the checks at install, where nothing but the type is known and many more branches remain.
const (
	installSteps     = 5_000_000
	installDisjuncts = 10_000
)

// budget bounds an evaluation by its steps, for these are the same on every machine, however busy it is: a rule is
// refused everywhere or nowhere. OPA asks it before each step whether to stop (topdown.Cancel).
type budget struct {
	ctx  context.Context
	left int
}

// Cancel stops the evaluation.
func (b *budget) Cancel() { b.left = 0 }

// Cancelled tells that the steps are spent, or that nobody waits for the answer any more.
func (b *budget) Cancelled() bool {
	b.left--
	return b.left < 0 || b.left%1024 == 0 && b.ctx.Err() != nil
}

// failure is why an evaluation has no answer; nil if it has one.
func (b *budget) failure(err error) error {
	switch {
	case b.left < 0:
		return fmt.Errorf("%w: %w", ErrLimit, err)
	case err == nil:
		return b.ctx.Err()
	}
	return err
}

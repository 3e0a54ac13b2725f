package job

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"mera/kernel"
	"mera/kernel/command"
)

// Each job comes back as the command that its arguments say.
func TestCommandsOfJobs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ want, got command.Command }{
		"apply": {command.Command{Verb: "apply", Type: "agencies", ID: "m"}, applyCommand(command.ApplyArgs{Channel: "agencies", Message: "m"})},
		"print": {
			command.Command{Verb: "print", Type: "Claim", ID: "c", List: "Slip", Reason: "k"},
			printCommand(command.PrintArgs{Form: "Slip", Type: "Claim", Case: "c", Key: "k"}),
		},
		"notify": {
			command.Command{Verb: "notify", Type: "Claim", ID: "c", List: "Slip", Reason: "k", Data: map[string]any{"party": "", "role": "head", "print": "p"}},
			notifyCommand(command.NotifyArgs{Form: "Slip", Type: "Claim", Case: "c", Role: "head", Print: "p", Key: "k"}),
		},
		"wake": {command.Command{Verb: "wake", Type: "Claim", ID: "c"}, wakeCommand(command.WakeArgs{Type: "Claim", Case: "c"})},
		"recalculate": {
			command.Command{Verb: "recalculate", ID: "a", Data: map[string]any{"parameter": "Amount", "from": "2019-08-01"}},
			recalculateCommand(command.RecalculateArgs{Award: "a", Parameter: "Amount", From: "2019-08-01"}),
		},
		"replan": {
			command.Command{Verb: "replan", Data: map[string]any{"parameter": "Amount", "from": "2019-08-01", "after": "a"}},
			replanCommand(command.ReplanArgs{Parameter: "Amount", From: "2019-08-01", After: "a"}),
		},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What can never succeed is given up, what the case has overtaken is done, anything else is tried again.
func TestFinalErrors(t *testing.T) {
	t.Parallel()
	for code, want := range map[kernel.Code]string{
		kernel.Invalid: "cancelled", kernel.NotFound: "cancelled", kernel.Denied: "cancelled", kernel.Conflict: "cancelled", kernel.Stale: "done",
		kernel.Unavailable: "again", kernel.Limit: "again", kernel.Internal: "again",
	} {
		err := finalOr(kernel.Errorf(code, "x"))
		var cancelled *river.JobCancelError
		got := "again"
		switch {
		case err == nil:
			got = "done"
		case errors.As(err, &cancelled):
			got = "cancelled"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
	if err := finalOr(nil); err != nil {
		t.Errorf("no error is %v", err)
	}
}

// The waits grow from a second to ten minutes.
func TestPatience(t *testing.T) {
	t.Parallel()
	last := time.Duration(0)
	for attempt := 1; attempt <= attempts; attempt++ {
		now := kernel.WallClock{}.Now()
		wait := patience{}.NextRetry(&rivertype.JobRow{Attempt: attempt}).Sub(now).Round(time.Second)
		if wait < last || wait < time.Second || wait > 10*time.Minute {
			t.Errorf("attempt %d waits %s after %s", attempt, wait, last)
		}
		last = wait
	}
	if last != 10*time.Minute {
		t.Errorf("the longest wait is %s", last)
	}
}

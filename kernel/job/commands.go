package job

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/store"
)

// worker turns a job into one command of the system.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	road    *command.Road
	command func(T) command.Command
}

// Work does the job. What will never succeed is given up at once and stays in the queue's table with its reason.
func (w *worker[T]) Work(ctx context.Context, j *river.Job[T]) error {
	_, err := w.road.Execute(ctx, kernel.SystemActor(), w.command(j.Args))
	return finalOr(err)
}

func finalOr(err error) error {
	switch kernel.CodeOf(err) {
	case kernel.Invalid, kernel.NotFound, kernel.Denied, kernel.Conflict:
		return river.JobCancel(err)
	case kernel.Stale:
		return nil // the case has moved on, which is what the job was for
	}
	return err
}

func applyCommand(a command.ApplyArgs) command.Command {
	return command.Command{Verb: "apply", Type: a.Channel, ID: a.Message}
}

func printCommand(a command.PrintArgs) command.Command {
	return command.Command{Verb: "print", Type: a.Type, ID: a.Case, List: a.Form, Reason: a.Key}
}

func notifyCommand(a command.NotifyArgs) command.Command {
	return command.Command{Verb: "notify", Type: a.Type, ID: a.Case, List: a.Form, Reason: a.Key,
		Data: map[string]any{"party": a.Party, "role": a.Role, "print": a.Print}}
}

func offerCommand(a command.OfferArgs) command.Command {
	return command.Command{Verb: "offer", Type: a.Type, ID: a.Case, Reason: a.Key, Data: map[string]any{"tag": a.Tag, "person": a.Person}}
}

func wakeCommand(a command.WakeArgs) command.Command {
	return command.Command{Verb: "wake", Type: a.Type, ID: a.Case}
}

func recalculateCommand(a command.RecalculateArgs) command.Command {
	return command.Command{Verb: "recalculate", ID: a.Award, Data: map[string]any{"parameter": a.Parameter, "from": a.From}}
}

func replanCommand(a command.ReplanArgs) command.Command {
	return command.Command{Verb: "replan", Data: map[string]any{"parameter": a.Parameter, "from": a.From, "after": a.After}}
}

// send carries a request to its agency and notes that it was accepted.
type send struct {
	river.WorkerDefaults[command.SendArgs]
	config Config
}

// Timeout bounds one try: an agency that does not answer must not hold a worker.
func (s *send) Timeout(*river.Job[command.SendArgs]) time.Duration { return 20 * time.Second }

// Work sends a request that is still wanted.
func (s *send) Work(ctx context.Context, j *river.Job[command.SendArgs]) error {
	q, err := s.request(ctx, j.Args.Request)
	if err != nil || q == nil || q.Status != "planned" {
		return err
	}
	live := s.config.Road.Registry.Live()
	def := live.Catalog.Exchanges[q.Exchange]
	if def == nil {
		return river.JobCancel(fmt.Errorf("exchange %s is not installed", q.Exchange))
	}
	connector := s.config.Connectors[def.Channel.Text]
	if connector == nil {
		return s.failed(ctx, q.ID, fmt.Errorf("channel %s is bound to no connector", def.Channel.Text))
	}
	out := command.Outgoing{ID: q.ID, Exchange: q.Exchange, Flow: q.Flow, Channel: def.Channel.Text, Body: q.Body}
	if err := connector.Send(ctx, out); err != nil {
		return s.failed(ctx, q.ID, err)
	}
	_, err = s.config.Road.Execute(ctx, kernel.SystemActor(), command.Command{Verb: "sent", ID: q.ID})
	return err
}

func (s *send) request(ctx context.Context, id string) (q *kernel.Request, err error) {
	err = s.config.DB.Read(ctx, func(tx *store.Tx) error {
		q, err = tx.Request(ctx, id)
		return err
	})
	return q, err
}

// failed notes why a try did not succeed and lets the queue try again.
func (s *send) failed(ctx context.Context, id string, why error) error {
	_, err := s.config.Road.Execute(ctx, kernel.SystemActor(), command.Command{Verb: "sent", ID: id, Reason: why.Error()})
	return errors.Join(why, err)
}

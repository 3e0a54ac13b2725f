package store

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"mera/kernel"
)

// QueueSchema is the schema of the queue's own tables.
const QueueSchema = "river"

// inserter puts jobs into the queue inside our transactions; it never works them.
type inserter struct{ client *river.Client[pgx.Tx] }

func newInserter(log *slog.Logger) (inserter, error) {
	client, err := river.NewClient(riverpgxv5.New(nil), &river.Config{Schema: QueueSchema, Logger: log})
	if err != nil {
		return inserter{}, fmt.Errorf("queue: %w", err)
	}
	return inserter{client}, nil
}

// jobArgs carries a kernel.Job to the queue: the arguments are encoded as they were given.
type jobArgs struct {
	kind string
	args json.RawMessage
}

// Kind names the worker.
func (a jobArgs) Kind() string { return a.kind }

// MarshalJSON is the arguments.
func (a jobArgs) MarshalJSON() ([]byte, error) { return a.args, nil }

// ReleaseJobs gives back the jobs that a server was working when it died, so that they run at once and not after the
// queue's own rescue. A server calls it before it works; its name is its alone.
func (db *DB) ReleaseJobs(ctx context.Context, server string) error {
	_, err := db.pool.Exec(ctx, `update `+QueueSchema+`.river_job set state = 'available', scheduled_at = now(),
		attempt = greatest(attempt - 1, 0)
		where state = 'running' and attempted_by[array_upper(attempted_by, 1)] = $1`, server)
	return translate(err)
}

// fewJobs are as many as one statement is faster for.
const fewJobs = 100

// Enqueue adds jobs that exist if, and only if, this transaction commits. The queue of a job is its kind's, which the
// workers in kernel/job choose by their own registration: here all go to the default queue.
func (t *Tx) Enqueue(ctx context.Context, jobs []kernel.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		args, err := json.Marshal(j.Args)
		if err != nil {
			return kernel.Errorf(kernel.Internal, "database").Because(fmt.Errorf("arguments of job %s: %w", j.Kind, err))
		}
		if string(args) == "null" {
			args = json.RawMessage("{}")
		}
		params[i] = river.InsertManyParams{Args: jobArgs{j.Kind, args}, InsertOpts: &river.InsertOpts{ScheduledAt: j.At}}
	}
	if len(jobs) <= fewJobs { // COPY takes three round trips
		_, err := t.db.queue.client.InsertManyTx(ctx, t.tx, params)
		return translate(err)
	}
	_, err := t.db.queue.client.InsertManyFastTx(ctx, t.tx, params)
	return translate(err)
}

// PendingJobs counts what is due by the installation's clock and not done: jobs of the queue and timers of cases.
func (db *DB) PendingJobs(ctx context.Context) (n int, err error) {
	err = db.pool.QueryRow(ctx, `select (select count(*) from `+QueueSchema+`.river_job
		where state in ('available', 'pending', 'running') or state = 'retryable' and scheduled_at <= now() + interval '2 seconds')
		+ (select count(*) from timer where due <= $1)`, db.clock.Now()).Scan(&n)
	return n, translate(err)
}

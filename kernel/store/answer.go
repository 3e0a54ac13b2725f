package store

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
)

// Answer loads the answer that was given to an actor's key; nil: the key is new. hash is of the whole command: the same
// key with another command is a CONFLICT.
func (t *Tx) Answer(ctx context.Context, actor, key string, hash []byte) (answer json.RawMessage, err error) {
	return answer, t.Together(ctx, AnswerOf(&answer, actor, key, hash))
}

// AnswerOf asks for what Answer loads.
func AnswerOf(into *json.RawMessage, actor, key string, hash []byte) Ask {
	return Ask{"select hash, answer::text from answer where actor = $1 and key = $2", []any{actor, key}, func(rows pgx.Rows) error {
		var kept []byte
		var answer string
		_, err := pgx.ForEachRow(rows, []any{&kept, &answer}, func() error {
			if !bytes.Equal(kept, hash) {
				return kernel.Errorf(kernel.Conflict, "key-reused", key)
			}
			*into = json.RawMessage(answer)
			return nil
		})
		return err
	}}
}

// KeepAnswer keeps the answer to a key. Of two transactions with one key the second waits for the first and then fails
// with CONFLICT: whoever is told that finds the first one's Answer.
func (t *Tx) KeepAnswer(ctx context.Context, actor, key string, hash []byte, answer json.RawMessage) error {
	return t.exec(ctx, "insert into answer (actor, key, hash, answer, created_at) values ($1, $2, $3, $4, $5)",
		actor, key, hash, string(answer), t.now)
}

// ForgetAnswers drops answers that were given before a time: a caller repeats within days, not years.
func (t *Tx) ForgetAnswers(ctx context.Context, before time.Time) error {
	return t.exec(ctx, "delete from answer where created_at < $1", before)
}

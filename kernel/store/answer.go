package store

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"mera/kernel"
)

// pending stands for an answer while its command is under way: other transactions never see it.
const pending = "null"

// ClaimAnswer asks for the answer that was given to an actor's key. nil: the key is new and now taken by this
// transaction, which must PutAnswer; another one with the same key waits for it. hash is of the whole command: the same
// key with another command is a CONFLICT.
func (t *Tx) ClaimAnswer(ctx context.Context, actor, key string, hash []byte) (json.RawMessage, error) {
	mine, err := t.added(ctx, `insert into answer (actor, key, hash, answer, created_at) values ($1, $2, $3, $4, $5)
		on conflict (actor, key) do nothing`, actor, key, hash, pending, t.now)
	if err != nil || mine {
		return nil, err
	}
	var kept []byte
	var answer string
	err = t.tx.QueryRow(ctx, "select hash, answer::text from answer where actor = $1 and key = $2", actor, key).Scan(&kept, &answer)
	if err != nil {
		return nil, translate(err)
	}
	if !bytes.Equal(kept, hash) {
		return nil, kernel.Errorf(kernel.Conflict, "key-reused", key)
	}
	return json.RawMessage(answer), nil
}

// PutAnswer keeps the answer to a key that this transaction has claimed.
func (t *Tx) PutAnswer(ctx context.Context, actor, key string, answer json.RawMessage) error {
	return t.exec(ctx, "update answer set answer = $3 where actor = $1 and key = $2", actor, key, string(answer))
}

// ForgetAnswers drops answers that were given before a time: a caller repeats within days, not years.
func (t *Tx) ForgetAnswers(ctx context.Context, before time.Time) error {
	return t.exec(ctx, "delete from answer where created_at < $1", before)
}

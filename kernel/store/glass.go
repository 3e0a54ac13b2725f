package store

import (
	"context"
	"time"
)

// OpenGlass lets an actor read one record, against the policies, until a time. Another record that he had opened is
// closed again. False: there is no such actor.
func (t *Tx) OpenGlass(ctx context.Context, actor, record, reason string, until time.Time) (bool, error) {
	known, err := t.added(ctx, "update actor set glass = $2, opened = $3, opened_until = $4 where id = $1 and active", actor, reason, record, until)
	if err != nil || !known {
		return known, err
	}
	return true, t.exec(ctx, revisedActor, actor)
}

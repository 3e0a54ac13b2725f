package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Alive tells that the database takes sessions and answers. It opens a session of its own: that those of the pool are
// all at work is no sign that the database is gone.
func (db *DB) Alive(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, db.pool.Config().ConnConfig)
	if err != nil {
		return translate(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return translate(conn.Ping(ctx))
}

package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// FreshDatabase makes an empty database on a server and returns its address and how to drop it again: what stories
// and rehearsals run on.
func FreshDatabase(ctx context.Context, server string) (address string, drop func(context.Context) error, err error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, fmt.Errorf("address of the server: %w", err)
	}
	name := "mera_" + strings.ToLower(rand.Text())
	if err := onServer(ctx, server, "create database "+pgx.Identifier{name}.Sanitize()); err != nil {
		return "", nil, err
	}
	u.Path = "/" + name
	return u.String(), func(ctx context.Context) error {
		return onServer(ctx, server, "drop database if exists "+pgx.Identifier{name}.Sanitize()+" with (force)")
	}, nil
}

func onServer(ctx context.Context, server, statement string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return translate(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, statement)
	return translate(err)
}

package app

import (
	"context"
	"net/http"
	"os"
	"time"

	connect "mera/cmd/internal/connect/http"
	"mera/kernel"
	"mera/kernel/job"
	"mera/kernel/store"
	"mera/schema"
)

// administrator is the identity that a development server begins with; everybody else is made by it.
const administrator = "admin"

// identities makes the actors that a fresh installation begins with.
func (a *App) identities(ctx context.Context) error {
	return a.db.Write(ctx, func(tx *store.Tx) error {
		system := kernel.SystemActor()
		system.Name = a.road.Texts.Message(schema.Written, "system-actor")
		if err := tx.PutActor(ctx, &system); err != nil {
			return err
		}
		if !a.config.Development {
			return nil
		}
		known, err := tx.Actor(ctx, administrator)
		if err != nil || known != nil {
			return err
		}
		return tx.PutActor(ctx, &kernel.Actor{
			Kind: kernel.Staff, ID: administrator, Name: a.road.Texts.Message(schema.Written, "administrator"),
			Roles: []string{"administrator", "configurator"}, Territories: []string{},
		})
	})
}

// Actor finds whom a token belongs to and what he may be asked as now: what was changed a second ago, on whatever
// server, counts. A token that is not ours or is over, or whose actor is gone, is UNAUTHENTICATED.
func (a *App) Actor(ctx context.Context, token string) (kernel.Actor, error) {
	id, err := a.subject(token)
	if err != nil {
		return kernel.Actor{}, kernel.Errorf(kernel.Unauthenticated, "token-refused").Because(err)
	}
	if err := a.current(ctx); err != nil {
		return kernel.Actor{}, kernel.Errorf(kernel.Unavailable, "database-unavailable").Because(err)
	}
	actor, known, turn := a.actors.get(id, a.road.Clock.Now())
	if known {
		return actor, nil
	}
	return a.actorOf(ctx, id, turn)
}

// actorOf reads an actor and keeps him.
func (a *App) actorOf(ctx context.Context, id string, turn int64) (kernel.Actor, error) {
	var found *kernel.Actor
	var until time.Time
	err := a.db.Read(ctx, func(tx *store.Tx) (err error) {
		found, until, err = tx.ActorUntil(ctx, id)
		return err
	})
	switch {
	case err != nil:
		return kernel.Actor{}, err
	case found == nil:
		return kernel.Actor{}, kernel.Errorf(kernel.Unauthenticated, "actor-gone")
	}
	a.actors.keep(*found, until, turn)
	return *found, nil
}

// subject is the id of the actor of a token that is whole and not over.
func (a *App) subject(token string) (string, error) {
	now := a.wall()
	if said, met := a.actors.token(token); met {
		return said.Subject, said.valid(now)
	}
	said, err := verify(a.secret, token)
	if err != nil {
		return "", err
	}
	if err := said.valid(now); err != nil {
		return "", err
	}
	a.actors.keepToken(token, said)
	return said.Subject, nil
}

// channels binds each channel to its gateway and takes its answers under /exchange/<channel>.
func (a *App) channels(mux *http.ServeMux) (map[string]job.Connector, error) {
	out := map[string]job.Connector{}
	for channel, gateway := range a.config.Channels {
		token := mac(a.secret, "channel:"+channel)
		path := "/exchange/" + channel
		c, err := connect.New(gateway, a.URL()+path, token)
		if err != nil {
			return nil, err
		}
		out[channel] = c
		mux.Handle(path, connect.Handler(a.road, channel, token))
	}
	return out, nil
}

// serverName is the same after a restart, and another one on another machine or folder.
func (a *App) serverName() string {
	host, _ := os.Hostname()
	return host + "-" + mac(a.secret, "server")[:12]
}

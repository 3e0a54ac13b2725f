package app

import (
	"context"
	"net/http"
	"os"

	connect "mera/cmd/internal/connect/http"
	"mera/kernel"
	"mera/kernel/job"
	"mera/kernel/store"
)

// administrator is the identity that a development server begins with; everybody else is made by it.
const administrator = "admin"

// identities makes the actors that a fresh installation begins with.
func (a *App) identities(ctx context.Context) error {
	return a.db.Write(ctx, func(tx *store.Tx) error {
		system := kernel.SystemActor()
		system.Name = a.road.Texts.Message("system-actor")
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
			Kind: kernel.Staff, ID: administrator, Name: a.road.Texts.Message("administrator"),
			Roles: []string{"administrator", "configurator"}, Territories: []string{},
		})
	})
}

// Actor finds whom a token belongs to. A token that is not ours, or whose actor is gone, is UNAUTHENTICATED.
func (a *App) Actor(ctx context.Context, token string) (kernel.Actor, error) {
	id, err := verify(a.secret, token, a.wall())
	if err != nil {
		return kernel.Actor{}, kernel.Errorf(kernel.Unauthenticated, "token-refused").Because(err)
	}
	var actor *kernel.Actor
	err = a.db.Read(ctx, func(tx *store.Tx) (err error) {
		actor, err = tx.Actor(ctx, id)
		return err
	})
	if err != nil {
		return kernel.Actor{}, err
	}
	if actor == nil {
		return kernel.Actor{}, kernel.Errorf(kernel.Unauthenticated, "actor-gone")
	}
	return *actor, nil
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

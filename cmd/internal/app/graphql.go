package app

import (
	"context"

	"mera/graph"
	"mera/kernel"
	"mera/kernel/command"
	"mera/kernel/store"
)

// commands carries the mutations of GraphQL to the write road.
type commands struct {
	road   *command.Road
	actors *actors
}

// Execute translates a command and its answer.
func (c commands) Execute(ctx context.Context, actor kernel.Actor, in graph.Command) (graph.Result, error) {
	files := make([]command.File, len(in.Files))
	for i, f := range in.Files {
		files[i] = command.File{Slot: f.Slot, Name: f.Name, Media: f.Media, Content: f.Content}
	}
	res, err := c.road.Execute(ctx, actor, command.Command{
		Verb: in.Verb, Type: in.Type, ID: in.ID, Version: in.Version, Event: in.Event, Data: in.Data, Key: in.Key, At: in.At,
		Reason: in.Reason, List: in.List, Given: in.Given, Case: in.Case, Files: files, Brief: in.Brief, Language: in.Language,
	})
	switch in.Verb { // what this server itself has changed counts from its next request on
	case "createActor":
		c.actors.forget(res.ID)
	case "breakGlass":
		c.actors.forget(actor.ID)
	}
	return graph.Result{Type: res.Type, ID: res.ID, Version: res.Version, Data: res.Data, Readable: res.Readable}, err
}

// views are what engines compute for readers.
type views struct {
	road *command.Road
	db   *store.DB
}

// Form is the form of a type in a state, as the actor may fill it.
func (v views) Form(ctx context.Context, actor kernel.Actor, typ, state, id string, data map[string]any, lang string) (any, error) {
	return v.road.Form(ctx, actor, typ, state, id, data, lang)
}

// Events are the events of a case that the actor may fire now.
func (v views) Events(ctx context.Context, actor kernel.Actor, typ, id, lang string) ([]graph.CaseEvent, error) {
	events, err := v.road.Events(ctx, actor, typ, id, lang)
	if err != nil {
		return nil, err
	}
	out := make([]graph.CaseEvent, len(events))
	for i, e := range events {
		out[i] = graph.CaseEvent{Name: e.Name, Title: e.Title, Ask: e.Ask, Data: e.Data}
	}
	return out, nil
}

// Pending is the number of jobs that are due; only who runs the server may know it.
func (v views) Pending(ctx context.Context, actor kernel.Actor) (int, error) {
	if err := v.road.MayRun(ctx, actor, "setClock"); err != nil {
		return 0, err
	}
	return v.db.PendingJobs(ctx)
}

// Introspect lets those read the schema who run the server or configure it.
func (v views) Introspect(ctx context.Context, actor kernel.Actor) error {
	return v.road.MayRun(ctx, actor, "introspect")
}

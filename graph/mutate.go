package graph

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"mera/kernel"
	"mera/kernel/store"
)

// Commands is the write road: kernel/command.
type Commands interface {
	Execute(ctx context.Context, actor kernel.Actor, c Command) (Result, error)
}

// Command is one change that a client asks for. Which members count depends on the verb.
type Command struct {
	// Verb is create, update, void, fire, take, accrue, runPayments, recalculate, setClock, setCounter, createActor,
	// setParameter, attach, finishTask or breakGlass.
	Verb     string
	Type     string // document type
	ID       string // of the record, case or award
	Version  int    // that the client has seen; zero if he did not say
	Event    string
	Data     map[string]any // input, patch, data of an event, or the arguments of a verb
	Files    []File         // to be attached
	Case     string         // create: the case in which the document is entered
	Key      string         // idempotency key
	At       time.Time      // when it happened; zero: now
	Reason   string
	List     string
	Given    map[string]any // arguments of the list
	Language string         // in which errors are read
	Brief    bool           // no more is asked of the record than a Result tells
}

// File is a file that came with a command.
type File struct {
	Slot, Name, Media string
	Content           []byte
}

// Result is what a command did: the record it wrote or the row it made, and what it tells besides.
type Result struct {
	Type    string
	ID      string
	Version int
	Data    map[string]any
	// Readable: the actor may read the record as it was written. It is told when the command is Brief.
	Readable bool
}

// mutate executes root fields one after another. A field that fails is null, and those after it are still tried, as
// GraphQL wants it.
func (g *generation) mutate(ctx context.Context, op *graphql.OperationContext) *graphql.Response {
	out := &members{}
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Mutation"})
	if err := g.config.pace(ctx, requestOf(ctx), len(fields)-1); err != nil { // each verb counts; the request did as one
		return refused(ctx, "", err)
	}
	for _, f := range fields {
		if f.Name == "__typename" {
			out.add(f.Alias, json.RawMessage(`"Mutation"`))
			continue
		}
		def := g.model.types["Mutation"].field(f.Name)
		v, err := g.verb(ctx, op, f, def)
		if err != nil {
			fail(ctx, f.Alias, err)
			if def.typ[len(def.typ)-1] == '!' {
				return &graphql.Response{Data: null}
			}
			v = null
		}
		out.add(f.Alias, v)
	}
	return out.response()
}

// verb makes a command of a field, has it executed and answers with what was asked for of its result.
func (g *generation) verb(ctx context.Context, op *graphql.OperationContext, f graphql.CollectedField, def *fieldDef) (json.RawMessage, error) {
	a, err := arguments(f.Field, op.Variables)
	if err != nil {
		return nil, err
	}
	cmd, err := command(def.source.verb, a)
	if err != nil {
		return nil, err
	}
	c := g.selecting(ctx, op)
	cmd.Brief, cmd.Language = g.brief(op, f, def), c.lang
	if !cmd.Brief { // what a command tells by itself can be read
		if err := g.rehearse(ctx, c, f, def); err != nil {
			return nil, err
		}
	}
	res, err := g.config.Commands.Execute(ctx, c.actor, cmd)
	if err != nil {
		return nil, err
	}
	return g.result(ctx, c, f, def, res)
}

// rehearse refuses a selection that cannot be read before anything is written.
func (g *generation) rehearse(ctx context.Context, c *selecting, f graphql.CollectedField, def *fieldDef) error {
	if def.source.verb.result == resultData {
		return nil
	}
	trial := *c
	s := &store.Set{Entity: def.source.entity, ID: "x"}
	_, err := trial.rowFields(ctx, f.Selections, bare(def.typ), s, 1)
	return err
}

// brief tells that no more is asked of a document than a command tells by itself.
func (g *generation) brief(op *graphql.OperationContext, f graphql.CollectedField, def *fieldDef) bool {
	typ := g.model.types[bare(def.typ)]
	if def.source.verb.typ == "" || typ == nil || typ.kind == interfaceType || def.source.verb.result == resultData {
		return false
	}
	for _, below := range graphql.CollectFields(op, f.Selections, []string{typ.name}) {
		if below.Name != "id" && below.Name != "version" && below.Name != "__typename" {
			return false
		}
	}
	return true
}

// result is the record that a command wrote, read by the read road: with the actor's policy. Nobody may see what he
// wrote without the right to read it: then the answer is null.
func (g *generation) result(ctx context.Context, c *selecting, f graphql.CollectedField, def *fieldDef, res Result) (json.RawMessage, error) {
	typ := bare(def.typ)
	switch {
	case def.source.verb.result == resultData && typ == "JSON":
		return json.Marshal(res.Data)
	case def.source.verb.result == resultData:
		data := maps.Clone(res.Data)
		if data == nil {
			data = map[string]any{}
		}
		data["id"] = res.ID
		return json.Marshal(project(c.op, f.Selections, typ, data))
	case res.ID == "":
		return null, nil
	case res.Readable:
		return json.Marshal(project(c.op, f.Selections, typ, map[string]any{"id": res.ID, "version": res.Version}))
	}
	s := &store.Set{Alias: f.Alias, Entity: def.source.entity, ID: res.ID, Language: c.lang}
	if g.model.types[s.Entity].kind == interfaceType && res.Type != "" {
		s.Only = []string{res.Type}
	}
	var err error
	if s.Fields, err = c.rowFields(ctx, f.Selections, typ, s, 1); err != nil {
		return nil, err
	}
	columns, err := g.reader.Read(ctx, c.actor, s)
	if err != nil {
		return nil, err
	}
	return g.fill(ctx, c, columns[0])
}

// command reads the arguments of a verb.
func command(v *verb, a args) (Command, error) {
	cmd := Command{Verb: v.command, Type: v.typ, List: v.list, ID: a.text("id"), Event: a.text("event"),
		Key: a.text("key"), Reason: a.text("reason"), Case: a.text("case")}
	var err error
	if cmd.Version, err = a.number("version"); err != nil {
		return cmd, err
	}
	if (v.command == "update" || v.command == "void") && cmd.Version < 1 {
		return cmd, fieldError("version", "minimum", nil) // nobody changes what he has not seen
	}
	if cmd.At, err = a.moment("at"); err != nil {
		return cmd, err
	}
	switch v.command {
	case "create":
		cmd.Data = maps.Clone(a.object("input"))
		cmd.Files, err = files(args(cmd.Data).list("attachments"))
		delete(cmd.Data, "attachments")
	case "update":
		cmd.Data = a.object("patch")
	case "fire":
		cmd.ID, cmd.Case = cmd.Case, ""
		if cmd.Data = a.object("data"); cmd.Data == nil && a["data"] != nil {
			err = fieldError("data", "wrong-shape", nil)
		}
	case "take":
		cmd.Given = rest(a, "key")
	case "createActor":
		cmd.Data = a.object("input")
	case "attach":
		cmd.Type = a.text("type")
		cmd.Files, err = files([]any{a["attachment"]})
	case "breakGlass":
		cmd.Type = a.text("type")
	case "recalculate":
		cmd.ID = a.text("award")
	case "finishTask":
		cmd.ID, cmd.Data = a.text("task"), rest(a, "task", "key")
	case "void": // id, version and reason are all
	default:
		cmd.Data = rest(a, "key")
	}
	return cmd, err
}

// rest are the arguments beside those that every verb has.
func rest(a args, but ...string) map[string]any {
	out := map[string]any{}
	for k, v := range a {
		if !slices.Contains(but, k) {
			out[k] = v
		}
	}
	return out
}

// files reads attachments: bytes in base64, or the parts of a multipart request.
func files(list []any) ([]File, error) {
	var out []File
	for _, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			continue
		}
		a := args(m)
		f := File{Slot: a.text("slot"), Name: a.text("name"), Media: a.text("media")}
		var err error
		switch up := m["file"].(type) {
		case graphql.Upload:
			f.Content, err = readUpload(up)
			if f.Media == "" {
				f.Media = up.ContentType
			}
		default:
			f.Content, err = base64.StdEncoding.DecodeString(a.text("base64"))
		}
		if err != nil || len(f.Content) == 0 {
			return nil, fieldError("attachments", "value", err)
		}
		out = append(out, f)
	}
	return out, nil
}

func readUpload(up graphql.Upload) ([]byte, error) {
	var b bytes.Buffer
	_, err := io.Copy(&b, up.File)
	return b.Bytes(), err
}

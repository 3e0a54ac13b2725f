package scenario

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"mera/schema"
)

// create makes a record. A property that the type does not have as input, and whose name is a list of the record, is
// a list of records to be made on it.
func (p *Play) create(ctx context.Context, s Step, data *schema.Node) (string, error) {
	id, err := p.make(ctx, s.Who, s.What, s.On, data, p.key("create"))
	if err != nil {
		return "", err
	}
	if s.As != "" {
		p.things[s.As] = thing{s.What, id}
	}
	return id, nil
}

func (p *Play) make(ctx context.Context, who, typ, on string, data *schema.Node, key string) (string, error) {
	m := p.api.mutation("create" + typ)
	if m == nil {
		return "", fmt.Errorf("the server has no create%s", typ)
	}
	def := p.api.types[m.arg("input").Type.named().Name]
	own, lists, files := p.split(def, data)
	input, err := p.input(own, &m.arg("input").Type)
	if err != nil {
		return "", err
	}
	if len(files) > 0 {
		input.(map[string]any)["attachments"] = attachments(files)
	}
	p.self(who, def, input)
	vars := map[string]any{"input": input, "key": key}
	if on != "" {
		of, err := p.thing(on)
		if err != nil {
			return "", err
		}
		vars["case"] = of.id
	}
	id, err := p.mutate(ctx, who, m, vars)
	if err != nil {
		return "", err
	}
	for _, l := range lists {
		if err := p.makeList(ctx, who, typ, id, l, key); err != nil {
			return "", err
		}
	}
	return id, nil
}

// split parts data into properties of the input, lists of other records, and attachments.
func (p *Play) split(def *typeDef, data *schema.Node) (own *schema.Node, lists []schema.Entry, files []string) {
	own = &schema.Node{Kind: schema.MapNode}
	if data == nil {
		return own, nil, nil
	}
	for _, e := range data.Entries {
		switch {
		case e.Key.Text == "attachments":
			for _, it := range e.Value.Items {
				files = append(files, it.Text())
			}
		case def.input(e.Key.Text) != nil:
			own.Entries = append(own.Entries, e)
		case e.Value.Kind == schema.ListNode:
			lists = append(lists, e)
		default:
			own.Entries = append(own.Entries, e) // the server names the unknown field
		}
	}
	return own, lists, files
}

// self makes a citizen the applicant of his own application where the story does not say otherwise.
func (p *Play) self(who string, def *typeDef, input any) {
	values, ok := input.(map[string]any)
	if person, known := p.things[who]; ok && known && def.input("applicant") != nil && values["applicant"] == nil {
		values["applicant"] = person.id
	}
}

func (p *Play) makeList(ctx context.Context, who, owner, id string, l schema.Entry, key string) error {
	f := p.api.types[owner].field(l.Key.Text)
	if f == nil {
		return fmt.Errorf("%s: %s has neither a property nor a list %s", l.Key.Pos, owner, l.Key.Text)
	}
	typ := strings.TrimSuffix(f.Type.named().Name, "Connection")
	link := schema.Scalar{Text: lowerFirst(owner), Pos: l.Key.Pos}
	p.things["\x00owner"] = thing{owner, id}
	for i, it := range l.Value.Items {
		row := clone(it)
		row.Entries = append(row.Entries, schema.Entry{Key: link, Value: &schema.Node{Scalar: schema.Scalar{Text: "\x00owner"}}})
		if _, err := p.make(ctx, who, typ, "", row, fmt.Sprintf("%s-%s-%d", key, l.Key.Text, i)); err != nil {
			return fmt.Errorf("%s: %w", l.Key.Pos, err)
		}
	}
	return nil
}

// attachments are files with some content of their own.
func attachments(names []string) []any {
	out := make([]any, len(names))
	for i, name := range names {
		content := base64.StdEncoding.EncodeToString([]byte("content of " + name))
		out[i] = map[string]any{"slot": "other", "name": name, "media": "application/pdf", "base64": content}
	}
	return out
}

func (p *Play) change(ctx context.Context, s Step, data *schema.Node) (string, error) {
	t, err := p.thing(s.What)
	if err != nil {
		return "", err
	}
	m := p.api.mutation("update" + t.typ)
	if m == nil {
		return "", fmt.Errorf("the server has no update%s", t.typ)
	}
	patch, err := p.input(data, &m.arg("patch").Type)
	if err != nil {
		return "", err
	}
	version, err := p.version(ctx, s.Who, t)
	if err != nil {
		return "", err
	}
	return p.mutate(ctx, s.Who, m, map[string]any{"id": t.id, "version": version, "patch": patch, "key": p.key("update")})
}

func (p *Play) void(ctx context.Context, s Step, data *schema.Node) (string, error) {
	t, err := p.thing(s.What)
	if err != nil {
		return "", err
	}
	version, err := p.version(ctx, s.Who, t)
	if err != nil {
		return "", err
	}
	vars := map[string]any{"id": t.id, "version": version, "reason": data.Get("reason").Text(), "key": p.key("void")}
	return p.mutate(ctx, s.Who, p.api.mutation("delete"+t.typ), vars)
}

func (p *Play) version(ctx context.Context, who string, t thing) (any, error) {
	name := lowerFirst(t.typ)
	data, err := p.client(who).Do(ctx, "query($id: ID!) {"+name+"(id: $id) {version}}", map[string]any{"id": t.id})
	if err != nil {
		return nil, err
	}
	record, ok := data[name].(map[string]any)
	if !ok {
		return nil, &ResponseError{Code: "NOT_FOUND", Message: name}
	}
	return record["version"], nil
}

func (p *Play) fire(ctx context.Context, s Step, data *schema.Node) (string, error) {
	t, err := p.thing(s.On)
	if err != nil {
		return "", err
	}
	vars := map[string]any{"case": t.id, "event": s.What, "key": p.key("fire")}
	if data != nil && len(data.Entries) > 0 {
		v, err := p.input(data, &typeRef{Kind: "SCALAR", Name: "JSON"})
		if err != nil {
			return "", err
		}
		vars["data"] = v
	}
	return p.mutate(ctx, s.Who, p.api.mutation("fire"), vars)
}

func (p *Play) take(ctx context.Context, s Step, data *schema.Node) (string, error) {
	m := p.api.mutation("take" + s.What)
	if m == nil {
		return "", fmt.Errorf("the server has no take%s", s.What)
	}
	vars, err := p.arguments(m, data)
	if err != nil {
		return "", err
	}
	vars["key"] = p.key("take")
	id, err := p.mutate(ctx, s.Who, m, vars)
	if err == nil && s.As != "" {
		p.things[s.As] = thing{m.Type.named().Name, id}
	}
	return id, err
}

// run calls any mutation with the data as its arguments.
func (p *Play) run(ctx context.Context, who, name string, data *schema.Node) (string, error) {
	m := p.api.mutation(name)
	if m == nil {
		return "", fmt.Errorf("the server has no mutation %s", name)
	}
	vars, err := p.arguments(m, data)
	if err != nil {
		return "", err
	}
	if m.arg("key") != nil {
		vars["key"] = p.key("run")
	}
	return p.mutate(ctx, who, m, vars)
}

func (p *Play) arguments(f *field, data *schema.Node) (map[string]any, error) {
	vars := map[string]any{}
	if data == nil {
		return vars, nil
	}
	for _, e := range data.Entries {
		a := f.arg(e.Key.Text)
		if a == nil {
			return nil, fmt.Errorf("%s: %s has no argument %s", e.Key.Pos, f.Name, e.Key.Text)
		}
		v, err := p.input(e.Value, &a.Type)
		if err != nil {
			return nil, err
		}
		vars[e.Key.Text] = v
	}
	return vars, nil
}

// mutate calls a mutation with those variables that it has arguments for, and returns the id of what it answers.
func (p *Play) mutate(ctx context.Context, who string, m *field, vars map[string]any) (string, error) {
	if m == nil {
		return "", fmt.Errorf("the server has no such mutation")
	}
	var declare, pass []string
	for _, a := range m.Args {
		if _, given := vars[a.Name]; given {
			declare = append(declare, "$"+a.Name+": "+a.Type.String())
			pass = append(pass, a.Name+": $"+a.Name)
		}
	}
	query := "mutation"
	if len(declare) > 0 {
		query += "(" + strings.Join(declare, ", ") + ")"
	}
	query += " {" + m.Name
	if len(pass) > 0 {
		query += "(" + strings.Join(pass, ", ") + ")"
	}
	result := p.api.types[m.Type.named().Name]
	if result != nil && result.field("id") != nil {
		query += " {id}"
	} else if result != nil && len(result.Fields) > 0 {
		query += " {__typename}"
	}
	data, err := p.client(who).Do(ctx, query+"}", vars)
	if err != nil {
		return "", err
	}
	record, _ := data[m.Name].(map[string]any)
	id, _ := record["id"].(string)
	return id, nil
}

func (p *Play) thing(name string) (thing, error) {
	t, known := p.things[name]
	if !known {
		return t, fmt.Errorf("nobody and nothing in this story is called %q", name)
	}
	return t, nil
}

// see reads and compares: a thing of the story, a list of the server, or a list with given arguments and rows.
func (p *Play) see(ctx context.Context, s Step, want *schema.Node) (string, error) {
	if t, known := p.things[s.What]; known {
		return p.seeThing(ctx, s.Who, t, want)
	}
	f := p.api.query(s.What)
	if f == nil {
		return "", fmt.Errorf("neither the story nor the server knows %q", s.What)
	}
	var given *schema.Node
	if want.Get("rows") != nil || want.Get("given") != nil {
		given, want = want.Get("given"), want.Get("rows")
	}
	vars, err := p.arguments(f, given)
	if err != nil {
		return "", err
	}
	if s.What == "tasks" {
		vars["where"] = map[string]any{"status": map[string]any{"eq": "open"}}
	}
	return p.compare(ctx, s.Who, f, vars, want)
}

func (p *Play) seeThing(ctx context.Context, who string, t thing, want *schema.Node) (string, error) {
	f := p.api.query(lowerFirst(t.typ))
	if f == nil {
		return "", fmt.Errorf("the server has no query %s", lowerFirst(t.typ))
	}
	return p.compare(ctx, who, f, map[string]any{"id": t.id}, want)
}

func (p *Play) compare(ctx context.Context, who string, f *field, vars map[string]any, want *schema.Node) (string, error) {
	if want == nil {
		want = &schema.Node{Kind: schema.MapNode}
	}
	sel, err := p.selection(want, &f.Type)
	if err != nil {
		return "", err
	}
	var declare, pass []string
	for _, a := range f.Args {
		if _, given := vars[a.Name]; given {
			declare = append(declare, "$"+a.Name+": "+a.Type.String())
			pass = append(pass, a.Name+": $"+a.Name)
		}
	}
	query := "query"
	if len(declare) > 0 {
		query += "(" + strings.Join(declare, ", ") + ")"
	}
	query += " {" + f.Name
	if len(pass) > 0 {
		query += "(" + strings.Join(pass, ", ") + ")"
	}
	data, err := p.client(who).Do(ctx, query+sel+"}", vars)
	if err != nil {
		return "", err
	}
	got := data[f.Name]
	if got == nil {
		return "", &ResponseError{Code: "NOT_FOUND", Message: f.Name}
	}
	if d := p.differ(f.Name, want, got); d != "" {
		return "", fmt.Errorf("%s", d)
	}
	return show(got), nil
}

package graph

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.yaml.in/yaml/v3"

	"mera/kernel"
	"mera/schema"
)

//go:embed messages/*.yaml
var messageFiles embed.FS

// catalog is the texts of errors by language and key. A key that no language has is a text of a package, which is
// shown as it is.
type catalog map[string]map[string]string

// languages in which errors are worded; the first is that of people who ask for no other.
var languages = []string{"ru", "en"}

// readMessages reads the embedded texts.
func readMessages() (catalog, error) {
	c := catalog{}
	for _, lang := range languages {
		raw, err := messageFiles.ReadFile("messages/" + lang + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("messages: %w", err)
		}
		texts := map[string]string{}
		if err := yaml.Unmarshal(raw, &texts); err != nil {
			return nil, fmt.Errorf("messages %s: %w", lang, err)
		}
		c[lang] = texts
	}
	return c, nil
}

// text words a key: {0}, {1} … are its arguments. A dialect that has no texts of its own speaks as its base, any other
// language as the first.
func (c catalog) text(lang, key string, args []any) string {
	for lang != "" && c[lang] == nil {
		lang = schema.BaseLanguage(lang)
	}
	t, ok := c[cmp.Or(lang, languages[0])][key]
	if !ok {
		t = key
	}
	for i, a := range args {
		t = strings.ReplaceAll(t, "{"+strconv.Itoa(i)+"}", fmt.Sprint(a))
	}
	return t
}

// has tells that a key is worded in any language.
func (c catalog) has(key string) bool {
	_, ok := c[languages[0]][key]
	return ok
}

// toGraphQL words an error of the kernel. The cause is logged and never shown.
func toGraphQL(ctx context.Context, err error) *gqlerror.Error {
	r := requestOf(ctx)
	var own *kernel.Error
	if !errors.As(err, &own) {
		own = kernel.Errorf(kernel.Internal, "internal").Because(err)
	}
	if own.Code == kernel.Internal {
		r.log.ErrorContext(ctx, "request failed", slog.String("request", r.id), slog.Any("error", err))
	}
	key := own.Message
	if own.Code == kernel.Internal {
		key = "internal" // a defect of ours has no text that helps
	}
	ext := map[string]any{"code": string(own.Code), "requestId": r.id}
	if len(own.Fields) > 0 {
		ext["fields"] = r.fields(own.Fields)
	}
	var wait *waitError
	if errors.As(err, &wait) {
		ext["retryAfter"] = wait.seconds()
	}
	return &gqlerror.Error{Message: r.messages.text(r.lang, key, own.Args), Extensions: ext}
}

// fields words the errors of an input that have no text yet.
func (r *request) fields(fs []kernel.FieldError) []kernel.FieldError {
	out := make([]kernel.FieldError, len(fs))
	for i, f := range fs {
		if key := "field-" + f.Code; f.Message == "" && r.messages.has(key) {
			f.Message = r.messages.text(r.lang, key, nil)
		}
		out[i] = f
	}
	return out
}

// present words what gqlgen and gqlparser say, and errors that are worded already.
func present(ctx context.Context, err error) *gqlerror.Error {
	var g *gqlerror.Error
	if !errors.As(err, &g) {
		return toGraphQL(ctx, err)
	}
	var own *kernel.Error
	if errors.As(g.Err, &own) {
		out := toGraphQL(ctx, own)
		out.Path, out.Locations = g.Path, g.Locations
		return out
	}
	if _, worded := g.Extensions["requestId"]; worded {
		return g
	}
	if wrong := variableError(g); wrong != nil {
		return toGraphQL(ctx, wrong)
	}
	code, _ := g.Extensions["code"].(string)
	if code == "" || strings.HasPrefix(code, "GRAPHQL_") {
		code = string(kernel.Invalid)
	}
	return &gqlerror.Error{Message: unhelpful(g.Message), Path: g.Path, Locations: g.Locations,
		Extensions: map[string]any{"code": code, "requestId": requestOf(ctx).id}}
}

// variableError is what the validator says of a variable, as the field that is wrong: variables are what people typed.
// nil: the error is about something else.
func variableError(g *gqlerror.Error) *kernel.Error {
	if len(g.Path) < 2 || g.Path[0] != ast.PathName("variable") {
		return nil
	}
	at := g.Path[1:]
	if len(at) > 1 {
		at = at[1:] // inside an input: its properties are named as its author knows them
	}
	path := make([]string, len(at))
	for i, part := range at {
		path[i] = fmt.Sprint(part)
	}
	code := "value"
	switch g.Message {
	case "unknown field":
		code = "unknown-field"
	case "must be defined", "cannot be null":
		code = "required"
	}
	return fieldError(strings.Join(path, "."), code, g)
}

// unhelpful leaves out the names that a validator suggests: they would tell the schema to who may not read it.
func unhelpful(message string) string {
	before, _, _ := strings.Cut(message, " Did you mean")
	return before
}

func parseError(ctx context.Context, err error) *gqlerror.Error {
	var g *gqlerror.Error
	if !errors.As(err, &g) {
		return toGraphQL(ctx, err)
	}
	if strings.Contains(g.Message, "token limit") {
		return toGraphQL(ctx, kernel.Errorf(kernel.Limit, "limit-tokens", maxTokens))
	}
	return present(ctx, g)
}

// fail adds an error of a root field to the response.
func fail(ctx context.Context, alias string, err error) {
	e := toGraphQL(ctx, err)
	if alias != "" {
		e.Path = ast.Path{ast.PathName(alias)}
	}
	graphql.AddError(ctx, e)
}

package shape

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"mera/schema"
	"mera/schema/meta"
)

// Shapes are the compiled meta-schemas. They are immutable.
type Shapes struct {
	raw      map[string]any // file name → the schema as written, for messages
	compiled map[string]*jsonschema.Schema
}

// Load compiles the embedded meta-schemas once for the process.
var Load = sync.OnceValues(func() (*Shapes, error) { return Compile(meta.Files) })

const base = "mera:///"

// Compile compiles the meta-schemas of a folder.
func Compile(files fs.FS) (*Shapes, error) {
	names, err := fs.Glob(files, "*.schema.json")
	if err != nil {
		return nil, fmt.Errorf("list meta-schemas: %w", err)
	}
	s := &Shapes{raw: map[string]any{}, compiled: map[string]*jsonschema.Schema{}}
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft2020
	for _, name := range names {
		src, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read meta-schema: %w", err)
		}
		var raw any
		if err := json.Unmarshal(src, &raw); err != nil {
			return nil, fmt.Errorf("meta-schema %s: %w", name, err)
		}
		s.raw[name] = raw
		if err := compiler.AddResource(base+name, strings.NewReader(string(src))); err != nil {
			return nil, fmt.Errorf("meta-schema %s: %w", name, err)
		}
	}
	for _, name := range names {
		schema, err := compiler.Compile(base + name)
		if err != nil {
			return nil, fmt.Errorf("meta-schema %s: %w", name, err)
		}
		s.compiled[strings.TrimSuffix(name, ".schema.json")] = schema
	}
	return s, nil
}

// Check tells what is wrong with the shape of a definition of a kind: the name of a folder, or "package" or "tests".
func (s *Shapes) Check(kind string, n *schema.Node) schema.Diagnostics {
	c := s.compiled[kind]
	if c == nil || n == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(c.Validate(n.Plain(instance)), &invalid) {
		return nil
	}
	w := &wording{shapes: s, root: n}
	w.walk(invalid)
	return w.found
}

var (
	integer = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})$`)
	decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}$`)
)

// instance is a scalar typed as an editor's YAML reader would type it, quoted or not. Meta-schemas take a number or true
// for a text too, because a text is what every scalar is.
func instance(text string) any {
	switch {
	case text == "true", text == "false":
		return text == "true"
	case integer.MatchString(text), decimal.MatchString(text):
		return json.Number(text)
	}
	return text
}

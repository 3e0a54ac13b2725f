package printforms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/flosch/pongo2/v6"

	"mera/schema/value"
)

// Limits of one print (language, section 9).
const (
	maxOutput = 5 << 20
	maxTime   = 10 * time.Second
	maxTurns  = 200_000 // of all loops together
	maxNested = 32      // levels of the data
)

// Errors of Render. All others are faults of the template that Compile could not see.
var (
	ErrTooLong = errors.New("the print is longer than 5 MB")
	ErrTooSlow = errors.New("the print takes too long")
)

// Render fills the template: a whole HTML page with the styles of paper. data has the shape that the package comment
// tells; Data makes it. Only texts, numbers, booleans, maps and lists of them reach the template.
func (t *Template) Render(data map[string]any) (html string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), maxTime)
	defer cancel()
	w := &writer{ctx: ctx}
	defer func() {
		switch stop := recover().(type) {
		case nil:
		case stopped:
			html, err = "", stop.why
		default:
			html, err = "", fmt.Errorf("print form %s: the template panics: %v", t.Name, stop)
		}
	}()
	values := pongo2.Context{tickName: w.tick}
	for _, name := range sortedKeys(data) {
		if v := plainData(data[name], 0); v != nil {
			values[name] = v
		}
	}
	delete(values, "forloop")
	if err := t.template.ExecuteWriterUnbuffered(values, w); err != nil {
		return "", fmt.Errorf("print form %s: %w", t.Name, err)
	}
	return t.page(w.out.String()), nil
}

// stopped is what writer panics with: pongo2 ignores errors of writers.
type stopped struct{ why error }

// writer collects the output and stops the template when it has had enough.
type writer struct {
	ctx   context.Context
	out   bytes.Buffer
	turns int
}

func (w *writer) Write(b []byte) (int, error) {
	if w.out.Len()+len(b) > maxOutput {
		panic(stopped{ErrTooLong})
	}
	return w.out.Write(b)
}

// tick counts the turns of loops.
func (w *writer) tick() string {
	if w.turns++; w.turns > maxTurns || w.ctx.Err() != nil {
		panic(stopped{ErrTooSlow})
	}
	return ""
}

// plainData copies what a template may hold; anything else is left out, so that no method of a Go value is reached.
func plainData(v any, depth int) any {
	if depth > maxNested {
		return nil
	}
	switch v := v.(type) {
	case string:
		if v == value.Forever.String() {
			return nil // an open end is no day
		}
		return v
	case bool, int:
		return v
	case int64:
		return int(v)
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		return v.String()
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			if p := plainData(x, depth+1); p != nil {
				out[k] = p
			}
		}
		return out
	case []map[string]any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = plainData(x, depth+1)
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, x := range v {
			if p := plainData(x, depth+1); p != nil {
				out = append(out, p)
			}
		}
		return out
	}
	return nil
}

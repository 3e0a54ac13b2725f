package policies

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"mera/schema/filter"
)

// Actor is input.actor: kind, id, person, roles, office, department, duties, territories (expanded downward), glass.
// What an actor has not is left out; roles, duties and territories are always lists ([]any of strings).
type Actor map[string]any

// placeholders are the parts of an actor that stand open while a filter is compiled, so that one filter serves all
// actors of a class. glass counts by its presence only.
var placeholders = []string{"id", "person", "office", "glass"}

// sign cannot be written in the base, so no value of a row or an actor is like a placeholder.
const sign = "\x00actor."

// placeholder is the parameter for a sentinel text.
func placeholder(s string) (filter.Param, bool) {
	name, ok := strings.CutPrefix(s, sign)
	return filter.Param{Name: "actor." + name}, ok
}

// known tells that a part is no placeholder for this actor: a machine's id is its class.
func (a Actor) known(part string) bool { return part == "id" && a["kind"] == "system" }

// class is the actor with placeholders.
func (a Actor) class() Actor {
	out := maps.Clone(a)
	for _, part := range placeholders {
		if _, has := a[part]; has && !a.known(part) {
			out[part] = sign + part
		}
	}
	return out
}

// values are what the placeholders stand for. An id that is none is left absent: it equals no row.
func (a Actor) values() map[string]any {
	out := map[string]any{}
	for _, part := range placeholders {
		if v, has := a[part]; has && !a.known(part) {
			out["actor."+part] = v
		}
	}
	return out
}

// Class is a short text that is equal for actors who have the same filters but for their own id, person and office:
// the key of caches.
func (a Actor) Class() string {
	text, err := json.Marshal(a.class()) // keys in order
	if err != nil {
		return "" // a value that is no JSON: never cached under another's key, as Filter fails on it
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// input is the known part of input for an entry point.
func input(actor Actor, action, typ, event, today string) (*ast.Term, error) {
	in := map[string]any{"actor": map[string]any(actor), "type": typ, "action": action, "today": today}
	if event != "" {
		in["event"] = event
	}
	v, err := ast.InterfaceToValue(in)
	if err != nil {
		return nil, err
	}
	return ast.NewTerm(v), nil
}

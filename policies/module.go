package policies

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"mera/schema"
)

// builtins are those that policies may use: of plain values, without network, clock, randomness, and without a way to
// spend much time or memory in one call.
var builtins = strings.Fields(`eq equal assign neq lt lte gt gte internal.member_2 internal.member_3
 startswith endswith contains concat lower upper trim trim_prefix trim_suffix trim_space split substring sprintf format_int
 count sum min max sort and or minus plus mul rem abs union intersection array.concat array.slice object.get object.keys object.union object.remove
 is_array is_boolean is_null is_number is_object is_set is_string to_number regex.match`)

// capabilities are OPA's without the built-ins that policies may not use. Made once, never changed.
var capabilities = sync.OnceValue(func() *ast.Capabilities {
	all := ast.CapabilitiesForThisVersion()
	caps := *all
	caps.AllowNet = []string{}
	caps.Builtins = nil
	for _, b := range all.Builtins {
		if slices.Contains(builtins, b.Name) {
			caps.Builtins = append(caps.Builtins, b)
		}
	}
	return &caps
})

// parse reads a module; file names it in places. `not` is that of future.keywords.not: what is undefined inside it is
// false there, so `not has(input.row.set, x)` is true of an absent set, as in the filter. In plain Rego v1 the whole
// rule would be undefined, and a deny would fail open.
func parse(file string, source []byte) (*ast.Module, schema.Diagnostics) {
	m, err := ast.ParseModuleWithOpts(file, string(source), ast.ParserOptions{
		RegoVersion: ast.RegoV1, FutureKeywords: []string{"not"}, Capabilities: capabilities(),
	})
	if err != nil {
		return nil, regoFaults(file, err)
	}
	return m, nil
}

// regoFaults are OPA's errors with their places.
func regoFaults(file string, err error) schema.Diagnostics {
	var many ast.Errors
	if !errors.As(err, &many) {
		_, message, found := strings.Cut(err.Error(), "rego_parse_error: ")
		if !found {
			message = err.Error()
		}
		return schema.Diagnostics{schema.Faultf(schema.Pos{File: file, Line: 1, Col: 1}, "rego", "%s", message)}
	}
	var ds schema.Diagnostics
	for _, e := range many {
		if e.Message == "error limit reached" {
			continue
		}
		d := schema.Faultf(position(e.Location, schema.Pos{File: file, Line: 1, Col: 1}), "rego", "%s", firstLine(e.Message))
		if name, undefined := strings.CutPrefix(e.Message, "undefined function "); undefined && knownBuiltin(name) {
			d = d.WithHint("policies may not use %s", name)
		}
		ds = append(ds, d)
	}
	return ds
}

func knownBuiltin(name string) bool {
	return slices.ContainsFunc(ast.CapabilitiesForThisVersion().Builtins, func(b *ast.Builtin) bool { return b.Name == name })
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// position is a place of OPA's, or another where it is not known.
func position(l *ast.Location, otherwise schema.Pos) schema.Pos {
	if l == nil || l.Row == 0 {
		return otherwise
	}
	return schema.Pos{File: l.File, Line: l.Row, Col: l.Col}
}

// packageName is how a package is called in Rego: mera.ugra_child_benefits.
func packageName(name string) string { return "mera." + strings.ReplaceAll(name, "-", "_") }

// entryOf tells which entry point a rule is part of: read, write, deny, show.<label>, edit.<label>; "" for a helper.
func entryOf(ref ast.Ref) string {
	name, _ := ref[0].Value.(ast.Var)
	switch {
	case len(ref) == 1 && (name == "read" || name == "write" || name == "deny"):
		return string(name)
	case len(ref) == 2 && (name == "show" || name == "edit"):
		if label, ok := ref[1].Value.(ast.String); ok {
			return string(name) + "." + string(label)
		}
	}
	return ""
}

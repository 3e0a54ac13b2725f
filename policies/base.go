package policies

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"mera/schema"
)

// base holds the library and the kernel's own rules.
//
//go:embed base/*.rego
var base embed.FS

// The packages of base: the library, the rules for every type, the rules for the kernel's types.
const (
	libPackage    = "lib"
	basePackage   = "base"
	kernelPackage = "kernel"
)

// basePolicies are the modules of base as if a package had them.
func basePolicies() ([]*schema.Policy, error) {
	names, err := fs.Glob(base, "base/*.rego")
	if err != nil {
		return nil, err
	}
	var out []*schema.Policy
	for _, name := range names {
		source, err := base.ReadFile(name)
		if err != nil {
			return nil, err
		}
		owner, _, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".rego"), "_")
		out = append(out, &schema.Policy{
			Package: owner,
			Pos:     schema.Pos{File: fmt.Sprintf("policies/%s", name)},
			Source:  source,
			Test:    strings.HasSuffix(name, "_test.rego"),
		})
	}
	return out, nil
}

// libFile is the library in every unit.
const libFile = "policies/base/lib.rego"

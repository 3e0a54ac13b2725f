package load

import (
	"mera/schema"
	"mera/schema/load/source"
)

// Format writes one YAML file of a package in the canonical shape (`mera fmt`): see source.Format. A file with faults
// comes back unchanged with its faults; places have no file name.
func Format(src []byte) ([]byte, schema.Diagnostics) { return source.Format("", src) }

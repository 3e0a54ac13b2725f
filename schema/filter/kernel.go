package filter

import "mera/schema"

// KernelType is schema.KernelType: what lists may be about, links lead to and filters name.
func KernelType(name string) *schema.Document { return schema.KernelType(name) }

// KernelTypes are the names of all kernel types, sorted.
func KernelTypes() []string { return schema.KernelTypes() }

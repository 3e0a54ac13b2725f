// Package catalog embeds the core packages that every installation brings along. It holds files and nothing else;
// cmd/internal/app reads them, and an author's guide for packages is in README.md.
package catalog

import "embed"

// FS holds one folder per package.
//
//go:embed */package.yaml */*/*.yaml */*/*.html */*/*.rego */README.md */CHANGELOG.md
var FS embed.FS

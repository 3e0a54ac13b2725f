package load

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"mera/schema/load/shape"
)

// A program whose meta-schemas are broken says so of each package, and reads none.
func TestBrokenMetaSchemas(t *testing.T) {
	t.Parallel()
	pkg := fstest.MapFS{"package.yaml": {Data: []byte("{name: p, version: 1.0.0, title: П, language: 1}")}}
	for text, files := range map[string]fstest.MapFS{
		"p/package.yaml: error [internal]: the meta-schemas cannot be read: meta-schema types.schema.json: unexpected end of JSON input\n": {
			"types.schema.json": {Data: []byte("{")},
		},
		"p/package.yaml: error [internal]: the meta-schemas cannot be read: read meta-schema: read types.schema.json: invalid argument\n": {
			"types.schema.json/inside": {},
		},
	} {
		p, ds := read(pkg, "p", func() (*shape.Shapes, error) { return shape.Compile(files) })
		if diff := cmp.Diff(text, ds.Render(func(string) []byte { return nil })); diff != "" || p.Title != "" {
			t.Errorf("%s %q", diff, p.Title)
		}
	}
}

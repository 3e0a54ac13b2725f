package graph

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every key that the server's own code gives to an error is worded. Defects of ours are not: they all read alike.
func TestEveryMessageIsWorded(t *testing.T) {
	t.Parallel()
	texts, err := readMessages()
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`Errorf\((?:kernel\.)?(Invalid|Unauthenticated|Denied|NotFound|Conflict|Stale|Limit|Unavailable), "([a-z0-9-]+)"`)
	found := 0
	for _, dir := range []string{"../kernel", "../graph", "../cmd"} {
		err := fs.WalkDir(os.DirFS(dir), ".", func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			src, err := os.ReadFile(dir + "/" + path)
			for _, m := range form.FindAllSubmatch(src, -1) {
				found++
				if key := string(m[2]); !texts.has(key) {
					t.Errorf("%s/%s: no text for %q", dir, path, key)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 50 {
		t.Errorf("only %d messages were found: has the form changed?", found)
	}
}

package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What may not be fetched, what is not there and what is no id at all are answered alike, to the last header; so nobody
// learns from an answer that there is something to hide.
func TestFilesThatMayNotBeReadAreLikeThoseThatAreNotThere(t *testing.T) {
	t.Parallel()
	s := setup(t)
	app := s.decided()
	attach := func(typ, id string) string {
		a := with(attachment("диагноз.pdf", []byte("%PDF-1.4")), map[string]any{})
		if typ != "Person" {
			a["slot"] = "pensionProof"
		}
		return dig(s.must(near, attachTo, map[string]any{"type": typ, "id": id, "a": a}), "attach", "id").(string)
	}
	id := attach("Person", s.ids["kolya"])
	print := dig(s.must(near, `{prints {nodes {id}}}`, nil), "prints", "nodes", 0, "id").(string)
	hidden := map[string]string{"/attachments/" + id: "", "/prints/" + print + ".html": "", "/prints/" + print + ".pdf": ""}
	for path := range hidden {
		if status, _, _ := s.fetch(s.app.Token(near), path); status != 200 && !(strings.HasSuffix(path, ".pdf") && status == 503) { // without a program for PDF
			t.Fatalf("%s: who may fetch it gets HTTP %d", path, status)
		}
	}
	answer := func(who, path string) string {
		token := ""
		if who != nobody {
			token = s.app.Token(who)
		}
		status, header, body := s.fetch(token, path)
		kept := http.Header{}
		for name, values := range header {
			if name != "Date" && name != "X-Request-Id" {
				kept[name] = values
			}
		}
		return fmt.Sprint(status, kept, strings.ReplaceAll(body, header.Get("X-Request-Id"), ""))
	}
	for _, who := range []string{far, remote, boris, admin, nobody} {
		want := answer(who, "/attachments/"+nowhere)
		paths := []string{"/prints/" + nowhere + ".html", "/prints/" + nowhere + ".pdf", "/prints/x.html", "/attachments/x", "/attachments/" + app, "/attachments/" + print,
			"/prints/" + id + ".html", "/attachments/%00", "/attachments/" + strings.ToUpper(nowhere), "/attachments/urn:uuid:" + nowhere}
		for path := range hidden {
			paths = append(paths, path)
		}
		for _, path := range paths {
			if d := cmp.Diff(want, answer(who, path)); d != "" {
				t.Errorf("%q asks for %s: unlike what is not there (-not there +this):\n%s", who, path, d)
			}
		}
	}
}

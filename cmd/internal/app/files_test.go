package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// fetch is a file of the server as somebody gets it.
func (s *stage) fetch(token, path string) (status int, header http.Header, body string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.app.URL()+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(raw)
}

func attachment(name string, content []byte) map[string]any {
	return map[string]any{"name": name, "base64": base64.StdEncoding.EncodeToString(content)}
}

const attachTo = `mutation($type: String!, $id: ID!, $a: AttachmentInput!) {attach(type: $type, id: $id, attachment: $a) {id name sha256 size}}`

// Files and prints are read by whoever may read their record, and for everybody else they are not there.
func TestFilesAreUnderThePolicyOfTheirRecord(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.decided()
	content := []byte("<svg onload='alert(1)'/>")
	file := dig(s.must(near, attachTo, map[string]any{"type": "Person", "id": s.ids["kolya"], "a": attachment("портрет.svg", content)}), "attach")
	print := dig(s.must(near, `{prints {nodes {id sha256}}}`, nil), "prints", "nodes", 0)
	paths := []string{"/attachments/" + dig(file, "id").(string), "/prints/" + dig(print, "id").(string) + ".html"}
	for _, path := range paths {
		for who, want := range map[string]int{
			near: 200, head: 200, anna: 200, far: 404, remote: 404, boris: 404, admin: 404, nobody: 404,
		} {
			token := ""
			if who != nobody {
				token = s.app.Token(who)
			}
			status, _, body := s.fetch(token, path)
			if status != want || status != 200 && !strings.Contains(body, `"NOT_FOUND"`) {
				t.Errorf("%q gets %s: HTTP %d %.100q, want %d", who, path, status, body, want)
			}
		}
		if status, _, _ := s.fetch("garbage", path); status != 401 {
			t.Errorf("a garbled token gets %s: HTTP %d", path, status)
		}
	}
	if status, _, _ := s.fetch(s.app.Token(far), strings.Replace(paths[1], ".html", ".pdf", 1)); status != 404 {
		t.Errorf("a foreign PDF: HTTP %d", status)
	}
	_, header, body := s.fetch(s.app.Token(near), paths[0])
	sum := sha256.Sum256(content)
	if body != string(content) || header.Get("ETag") != `"`+hex.EncodeToString(sum[:])+`"` || dig(file, "sha256") != hex.EncodeToString(sum[:]) {
		t.Errorf("the file came as %q %v", body, header)
	}
	if header.Get("Content-Type") != "application/octet-stream" || header.Get("Content-Disposition") != "attachment" || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("a browser might run it: %v", header)
	}
	_, header, body = s.fetch(s.app.Token(anna), paths[1])
	sum = sha256.Sum256([]byte(body))
	if dig(print, "sha256") != hex.EncodeToString(sum[:]) || !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") || !strings.Contains(body, "1-п") {
		t.Errorf("the print came as %v\n%.300s", header, body)
	}
	for path, want := range map[string]int{
		"/attachments/" + nowhere: 404, "/prints/" + nowhere + ".html": 404, "/prints/x": 404, "/attachments/x": 404, "/attachments/..%2fsecret": 404,
		"/attachments/": 404, "/prints/" + dig(print, "id").(string): 404, "/prints/" + dig(print, "id").(string) + ".exe": 404, "/attachments/%00": 404,
		"/secret": 404, "/files/": 404,
	} {
		if status, _, body := s.fetch(s.app.Token(near), path); status != want || strings.Contains(body, "SQL") {
			t.Errorf("%s: HTTP %d %.100q, want %d", path, status, body, want)
		}
	}
}

// A file that does not fit its slot is refused, with the field, and nothing of it is kept.
func TestFilesThatDoNotFit(t *testing.T) {
	t.Parallel()
	s := setup(t)
	app := s.create(anna, "SurvivorBenefitApplication", s.application())
	pdf := []byte("%PDF-1.4")
	slot := func(name string, a map[string]any) map[string]any { return with(a, map[string]any{"slot": name}) }
	for what, c := range map[string]struct {
		typ    string
		a      map[string]any
		code   string
		fields []string
	}{
		"a path for a name":      {"Person", attachment("../../etc/passwd", pdf), "INVALID", []string{"name file-name"}},
		"a Windows path":         {"Person", attachment(`C:\x.pdf`, pdf), "INVALID", []string{"name file-name"}},
		"no name":                {"Person", attachment("", pdf), "INVALID", []string{"name required"}},
		"300 characters of name": {"Person", attachment(strings.Repeat("я", 300)+".pdf", pdf), "INVALID", []string{"name file-name"}},
		"a line end in the name": {"Person", attachment("a\r\nSet-Cookie: x.pdf", pdf), "INVALID", []string{"name file-name"}},
		"a name that turns back": {"Person", attachment("a\u202efdp.exe", pdf), "INVALID", []string{"name file-name"}},
		"nothing inside":         {"Person", attachment("a.pdf", nil), "INVALID", []string{"attachments value"}},
		"no base64":              {"Person", map[string]any{"name": "a.pdf", "base64": "%%%"}, "INVALID", []string{"attachments value"}},
		"an unknown slot":        {"Person", slot("nothing", attachment("a.pdf", pdf)), "INVALID", []string{"slot unknown"}},
		"an unknown type":        {"Nothing", attachment("a.pdf", pdf), "NOT_FOUND", nil},
		"a type that has none":   {"PensionQuery", attachment("a.pdf", pdf), "NOT_FOUND", nil},
		"a program":              {"SurvivorBenefitApplication", slot("pensionProof", attachment("a.exe", pdf)), "INVALID", []string{"name enum"}},
	} {
		id := s.ids["kolya"]
		if c.typ == "SurvivorBenefitApplication" {
			id = app
		}
		s.refused(what, func() reply {
			return s.ask(near, attachTo, map[string]any{"type": c.typ, "id": id, "a": c.a})
		}, c.code, c.fields...)
	}
	s.must(near, attachTo, map[string]any{"type": "SurvivorBenefitApplication", "id": app, "a": slot("pensionProof", attachment("Справка.PDF", pdf))})
	s.refused("a second file of one", func() reply {
		return s.ask(near, attachTo, map[string]any{"type": "SurvivorBenefitApplication", "id": app, "a": slot("pensionProof", attachment("b.pdf", pdf))})
	}, "CONFLICT")
}

// Large files come as parts of a request; one that is larger than its slot allows is refused and not kept.
func TestFilesAsParts(t *testing.T) {
	t.Parallel()
	s := setup(t)
	small := bytes.Repeat([]byte("x"), 3<<20)
	r := s.upload(near, small)
	if len(r.Errors) > 0 || dig(r.Data, "attach", "size") != json.Number(fmt.Sprint(len(small))) {
		t.Fatalf("three megabytes: %+v", r)
	}
	if _, _, body := s.fetch(s.app.Token(near), "/attachments/"+dig(r.Data, "attach", "id").(string)); body != string(small) {
		t.Errorf("%d bytes came back", len(body))
	}
	large := bytes.Repeat([]byte("y"), 21<<20)
	s.refused("21 megabytes", func() reply { return s.upload(near, large) }, "LIMIT")
	s.refused("a part to a foreign record", func() reply { return s.upload(far, small) }, "NOT_FOUND")
}

// upload attaches content to kolya by the multipart form of GraphQL.
func (s *stage) upload(who string, content []byte) reply {
	s.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	operations, err := json.Marshal(map[string]any{"query": attachTo, "variables": map[string]any{
		"type": "Person", "id": s.ids["kolya"], "a": map[string]any{"name": "scan.pdf", "file": nil}}})
	if err != nil {
		s.t.Fatal(err)
	}
	_ = form.WriteField("operations", string(operations))
	_ = form.WriteField("map", `{"0": ["variables.a.file"]}`)
	part, err := form.CreateFormFile("0", "scan.pdf")
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = form.Close()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.app.URL()+"/graphql", &b)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+s.app.Token(who))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	r := reply{Status: res.StatusCode}
	d := json.NewDecoder(res.Body)
	d.UseNumber()
	if err := d.Decode(&r); err != nil {
		s.t.Fatal(err)
	}
	return r
}

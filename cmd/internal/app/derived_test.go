package app_test

import (
	"fmt"
	"strings"
	"testing"

	"mera/cmd/internal/agencies"
	"mera/cmd/internal/app"
)

// What is made of a labelled value is hidden as that is: the clerk and the citizen get the outcome of the case and
// nothing of why, the doctor gets all.
func TestWhatIsMadeOfALabelNeverLeaks(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *app.Config) { c.Catalog = []string{"testdata/derived"} })
	if s.faults.Faulty() {
		t.Fatal(s.faults.Render(func(string) []byte { return nil }))
	}
	s.staff("doctor", "nearOffice", "uray", "specialist", "doctor")
	s.create("doctor", "UrayNote", map[string]any{"person": s.ids[anna], "text": "а", "secret": "плохо " + secret})
	claim := s.create(near, "UrayClaim", map[string]any{"applicant": s.ids[anna]})
	s.settle()
	s.must(near, fire, map[string]any{"case": claim, "event": "decide", "data": map[string]any{}})
	s.settle()
	const q = `query($id: ID!) {
		urayClaim(id: $id) {
			state title
			decision {result date reasons {text condition} content}
			requests {name status body answer note}
			prints {id form html sha256}
			tasks {title item}
			notices {title}
			history {version data}
		}
		decisions {nodes {reasons {text} content}}
		prints {nodes {html}}
		events {nodes {before after note}}
		node(id: $id) {... on Case {decisions {content reasons {text}}}}
	}`
	all := s.must("doctor", q, map[string]any{"id": claim})
	if got := fmt.Sprintf("%v %v", dig(all, "urayClaim", "state"), dig(all, "urayClaim", "decision", "result")); got != "refused refused" {
		t.Errorf("the case is %s", got)
	}
	for _, at := range [][]any{{"decision", "reasons", 0, "text"}, {"decision", "content"}, {"requests", 0, "body"}} {
		if got := fmt.Sprint(dig(all, append([]any{"urayClaim"}, at...)...)); !strings.Contains(got, secret) {
			t.Errorf("the doctor does not see the secret in %v: %s", at, got)
		}
	}
	papers := map[string]string{}
	for _, p := range dig(all, "urayClaim", "prints").([]any) {
		papers[dig(p, "form").(string)] = dig(p, "id").(string)
	}
	for _, who := range []string{near, head, anna} {
		r := s.ask(who, q, map[string]any{"id": claim})
		if strings.Contains(fmt.Sprintf("%+v", r), secret) {
			t.Errorf("%s: the secret shows: %+v", who, r)
		}
	}
	seen := s.must(near, `query($id: ID!) {urayClaim(id: $id) {decision {result content reasons {text}} requests {body note} prints {form html}}}`, map[string]any{"id": claim})
	got := fmt.Sprint(dig(seen, "urayClaim", "decision"), dig(seen, "urayClaim", "requests"))
	if got != "map[content:<nil> reasons:[] result:refused] [map[body:<nil> note:<nil>]]" {
		t.Errorf("the clerk sees %s", got)
	}
	for _, p := range dig(seen, "urayClaim", "prints").([]any) {
		if open := dig(p, "html") != nil; open != (dig(p, "form") == "UrayClaimReceipt") {
			t.Errorf("of the paper %v the clerk sees %v", dig(p, "form"), dig(p, "html"))
		}
	}
	for form, want := range map[string]map[string]int{
		"UrayClaimPaper":   {"doctor": 200, near: 404, anna: 404},
		"UrayClaimReceipt": {"doctor": 200, near: 200, anna: 200},
	} {
		for who, status := range want {
			code, _, body := s.fetch(s.app.Token(who), "/prints/"+papers[form]+".html")
			if code != status || strings.Contains(body, secret) != (form == "UrayClaimPaper" && who == "doctor") {
				t.Errorf("%s gets %d for %s: %s", who, code, form, body)
			}
		}
	}
}

// An answer of an agency is hidden as what it writes is, also before anything of it was written.
func TestAnAnswerIsHiddenAsWhatItWrites(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *app.Config) { c.Catalog = []string{"testdata/derived"} })
	s.staff("doctor", "nearOffice", "uray", "specialist", "doctor")
	s.answering(map[string]agencies.Behaviour{"UrayClaimCheck": {Answer: map[string]any{"text": "ответ", "found": secret, "day": "2019-07-16"}}})
	claim := s.create(near, "UrayClaim", map[string]any{"applicant": s.ids[anna]})
	s.settle()
	const q = `query($id: ID!) {urayClaim(id: $id) {requests {status answer note}} urayNotes {nodes {text secret}} events {nodes {after note}}}`
	if got := fmt.Sprint(dig(s.must("doctor", q, map[string]any{"id": claim}), "urayClaim", "requests", 0)); !strings.Contains(got, secret) {
		t.Errorf("the doctor sees %s", got)
	}
	for _, who := range []string{near, head} {
		if r := s.ask(who, q, map[string]any{"id": claim}); strings.Contains(fmt.Sprintf("%+v", r), secret) {
			t.Errorf("%s: the secret shows: %+v", who, r)
		}
	}
	if got := dig(s.must(near, q, map[string]any{"id": claim}), "urayClaim", "requests", 0, "status"); got != "answered" {
		t.Errorf("the clerk sees %v", got)
	}
}

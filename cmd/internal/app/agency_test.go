package app_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/cmd/internal/agencies"
	"mera/cmd/internal/app"
)

// state is what a case and its requests have come to: «state: Request status, …».
func (s *stage) state(id string) string {
	s.t.Helper()
	data := s.must(near, `query($id: ID!) {case(id: $id) {state requests {name status}}}`, map[string]any{"id": id})
	status := map[string]string{}
	for _, q := range dig(data, "case", "requests").([]any) {
		status[dig(q, "name").(string)] = dig(q, "status").(string)
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(status)) {
		out = append(out, name+" "+status[name])
	}
	return fmt.Sprintf("%v: %s", dig(data, "case", "state"), strings.Join(out, ", "))
}

// open is the number of cases' own tasks that wait for a specialist on a case; reminders of deadlines are another's.
func (s *stage) open(id string) int {
	s.t.Helper()
	data := s.must(near, `{tasks(where: {status: {eq: "open"}, work: {eq: "review"}}) {nodes {title case {id}}}}`, nil)
	n := 0
	for _, task := range dig(data, "tasks", "nodes").([]any) {
		if dig(task, "case", "id") == id {
			n++
		}
	}
	return n
}

// An answer that comes when the case has ended is still a document; the case stays as it was.
func TestALateAnswerBecomesADocument(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.answering(map[string]agencies.Behaviour{"PaymentsInPeriod": {After: time.Hour, Answer: map[string]any{
		"payments": []any{map[string]any{"month": "2019-05", "payer": "Завод", "amount": "1000.50"}}}}})
	id := s.create(anna, "SurvivorBenefitApplication", s.application())
	s.settle()
	frozen := `query($id: ID!) {case(id: $id) {state version updatedAt decisions {id result} awards {id status} prints {sha256}}}`
	before := s.must(anna, frozen, map[string]any{"id": id})
	if dig(before, "case", "state") != "granted" {
		t.Fatalf("the case is %v", before)
	}
	s.wait("1 hour")
	if d := cmp.Diff(before, s.must(anna, frozen, map[string]any{"id": id})); d != "" {
		t.Errorf("a late answer has changed the ended case:\n%s", d)
	}
	data := s.must(near, `{incomes {nodes {month payer amount}}}`, nil)
	if got := fmt.Sprint(dig(data, "incomes", "nodes")); got != "[map[amount:1000.50 month:2019-05 payer:Завод]]" {
		t.Errorf("the late answer is %s", got)
	}
	if got := s.state(id); !strings.Contains(got, "PaymentsInPeriod answered") {
		t.Error(got)
	}
}

// An answer to a request that the case no longer waits for is a document too, and no more.
func TestAnAnswerToACancelledRequest(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.answering(map[string]agencies.Behaviour{"PensionCheck": {After: 20 * 24 * time.Hour, Answer: map[string]any{
		"pensions": []any{map[string]any{"id": "sfr-1", "number": "5", "type": "GPK", "from": "2019-06-06", "to": "2019-08-31"}}}}})
	id := s.create(anna, "SurvivorBenefitApplication", s.application())
	s.settle()
	s.wait("8 days")
	if got := s.state(id); !strings.HasPrefix(got, "byHand") || s.open(id) != 1 {
		t.Fatalf("without the answer: %s, %d tasks", got, s.open(id))
	}
	s.wait("20 days")
	if n := dig(s.must(near, `{pensions {totalCount}}`, nil), "pensions", "totalCount"); n != json.Number("1") {
		t.Errorf("%v pensions", n)
	}
	if got := s.state(id); !strings.HasPrefix(got, "byHand") || s.open(id) != 1 {
		t.Errorf("after the answer: %s, %d tasks", got, s.open(id))
	}
}

// The same message again and again is one document in one version, and one line of the journal.
func TestARepeatedAnswerIsOneDocument(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.answering()
	for exchange, b := range maps.Clone(s.agencies.Behaviours) {
		b.Repeat = 4
		s.agencies.Behaviours[exchange] = b
	}
	id := s.create(anna, "SurvivorBenefitApplication", s.application())
	s.settle()
	data := s.must(near, `{pensions {nodes {version history {version}}} registrations {nodes {version}} awards {totalCount}}`, nil)
	if got := fmt.Sprint(data); got != "map[awards:map[totalCount:1] pensions:map[nodes:[map[history:[map[version:1]] version:1]]] registrations:map[nodes:[map[version:1]]]]" {
		t.Errorf("after five equal answers each: %s", got)
	}
	before := s.census()
	s.answer("PensionCheck", "answer-anew", map[string]any{"snils": "087-654-303 00", "pensions": []any{}})
	s.settle()
	if g := grown(t, before, s.census()); g["events"] != 1 || len(g) != 1 {
		t.Errorf("another answer to an answered request wrote %v, want its parking", g)
	}
	if got := s.state(id); !strings.HasPrefix(got, "granted") {
		t.Error(got)
	}
}

// answer posts an answer to the last request of an exchange, as its agency would, and returns the HTTP status.
func (s *stage) answer(exchange, message string, body any) int {
	s.t.Helper()
	q := s.asked.of(exchange)
	raw, err := json.Marshal(map[string]any{"message": message, "request": q.ID, "body": body})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.deliver(q.ReplyTo, q.Token, string(raw))
}

func (s *stage) deliver(address, token, body string) int {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// What an agency says wrongly writes no document; a person gets the case in the end, and the reason with it.
func TestAnswersThatAreNoAnswers(t *testing.T) {
	t.Parallel()
	pension := func(id, from, to string) any {
		return map[string]any{"id": id, "number": "5", "type": "GPK", "from": from, "to": to}
	}
	for what, c := range map[string]struct {
		manner agencies.Behaviour
		status string
	}{
		"about another person":     {agencies.Behaviour{Answer: map[string]any{"snils": "112-233-445 95", "pensions": []any{pension("1", "2019-06-06", "2019-08-31")}}}, "unclear"},
		"a body that is no object": {agencies.Behaviour{Raw: "\x00<html>502 Bad Gateway</html>"}, "unclear"},
		"a date that is none":      {agencies.Behaviour{Answer: map[string]any{"pensions": []any{pension("1", "2019-02-30", "2019-08-31")}}}, "unclear"},
		"an unknown code":          {agencies.Behaviour{Answer: map[string]any{"pensions": []any{map[string]any{"id": "1", "type": "НЕТ", "from": "2019-06-06"}}}}, "unclear"},
		"the second of two wrong":  {agencies.Behaviour{Answer: map[string]any{"pensions": []any{pension("1", "2019-06-06", "2019-08-31"), pension("2", "2019-08-01", "2019-09-30")}}}, "unclear"},
		"an end before its start":  {agencies.Behaviour{Answer: map[string]any{"pensions": []any{pension("1", "2019-06-06", "2019-06-05")}}}, "unclear"},
		"not allowed":              {agencies.Behaviour{Rejected: "ACCESS_DENIED"}, "failed"},
		"an unknown refusal":       {agencies.Behaviour{Rejected: "NO_IDEA"}, "unclear"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.answering(map[string]agencies.Behaviour{"PensionCheck": c.manner})
			id := s.create(anna, "SurvivorBenefitApplication", s.application())
			s.settle()
			s.wait("8 days")
			if got := s.state(id); !strings.HasPrefix(got, "byHand") || !strings.Contains(got, "PensionCheck "+c.status) {
				t.Errorf("%s", got)
			}
			if n := s.open(id); n != 1 {
				t.Errorf("%d tasks wait for a person", n)
			}
			data := s.must(near, `{pensions {totalCount} awards {totalCount} requests(where: {name: {eq: "PensionCheck"}}) {nodes {note}}}`, nil)
			if got := fmt.Sprint(dig(data, "pensions", "totalCount"), " ", dig(data, "awards", "totalCount")); got != "0 0" {
				t.Errorf("pensions and awards: %s", got)
			}
			if note, _ := dig(data, "requests", "nodes", 0, "note").(string); note == "" {
				t.Errorf("the reason for the official is %q", note)
			}
		})
	}
}

// «There is no such data» is knowledge: the decision is a refusal with its reason and article, not a question to a person.
func TestAnAgencyThatKnowsOfNone(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.answering(map[string]agencies.Behaviour{"PensionCheck": {Rejected: "NO_DATA"}})
	id := s.create(anna, "SurvivorBenefitApplication", s.application())
	s.settle()
	data := s.must(anna, `query($id: ID!) {case(id: $id) {state decision {result number reasons {text law {act article}}} awards {id} prints {form}}}`, map[string]any{"id": id})
	want := map[string]any{"case": map[string]any{
		"state": "refused", "awards": []any{}, "prints": []any{map[string]any{"form": "SurvivorBenefitDecision"}},
		"decision": map[string]any{"result": "refused", "number": "1-п", "reasons": []any{map[string]any{
			"text": "Не подтверждено получение пенсии по случаю потери кормильца", "law": map[string]any{"act": "ugra-45-oz", "article": "4"}}}},
	}}
	if d := cmp.Diff(want, data); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := s.state(id); !strings.Contains(got, "PensionCheck none") {
		t.Error(got)
	}
}

// Only an agency that was asked may answer, in the form that was agreed; what cannot belong to a request is kept apart.
func TestWhoMayAnswer(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *app.Config) { c.Channels["other"] = c.Channels["agencies"] })
	s.create(anna, "SurvivorBenefitApplication", s.application())
	s.settle()
	q := s.asked.of("PensionCheck")
	body := fmt.Sprintf(`{"message": "m-1", "request": %q, "body": {"snils": "087-654-303 00", "pensions": []}}`, q.ID)
	before := s.census()
	for what, c := range map[string]struct {
		token, body string
		status      int
	}{
		"no token":            {"", body, http.StatusUnauthorized},
		"a wrong token":       {q.Token + "x", body, http.StatusUnauthorized},
		"a user's token":      {s.app.Token(admin), body, http.StatusUnauthorized},
		"no JSON":             {q.Token, `<xml/>`, http.StatusBadRequest},
		"an empty envelope":   {q.Token, `{}`, http.StatusBadRequest},
		"no request":          {q.Token, `{"message": "m"}`, http.StatusBadRequest},
		"no message":          {q.Token, `{"request": "` + q.ID + `"}`, http.StatusBadRequest},
		"a long message id":   {q.Token, `{"message": "` + strings.Repeat("m", 101) + `", "request": "` + q.ID + `"}`, http.StatusBadRequest},
		"a zero in it":        {q.Token, `{"message": "m\u0000", "request": "` + q.ID + `"}`, http.StatusBadRequest},
		"a zero in the other": {q.Token, `{"message": "m", "request": "\u0000"}`, http.StatusBadRequest},
		"a list":              {q.Token, `[` + body + `]`, http.StatusBadRequest},
		"two megabytes":       {q.Token, `{"message": "m", "request": "r", "body": "` + strings.Repeat("x", 2<<20) + `"}`, http.StatusBadRequest},
	} {
		if got := s.deliver(q.ReplyTo, c.token, c.body); got != c.status {
			t.Errorf("%s: HTTP %d, want %d", what, got, c.status)
		}
	}
	if res, err := http.Get(q.ReplyTo); err != nil || res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %v %v", res, err)
	}
	s.settle()
	if g := grown(t, before, s.census()); len(g) > 0 {
		t.Errorf("what was refused wrote %v", g)
	}
	other := strings.Replace(q.ReplyTo, "/exchange/agencies", "/exchange/other", 1)
	if got := s.deliver(other, q.Token, body); got != http.StatusUnauthorized {
		t.Errorf("the token of one channel on another: HTTP %d", got)
	}
	for what, request := range map[string]string{"an unknown request": nowhere, "no id at all": "not-an-id", "SQL": "'; drop table request; --"} {
		raw, _ := json.Marshal(map[string]any{"message": "p-" + what, "request": request, "body": map[string]any{}})
		if got := s.deliver(q.ReplyTo, q.Token, string(raw)); got != http.StatusAccepted {
			t.Errorf("%s: HTTP %d", what, got)
		}
		s.settle()
		parked := s.must(kernel, `{events(where: {action: {eq: "answer-parked"}}, last: 1, orderBy: [{at: ASC}]) {totalCount nodes {note}}}`, nil)
		if note := fmt.Sprint(dig(parked, "events", "nodes", 0, "note")); !strings.Contains(fmt.Sprint(dig(parked, "events", "nodes")), "p-"+what) && !strings.Contains(note, "p-"+what) {
			t.Errorf("%s is not parked: %v", what, parked)
		}
	}
	// The right answer is still taken after all that.
	if got := s.deliver(q.ReplyTo, q.Token, body); got != http.StatusAccepted {
		t.Errorf("the right answer: HTTP %d", got)
	}
	s.settle()
	if got := dig(s.must(near, `{requests(where: {name: {eq: "PensionCheck"}}) {nodes {status}}}`, nil), "requests", "nodes", 0, "status"); got != "answered" {
		t.Errorf("the right answer: %v", got)
	}
}

// An answer on a channel that was not asked is nobody's, even with that channel's own token.
func TestAnAnswerOfAnotherChannel(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *app.Config) { c.Channels["other"] = c.Channels["agencies"] })
	s.create(anna, "SurvivorBenefitApplication", s.application())
	s.settle()
	q := s.asked.of("PensionCheck")
	secret, err := os.ReadFile(filepath.Join(s.config.Data, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("channel:other"))
	token := base64.RawURLEncoding.EncodeToString(h.Sum(nil))
	body := fmt.Sprintf(`{"message": "m-1", "request": %q, "body": {"snils": "087-654-303 00", "pensions": []}}`, q.ID)
	other := strings.Replace(q.ReplyTo, "/exchange/agencies", "/exchange/other", 1)
	if got := s.deliver(other, token, body); got != http.StatusAccepted {
		t.Fatalf("HTTP %d", got)
	}
	s.settle()
	data := s.must(kernel, `{requests(where: {name: {eq: "PensionCheck"}}) {nodes {status}} events(where: {action: {eq: "answer-parked"}}) {totalCount}}`, nil)
	if got := fmt.Sprint(data); got != "map[events:map[totalCount:1] requests:map[nodes:[map[status:sent]]]]" {
		t.Error(got)
	}
}

// An answer with an identity that belongs to somebody else is unclear: it neither fails for ever nor takes it over.
func TestAnAnswerWithAnothersIdentity(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.answering(map[string]agencies.Behaviour{"SnilsCheck": {Answer: map[string]any{"snils": "087-654-303 00"}}})
	id := s.create(boris, "SurvivorBenefitApplication", with(s.application(), map[string]any{"applicant": s.ids[boris], "child": s.ids["vera"]}))
	s.settle()
	data := s.must(far, `query($v: ID!, $id: ID!) {person(id: $v) {snils version} case(id: $id) {state requests(where: {name: {eq: "SnilsCheck"}}) {status note}}}`,
		map[string]any{"v": s.ids["vera"], "id": id})
	if dig(data, "person", "snils") != nil || dig(data, "person", "version") != json.Number("1") || dig(data, "case", "requests", 0, "status") != "unclear" {
		t.Errorf("%v", data)
	}
}

// An answer about one person never changes another's document, whatever key it names.
func TestAnAnswerNamesAnothersDocument(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.decided()
	s.person("tanya", "Лесная", "2009-03-04", snils(200300400), "sovetsky", boris)
	theirs := `{pensions {nodes {id person {id} from to version}}}`
	before := s.must(near, theirs, nil)
	s.answering(map[string]agencies.Behaviour{"PensionCheck": {Answer: map[string]any{
		"pensions": []any{map[string]any{"id": "sfr-1", "number": "5", "type": "GPK", "from": "2019-01-01", "to": "2029-12-31"}}}}})
	id := s.create(boris, "SurvivorBenefitApplication", with(s.application(), map[string]any{"applicant": s.ids[boris], "child": s.ids["tanya"]}))
	s.settle()
	if d := cmp.Diff(before, s.must(near, theirs, nil)); d != "" {
		t.Errorf("another's pension was changed:\n%s", d)
	}
	data := s.must(far, `query($id: ID!) {case(id: $id) {state requests(where: {name: {eq: "PensionCheck"}}) {status note}}}`, map[string]any{"id": id})
	if dig(data, "case", "state") != "byHand" || dig(data, "case", "requests", 0, "status") != "unclear" {
		t.Errorf("%v", data)
	}
}

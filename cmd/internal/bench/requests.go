package bench

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"time"

	"mera/schema/value"
)

// workload is one kind of request, with the floor that it is held against.
type workload struct {
	name  string
	floor string  // file of the floor
	want  float64 // ratio to the floor at 16 connections
	query string
	// vars appends the variables of one request and tells who asks.
	vars func(r *Region, rnd *rand.Rand, buf []byte) (out []byte, person int)
	// alike are the variables of the floor for the same rows; nil where its rows are others.
	alike func(r *Region, person int, vars map[string]string) map[string]string
}

// The workloads, by the targets of the project.
func workloads() ([]*workload, error) {
	out := []*workload{
		{name: "R1", floor: "R1", want: 0.65, vars: card, alike: cardAlike},
		{name: "R2", floor: "R2", want: 0.75, vars: list, alike: listAlike},
		{name: "R3", floor: "R3", want: 0.60, vars: apply},
		{name: "R4", floor: "R4", want: 0.80, vars: nameAndBirth},
		{name: "R4'", floor: "R4t", want: 25, vars: nameAlone},
		{name: "R5", floor: "R5", want: 0.35, vars: bySnils, alike: snilsAlike},
	}
	for _, w := range out {
		b, err := fs.ReadFile(region, "region/queries/"+strings.TrimSuffix(w.name, "'")+".graphql")
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(strings.Join(strings.Fields(string(b)), " "))
		if err != nil {
			return nil, err
		}
		w.query = `{"query":` + string(text) + `,"variables":{`
	}
	return out, nil
}

// request appends the body of a request; person says in whose district the asker must work.
func (w *workload) request(r *Region, rnd *rand.Rand, buf []byte) (body []byte, person int) {
	buf, person = w.vars(r, rnd, append(buf, w.query...))
	return append(buf, '}', '}'), person
}

func pair(buf []byte, name, value string) []byte {
	if buf[len(buf)-1] != '{' {
		buf = append(buf, ',')
	}
	buf = append(append(append(buf, '"'), name...), `":"`...)
	return append(append(buf, value...), '"')
}

func card(r *Region, rnd *rand.Rand, buf []byte) ([]byte, int) {
	n := rnd.IntN(r.persons)
	return pair(buf, "id", r.personID(n)), n
}

func list(r *Region, rnd *rand.Rand, buf []byte) ([]byte, int) {
	n := rnd.IntN(r.persons)
	from := value.Date{Year: 2020, Month: time.January, Day: 1}.AddDays(rnd.IntN(1096))
	buf = pair(buf, "territory", r.leaf(n).code)
	buf = pair(buf, "state", []string{"granted", "refused"}[rnd.IntN(2)])
	buf = pair(buf, "from", from.String())
	return pair(buf, "to", from.AddDays(365).String()), n
}

func apply(r *Region, rnd *rand.Rand, buf []byte) ([]byte, int) {
	n := rnd.IntN(r.persons)
	buf = pair(buf, "applicant", r.personID(n))
	buf = pair(buf, "kind", "fuel")
	return pair(buf, "basis", fmt.Sprintf("N-%d", rnd.Int64N(1<<40))), n
}

func bySnils(r *Region, rnd *rand.Rand, buf []byte) ([]byte, int) {
	n := rnd.IntN(r.persons)
	return pair(buf, "snils", snils(n)), n
}

func nameAndBirth(r *Region, rnd *rand.Rand, buf []byte) ([]byte, int) {
	n := rnd.IntN(r.persons)
	p := r.person(n)
	return pair(buf, "text", misspelt(rnd, join(p.last, p.first, p.middle))+" "+p.birth.String()), n
}

func nameAlone(r *Region, rnd *rand.Rand, buf []byte) ([]byte, int) {
	n := rnd.IntN(r.persons)
	p := r.person(n)
	return pair(buf, "text", misspelt(rnd, join(p.last, p.first, p.middle))), n
}

// misspelt makes one typing error anywhere but at the ends: a letter dropped, doubled or swapped with the next.
func misspelt(rnd *rand.Rand, name string) string {
	rs := []rune(name)
	at := 1 + rnd.IntN(len(rs)-2)
	for rs[at] == ' ' || rs[at+1] == ' ' {
		at = 1 + rnd.IntN(len(rs)-2)
	}
	switch rnd.IntN(3) {
	case 0:
		rs = append(rs[:at], rs[at+1:]...)
	case 1:
		rs = append(rs[:at+1], rs[at:]...)
	default:
		rs[at], rs[at+1] = rs[at+1], rs[at]
	}
	return string(rs)
}

package graph

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"mera/kernel"
	"mera/kernel/search"
	"mera/kernel/store"
	"mera/schema/value"
)

// conditions of the rules, over attributes that every row has.
var ruleConditions = []string{
	`input.row.territory in input.actor.territories`, `not input.row.territory in input.actor.territories`, `input.row.territory == "surgut"`,
	`input.row.office == input.actor.office`, `input.row.office != input.actor.office`, `input.row.author == input.actor.id`,
	`not input.row.author == input.actor.id`, `has(input.row.persons, input.actor.person)`, `not has(input.row.persons, input.actor.person)`,
	`has_any(input.row.persons, input.actor.duties)`, `input.row.department == input.actor.department`, `not input.row.department`,
	`"clerk" in input.actor.roles`, `"head" in input.actor.roles`, `input.row.type == "Person"`, `input.row.type in {"Pension", "Person", "Office"}`,
	`input.type != "BenefitApplication"`, `input.row.author != "ivanova"`, `near`, `not near`, `not { near; input.row.author == "petrov" }`, `true`,
}

func (o *oracle) policy() string {
	body := func() string {
		var parts []string
		for range 1 + o.IntN(2) {
			parts = append(parts, ruleConditions[o.IntN(len(ruleConditions))])
		}
		return strings.Join(parts, "; ")
	}
	var src strings.Builder
	src.WriteString("package mera.register\nimport data.mera.lib.has\nimport data.mera.lib.has_any\nnear if input.row.territory in input.actor.territories\n")
	src.WriteString("write if { near; has(input.row.persons, input.actor.person); has_any(input.row.persons, input.actor.duties) }\n")
	rule := func(head string, n int) {
		for range n {
			fmt.Fprintf(&src, "%s if { %s }\n", head, body())
		}
	}
	rule("read", 1+o.IntN(3))
	rule("deny", o.IntN(2))
	rule("show.health", o.IntN(3))
	rule("show.bank", o.IntN(3))
	return src.String()
}

func (o *oracle) somebody() *kernel.Actor {
	a := &kernel.Actor{Kind: kernel.Staff, ID: pick(o, "ivanova", "petrov"), Name: "x", Department: pick(o, "", "d1", "d2"), Office: pick(o, "", oid("o", 0), oid("o", 1)), Person: pick(o, "", oid("p", 0), oid("p", 1))}
	for _, r := range []string{"clerk", "head"} {
		if o.IntN(2) == 0 {
			a.Roles = append(a.Roles, r)
		}
	}
	a.Territories = pick(o, nil, []string{"surgut"}, []string{"uray"}, []string{"ugra"}, []string{"surgut", "uray"})
	a.Duties = pick(o, nil, []string{oid("p", 2), oid("p", 3)})
	return a
}

func pick[T any](o *oracle, list ...T) T { return list[o.IntN(len(list))] }

// oid is the id of the n-th record of a kind.
func oid(kind string, n int) string {
	return fmt.Sprintf("0190a1b2-c3d4-7e5f-8a9b-%04x%08d", kind[0], n)
}

const people, offices, papers = 30, 4, 60

// The days on which records are written, and the moments between them that queries ask about.
var (
	days    = []time.Time{noon.AddDate(0, 0, -9), noon.AddDate(0, 0, -6), noon.AddDate(0, 0, -3)}
	moments = []time.Time{days[0].Add(-time.Hour), days[0].Add(time.Hour), days[1].Add(time.Hour), noon}
)

// fill writes the records as they became over some days: each has the versions of the days on which it was written.
func (o *oracle) fill() {
	lives := map[string]*life{}
	var order []string
	for d, day := range days {
		o.clock.Store(&day)
		var written []*kernel.Record
		for _, r := range o.draw() {
			l := lives[r.ID]
			if l == nil {
				l = &life{}
				lives[r.ID], order = l, append(order, r.ID)
			} else if n := len(l.versions); n > 0 && (r.Type != l.now().Type || o.IntN(2) == 0) {
				continue // another kind of paper, or nobody has changed it
			}
			if len(l.versions) == 0 && d < len(days)-1 && o.IntN(3) == 0 {
				continue
			}
			r.Version = len(l.versions) + 1
			l.since, l.versions = append(l.since, day), append(l.versions, r)
			written = append(written, r)
		}
		o.save(written)
	}
	for _, id := range order {
		o.records = append(o.records, *lives[id])
	}
	o.clock.Store(&noon)
}

// draw makes a record of each id.
func (o *oracle) draw() (out []*kernel.Record) {
	for i := range offices {
		data := map[string]any{"title": fmt.Sprint("Отдел ", i), "territory": pick(o, "surgut", "uray", "ugra")}
		if i > 0 {
			data["above"] = oid("o", o.IntN(i))
		}
		out = append(out, o.record("Office", oid("o", i), nil, data))
	}
	var persons []*kernel.Record
	for i := range people {
		persons = append(persons, o.record("Person", oid("p", i), nil, o.person()))
	}
	out = append(out, persons...)
	for i := range papers {
		out = append(out, o.record("Pension", oid("n", i), persons[o.IntN(people)], o.pension()))
	}
	for i := range papers {
		r := o.application(oid("a", i), persons[o.IntN(people)])
		if i > 0 && o.IntN(3) == 0 {
			r.Case.Parent, r.Case.ParentOf = oid("a", o.IntN(i)), "BenefitApplication"
		}
		out = append(out, r)
	}
	return out
}

func (o *oracle) save(records []*kernel.Record) {
	err := o.db.Write(o.t.Context(), func(tx *store.Tx) error {
		for name, c := range o.cat.Classifiers {
			if err := tx.PutItems(o.t.Context(), name, c.Items, "register"); err != nil {
				return err
			}
		}
		for _, r := range records {
			if err := tx.SaveRecord(o.t.Context(), r, uid(9000), r.Version == 1); err != nil {
				return err
			}
			if keys := search.KeysOf(o.cat.Documents[r.Type], r.Data, ""); r.Type == "Person" && r.Void == "" {
				if err := tx.SaveSearch(o.t.Context(), r.Type, r.ID, keys); err != nil {
					return err
				}
			} else if err := tx.DropSearch(o.t.Context(), r.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// record is one on a card, or a root where there is none.
func (o *oracle) record(typ, id string, card *kernel.Record, data map[string]any) *kernel.Record {
	at := noon.Add(time.Duration(o.IntN(5)) * time.Hour)
	r := &kernel.Record{Type: typ, ID: id, Root: id, Data: data, Author: pick(o, "ivanova", "petrov", "sidorov"),
		Persons: []string{}, Access: map[string]any{}, CreatedAt: at, CreatedBy: pick(o, "ivanova", "petrov"), UpdatedAt: at, UpdatedBy: "petrov",
		Title: typ + " " + id[len(id)-2:], Office: pick(o, "", oid("o", 0), oid("o", 1)), Department: pick(o, "", "d1", "d2"), Void: pick(o, "", "", "", "", "", "ошибка")}
	r.Territory, _ = data["territory"].(string)
	switch {
	case card != nil:
		r.Root, r.Card, r.Persons, r.Territory = card.ID, card.ID, []string{card.ID}, card.Territory
	case typ == "Person":
		r.Persons = []string{id}
	}
	return r
}

// some leaves out some of the values, so that each is absent now and then.
func (o *oracle) some(data map[string]any) map[string]any {
	for _, name := range slices.Sorted(keysOf(data)) {
		if o.IntN(4) == 0 {
			delete(data, name)
		}
	}
	return data
}

func keysOf(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (o *oracle) person() map[string]any {
	relative := func() any {
		return o.some(map[string]any{"name": pick(o, "Мария", "Пётр"), "role": pick(o, "mother", "father"), "born": pick(o, "1950-01-01", "1951-02-03"), "kind": pick(o, "age", "survivor", "gone")})
	}
	return o.some(map[string]any{"lastName": pick(o, "Ёлкина", "Елкина", "Петров", "яковлев", "Ян"), "firstName": pick(o, "Анна", "анна", "Пётр"),
		"birthDate": pick(o, "1980-02-03", "2006-05-11", "1950-01-01"), "sex": pick(o, "male", "female"), "snils": pick(o, "11223344595", "11223344596"),
		"territory": pick(o, "surgut", "uray", "ugra"), "diagnosis": pick(o, "тайна", "нет"), "phones": pick(o, []any{"111"}, []any{"222", "111"}),
		"kinds": pick(o, []any{"age"}, []any{"survivor", "gone"}), "payout": o.some(map[string]any{"bank": pick(o, "047102651", "047102652"), "account": pick(o, "1", "2")}),
		"relatives": pick(o, []any{relative()}, []any{relative(), relative()})})
}

func (o *oracle) pension() map[string]any {
	return o.some(map[string]any{"type": pick(o, "age", "survivor", "gone"), "from": pick(o, "2019-06-06", "2019-07-01", "2018-01-01"),
		"to": pick(o, "2019-08-31", "2019-07-16", "2018-12-31"), "amount": pick(o, "1826.00", "99.50", "10000.00"), "share": pick(o, "0.5", "1.25", "-3"),
		"points": pick(o, json.Number("10"), json.Number("-3"), json.Number("7")), "quarter": "2019-Q2", "month": "2019-06",
		"at": pick(o, "2019-06-06T09:30:00Z", "2019-06-07T09:30:00Z"), "old": pick(o, true, false), "note": "х"})
}

func (o *oracle) application(id string, p *kernel.Record) *kernel.Record {
	typ, states := "BenefitApplication", []string{"open", "granted", "refused"}
	number := pick(o, "", "1-П", "2-П")
	data := o.some(map[string]any{"date": pick(o, "2019-07-16", "2019-06-01"), "channel": pick(o, "age", "survivor")})
	data["applicant"] = p.ID
	if o.IntN(3) == 0 {
		typ, states, number = "RequestForm", []string{"asked", "done"}, ""
		data["text"] = "Прошу"
	} else {
		for name, v := range o.some(map[string]any{"child": oid("p", o.IntN(people)), "cause": pick(o, "тайна", "нет"), "people": []any{oid("p", o.IntN(people)), oid("p", o.IntN(people/2)+people)}}) {
			data[name] = v
		}
	}
	if number != "" {
		data["number"] = number
	}
	r := o.record(typ, id, p, data)
	state := pick(o, states...)
	channel, _ := data["channel"].(string)
	r.Case = &kernel.Case{State: state, Final: state != states[0], Number: number, Applicant: p.ID, Channel: channel, Worker: pick(o, "", "ivanova"), Due: pick(o, value.Date{}, value.DateOf(noon))}
	return r
}

package bench

import (
	"fmt"
	"iter"
	"time"

	"mera/kernel"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/value"
)

// Region is a made-up region of a given size, the same for the same seed. It answers by number - the person n, the
// application n - and keeps nothing, so it costs nothing however many people live there.
type Region struct {
	chance
	*words
	cat     *schema.Catalog
	release string
	persons int
	leaves  []territory // parts of districts, where people live; by district
	offices []office    // one a district
	start   time.Time   // when the first card was made
	flows   map[string][]string
}

type office struct{ id, territory string }

// Sizes of a region, for each million of its persons.
const (
	perMillionCases = 3_000_000
	million         = 1_000_000
)

// clerk is who wrote everything: the engine.
const clerk = "system"

// today is the last day of the region's history.
var today = value.Date{Year: 2024, Month: time.December, Day: 31}

// NewRegion describes a region. release is the digest that its decisions name.
func NewRegion(cat *schema.Catalog, release string, persons int, seed uint64) (*Region, error) {
	w, err := readWords()
	if err != nil {
		return nil, err
	}
	r := &Region{
		chance: chance{seed}, words: w, cat: cat, release: release, persons: (persons + 9) / 10 * 10, flows: snapshots(),
		start: time.Date(2015, time.January, 12, 4, 0, 0, 0, time.UTC),
	}
	for _, t := range w.territories {
		if len(t.code) > 2 && t.code[len(t.code)-2] == '-' {
			r.leaves = append(r.leaves, t)
			continue
		}
		n := len(r.offices)
		r.offices = append(r.offices, office{r.id(ofOffice, n, r.start), t.code})
	}
	return r, nil
}

// person is one of the region. Ten neighbours are four households: parents with a child, a single, parents with two
// children, an elderly couple.
type person struct {
	n         int
	woman     bool
	last      string
	first     string
	middle    string
	birth     value.Date
	territory string
	snils     string
	created   time.Time
	id        string
	parents   []int // of a child
	children  []int
}

// household of each of ten neighbours, and his part in it.
var (
	households = [10]int{0, 0, 0, 1, 2, 2, 2, 2, 3, 3}
	parts      = [10]int{husband, wife, child, single, husband, wife, child, child, husband, wife}
)

const (
	husband = iota
	wife
	child
	single
)

func (r *Region) personID(n int) string { return r.id(ofPerson, n, r.personAt(n)) }

// personAt is when the card of a person was made: the cards were made in four years, one after the other.
func (r *Region) personAt(n int) time.Time {
	return r.start.Add(time.Duration(n) * (4 * 365 * 24 * time.Hour / time.Duration(r.persons))).Truncate(time.Millisecond)
}

// leaf is where a household lives; towns differ in size.
func (r *Region) leaf(n int) territory {
	house := n/10*4 + households[n%10]
	return r.leaves[r.skewed(ofTerritory, house, len(r.leaves), 1.6)]
}

// officeOf is the office of the district in which a person lives.
func (r *Region) officeOf(leaf territory) office {
	for _, o := range r.offices {
		if o.territory == leaf.parent {
			return o
		}
	}
	return r.offices[0]
}

func (r *Region) person(n int) person {
	part, house := parts[n%10], n/10*4+households[n%10]
	p := person{n: n, created: r.personAt(n), territory: r.leaf(n).code, snils: snils(n)}
	p.id = r.id(ofPerson, n, p.created)
	p.woman = part == wife || part != husband && r.below(ofSex, n, 2) == 1
	p.last = r.surname(r.skewed(ofHousehold, house, r.surnames(), 2.5), p.woman)
	father := r.male[r.skewed(ofFather, n, len(r.male), 1.7)]
	year := 1950 + r.below(ofBirth, n, 50)
	switch base := n / 10 * 10; {
	case part == child:
		first := base + map[int]int{0: 0, 2: 4}[households[n%10]]
		p.parents = []int{first, first + 1}
		father = r.man(first)
		year = 2003 + r.below(ofBirth, n, 12)
	case households[n%10] == 3:
		year = 1935 + r.below(ofBirth, n, 25)
	case households[n%10] == 0:
		year = 1965 + r.below(ofBirth, n, 20)
		p.children = []int{base + 2}
	case households[n%10] == 2:
		year = 1965 + r.below(ofBirth, n, 20)
		p.children = []int{base + 6, base + 7}
	}
	p.birth = value.Date{Year: year, Month: 1, Day: 1}.AddDays(r.below(ofBirth, n+1<<40, 365))
	if p.woman {
		p.first, p.middle = r.female[r.skewed(ofName, n, len(r.female), 1.7)].first, father.daughter
	} else {
		p.first, p.middle = r.man(n).first, father.son
	}
	return p
}

// man is the name of a man.
func (r *Region) man(n int) name { return r.male[r.skewed(ofName, n, len(r.male), 1.7)] }

// snils is a number with its control sum; no two persons have one.
func snils(n int) string {
	const prime = 899_999_981
	number := (n*7919+123)%prime + 100_000_000
	sum, rest := 0, number
	for weight := 1; weight <= 9; weight++ {
		sum += rest % 10 * weight
		rest /= 10
	}
	return fmt.Sprintf("%09d%02d", number, sum%101%100)
}

// fresh is a record of a type as the write road begins one.
func (r *Region) fresh(typ string, s stream, n int, at time.Time) *kernel.Record {
	id := r.id(s, n, at)
	return &kernel.Record{
		Type: typ, ID: id, Version: 1, Root: id, Author: clerk, CreatedAt: at, CreatedBy: clerk, UpdatedAt: at, UpdatedBy: clerk,
		Title: r.cat.Documents[typ].Title, Access: map[string]any{},
	}
}

// on puts a record on the card of a person.
func (r *Region) on(rec *kernel.Record, p *person) *kernel.Record {
	rec.Card, rec.Root, rec.Territory, rec.Persons = p.id, p.id, p.territory, []string{p.id}
	rec.Data["person"] = p.id
	return rec
}

// People are the cards.
func (r *Region) People() iter.Seq[*kernel.Record] {
	return func(yield func(*kernel.Record) bool) {
		for n := range r.persons {
			p := r.person(n)
			rec := r.fresh("Person", ofPerson, n, p.created)
			sex := "male"
			if p.woman {
				sex = "female"
			}
			rec.Title = join(p.last, p.first, p.middle)
			rec.Territory, rec.Persons = p.territory, []string{p.id}
			rec.Data = map[string]any{
				"lastName": p.last, "firstName": p.first, "middleName": p.middle, "birthDate": p.birth.String(), "sex": sex,
				"snils": p.snils, "territory": p.territory, "fullName": rec.Title, "shortName": join(p.first, p.last),
			}
			if !yield(rec) {
				return
			}
		}
	}
}

// Paper is a kind of documents on cards.
type Paper struct {
	Type string
	Rows iter.Seq[*kernel.Record]
}

// Papers are the documents on cards, two for each person and the kinship of children.
func (r *Region) Papers() []Paper {
	each := func(typ string, s stream, data func(p *person) map[string]any) Paper {
		return Paper{typ, func(yield func(*kernel.Record) bool) {
			for n := range r.persons {
				p := r.person(n)
				d := data(&p)
				if d == nil {
					continue
				}
				rec := r.fresh(typ, s, n, p.created.Add(time.Minute))
				rec.Data = d
				if item, ok := d["type"].(string); ok && typ == "Pension" {
					rec.Title = r.cat.Classifiers["PensionType"].Item(item).Title
				}
				if !yield(r.on(rec, &p)) {
					return
				}
			}
		}}
	}
	return []Paper{
		each("IdentityDocument", ofPaper, r.identity), each("Registration", ofRegistration, r.registration),
		each("Pension", ofPension, r.pension), each("Disability", ofDisability, r.disability),
		{"Kinship", r.kinship},
	}
}

func (r *Region) word(list string, s stream, n int) string {
	return r.lists[list][r.below(s, n, len(r.lists[list]))]
}

func (r *Region) identity(p *person) map[string]any {
	typ, day := "passport-rf", p.birth.AddYears(20)
	if p.parents != nil {
		typ, day = "birth-certificate", p.birth.AddDays(20)
	}
	return map[string]any{
		"type": typ, "series": fmt.Sprintf("%04d", 6700+p.n/million), "number": fmt.Sprintf("%06d", p.n%million),
		"issuedOn": day.String(), "issuedBy": r.word("issuer", ofPaper, p.n), "valid": true,
	}
}

// registration is that of seven in ten.
func (r *Region) registration(p *person) map[string]any {
	if p.n%10 >= 7 {
		return nil
	}
	house := r.below(ofRegistration, p.n, 120)
	return map[string]any{
		"region": "86", "territory": p.territory, "from": p.birth.AddYears(2).String(), "source": r.word("source", ofPaper, p.n),
		"address": fmt.Sprintf("%s, %d, %d", r.word("street", ofPaper, p.n), house, p.n%90+1),
	}
}

// pension is that of the elderly.
func (r *Region) pension(p *person) map[string]any {
	if households[p.n%10] != 3 {
		return nil
	}
	return map[string]any{
		"type": "old-age", "from": p.birth.AddYears(60).String(), "number": fmt.Sprintf("P-%08d", p.n),
		"amount": fmt.Sprintf("%d.%02d", 14000+r.below(ofPension, p.n, 9000), p.n%100), "source": r.word("source", ofPension, p.n),
	}
}

// disability is that of one in ten.
func (r *Region) disability(p *person) map[string]any {
	if p.n%10 != 9 {
		return nil
	}
	group := []string{"first", "second", "third"}[r.below(ofDisability, p.n, 3)]
	return map[string]any{
		"group": group, "from": p.birth.AddYears(40).String(), "diagnosis": fmt.Sprintf("I%02d.%d", p.n/10%100, p.n%7),
		"source": r.word("source", ofDisability, p.n),
	}
}

func (r *Region) kinship(yield func(*kernel.Record) bool) {
	for n := range r.persons {
		p := r.person(n)
		for i, parent := range p.parents {
			rec := r.fresh("Kinship", ofKinship, n*2+i, p.created.Add(2*time.Minute))
			relative := r.personID(parent)
			rec.Data = map[string]any{"relative": relative, "type": []string{"father", "mother"}[i]}
			r.on(rec, &p).Persons = []string{p.id, relative}
			if !yield(rec) {
				return
			}
		}
	}
}

// Offices are the records of the offices.
func (r *Region) Offices() iter.Seq[*kernel.Record] {
	return func(yield func(*kernel.Record) bool) {
		for n, o := range r.offices {
			rec := r.fresh("Office", ofOffice, n, r.start)
			rec.Title = r.lists["office"][0] + r.title(o.territory)
			rec.Territory = o.territory
			rec.Data = map[string]any{
				"code": "office-" + o.territory, "title": rec.Title, "territory": o.territory, "paymentCode": fmt.Sprintf("%03d", n+1),
				"duties": []any{"social-protection"}, "zone": "Asia/Yekaterinburg",
			}
			if !yield(rec) {
				return
			}
		}
	}
}

func (r *Region) title(code string) string {
	for _, t := range r.territories {
		if t.code == code {
			return t.title
		}
	}
	return code
}

// Keys are the identities of persons in other systems.
func (r *Region) Keys() iter.Seq[*store.Key] {
	return func(yield func(*store.Key) bool) {
		for n := range r.persons {
			if !yield(&store.Key{System: "snils", Value: snils(n), Type: "Person", ID: r.personID(n)}) {
				return
			}
		}
		for _, o := range r.offices {
			if !yield(&store.Key{System: "office", Value: "office-" + o.territory, Type: "Office", ID: o.id}) {
				return
			}
		}
	}
}

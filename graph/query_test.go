package graph

import (
	"strconv"
	"strings"
	"testing"

	"mera/kernel/store"
)

func TestQueries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.db.EnsureIndexes(t.Context(), store.IndexesOf(w.cat)); err != nil {
		t.Fatal(err)
	}
	for name, q := range map[string]struct {
		query string
		vars  map[string]any
		want  string
	}{
		"one record with scalars of every kind": {
			query: `{pension(id: "` + pension1 + `") {__typename id version createdAt createdBy title void type {code title letter state from codes} from to amount share points big quarter month at old note}}`,
			want:  `{"pension":{"__typename":"Pension","id":"` + pension1 + `","version":1,"createdAt":"2019-07-16T12:00:00Z","createdBy":"ivanova","title":"Pension 21","void":null,"type":{"code":"age","title":"По старости","letter":"С","state":false,"from":null,"codes":{"fund":"01"}},"from":"2019-06-06","to":"2019-08-31","amount":"1826.00","share":"0.5","points":10,"big":5000000000,"quarter":"2019-Q2","month":"2019-06","at":"2019-06-06T09:30:00Z","old":true,"note":null}}`,
		},
		"a code that the classifier has not is its own title": {
			query: `{pension(id: "` + pension4 + `") {type {code title parent {code}}}}`,
			want:  `{"pension":{"type":{"code":"gone","title":"gone","parent":null}}}`,
		},
		"nested objects, arrays and the parent of an item": {
			query: `{person(id: "` + anna + `") {territory {title parent {title parent {code}}} payout {bank} phones kinds {title} relatives {name role born kind {title}} sex}}`,
			want:  `{"person":{"territory":{"title":"Сургут","parent":{"title":"Югра","parent":null}},"payout":{"bank":"047102651"},"phones":["111","222"],"kinds":[{"title":"По старости"},{"title":"По потере кормильца"}],"relatives":[{"name":"Мария","role":"mother","born":"1950-01-01","kind":{"title":"По старости"}},{"name":"Пётр","role":"father","born":null,"kind":null}],"sex":"female"}}`,
		},
		"absent is null": {
			query: `{person(id: "` + boris + `") {firstName payout {bank} kinds {code} relatives {name} territory {code} sex}}`,
			want:  `{"person":{"firstName":null,"payout":null,"kinds":null,"relatives":null,"territory":null,"sex":null}}`,
		},
		"a connection with everything": {
			query: `{pensions(orderBy: [{amount: DESC}], first: 2) {totalCount pageInfo {hasNextPage hasPreviousPage} nodes {amount} edges {node {id}}}}`,
			want:  `{"pensions":{"totalCount":4,"pageInfo":{"hasNextPage":true,"hasPreviousPage":false},"nodes":[{"amount":null},{"amount":"10000.00"}],"edges":[{"node":{"id":"` + pension4 + `"}},{"node":{"id":"` + pension3 + `"}}]}}`,
		},
		"links both ways, three levels": {
			query: `{people(orderBy: [{lastName: ASC}]) {nodes {lastName pensions(where: {points: {gt: 0}}, orderBy: [{from: ASC}]) {totalCount nodes {from person {lastName pensions(first: 1) {nodes {id}}}}}}}}`,
			want: `{"people":{"nodes":[{"lastName":"Ёлкина","pensions":{"totalCount":1,"nodes":[{"from":"2019-06-06","person":{"lastName":"Ёлкина","pensions":{"nodes":[{"id":"` + pension1 + `"}]}}}]}},` +
				`{"lastName":"Петров","pensions":{"totalCount":1,"nodes":[{"from":"2019-07-01","person":{"lastName":"Петров","pensions":{"nodes":[{"id":"` + pension3 + `"}]}}}]}},` +
				`{"lastName":"Яковлев","pensions":{"totalCount":0,"nodes":[]}}]}}`,
		},
		"a case with its work": {
			query: `{benefitApplication(id: "` + case1 + `") {state number type final due office {title} applicant {firstName} child {firstName} people {firstName lastName} channel {title}
				tasks(orderBy: [{due: ASC}]) {title due choices status office {title} case {id state ... on BenefitApplication {date}}}
				decision {result number from to amount reasons {condition text law {act article}} award {id}} decisions {id}
				awards {measure amount from to accruals {amount from} beneficiary {firstName}} children {id ... on RequestForm {text parent {id}}} requests {id} prints {id} history {version by data}}}`,
			want: `{"benefitApplication":{"state":"open","number":"1-П","type":"BenefitApplication","final":false,"due":"2019-07-30","office":{"title":"Сургут"},"applicant":{"firstName":"Анна"},"child":{"firstName":"Николай"},"people":[{"firstName":null,"lastName":"Яковлев"},{"firstName":"Николай","lastName":"Петров"}],"channel":{"title":"По старости"},` +
				`"tasks":[{"title":"Проверить 2","due":"2019-07-18T12:00:00Z","choices":["да","нет"],"status":"open","office":{"title":"Сургут"},"case":{"id":"` + case1 + `","state":"open","date":"2019-07-16"}},{"title":"Проверить 1","due":"2019-07-19T12:00:00Z","choices":["да","нет"],"status":"open","office":{"title":"Сургут"},"case":{"id":"` + case1 + `","state":"open","date":"2019-07-16"}}],` +
				`"decision":{"result":"granted","number":"1-п","from":"2019-07-01","to":"2019-08-31","amount":"1826.00","reasons":[{"condition":"lives","text":"Живёт","law":{"act":"a-1","article":"4"}}],"award":{"id":"` + award1 + `"}},"decisions":[{"id":"` + decision1 + `"}],` +
				`"awards":[{"measure":"Benefit","amount":"1826.00","from":"2019-07-01","to":"2019-08-31","accruals":[{"amount":"1826.00","from":"2019-07-01"},{"amount":"1826.00","from":"2019-08-01"}],"beneficiary":{"firstName":"Николай"}}],"children":[{"id":"` + ask1 + `","text":"Прошу","parent":{"id":"` + case1 + `"}}],"requests":[],"prints":[],` +
				`"history":[{"version":1,"by":"ivanova","data":{"date":"2019-07-16","child":"` + kolya + `","number":"1-П","people":["` + boris + `","` + kolya + `"],"channel":"age","applicant":"` + anna + `"}}]}}`,
		},
		"cases of every type": {
			query: `{cases(orderBy: [{createdAt: ASC}]) {totalCount nodes {__typename id number applicant {firstName} ... on RequestForm {text} ... on BenefitApplication {child {firstName}} ... on Application {date}}}}`,
			want:  `{"cases":{"totalCount":3,"nodes":[{"__typename":"BenefitApplication","id":"` + case1 + `","number":"1-П","applicant":{"firstName":"Анна"},"child":{"firstName":"Николай"},"date":"2019-07-16"},{"__typename":"BenefitApplication","id":"` + case2 + `","number":null,"applicant":{"firstName":"Николай"},"child":{"firstName":"Николай"},"date":"2019-06-01"},{"__typename":"RequestForm","id":"` + ask1 + `","number":null,"applicant":{"firstName":"Анна"},"text":"Прошу","date":"2019-07-01"}]}}`,
		},
		"an abstract type": {
			query: `{applications(where: {date: {lt: "2019-07-10"}}, orderBy: [{date: DESC}]) {nodes {__typename date applicant {firstName}}}}`,
			want:  `{"applications":{"nodes":[{"__typename":"RequestForm","date":"2019-07-01","applicant":{"firstName":"Анна"}},{"__typename":"BenefitApplication","date":"2019-06-01","applicant":{"firstName":"Николай"}}]}}`,
		},
		"node and case by id": {
			query: `{a: node(id: "` + anna + `") {__typename id ... on Person {firstName} ... on Pension {from}} b: case(id: "` + ask1 + `") {state type}}`,
			want:  `{"a":{"__typename":"Person","id":"` + anna + `","firstName":"Анна"},"b":{"state":"asked","type":"RequestForm"}}`,
		},
		"all that lies on a card": {
			query: `{card(id: "` + anna + `") {totalCount nodes {__typename id title ... on Pension {amount}}}}`,
			want:  `{"card":{"totalCount":5,"nodes":[{"__typename":"Pension","id":"` + pension1 + `","title":"Pension 21","amount":"1826.00"},{"__typename":"Pension","id":"` + pension2 + `","title":"Pension 22","amount":"99.50"},{"__typename":"BenefitApplication","id":"` + case1 + `","title":"BenefitApplication 31"},{"__typename":"RequestForm","id":"` + ask1 + `","title":"RequestForm 33"},{"__typename":"Wide","id":"` + wide1 + `","title":"Wide 61"}]}}`,
		},
		"a tree": {
			query: `{office(id: "` + surgut + `") {parent {title children {nodes {title}}} } offices(where: {under: ["` + region + `"]}, orderBy: [{title: ASC}]) {nodes {title}}}`,
			want:  `{"office":{"parent":{"title":"Югра","children":{"nodes":[{"title":"Сургут"}]}}},"offices":{"nodes":[{"title":"Сургут"},{"title":"Югра"}]}}`,
		},
		"filters": {
			query: `{a: pensions(where: {person: {territory: {under: ["ugra"]}, lastName: {startsWith: "ел"}}, amount: {gte: 100}}) {nodes {id}}
				b: people(where: {phones: {has: "333"}}) {nodes {id}}
				c: people(where: {relatives: {some: {role: {eq: father}, name: {eq: "Пётр"}}}}) {nodes {id}}
				d: pensions(where: {holds: "2019-08-31", not: {type: {eq: "survivor"}}}) {nodes {id}}
				e: people(where: {keys: {snils: {eq: "11223344595"}}}) {nodes {id}}
				f: people(where: {or: [{sex: {eq: male}}, {birthDate: {lt: "1960-01-01"}}]}, orderBy: [{birthDate: ASC}]) {nodes {id}}
				g: people(where: {payout: {bank: {eq: "047102651"}}}) {nodes {id}}
				h: pensions(where: {person: {id: {eq: "` + kolya + `"}}, touches: {from: "2018-06-01", to: "2018-07-01"}}) {nodes {id}}
				i: cases(where: {state: {in: ["open", "asked"]}, applicant: {eq: "` + anna + `"}}) {totalCount}
				j: people(where: {sex: {exists: false}}) {nodes {id}}
				k: people(where: {sex: {ne: female}}, orderBy: [{lastName: ASC}]) {nodes {id}}
				l: tasks(where: {case: {number: {eq: "1-П"}}, status: {eq: "open"}}) {totalCount}
				m: decisions(where: {amount: {gt: "1826.00"}}) {totalCount}
				n: people(where: {lastName: {contains: "кин"}}) {totalCount}}`,
			want: `{"a":{"nodes":[{"id":"` + pension1 + `"}]},"b":{"nodes":[{"id":"` + boris + `"}]},"c":{"nodes":[{"id":"` + anna + `"}]},"d":{"nodes":[{"id":"` + pension1 + `"}]},"e":{"nodes":[{"id":"` + anna + `"}]},` +
				`"f":{"nodes":[{"id":"` + boris + `"},{"id":"` + kolya + `"}]},"g":{"nodes":[{"id":"` + anna + `"}]},"h":{"nodes":[{"id":"` + pension4 + `"}]},"i":{"totalCount":2},"j":{"nodes":[{"id":"` + boris + `"}]},"k":{"nodes":[{"id":"` + kolya + `"},{"id":"` + boris + `"}]},"l":{"totalCount":2},"m":{"totalCount":0},"n":{"totalCount":1}}`,
		},
		"facts that hold on a day": {
			query: `{a: pensions(asOf: "2018-05-05") {nodes {id}} person(id: "` + anna + `", asOf: "2019-06-30") {pensions {nodes {id}}}}`,
			want:  `{"a":{"nodes":[{"id":"` + pension4 + `"}]},"person":{"pensions":{"nodes":[{"id":"` + pension1 + `"}]}}}`,
		},
		"aliases, fragments, include and skip": {
			query: `query($yes: Boolean!) {x: person(id: "` + anna + `") {...Names a: birthDate @include(if: $yes) b: birthDate @skip(if: $yes) ... on Record {version} ... @include(if: false) {sex}}} fragment Names on Person {last: lastName firstName}`,
			vars:  map[string]any{"yes": true},
			want:  `{"x":{"last":"Ёлкина","firstName":"Анна","a":"1980-02-03","version":1}}`,
		},
		"variables of filters": {
			query: `query($w: PensionWhere, $n: Int, $o: [PensionOrderBy!]) {pensions(where: $w, first: $n, orderBy: $o) {nodes {id}}}`,
			vars:  map[string]any{"w": map[string]any{"amount": map[string]any{"in": []string{"99.5", "10000.00"}}}, "n": 5, "o": []map[string]any{{"amount": "ASC"}}},
			want:  `{"pensions":{"nodes":[{"id":"` + pension2 + `"},{"id":"` + pension3 + `"}]}}`,
		},
		"a list": {
			query: `{pensionsOfTerritory(territory: "ugra", day: "2019-07-10") {totalCount nodes {id person kind kindOf {code} amount bank record {from}}}}`,
			want:  `{"pensionsOfTerritory":{"totalCount":3,"nodes":[{"id":"` + pension3 + `","person":"Петров","kind":"По потере кормильца","kindOf":{"code":"survivor"},"amount":"10000.00","bank":null,"record":{"from":"2019-07-01"}},{"id":"` + pension1 + `","person":"Ёлкина","kind":"По старости","kindOf":{"code":"age"},"amount":"1826.00","bank":"047102651","record":{"from":"2019-06-06"}},{"id":"` + pension2 + `","person":"Ёлкина","kind":"По потере кормильца","kindOf":{"code":"survivor"},"amount":"99.50","bank":"047102651","record":{"from":"2019-07-01"}}]}}`,
		},
		"grouped lists": {
			query: `{byState(days: {from: "2019-06-01", to: "2019-07-31"}) {state month applications children} pensionsByKind {type {title} person {firstName} count total average middle most first points share}}`,
			want: `{"byState":[{"state":"granted","month":"2019-06","applications":1,"children":1},{"state":"open","month":"2019-07","applications":1,"children":1}],` +
				`"pensionsByKind":[{"type":{"title":"По старости"},"person":{"firstName":"Анна"},"count":1,"total":"1826.00","average":"1826.00","middle":"10.00","most":"1826.00","first":"2019-06-06","points":10,"share":"0.5"},` +
				`{"type":{"title":"gone"},"person":{"firstName":"Николай"},"count":1,"total":null,"average":null,"middle":null,"most":null,"first":"2018-01-01","points":null,"share":null},` +
				`{"type":{"title":"По потере кормильца"},"person":{"firstName":"Анна"},"count":1,"total":"99.50","average":"99.50","middle":"-3.00","most":"99.50","first":"2019-07-01","points":-3,"share":null},` +
				`{"type":{"title":"По потере кормильца"},"person":{"firstName":"Николай"},"count":1,"total":"10000.00","average":"10000.00","middle":"7.00","most":"10000.00","first":"2019-07-01","points":7,"share":"1.25"}]}`,
		},
		"groups by their sum": {
			query: `{kindsBySum {type {code} count total}}`,
			want:  `{"kindsBySum":[{"type":{"code":"survivor"},"count":2,"total":"10099.50"},{"type":{"code":"age"},"count":1,"total":"1826.00"},{"type":{"code":"gone"},"count":1,"total":null}]}`,
		},
		"facts of a list": {
			query: `{pensioners(least: "99.50") {nodes {name count total last kinds}} applicationsWithPensions {nodes {state pensions mean}}}`,
			want: `{"pensioners":{"nodes":[{"name":"Ёлкина","count":2,"total":"1925.50","last":"2019-07-01","kinds":2},{"name":"Петров","count":1,"total":"10000.00","last":"2019-07-01","kinds":1},{"name":"Яковлев","count":0,"total":null,"last":null,"kinds":0}]},` +
				`"applicationsWithPensions":{"nodes":[{"state":"granted","pensions":2,"mean":"10000.00"},{"state":"open","pensions":2,"mean":"10000.00"}]}}`,
		},
		"a list of the kernel's rows": {
			query: `{myTasks {nodes {title due case record {status}}}}`,
			want:  `{"myTasks":{"nodes":[{"title":"Проверить 2","due":"2019-07-18T12:00:00Z","case":"1-П","record":{"status":"open"}},{"title":"Проверить 1","due":"2019-07-19T12:00:00Z","case":"1-П","record":{"status":"open"}}]}}`,
		},
		"who I am, and a form": {
			query: `{__typename me {id name roles person} form(type: "Pension", state: "open")}`,
			want:  `{"__typename":"Query","me":{"id":"ivanova","name":"Иванова","roles":["clerk"],"person":null},"form":{"for":"ivanova","lang":"ru","state":"open","type":"Pension"}}`,
		},
		"events of a case": {
			query: `{case(id: "` + case1 + `") {state events {name ask __typename}}}`,
			want:  `{"case":{"state":"open","events":[{"name":"approve","ask":["reason"],"__typename":"CaseEvent"},{"name":"refuse","ask":[],"__typename":"CaseEvent"}]}}`,
		},
		"kernel tables": {
			query: `{classifiers(where: {classifier: {eq: "Territory"}}, orderBy: [{code: ASC}]) {nodes {id code title parent}} person(id: "` + anna + `") {keys {system value} attachments {name}} award(id: "` + award1 + `") {office {title} case {type}} }`,
			want:  `{"classifiers":{"nodes":[{"id":"Territory/surgut","code":"surgut","title":"Сургут","parent":"ugra"},{"id":"Territory/ugra","code":"ugra","title":"Югра","parent":null},{"id":"Territory/uray","code":"uray","title":"Урай","parent":"ugra"}]},"person":{"keys":[{"system":"snils","value":"11223344595"}],"attachments":[]},"award":{"office":{"title":"Сургут"},"case":{"type":"BenefitApplication"}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := *w
			w.t = t
			w.db.take()
			if got := w.data(q.query, q.vars); got != q.want {
				t.Errorf("\n got %s\nwant %s", got, q.want)
			}
			if n := len(w.db.take()); n > 1 {
				t.Errorf("%d statements, want 1", n)
			}
		})
	}
}

func TestWideObjectsKeepTheOrderOfTheirFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var q, want strings.Builder
	for i := range 120 {
		n := strconv.Itoa(120 - i)
		q.WriteString(" p" + n)
		if i > 0 {
			want.WriteByte(',')
		}
		want.WriteString(`"p` + n + `":"v` + n + `"`)
	}
	got := w.data(`{wide(id: "`+wide1+`") {`+q.String()+`}}`, nil)
	if want := `{"wide":{` + want.String() + `}}`; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

package filter_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/filter"
	"mera/schema/load"
	"mera/schema/load/source"
)

// register is a small package in which every kind of property occurs.
var register = map[string]string{
	"package.yaml": `
name: register
version: 1.0.0
title: Реестр
language: 1
roles: {specialist: {title: Специалист}}
`,
	"README.md":    "Реестр\n",
	"CHANGELOG.md": "1.0.0\n",
	"types/details.yaml": `
title: Реквизиты
schema: {properties: {bank: {type: string, x-index: true, title: Банк}, account: {type: string, title: Счёт}}}
`,
	"classifiers/territory.yaml": `
title: Территория
owner: region
items: {ugra: {title: Округ}, surgut: {title: Сургут, parent: ugra}}
`,
	"classifiers/pension-type.yaml": `
title: Вид пенсии
items: {old-age: {title: По старости}, survivor: {title: По потере кормильца}}
`,
	"documents/person.yaml": `
title: Гражданин
plural: people
schema:
  required: [lastName]
  properties:
    lastName: {type: string, x-fold: name, x-index: true, title: Фамилия}
    snils: {type: string, title: СНИЛС}
    phone: {type: string, title: Телефон}
    territory: {x-classifier: Territory, x-index: true, title: Территория}
    diagnosis: {type: string, x-index: true, x-label: health, title: Диагноз}
    home: {format: point, x-index: true, title: Дом}
keys: {snils: [snils]}
`,
	"documents/office.yaml": `
title: Подразделение
tree: above
schema:
  required: [name]
  properties:
    name: {type: string, x-index: true, title: Название}
    above: {x-link: Office, title: Вышестоящее}
`,
	"documents/pension.yaml": `
title: Пенсия
card: Person
schema:
  required: [type, from]
  properties:
    type: {x-classifier: PensionType, x-index: true, title: Вид}
    from: {format: date, title: С}
    to: {format: date, title: По}
    month: {format: month, x-index: true, title: Месяц}
    quarter: {format: quarter, x-index: true, title: Квартал}
    year: {format: year, x-index: true, title: Год}
    paidAt: {format: date-time, x-index: true, title: Выплачена}
    amount: {format: money, x-index: true, title: Размер}
    share: {format: decimal, x-scale: 4, x-index: true, title: Доля}
    children: {type: integer, x-index: true, title: Детей}
    urgent: {type: boolean, x-index: true, title: Срочно}
    kind: {enum: [state, insurance], x-index: true, title: Род}
    term: {format: duration, x-index: true, title: Срок}
    outside: {format: uuid, x-index: true, title: Чужой номер}
    measure: {x-definition: Measure, x-index: true, title: Мера}
    tags: {type: array, maxItems: 9, x-index: true, items: {type: string}, title: Метки}
    helpers: {type: array, maxItems: 9, items: {x-link: Person}, title: Помощники}
    payout: {$ref: Details, title: Куда платить}
    lines: {type: array, maxItems: 9, x-index: true, items: {type: object, properties: {code: {type: string}, sum: {format: money}}}, title: Строки}
    office: {x-link: Office, title: Подразделение}
holds: {from: from, to: to}
`,
	"documents/application.yaml": `
title: Заявление
card: {applicant: Person}
schema: {properties: {date: {format: date, x-index: true, title: Дата}}}
`,
	"workflows/application.yaml": `
about: Application
states:
  open: {next: [{event: close, by: specialist, to: closed}]}
  closed: {final: true}
`,
}

// linked reads and links the register.
func linked(t testing.TB) *schema.Catalog {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range register {
		files["register/"+name] = &fstest.MapFile{Data: []byte(strings.TrimLeft(text, "\n"))}
	}
	pkgs, ds := load.ReadAll(files)
	if !ds.Faulty() {
		var cat *schema.Catalog
		if cat, ds = load.Link(pkgs); !ds.Faulty() {
			return cat
		}
	}
	t.Fatalf("the fixture does not link:\n%s", ds.Render(func(file string) []byte { return []byte(register[strings.TrimPrefix(file, "register/")]) }))
	return nil
}

// given are the names that "=" expressions of the tests may read.
func given() map[string]*expr.Type {
	return map[string]*expr.Type{
		"person": expr.RecordOf("Person"), "office": expr.RecordOf("Office"), "day": expr.DateT, "days": expr.PeriodT,
		"types": expr.ListOf(expr.ItemOf("PensionType")), "word": expr.Text, "sum": expr.MoneyT, "number": expr.Int,
		"flag": expr.Bool, "offices": expr.ListOf(expr.RecordOf("Office")), "territory": expr.ItemOf("Territory"),
	}
}

// compile compiles one filter written in YAML.
func compile(t testing.TB, cat *schema.Catalog, document, where string, names map[string]*expr.Type) (*filter.Tree, schema.Diagnostics) {
	t.Helper()
	n, ds := source.Parse("filter.yaml", []byte(where+"\n"))
	if ds.Faulty() {
		t.Fatalf("%s: %v", where, ds)
	}
	return filter.Compile(cat, document, n, names)
}

package measure_test

import (
	"strings"
	"testing"

	"mera/kernel/measure"
	"mera/schema"
	"mera/schema/expr"
)

// A test that differs says what it wanted, what it got, and why, at its place.
func TestRunnerSaysWhatDiffers(t *testing.T) {
	t.Parallel()
	const given = `
given:
  Person: {anna: {birthDate: 1980-02-03}, kolya: {birthDate: 2006-05-11}}
  Registration: {home: {person: kolya, region: "86", from: 2010-01-01}}
  Pension: {sp: {person: kolya, type: survivor, from: 2019-06-06, to: 2019-08-31}}
  Claim: {app: {applicant: anna, child: kolya, date: 2019-07-16}}
  answered: {RegistrationCheck: 2019-07-16, PensionCheck: 2019-07-16}
cases:
  case: `
	m := must(t, child)
	tests := map[string]struct {
		test string
		want []string // parts of the difference
	}{
		"another period":        {`{granted: 2019-07-01..2019-09-30}`, []string{"want granted 2019-07-01..2019-09-30", "got  granted 2019-07-01..2019-08-31", "livesInRegion is true", "limit = 18", "homes: 1 of Registration"}},
		"granted, not refused":  {`{refused: {receivesPension: Нет}}`, []string{"want refused: receivesPension; receivesPension: Нет", "got  granted"}},
		"other words":           {`{given: {sp: null}, refused: {receivesPension: Нет}}`, []string{"got  refused: receivesPension: Не подтверждено"}},
		"another reason":        {`{given: {sp: null}, refused: young}`, []string{"want refused: young"}},
		"not unclear":           {`{unclear: [pensions]}`, []string{"want unclear: pensions", "got  granted"}},
		"something else":        {`{given: {sp: null, answered: {PensionCheck: null}}, unclear: [homes]}`, []string{"got  unclear: pensions", "pension = unclear: pensions", "no answer of PensionCheck"}},
		"another value":         {`{let: {limit: 23, pension: null}}`, []string{"want limit = 23", "got  limit = 18", "want pension = ", "got  pension = sp"}},
		"another sum":           {`{pays: {2019-07..2019-09: "1800.00"}}`, []string{"want 2019-07-01..2019-07-31: 1800.00", "got  2019-07-01..2019-07-31: 1826.00", "got  2019-09-01..2019-09-30: no slice"}},
		"a row":                 {`{table: [app.date, granted], rows: [[2019-08-01, 2019-07-01..2019-08-31]]}`, []string{"got  granted 2019-08-01..2019-08-31"}},
		"a short row":           {`{table: [app.date, granted], rows: [[2019-08-01]]}`, []string{"the row has 1 values, the table 2 columns"}},
		"a table without rows":  {`{table: [app.date, granted]}`, []string{"table and rows go together"}},
		"then":                  {`{then: [{run: 2019-07}]}`, []string{"then needs accounts"}},
		"an unknown column":     {`{table: [app.date, states], rows: [[2019-08-01, a]]}`, []string{"a case has no states"}},
		"an unknown let":        {`{let: {age: 3}}`, []string{"the measure has no let age"}},
		"a let of words":        {`{let: {limit: many}}`, []string{"is not a decimal number"}},
		"a period of words":     {`{granted: soon}`, []string{"granted is FROM..TO"}},
		"a wrong window":        {`{pays: {soon: "1.00"}}`, []string{"not a day of the calendar"}},
		"a wrong sum":           {`{pays: {2019-07: much}}`, []string{"is not a sum of money"}},
		"an unknown record":     {`{given: {here: null}}`, []string{"here is neither a document nor a record of this test"}},
		"an unknown owner":      {`{given: {here.region: "72"}}`, []string{"no record is called here"}},
		"an unknown link":       {`{given: {sp.person: petya}}`, []string{"no record is called petya"}},
		"an unknown property":   {`{given: {sp.number: "1"}}`, []string{"Pension has no property number"}},
		"a wrong property":      {`{given: {sp.from: soon}}`, []string{"is not a day of the calendar"}},
		"a word for a number":   {`{given: {app.count: many}}`, []string{`"many" is not a whole number`}},
		"a word for a truth":    {`{given: {app.urgent: perhaps}}`, []string{`"perhaps" is not true or false`}},
		"a list of nobody":      {`{given: {app.children: [petya]}}`, []string{"no record is called petya"}},
		"an unknown part":       {`{given: {app.payout: {card: "1"}}}`, []string{"there is no property card here"}},
		"a wrong part":          {`{given: {app.payout: {bank: {a: 1}}}}`, []string{"a single value is wanted here"}},
		"a map for a value":     {`{given: {sp.from: {day: 1}}}`, []string{"a single value is wanted"}},
		"a name of two types":   {`{given: {Study: {sp: {person: kolya, from: 2018-09-01}}}}`, []string{"sp is the name of a Pension already"}},
		"no records":            {`{given: {Study: {s: 1}}}`, []string{"a map is wanted here"}},
		"records as a list":     {`{given: {Study: [1]}}`, []string{"under Study stand its records by name"}},
		"an unknown request":    {`{given: {answered: {Mail: 2019-07-16}}}`, []string{"there is no request"}},
		"an answer on no day":   {`{given: {answered: {PensionCheck: soon}}}`, []string{"not a day of the calendar"}},
		"an answer of words":    {`{given: {answers: {young: maybe}}}`, []string{"an answer is true or false"}},
		"an unknown parameter":  {`{parameters: {Rate: 1}}`, []string{"there is no parameter Rate"}},
		"a table of parameters": {`{parameters: {ChildAmount: [[1]]}}`, []string{"ChildAmount has no keys"}},
		"a row too short":       {`{parameters: {CategoryAmount: [[veteran]]}}`, []string{"the row must have 2 cells"}},
		"a key of nothing":      {`{parameters: {CategoryAmount: [[veteran, 1.00], [nobody, 2.00]]}}`, []string{`"nobody" is no Category`}},
		"a cell of words":       {`{parameters: {CategoryAmount: {2024-01-01: [[veteran, much]]}}}`, []string{`"much" is no money`}},
		"a map of rows":         {`{parameters: {CategoryAmount: {2024-01-01: {veteran: 1.00}}}}`, []string{"write its rows"}},
		"two documents":         {`{given: {Claim: {other: {applicant: anna, child: kolya, date: 2019-07-16}}}}`, []string{"2 records of Claim"}},
		"of nobody":             {`{given: {beneficiary: anna}}`, []string{"there is no such beneficiary"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			results := m.RunTest(testFile(t, given+tt.test+"\n"))
			if len(results) != 1 || results[0].Passed() {
				t.Fatalf("results %+v, want one that differs", results)
			}
			r := results[0]
			for _, want := range tt.want {
				if !strings.Contains(r.Diff, want) {
					t.Errorf("the difference lacks %q:\n%s", want, r.Diff)
				}
			}
			if r.Pos.Line < 8 || !strings.HasPrefix(r.Name, "case") {
				t.Errorf("%s at %s", r.Name, r.Pos)
			}
		})
	}
}

// What a test may say beside the tables of the specification.
func TestRunnerUnderstands(t *testing.T) {
	t.Parallel()
	m := must(t, `
title: Помощь
about: Claim
beneficiary: doc.applicant
facts: {held: {each: CategoryHeld, of: beneficiary, at: asked}, papers: {each: Study, of: beneficiary, at: asked, ask: [citizen]}, mine: {each: Claim, of: beneficiary, via: payee}}
let:
  best: "held.best(h, CategoryAmount(asked, h.category))"
  held2: "period(asked, addDays(asked, 3))"
  kinds: "held.map(h, h.category)"
  day: asked
  studies: "size(papers)"
  bank: doc.payout.bank
  claims: "size(mine)"
conditions: {has: {title: Есть категория, rule: "has(best.category)"}}
amount: "CategoryAmount(asked, best.category)"
pay: {every: once, due: "addWorkdays(asked, 3)"}
`)
	play(t, m, `
title: Мир
parameters: {CategoryAmount: 5.00}
given:
  Person: {anna: {birthDate: 1980-02-03}, boris: {birthDate: 1980-02-03}}
  CategoryHeld: {c: {person: [anna, boris], category: [veteran, worker], from: 2024-01-01}}
  Claim: {app: {applicant: anna, date: 2024-03-10, children: [anna, boris], payout: {bank: "047"}}}
cases:
  Объект: {let: {bank: "047", claims: 0}}
  Ссылка на себя: {given: {app.payee: anna}, let: {claims: 1}}
  Число и признак: {given: {app.count: 3, app.urgent: "true", c.to: null}, let: {claims: 0}}
  Сумма теста под всеми ключами: {pays: {2024: "5.00"}, let: {kinds: "veteran, worker", day: 2024-03-10, held2: 2024-03-10..2024-03-13}}
  Сумма случая: {parameters: {CategoryAmount: 6.50}, pays: {2024-03-10: "6.50"}}
  Таблица случая: {parameters: {CategoryAmount: [[veteran, 7.00], [worker, 8.00]]}, pays: {2024-03-10: "8.00"}}
  Таблица с даты: {parameters: {CategoryAmount: {2024-01-01: [[veteran, 7.00], [worker, 6.00]], 2024-04-01: [[veteran, 9.00]]}}, pays: {2024-03-10: "7.00"}}
  Сумма пакета: {parameters: {CategoryAmount: null}, pays: {2024-03: "1100.00"}, let: {best: c-001}}
  Столбцы: {table: [parameters.CategoryAmount, pays.2024-03, let.best, granted], rows: [[1.00, "1.00", c-001, "2024-03-10.."], [2.00, "2.00", null, null]]}
  Убрать все записи вида: {given: {CategoryHeld: null}, refused: has}
  Убрать одну в виде: {given: {CategoryHeld: {c: null}}, refused: [has]}
  Бумаг нет: {let: {studies: unclear}}
  Бумага принесена: {given: {Study: {s: {person: anna, from: 2023-09-01, attachments: [a.pdf]}}}, let: {studies: 1}}
`)
}

func TestRunnerOfBrokenTests(t *testing.T) {
	t.Parallel()
	m := must(t, minimal)
	for name, tt := range map[string]struct{ test, want string }{
		"no cases":           {"given: {}\n", "the test has no cases"},
		"an unknown key":     {"today: 2024-01-01\ncases: {}\n", "not today"},
		"a wrong given":      {"given: {Person: [1]}\ncases: {}\n", "stand its records by name"},
		"a case that is bad": {"cases: {c: {states: [a]}}\n", "a case has no states"},
	} {
		results := m.RunTest(testFile(t, tt.test))
		if len(results) != 1 || !strings.Contains(results[0].Diff, tt.want) {
			t.Errorf("%s: %+v", name, results)
		}
	}
	if got := m.RunTest(&schema.Test{Name: "Aid"}); len(got) != 1 || got[0].Passed() {
		t.Errorf("an empty test: %+v", got)
	}
}

// Tests of functions, parameters and documents.
func TestCalls(t *testing.T) {
	t.Parallel()
	pkg, cat := worldWith(t, map[string]string{
		"functions/grown_test.yaml": `
title: Совершеннолетие
given: {Person: {vera: {birthDate: 2006-02-20}, egor: {}}}
today: 2024-02-20
cases:
  В день рождения: {call: "Grown(vera, day)", is: "true"}
  Накануне: {day: 2024-02-19, call: "Grown(vera, day)", is: "false"}
  Не родился: {given: {egor.birthDate: null}, call: "Grown(egor, day)", is: unclear}
  Неверно: {call: "Grown(vera, day)", is: "false"}
  Неясно: {call: "Grown(egor, day)", is: "true"}
  Не компилируется: {call: "Grown(petya)", is: "true"}
  Лишнее: {states: [a], call: "1", is: "1"}
  День не день: {day: soon, call: "1", is: "1"}
`,
		"parameters/child-amount_test.yaml": `
parameters: {CategoryAmount: 3.00}
cases:
  С 2020 года: {day: 2020-01-01, call: "ChildAmount(day)", is: 1928.26}
  Раньше: {day: 2019-12-31, call: "ChildAmount(day)", is: 1826.00}
  Своё значение: {day: 2019-12-31, parameters: {CategoryAmount: 4.00}, call: "CategoryAmount(day, 'veteran')", is: 4}
  Пусто: {call: "[1].best(x, x)", is: 1}
  Ничего: {call: "[1].filter(x, x > 1).first()", is: null}
  Есть, а не ждали: {call: "1 + 1", is: null}
`,
		"documents/claim.yaml": `
title: Заявление
card: {applicant: Person}
schema: {properties: {date: {format: date}, end: {format: date}}}
checks:
  order: {rule: "doc.end >= doc.date", message: Конец раньше начала}
  past: {rule: "doc.date <= today", message: В будущем}
`,
		"documents/claim_test.yaml": `
today: 2024-03-10
given: {Person: {anna: {birthDate: 1980-02-03}}, Claim: {c: {applicant: anna, date: 2024-03-10}}}
cases:
  Верно: {fails: []}
  Не до конца известно - не нарушено: {given: {c.end: null}}
  Наоборот: {given: {c.end: 2024-03-09}, fails: [order]}
  В будущем: {day: 2024-03-09, fails: [past]}
  Чего нет: {fails: [order]}
`,
		"measures/aid.yaml": minimal,
	})
	env := expr.NewEnv(cat)
	want := map[string]string{
		"Неверно": "want false", "Неясно": "got  unclear: birthDate", "Не компилируется": "", "Лишнее": "not supported in tests of functions",
		"День не день": "not a day of the calendar", "Есть, а не ждали": "got  2", "Чего нет": "want fails: order",
	}
	n := 0
	for _, test := range pkg.Tests {
		for _, r := range measure.RunTest(test, cat, env) {
			n++
			part, fails := want[r.Name]
			if r.Passed() == fails || !strings.Contains(r.Diff, part) {
				t.Errorf("%s %s at %s: %q", test.Folder, r.Name, r.Pos, r.Diff)
			}
		}
	}
	if n != 19 {
		t.Errorf("%d cases were played", n)
	}
	if got := measure.RunTest(&schema.Test{Name: "X", Folder: "functions"}, cat, env); len(got) != 1 || got[0].Passed() {
		t.Errorf("an empty test: %+v", got)
	}
}

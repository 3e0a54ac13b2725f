package measure_test

import "testing"

// Months are cut at new values of parameters, at birthdays that turns() names, and at the bounds of facts.
func TestDaysAreWeighed(t *testing.T) {
	t.Parallel()
	m := must(t, `
title: Выплата
about: Claim
beneficiary: doc.applicant
facts:
  home: {one: Living, of: beneficiary, via: person, at: slice.from}
  dwelling: {one: Dwelling, of: home.dwelling, at: slice.from}
let:
  rate:
    - {when: "slice.from >= turns(beneficiary, 18)", is: "ChildAmount(slice.from)", law: {act: law, article: "4"}}
    - {is: "CategoryAmount(slice.from, 'veteran')"}
  norm: "Norm(slice.from, dwelling.territory)"
period: {from: asked}
amount: "round(rate * norm, 2)"
pay: {every: month, due: "addMonths(slice.to, 1)", part: days}
`)
	play(t, m, `
given:
  Person: {vera: {birthDate: 2006-02-20}}
  Dwelling: {flat: {territory: uray}, house: {territory: surgut}}
  Living: {first: {person: vera, dwelling: flat, from: 2020-01-01}}
  Claim: {app: {applicant: vera, date: 2024-01-01}}
cases:
  Целый месяц по одной ставке: {pays: {2024-01: "2500.00"}}
  Новая ставка с 11-го и 18 лет 20-го:                     # (10 x 1000 + 9 x 1100 + 10 x 1928.26) x 2.5 / 29
    pays: {2024-02: "3377.81"}
  Переезд 16 января - норма другого города с этого дня:    # 1000 x (15 x 2.5 + 16 x 3) / 31
    given: {first.to: 2024-01-15, Living: {second: {person: vera, dwelling: house, from: 2024-01-16}}}
    pays: {2024-01: "2758.06"}
  Обратился 31-го - один день из тридцати одного: {given: {app.date: 2024-01-31}, granted: 2024-01-31.., pays: {2024-01: "80.65"}}
  Два жилья сразу - неясно:
    given: {Living: {second: {person: vera, dwelling: house, from: 2024-01-16}}, app.date: 2024-01-20}
    unclear: [home]
  Два жилья со второго месяца - месяц ждёт:
    given: {Living: {second: {person: vera, dwelling: house, from: 2024-03-01}}}
    pays: {2024-01: "2500.00"}
  Имена слоя: {let: {norm: 5/2, rate: "1000.00"}}
`)
}

// A birthday cuts a month also where it is one of a list, or in a function: as long as one of two children is a minor.
func TestBirthdaysOfListsCutMonths(t *testing.T) {
	t.Parallel()
	text := func(rule string) string {
		return `
title: Выплата
about: Claim
beneficiary: doc.applicant
let: {children: doc.children}
while: {minor: {title: Есть несовершеннолетний, rule: "` + rule + `"}}
period: {from: asked}
amount: "round(1000, 2)"
pay: {every: month, due: slice.to, part: days}
`
	}
	const cases = `
given:
  Person: {anna: {birthDate: 1980-02-20}, vera: {birthDate: 2006-02-11}, boris: {birthDate: 2006-02-21}}
  Claim: {app: {applicant: anna, children: [vera, boris], date: 2024-02-01}}
cases:
  До дня рождения второго: {pays: {2024-02: "689.66"}}                # 20 дней из 29
  Одному уже восемнадцать: {given: {vera.birthDate: 2005-01-01}, pays: {2024-02: "689.66"}}
  Второму раньше: {given: {boris.birthDate: 2006-02-02}, pays: {2024-02: "344.83"}}      # 10 дней
`
	for _, rule := range []string{"children.exists(c, turns(c, 18) > slice.from)", "children.exists(c, !Grown(c, slice.from))"} {
		play(t, must(t, text(rule)), cases)
	}
}

// What is learnt later makes a slice wait, not the right unclear; a condition that needs it makes the right unclear.
func TestSlicesWaitForTheirFacts(t *testing.T) {
	t.Parallel()
	const text = `
title: Компенсация
about: Claim
beneficiary: doc.applicant
facts: {meters: {each: Meter, of: beneficiary, over: slice, ask: [MeterCheck]}}
let: {volume: "meters.sum(m, m.volume)"}
period: {from: asked, to: "monthEnd(addMonths(asked, 1))"}
amount: "round(volume * 10, 2)"
pay: {every: month, due: slice.to}
`
	const given = `
given:
  Person: {vera: {birthDate: 1980-02-20}}
  Meter: {m: {person: vera, month: 2024-03..2024-04, volume: 2.345}}
  Claim: {app: {applicant: vera, date: 2024-03-01}}
  answered: {MeterCheck: 2024-03}
cases:
`
	play(t, must(t, text), given+`
  Март известен: {granted: 2024-03-01..2024-04-30, pays: {2024-03: "23.45"}}
  Оба месяца известны: {given: {answered: {MeterCheck: 2024-03..2024-04}}, pays: {2024-03..2024-04: "23.45"}}
  Не передано ничего: {given: {answered: {MeterCheck: null}}, granted: 2024-03-01..2024-04-30}
  Показаний нет, но это известно: {given: {m: null}, pays: {2024-03: "0.00"}}
`)
	play(t, must(t, text+`
while: {used: {title: Был расход, rule: "volume > 0", refuse: Расхода не было}}
`), given+`
  Условию нужен месяц: {given: {answered: {MeterCheck: null}, m: null}, unclear: [meters]}
  И по имени условия: {given: {answered: {MeterCheck: null}, m: null}, unclear: [used]}
  Расхода не было: {given: {m: null}, refused: {used: Расхода не было}}
`)
}

func TestRowsAnswersAndDatedConditions(t *testing.T) {
	t.Parallel()
	m := must(t, `
title: Пособие семье
about: Claim
asked: doc.date
beneficiary: doc.children
recipient: doc.payee
purpose: {of: [beneficiary, doc.dwelling], per: year, conflict: larger}
facts:
  studies: {each: Study, of: doc.children, at: asked, ask: [StudyCheck, citizen]}
  incomes: {each: Income, of: doc.children, over: "months(asked, -2, -1)", ask: [IncomeCheck]}
conditions:
  young:
    of: {p: doc.children}
    let: {years: "age(p, asked)"}
    rule: "years < 18 || studies.exists(s, s.person == p)"
    title: Дети младше 18 лет или учатся
    refuse: "{p.name}: {years}, не учится"
    question: "Дети учатся?"
  poor: {title: Доход мал, rule: "incomes.sum(i, i.amount) < 100", refuse: "Доход {incomes.sum(i, i.amount)}"}
  later: {from: 2025-01-01, rule: "size(doc.children) < 3", refuse: Трое и больше}
amount: "ChildAmount(asked)"
recover: 20
`)
	play(t, m, `
given:
  Person: {anna: {birthDate: 1980-02-03}, oleg: {name: Олег, birthDate: 2004-05-05}, vera: {name: Вера, birthDate: 2016-09-03}, egor: {name: Егор, birthDate: 2018-09-03}}
  Dwelling: {flat: {territory: uray}}
  Study: {s: {person: oleg, form: fullTime, from: 2022-09-01}}
  Income: {i: {person: [oleg, vera], month: 2024-01..2024-02, amount: 20.00}}
  Claim: {app: {applicant: anna, payee: anna, children: [oleg, vera], dwelling: flat, date: 2024-03-10}}
  answered: {StudyCheck: 2024-03-10, IncomeCheck: 2024-01..2024-02}
cases:
  Всем по назначению: {granted: 2024-03-10.., pays: {2024-03: "1928.26"}}
  Только одному: {given: {beneficiary: vera}, granted: 2024-03-10..}
  Не учится: {given: {s: null}, refused: {young: "Олег: 19, не учится"}}
  Об учёбе не отвечено, но запись есть: {given: {answered: {StudyCheck: null}}, granted: 2024-03-10..}
  Об учёбе не отвечено: {given: {s: null, answered: {StudyCheck: null}}, unclear: [studies]}
  Человек ответил, что учатся: {given: {s: null, answered: {StudyCheck: null}, answers: {young: true}}, granted: 2024-03-10..}
  Человек ответил, что не учатся: {given: {s: null, answered: {StudyCheck: null}, answers: {young: false}}, refused: {young: Дети младше 18 лет или учатся}}
  Человек ответил, что других справок нет: {given: {s: null, answered: {StudyCheck: null}, answers: {studies: true}}, refused: {young: "Олег: 19, не учится"}}
  Ясное человек не меняет: {given: {s: null, answers: {young: true, studies: false}}, refused: [young]}
  Ответ за один месяц из двух: {given: {answered: {IncomeCheck: 2024-02}}, unclear: [incomes]}
  Ответ на число без вопроса гражданину: {given: {answered: {IncomeCheck: null}, answers: {incomes: true}}, unclear: [incomes]}
  Доход велик: {given: {i.amount: 30.00}, refused: {poor: "Доход 120,00"}}
  До 2025 года троим можно: {given: {app.children: [oleg, vera, egor]}, granted: 2024-03-10..}
  С 2025 года нельзя: {given: {app.date: 2025-01-01, app.children: [oleg, vera, egor], answered: {IncomeCheck: 2024-11..2024-12, StudyCheck: 2025-01-01}}, refused: {later: Трое и больше}}
  Получателя нет: {given: {app.payee: null}, unclear: [doc.payee]}
  Детей нет в заявлении: {given: {app.children: null}, unclear: [doc.children]}
  Жилья нет в заявлении - ключ назначения неизвестен: {given: {app.dwelling: null}, unclear: [doc.dwelling]}
`)
}

// Ends of months and the leap day, where a wrong calendar shows.
func TestEndsOfMonths(t *testing.T) {
	t.Parallel()
	m := must(t, `
title: Выплата на год жизни
about: Claim
beneficiary: doc.applicant
conditions: {age: {title: "Исполнилось 18, нет 19", rule: "age(beneficiary, asked) == 18", refuse: "Возраст {age(beneficiary, asked)}"}}
period: {from: asked, to: "addDays(addMonths(period.from, 1), -1)"}
amount: "ChildAmount(slice.from)"
pay: {every: month, due: "addDays(slice.to, 1)", part: days}
`)
	play(t, m, `
given:
  Person: {vera: {birthDate: 2006-01-01}}
  Claim: {app: {applicant: vera, date: 2024-01-31}}
cases:
  Месяц с последнего дня:
    table: [app.date, granted]
    rows:
      - [2024-01-31, 2024-01-31..2024-02-28]
      - [2024-02-29, 2024-02-29..2024-03-28]
      - [2024-03-31, 2024-03-31..2024-04-29]
      - [2024-04-30, 2024-04-30..2024-05-29]
      - [2024-12-31, 2024-12-31..2025-01-30]
  Части двух месяцев:                     # 1928.26 x 1 / 31; 1928.26 x 28 / 29
    pays: {2024-01: "62.20", 2024-02: "1861.77"}
  Родилась 29 февраля - 18 лет 28 февраля:
    given: {vera.birthDate: 2004-02-29}
    table: [app.date, granted, refused]
    rows:
      - [2022-02-27, null, {age: Возраст 17}]
      - [2022-02-28, 2022-02-28..2022-03-27, null]
      - [2023-02-27, 2023-02-27..2023-03-26, null]
      - [2023-02-28, null, {age: Возраст 19}]
`)
}

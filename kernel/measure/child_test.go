package measure_test

import "testing"

func TestSurvivorBenefit(t *testing.T) {
	t.Parallel()
	play(t, must(t, child), `
given:
  Person: {anna: {birthDate: 1980-02-03}, kolya: {birthDate: 2001-06-06}}
  Registration: {home: {person: kolya, region: "86", from: 2010-01-01}}
  Pension: {sp: {person: kolya, type: survivor, from: 2019-06-06, to: 2019-08-31}}
  Study: {school: {person: kolya, form: fullTime, from: 2018-09-01}}
  Claim: {app: {applicant: anna, child: kolya, date: 2019-07-16}}
  answered: {RegistrationCheck: 2019-07-16, PensionCheck: 2019-07-16}
cases:
  Сумма и срок главной задачи:
    granted: 2019-07-01..2019-08-31
    pays: {2019-07..2019-08: "1826.00"}
    let: {limit: 23, pension: sp}
  Нет регистрации в округе - отказ: {given: {home.region: "72"}, refused: {livesInRegion: Нет регистрации по месту жительства в округе}}
  Нет ответа о пенсии и самой пенсии - неясно: {given: {sp: null, answered: {PensionCheck: null}}, unclear: [pensions]}
  Неясно и по имени условия: {given: {sp: null, answered: {PensionCheck: null}}, unclear: [receivesPension]}
  Ответ, что пенсии нет, - отказ: {given: {sp: null}, refused: {receivesPension: Не подтверждено получение пенсии}}
  Отказ не ждёт остальных ответов: {given: {home.region: "72", sp: null, answered: {PensionCheck: null}}, refused: [livesInRegion]}
  Не отвечено ничего: {given: {answered: {RegistrationCheck: null, PensionCheck: null}, home: null}, unclear: [homes, pensions]}
  Справку принёс гражданин: {given: {answered: {PensionCheck: null}, sp.attachments: [pension.pdf]}, granted: 2019-07-01..2019-08-31}
  Ответ устарел - неясно: {given: {sp: null, answered: {PensionCheck: 2019-06-15}}, unclear: [pensions]}
  Ответ ещё служит: {given: {sp: null, answered: {PensionCheck: 2019-06-16}}, refused: [receivesPension]}
  Все причины отказа: {given: {sp: null, home.region: "72"}, refused: [livesInRegion, receivesPension]}
  Уже исполнилось 18 и не учится: {given: {school: null}, refused: {young: "Ребёнку исполнилось 18, очно не учится"}}
  Учится заочно - как не учится: {given: {school.form: partTime}, refused: [young]}
  18 лет внутри срока, не учится:
    given: {kolya.birthDate: 2001-07-20, school: null}
    granted: 2019-07-01..2019-07-31
    pays: {2019-07: "1826.00"}
  18 лет внутри срока, учится: {given: {kolya.birthDate: 2001-07-20}, granted: 2019-07-01..2019-08-31}
  Родился 29 февраля - 18 лет ему 28 февраля:
    given: {kolya.birthDate: 2004-02-29, school: null, sp.to: null, app.date: 2021-12-10, answered: {RegistrationCheck: 2021-12-10, PensionCheck: 2021-12-10}}
    granted: 2021-12-01..2022-02-28
  Умер до обращения: {given: {kolya.deathDate: 2019-06-30}, refused: {alive: Ребёнок умер}}
  Умер в июле - за июль платят, за август нет:
    given: {kolya.deathDate: 2019-07-20}
    granted: 2019-07-01..2019-08-31
    pays: {2019-07: "1826.00"}
  Границы обращения:
    table: [app.date, granted]
    rows:
      - [2019-06-30, 2019-06-01..2019-08-31]
      - [2019-07-01, 2019-07-01..2019-08-31]
      - [2019-07-31, 2019-07-01..2019-08-31]
      - [2019-08-01, 2019-08-01..2019-08-31]
  Границы возраста (не учится):
    given: {school: null}
    table: [kolya.birthDate, granted, refused]
    rows:
      - [2001-07-17, 2019-07-01..2019-07-31, null]
      - [2001-07-16, null, [young]]
`)
}

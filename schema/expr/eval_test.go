package expr

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/schema/value"
)

var compareValues = cmp.Options{
	cmp.Comparer(func(a, b value.Number) bool { return a.Compare(b) == 0 }),
	cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) }),
	cmp.Transformer("id", func(r *Record) string {
		if r == nil {
			return ""
		}
		return r.Type + " " + r.ID
	}),
}

func TestEval(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want any
	}{
		// numbers
		{"1 / 3 * 300 == 100", true},
		{"0.1 + 0.2 == 0.3", true},
		{"1 / 2", value.NewNumber(1, 2)},
		{"7 % 3", int64(1)},
		{"m + 5", money("15.00")},
		{"m + 0.05", money("10.05")},
		{"m * 0.5", number("5")},
		{"round(m / 3, 2)", money("3.33")},
		{"round(2.345, 2)", money("2.35")},
		{"floor(2.349, 2)", money("2.34")},
		{"ceil(2.341, 2)", money("2.35")},
		{"round(x, 4)", number("0.3333")},
		{"ceil(7 / 2)", int64(4)},
		{"max(0, m - 20)", money("0.00")},
		{"min(n, 2.5)", number("2.5")},
		{"m > 0 && m < 10.01 && m == 10", true},
		{"-m", money("-10.00")},
		{"yes ? m : 0", money("10.00")},
		// dates
		{"age(doc.child, asked)", int64(13)},
		{"birthday(doc.child, 18)", day("2024-05-11")},
		{"monthStart(asked)", day("2019-07-01")},
		{"max(monthStart(asked), monthStart(date('2019-08-20')))", day("2019-08-01")},
		{"addMonths(date('2019-01-31'), 1)", day("2019-02-28")},
		{"months(asked, -6, -1)", value.Period{From: day("2019-01-01"), To: day("2019-06-30")}},
		{"slice.months().size()", int64(1)},
		{"slice.days", int64(31)},
		{"addWorkdays(date('2019-06-11'), 2)", day("2019-06-14")},
		{"covered(pensions[0].holds, slice)", number("1")},
		{"doc.start + minutes(15) > doc.start", true},
		{"case.due.answer - days(3)", day("2019-07-29")},
		// records
		{"doc.child.territory == 'surgut'", true},
		{"doc.child.territory.under('ugra')", true},
		{"doc.child.fullName", "Петров Николай"},
		{"beneficiary == doc.child", true},
		{"doc.applicant.spouse.spouse == doc.applicant", true},
		{"doc.child in doc.children", true},
		{"doc.child.pensions.map(p, p.type.title)", []any{"Государственная по потере кормильца"}},
		{"pensions[0].type.urgent", int64(2)},
		{"doc.state == 'asking'", true},
		{"doc.channel == 'portal'", true},
		{"doc.measure == 'SurvivorBenefit'", true},
		{"doc.payout.bank", "047102651"},
		{"unit.children.map(u, u.name)", []any{"low"}},
		{"pensions[1].holds.to", value.Forever},
		{"pensions[0].card == doc.child", true},
		{"case.spent('waiting')", int64(4)},
		// lists
		{"homes.exists(r, r.region == '86')", true},
		{"pensions.best(p, p.from)", &Record{Type: "Pension", ID: "sp"}},
		{"pensions.sum(p, p.amount)", money("5100.50")},
		{"pensions.count(p, p.amount > 1000)", int64(1)},
		{"some.distinct()", []any{int64(5), int64(7)}},
		{"[[1], [2, 3]].flat()", []any{int64(1), int64(2), int64(3)}},
		{"doc.channel in ['portal', 'office']", true},
		{"pensions.filter(p, p.type in ['old-age']).first()", &Record{Type: "Pension", ID: "old"}},
		// absence
		{"has(doc.note)", false},
		{"has(doc.date)", true},
		{"has(pensions.filter(p, p.amount > 99999).best(p, p.from).from)", false},
		{"!has(doc.child.deathDate) || doc.child.deathDate > slice.from", true},
		{"doc.note", nil},
		// parameters and functions
		{"Amount(slice.from)", money("1826.00")},
		{"Amount(date('2020-03-01'))", money("1880.78")},
		{"Standard(date('2024-08-01'), doc.child.territory, 'owner', 5)", money("4250.00")},
		{"Standard(date('2024-08-01'), 'uray', 'owner', 5)", money("6120.00")},
		{"Privilege(asked, 'old-age').share", number("0.5")},
		{"Standard.rows(date('2024-08-01')).size()", int64(3)},
		{"GroupOf(doc.child, pensions, asked)", "child"},
		{"GroupOf(doc.applicant, pensions, asked)", "pensioner"},
		{"Twice(0.25)", number("0.5")},
		{"serving('social-protection', doc.child.territory)", &Record{Type: "Office", ID: "office1"}},
		{"code(doc.child.territory, 'okato')", "71876"},
		{"code(doc.measure, 'S')", "0117"},
		{"byKey(Person, 'snils', 'none')", nil},
		{"years(date('2000-02-29'), date('2001-02-28'))", int64(1)},
		{"birthday(doc.applicant, 18)", day("1998-02-03")},
		{"turns(doc.child, 3)", day("2009-05-11")},
		{"monthEnd(date('2020-02-10'))", day("2020-02-29")},
		{"quarter(asked)", value.Period{From: day("2019-07-01"), To: day("2019-09-30")}},
		{"nextMonth(date('2019-12-31'))", value.Period{From: day("2020-01-01"), To: day("2020-01-31")}},
		{"day(asked) + month(asked) + year(asked)", int64(16 + 7 + 2019)},
		{"weekday(date('2019-07-14')) * 10 + weekday(date('2019-07-15'))", int64(71)},
		{"addDays(asked, -16)", day("2019-06-30")},
		{"addYears(date('2020-02-29'), 1)", day("2021-02-28")},
		{"workdays(date('2019-06-10'), date('2019-06-16'))", int64(5)},
		{"workdays(slice)", int64(23)},
		{"date('2019-06-11') + workdays(2)", day("2019-06-14")},
		{"period(date('2019-01-01'), asked).days", int64(197)},
		{"date(doc.start)", day("2019-07-16")},
		{"date('2019-07-16') == asked", true},
		{"doc.start + hours(24) == doc.start + days(1)", true},
		{"latest(doc.start, doc.start + minutes(1)) == doc.start + minutes(1)", true},
		{"slice.includes(asked) && !slice.includes(addDays(slice.to, 1))", true},
		{"slice.touches(period(slice.to, slice.to)) && !slice.covers(period(asked, addDays(slice.to, 1)))", true},
		{"covered(period(date('2019-07-01'), date('2019-07-10')), slice) * 31", number("10")},
		{"covered(period(date('2020-07-01'), date('2020-07-10')), slice)", number("0")},
		{"period(date('2019-01-15'), date('2019-03-02')).months().map(p, p.days)", []any{int64(17), int64(28), int64(2)}},
		{"round(m)", money("10.00")},
		{"round(10.5) + floor(-0.5) + ceil(0.1)", int64(11 - 1 + 1)},
		{"max([1, 7, 3])", int64(7)},
		{"min(pensions.map(p, p.from))", day("2018-01-01")},
		{"max(pensions.filter(p, false).map(p, p.from))", nil},
		{"2 + 3 * 4 - 6 / 3", number("12")},
		{"m - 2.5 + 1", money("8.50")},
		{"m / 4", number("2.5")},
		{"m / m", number("1")},
		{"[m, 5]", []any{money("10.00"), money("5.00")}},
		{"[1, 0.5]", []any{number("1"), number("0.5")}},
		{"pensions.all(p, p.amount > 50) && pensions.exists(p, p.type == 'old-age')", true},
		{"pensions.best(p, p.person == doc.applicant, p.from).amount", money("100.00")},
		{"pensions.map(p, p.person.pensions).flat().distinct().size()", int64(2)},
		{"([1] + [2])[1]", int64(2)},
		{"some[9]", nil},
		{"[] == []", true},
		{"size('ёж') + 'ёж'.size() + size(some)", int64(7)},
		{"doc.child.territory.parent.title", "Югра"},
		{"doc.child.territory.code + '!'", "surgut!"},
		{"doc.child.territory == pensions[0].person.territory", true},
		{"doc.child.id", "kolya"},
		{"pensions[0].version", int64(2)},
		{"doc.child.keys == doc.child.keys || true", true},
		{"unit.parent == unit || !has(unit.parent)", true},
		{"'ёЖ'.upper() + lower('ЁЖ')", "ЁЖёж"},
		{"words(doc.child.lastName, doc.child.middleName, doc.child.firstName)", "Петров Николай"},
		{"words(doc.child.middleName)", nil},
		{"paragraphs(['a', 'b'])", "a\n\nb"},
		{"'abc'.startsWith('ab') && 'abc'.endsWith('bc') && 'abc'.contains('b')", true},
		{"'abcdef'.substring(4) + 'abc'.substring(1, 99)", "efbc"},
		{"text(m) + text(asked) + text(x) + text(yes)", "10.002019-07-161/3true"},
		{"doc.attachments.exists(a, a.slot == 'proof')", true},
		{"pensions[0].holds.days", int64(87)},
		// texts
		{"'040 000'.substring(0, 3) + text(n)", "0403"},
		{"weighted('12', [3, 4]) % 101", int64(11)},
		{"int('012')", int64(12)},
		{"'abc'.matches('^a.c$')", true},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, err := evalText(t, tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Unclear) > 0 {
				t.Fatalf("unclear: %v", got.Unclear)
			}
			if diff := cmp.Diff(tt.want, got.Value, compareValues); diff != "" {
				t.Error(diff)
			}
		})
	}
}

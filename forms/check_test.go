package forms

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

var today = value.Date{Year: 2020, Month: 7, Day: 16}

func TestMissing(t *testing.T) {
	t.Parallel()
	f := example(t)
	got := f.Missing("TThing", map[string]any{"person": anna, "name": "вещь", "payout": map[string]any{},
		"rows": []any{map[string]any{"code": "a"}, map[string]any{}}})
	want := []string{"day required", "payout.bank required", "rows.1.code required"}
	if diff := cmp.Diff(want, errorsOf(got)); diff != "" {
		t.Error(diff)
	}
	if got := f.Missing("Nothing", nil); len(got) != 1 {
		t.Error(got)
	}
}

// broken is a world that fails.
type broken struct{ expr.World }

func (broken) Item(context.Context, string, string) (*schema.ClassifierItem, error) {
	return nil, errors.New("no database")
}

func TestCheckCodes(t *testing.T) {
	t.Parallel()
	f := example(t)
	world := expr.NewStaticWorld(f.cat)
	for name, c := range map[string]struct {
		document     string
		data, before map[string]any
		want         []string
	}{
		"in force":      {"TPlain", map[string]any{"color": "red"}, nil, []string{}},
		"unknown":       {"TPlain", map[string]any{"color": "rde"}, nil, []string{"color item Цвет,red"}},
		"ended":         {"TPlain", map[string]any{"color": "green"}, nil, []string{"color item-ended Зелёный,..2019-12-31"}},
		"ended, kept":   {"TPlain", map[string]any{"color": "green"}, map[string]any{"color": "green"}, []string{}},
		"held then":     {"TThing", map[string]any{"color": "green", "day": "2019-06-01", "closed": "2019-07-01"}, nil, []string{}},
		"held too late": {"TThing", map[string]any{"color": "green", "day": "2020-01-01"}, nil, []string{"color item-ended Зелёный,..2019-12-31"}},
		"in rows": {"TThing", map[string]any{"day": "2020-01-01", "rows": []any{map[string]any{"code": "a", "color": "blue"}}}, nil,
			[]string{"rows.0.color item Цвет"}},
		"no document": {"Nothing", nil, nil, []string{"document Nothing"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := f.Check(t.Context(), world, today, c.document, c.data, c.before)
			if diff := cmp.Diff(c.want, errorsOf(got)); diff != "" || err != nil {
				t.Error(err, diff)
			}
		})
	}
	if _, err := f.Check(t.Context(), broken{}, today, "TPlain", map[string]any{"color": "red"}, nil); err == nil {
		t.Error("a failure of the world was not told")
	}
}

// Every code has a text in both languages.
func TestMessages(t *testing.T) {
	t.Parallel()
	m, err := ReadMessages()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"ru", "en"} {
		for _, code := range []Code{Required, Unknown, ReadOnly, Computed, CardFixed, WrongType, Null, Encoding, Control, TooLong, TooShort,
			Pattern, Mask, Checked, Unclear, NotInEnum, NotConst, TooSmall, TooLarge, NotInteger, NotDecimal, Scale, NotMoney, NotDate,
			NotMonth, NotQuarter, NotYear, NotDateTime, NotDuration, NotPeriod, NotUUID, NotPoint, NoName, NoItem, ItemEnded, TooMany, TooFew,
			NotUnique, SameKey, TooDeep, TooBig, NoDocument} {
			if m[lang][code] == "" {
				t.Errorf("%s: %q has no text", lang, code)
			}
		}
	}
	for e, want := range map[*FieldError]string{
		{Code: Unknown}:                               "Такого поля нет",
		{Code: Unknown, Args: []string{"name"}}:       "Такого поля нет: возможно, имелось в виду name",
		{Code: NoItem, Args: []string{"Цвет"}}:        "В справочнике «Цвет» нет такого кода",
		{Code: NoItem, Args: []string{"Цвет", "red"}}: "В справочнике «Цвет» нет такого кода, возможно, имелось в виду red",
		{Code: TooLong, Args: []string{"10"}}:         "Не больше 10 знаков",
		{Code: "strange"}:                             "strange",
	} {
		if got := m.Text("ru", *e); got != want {
			t.Errorf("%v: %q, want %q", e, got, want)
		}
	}
	if got := m.Text("uk", FieldError{Code: Required}); got != "Заполните поле" {
		t.Errorf("an unknown language says %q", got)
	}
	if got := (FieldError{Path: "a.0", Code: TooLong, Args: []string{"5"}}).Error(); got != "a.0: too-long 5" {
		t.Error(got)
	}
}

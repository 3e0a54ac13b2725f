package filter

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mera/schema"
	"mera/schema/value"
)

var (
	uuidForm    = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	monthForm   = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])$`)
	quarterForm = regexp.MustCompile(`^\d{4}-Q[1-4]$`)
	systemForm  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,59}$`)
	yearForm    = regexp.MustCompile(`^\d{4}$`)
)

// canonical reads a literal of a kind into its stored form; the error is one sentence for the author.
func canonical(t *schema.Type, text string) (any, error) {
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		return nil, errors.New("the text is no valid UTF-8 without zero characters")
	}
	switch t.Kind {
	case schema.Boolean:
		if text != "true" && text != "false" {
			return nil, fmt.Errorf("%q is not true or false", text)
		}
		return text == "true", nil
	case schema.Integer:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a whole number", text)
		}
		return json.Number(strconv.FormatInt(n, 10)), nil
	case schema.Decimal:
		return decimal(text)
	case schema.Money:
		m, err := value.ParseMoney(text)
		if err != nil {
			return nil, err
		}
		return m.String(), nil
	case schema.Duration:
		d, err := value.ParseDuration(text)
		if err != nil {
			return nil, err
		}
		return d.String(), nil
	case schema.Link, schema.UUID:
		if id := strings.ToLower(text); uuidForm.MatchString(id) {
			return id, nil
		}
		return nil, fmt.Errorf("%q is not an id such as 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", text)
	}
	return calendar(t, text)
}

// decimal keeps the shortest exact form, which is the stored one without trailing zeros.
func decimal(text string) (any, error) {
	n, err := value.ParseNumber(text)
	if err != nil {
		return nil, err
	}
	return n.String(), nil
}

// calendar reads dates and their parts; what is none of these is text and stays as it is.
func calendar(t *schema.Type, text string) (any, error) {
	switch t.Kind {
	case schema.Date:
		d, err := value.ParseDate(text)
		if err != nil {
			return nil, err
		}
		return d.String(), nil
	case schema.Month:
		return text, matching(monthForm, text, "a month such as 2024-07")
	case schema.Quarter:
		return text, matching(quarterForm, text, "a quarter such as 2024-Q3")
	case schema.Year:
		return text, matching(yearForm, text, "a year such as 2024")
	case schema.DateTime:
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return nil, fmt.Errorf("%q is not a moment such as 2024-07-01T09:30:00Z", text)
		}
		return at.UTC().Format(time.RFC3339Nano), nil
	}
	return text, nil
}

func matching(form *regexp.Regexp, text, like string) error {
	if form.MatchString(text) {
		return nil
	}
	return fmt.Errorf("%q is not %s", text, like)
}

// period reads "2019-07-01..2019-08-31", a month, a quarter, a year, a day, with either end of the dots left out.
func period(text string) (value.Period, error) {
	from, to, dots := strings.Cut(text, "..")
	if !dots {
		return span(text)
	}
	var p value.Period
	if from != "" {
		first, err := span(from)
		if err != nil {
			return p, err
		}
		p.From = first.From
	}
	p.To = value.Forever
	if to != "" {
		last, err := span(to)
		if err != nil {
			return p, err
		}
		p.To = last.To
	}
	if p.Empty() {
		return p, fmt.Errorf("%q ends before it begins", text)
	}
	return p, nil
}

// span is the days of a year, quarter, month or day.
func span(text string) (value.Period, error) {
	switch {
	case yearForm.MatchString(text):
		return months(text+"-01-01", 12)
	case quarterForm.MatchString(text):
		return months(fmt.Sprintf("%s-%02d-01", text[:4], 3*int(text[6]-'0')-2), 3)
	case monthForm.MatchString(text):
		return months(text+"-01", 1)
	}
	d, err := value.ParseDate(text)
	return value.Period{From: d, To: d}, err
}

func months(first string, n int) (value.Period, error) {
	d, err := value.ParseDate(first)
	return value.Period{From: d, To: d.AddMonths(n).AddDays(-1)}, err
}

// Part cuts a date to the stored form of a kind: 2024-08-15 is 2024-08, 2024-Q3 and 2024. Such forms sort as the days
// that they begin with.
func Part(k schema.Kind, d value.Date) string {
	switch k {
	case schema.Month:
		return d.String()[:7]
	case schema.Quarter:
		return fmt.Sprintf("%04d-Q%d", d.Year, (int(d.Month)+2)/3)
	case schema.Year:
		return d.String()[:4]
	}
	return d.String()
}

// Literal reads a literal of a kind into its canonical stored form; the error is one sentence for its author.
func Literal(t *schema.Type, text string) (any, error) { return canonical(t, text) }

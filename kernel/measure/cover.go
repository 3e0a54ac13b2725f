package measure

import (
	"strings"

	"mera/schema"
	"mera/schema/value"
)

// Workdays counts working days; expr.World and calendar.Calendar do.
type Workdays interface {
	AddWorkdays(day value.Date, n int) value.Date
}

// RequestFlow finds the flow that a request names: an exchange with a single answered flow, or exchange.flow; nil if
// there is none.
func RequestFlow(cat *schema.Catalog, request string) *schema.Flow {
	name, flow, dotted := strings.Cut(request, ".")
	e := cat.Exchanges[name]
	if e == nil {
		return nil
	}
	var found []*schema.Flow
	for _, f := range e.Flows {
		if f.Answer != nil && (!dotted || f.Name == flow) {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// Ways in which an answer covers a type.
const (
	UntilTold = "untilTold" // a state: all days before the answer, and some days after it
	ForPeriod = "period"    // events: the days that were asked for
)

// CoverOf is how the answer of a flow covers a document type; "" if it says nothing about it.
func CoverOf(flow *schema.Flow, typ string) string {
	for _, cover := range flow.Answer.Covers {
		if cover.Type.Text == typ {
			return cover.How
		}
	}
	return ""
}

// Freshness is how long an answer serves: as the fact says, else as the flow says, else no longer than its day.
func Freshness(flow *schema.Flow, ofFact value.Duration) value.Duration {
	if ofFact != (value.Duration{}) {
		return ofFact
	}
	d, err := value.ParseDuration(flow.Fresh.Text)
	if err != nil {
		return value.Duration{}
	}
	return d
}

// Covers tells whether an answer covers the days that a fact reads: answered are the days asked for, and with UntilTold
// its last day is that of the answer. A type without a period (window nil) is covered by any answer.
func Covers(how string, answered value.Period, fresh value.Duration, window *value.Period, calendar Workdays) bool {
	switch {
	case how == "":
		return false
	case window == nil:
		return true
	case how == ForPeriod:
		return answered.Covers(*window)
	}
	return !window.To.After(later(answered.To, fresh, calendar))
}

// later is the last day on which what was true on a day is still believed.
func later(d value.Date, by value.Duration, calendar Workdays) value.Date {
	switch by.Unit {
	case value.Workdays:
		return calendar.AddWorkdays(d, by.N)
	case value.Days:
		return d.AddDays(by.N)
	case value.Weeks:
		return d.AddDays(7 * by.N)
	case value.Months:
		return d.AddMonths(by.N)
	case value.Years:
		return d.AddYears(by.N)
	}
	return d
}

package registry

import (
	"cmp"
	"slices"

	"mera/kernel/calendar"
	"mera/schema"
	"mera/schema/value"
)

// dayOff is the classifier whose codes are days off, or working days where the attribute works is true.
const dayOff = "DayOff"

// mergeValues puts the region's values among the package's: a value of the same date replaces, rows of a table join it.
func mergeValues(seed, own []*schema.ParameterValue) []*schema.ParameterValue {
	byDate := map[string]*schema.ParameterValue{}
	var added []*schema.ParameterValue
	for _, v := range slices.Concat(seed, own) {
		if v.Adds != "" && len(v.Rows) > 0 {
			added = append(added, v)
			continue
		}
		byDate[v.From] = v
	}
	out := make([]*schema.ParameterValue, 0, len(byDate)+len(added))
	for _, v := range byDate {
		out = append(out, v)
	}
	out = append(out, added...)
	slices.SortStableFunc(out, func(a, b *schema.ParameterValue) int { return cmp.Compare(a.From, b.From) })
	return out
}

// mergeItems adds the region's items after the package's: the same code replaces.
func mergeItems(seed, own []*schema.ClassifierItem) []*schema.ClassifierItem {
	out := slices.Clone(seed)
	for _, it := range own {
		if i := slices.IndexFunc(out, func(s *schema.ClassifierItem) bool { return s.Code == it.Code }); i >= 0 {
			out[i] = it
		} else {
			out = append(out, it)
		}
	}
	return out
}

func calendarOf(c *schema.Classifier) calendar.Calendar {
	days := map[value.Date]bool{}
	if c == nil {
		return calendar.New(days)
	}
	for _, it := range c.Items {
		day, err := value.ParseDate(it.Code)
		if err != nil {
			continue // a word, such as a group of days: not a day itself
		}
		works := slices.ContainsFunc(it.Attributes, func(e schema.Entry) bool {
			return e.Key.Text == "works" && e.Value.Text() == "true"
		})
		days[day] = works
	}
	return calendar.New(days)
}

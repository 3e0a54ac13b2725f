package registry

import (
	"sync/atomic"

	"mera/kernel/calendar"
	"mera/schema"
	"mera/schema/expr"
)

// Data is the dated data of an installation: parameter rows, classifier items and days off, the packages' seeds and
// what the region added. It never changes; an edit makes a new one.
type Data struct {
	World       *expr.StaticWorld // parameters, items, trees and working days; no records
	Calendar    calendar.Calendar
	Classifiers map[string]*schema.Classifier
}

// Live is what an operation works with from its start to its end.
type Live struct {
	*Release
	Data *Data
}

// Registry holds the present release and data.
type Registry struct{ live atomic.Pointer[Live] }

// Live is the present release and data; nil before the first installation.
func (r *Registry) Live() *Live { return r.live.Load() }

// Swap makes a release and data the present ones.
func (r *Registry) Swap(release *Release, data *Data) {
	r.live.Store(&Live{Release: release, Data: data})
}

// NewData joins the seeds of a catalog with the rows that a region added: parameter values by name and classifier
// items by classifier, as they stand in the catalog's own form.
func NewData(cat *schema.Catalog, values map[string][]*schema.ParameterValue, items map[string][]*schema.ClassifierItem) *Data {
	own := *cat
	own.Parameters = map[string]*schema.Parameter{}
	for name, p := range cat.Parameters {
		merged := *p
		merged.Values = mergeValues(p.Values, values[name])
		own.Parameters[name] = &merged
	}
	own.Classifiers = map[string]*schema.Classifier{}
	for name, c := range cat.Classifiers {
		merged := *c
		merged.Items = mergeItems(c.Items, items[name])
		own.Classifiers[name] = &merged
	}
	return &Data{World: expr.NewStaticWorld(&own), Calendar: calendarOf(own.Classifiers[dayOff]), Classifiers: own.Classifiers}
}

package expr

import (
	"context"
	"errors"
	"slices"

	"mera/schema"
	"mera/schema/value"
)

// Errors of an evaluation. Everything else that can go wrong is unclear, not an error.
var (
	ErrCost     = errors.New("the expression costs more than its limit")
	ErrOverflow = errors.New("a number is too large")
)

// Values are nil (absent), bool, string, int64, value.Number, value.Money, value.Date, value.Period, time.Time,
// value.Duration, Item, *Record, []any, PartList, map[string]any (objects) and Unknown.

// Item is an item of a classifier.
type Item struct {
	Classifier string
	Code       string
}

// Unknown is a value that is not known, with the names of what is missing: facts, properties, parameters.
type Unknown struct{ Names []string }

// PartList is a list whose Items are known but which may have more: Unknown names what is missing.
type PartList struct {
	Items   []any
	Unknown []string
}

// Record is a record as expressions see it. Data are in stored form, or values; Kernel holds kernel properties
// (createdAt, state, number, office as an id, keys as a map …), Kept gives those that are not in it. A Record with nil
// Data is a reference: it is equal to the record of its id, and is read through World.Record when a property is wanted.
type Record struct {
	Type    string
	ID      string
	Version int
	Data    map[string]any
	Kernel  map[string]any
	Kept    func(name string) any `json:"-"` // nil: none; an absent one is nil
}

// KernelValue is a kernel property; nil where it is absent.
func (r *Record) KernelValue(name string) any {
	if v, ok := r.Kernel[name]; ok || r.Kept == nil {
		return v
	}
	return r.Kept(name)
}

// Input is what one evaluation gets. Vars may hold any value, also Unknown, PartList and nil; a name that is missing is
// absent. Day is the day with which dates of cases are compared. Cost, if given, is a budget shared with other
// evaluations: it is lowered by what this one spends.
type Input struct {
	Ctx   context.Context
	Vars  map[string]any
	Day   value.Date
	World World
	Trace bool
	Cost  *uint64
	Turn  func(value.Date) // if given, told of every day that a call of turns came to
}

// Result is what an evaluation gives. Unclear names what is missing, sorted; if it is not empty the result is not
// known, though Value may hold the known part of a list, or a template's text. Case is the index of the case of a VALUE
// that applied, -1 if none did; Law is its law.
type Result struct {
	Value   any
	Unclear []string
	Case    int
	Law     schema.Law
	Trace   []Step
}

// Known tells that nothing is missing; the value may still be absent (nil).
func (r Result) Known() bool { return len(r.Unclear) == 0 }

// True tells that the result is known to be true.
func (r Result) True() bool { return r.Known() && r.Value == true }

// Step is one line of the explanation: a part of the expression and its value, with the law of a parameter and the
// record from which the value was read.
type Step struct {
	Text   string
	Value  string
	Law    schema.Law
	Source string // "Pension 0190… v2"
}

// World is everything outside the values handed in. Implementations cache: the same question may be asked often.
//
// A World may also have these methods: ByKey(ctx, typ, system, key) (id string, err error) for byKey,
// Code(ctx, typ, id, system) (code string, err error) for code() of records, Zone() *time.Location for date() of an
// instant (UTC without it).
type World interface {
	// Record is a record by id; nil if it is not there.
	Record(ctx context.Context, typ, id string) (*Record, error)
	// Inverse are the records that link to a record, by the name of the inverse.
	Inverse(ctx context.Context, typ, id, inverse string) ([]*Record, error)
	// Parameter are the rows of a parameter in force on a day, `times` already applied.
	Parameter(ctx context.Context, name string, day value.Date) ([]ParameterRow, error)
	// Item is an item of a classifier; nil if it is not there.
	Item(ctx context.Context, classifier, code string) (*schema.ClassifierItem, error)
	// Under tells whether an item is the ancestor or lies below it.
	Under(ctx context.Context, classifier, code, ancestor string) (bool, error)
	// Serving is the id of the Office that has a duty in a territory; "" if that is not known.
	Serving(ctx context.Context, duty, territory string) (string, error)
	// AddWorkdays is the n-th working day after a day; IsWorkday tells whether a day is one.
	AddWorkdays(day value.Date, n int) value.Date
	IsWorkday(day value.Date) bool
}

// ParameterRow is one row of a parameter: keys and values as canonical text.
type ParameterRow struct {
	Keys   []string
	Values []string
	Law    schema.Law
	Source string // the package that added it, or region; "": the package of the parameter
}

// and joins the names of what is missing.
func (u Unknown) and(o Unknown) Unknown {
	if len(u.Names) == 0 {
		return o
	}
	if len(o.Names) == 0 {
		return u
	}
	names := slices.Concat(u.Names, o.Names)
	slices.Sort(names)
	return Unknown{slices.Compact(names)}
}

// unknown tells whether a value is Unknown; it always has a name.
func unknown(v any) (Unknown, bool) {
	u, ok := v.(Unknown)
	if ok && len(u.Names) == 0 {
		u = Unknown{[]string{"unknown"}}
	}
	return u, ok
}

// some tells that there is something unknown.
func (u Unknown) some() bool { return len(u.Names) > 0 }

package expr

import (
	"cmp"
	"time"

	"mera/schema/value"
)

// same is the equality of two known values: true, false, or Unknown where parts of them are.
func same(x, y any) any {
	switch a := x.(type) {
	case *Record:
		b, ok := y.(*Record)
		return ok && a != nil && b != nil && a.ID == b.ID
	case Item:
		switch b := y.(type) {
		case Item:
			return a == b
		case string:
			return a.Code == b
		}
		return false
	case string:
		if b, ok := y.(Item); ok {
			return a == b.Code
		}
		return x == y
	case time.Time:
		b, ok := y.(time.Time)
		return ok && a.Equal(b)
	case []any, PartList:
		return sameLists(x, y)
	case map[string]any:
		b, ok := y.(map[string]any)
		return ok && sameObjects(a, b)
	case int64, value.Money, value.Number, value.Duration:
		order, ok := compare(x, y)
		return ok && order == 0
	case bool, value.Date, value.Period:
		return x == y
	}
	return false
}

// sameOrUnknown is same for values of which one may be unknown or absent.
func sameOrUnknown(x, y any) any {
	ux, okx := unknown(x)
	uy, oky := unknown(y)
	switch {
	case okx || oky:
		return ux.and(uy)
	case x == nil || y == nil:
		return Unknown{[]string{"element"}}
	}
	return same(x, y)
}

func sameLists(x, y any) any {
	a, missing := parts(x)
	b, also := parts(y)
	unclear := missing.and(also)
	if len(unclear.Names) == 0 && len(a) != len(b) {
		return false
	}
	for i := range min(len(a), len(b)) {
		switch eq := sameOrUnknown(a[i], b[i]).(type) {
		case bool:
			if !eq && len(missing.and(also).Names) == 0 {
				return false
			}
		case Unknown:
			unclear = unclear.and(eq)
		}
	}
	if len(unclear.Names) > 0 {
		return unclear
	}
	return true
}

// sameObjects compares field by field; links in them are equal by id, so this ends.
func sameObjects(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		w, ok := b[k]
		if !ok || same(v, w) != true {
			return false
		}
	}
	return true
}

// compare orders two known values of one kind; numbers of all kinds go together, and so do durations
// of a fixed length.
func compare(x, y any) (int, bool) {
	switch a := x.(type) {
	case int64:
		if b, ok := y.(int64); ok {
			return cmp.Compare(a, b), true
		}
	case value.Money:
		switch b := y.(type) {
		case value.Money:
			return cmp.Compare(a, b), true
		case int64: // the common limit of whole roubles, without a ratio
			if kopecks, ok := multiply(b, 100); ok {
				return cmp.Compare(int64(a), kopecks), true
			}
		}
	case value.Number:
	case value.Date:
		b, ok := y.(value.Date)
		return a.Compare(b), ok
	case time.Time:
		b, ok := y.(time.Time)
		return a.Compare(b), ok
	case value.Duration:
		if b, ok := y.(value.Duration); ok {
			return compareDurations(a, b)
		}
		return 0, false
	case string:
		b, ok := y.(string)
		return cmp.Compare(a, b), ok
	case bool:
		b, ok := y.(bool)
		return boolInt(a) - boolInt(b), ok
	default:
		return 0, false
	}
	if !isNumber(y) {
		return 0, false
	}
	return toNumber(x).Compare(toNumber(y)), true
}

// seconds are the lengths of units where they are compared: a day is 24 hours. How long a month, a year or a working
// day is depends on where it begins, so these compare only with their own unit.
var seconds = map[value.Unit]int64{value.Weeks: 604800, value.Days: 86400, value.Hours: 3600, value.Minutes: 60, value.Seconds: 1}

func compareDurations(a, b value.Duration) (int, bool) {
	x, y := int64(a.N), int64(b.N)
	if a.Unit == b.Unit {
		return cmp.Compare(x, y), true
	}
	x, okx := multiply(x, seconds[a.Unit])
	y, oky := multiply(y, seconds[b.Unit])
	return cmp.Compare(x, y), okx && oky && seconds[a.Unit] > 0 && seconds[b.Unit] > 0
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func isNumber(v any) bool {
	switch v.(type) {
	case int64, value.Money, value.Number:
		return true
	}
	return false
}

// toNumber widens an int or a sum of money; anything else is 0.
func toNumber(v any) value.Number {
	switch v := v.(type) {
	case int64:
		return value.NewNumber(v, 1)
	case value.Money:
		return v.Number()
	case value.Number:
		return v
	}
	return value.Number{}
}

// parts are the elements of a list that are known to be in it, and what is missing.
func parts(list any) ([]any, Unknown) {
	switch l := list.(type) {
	case []any:
		return l, Unknown{}
	case PartList:
		missing, _ := unknown(Unknown{l.Unknown})
		return l.Items, missing
	}
	missing, _ := unknown(list)
	return nil, missing
}

// listOf is a list, or the known part of one.
func listOf(items []any, missing Unknown) any {
	if len(missing.Names) > 0 {
		return PartList{items, missing.Names}
	}
	return items
}

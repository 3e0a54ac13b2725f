package store

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"mera/schema/value"
)

// Cells translate between columns that may be null and values of Go that are merely empty. Each implements
// sql.Scanner and driver.Valuer over a pointer, so that one list of cells reads and writes a row.

// text is a column of text or uuid: null is "".
func text(p *string) *textCell { return &textCell{p} }

type textCell struct{ p *string }

func (c *textCell) Value() (driver.Value, error) {
	if *c.p == "" {
		return nil, nil
	}
	return *c.p, nil
}

func (c *textCell) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c.p = ""
	case string:
		*c.p = v
	case []byte:
		*c.p = string(v)
	default:
		return fmt.Errorf("%T is no text", src)
	}
	return nil
}

// moment is a column of timestamptz: null is the zero time.
func moment(p *time.Time) *momentCell { return &momentCell{p} }

type momentCell struct{ p *time.Time }

func (c *momentCell) Value() (driver.Value, error) {
	if c.p.IsZero() {
		return nil, nil
	}
	return *c.p, nil
}

func (c *momentCell) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c.p = time.Time{}
	case time.Time:
		*c.p = v.UTC()
	default:
		return fmt.Errorf("%T is no time", src)
	}
	return nil
}

// day is a column of date: null is the absent date.
func day(p *value.Date) *dayCell { return &dayCell{p, value.Date{}} }

// end is a column of date where null is the open end of a period.
func end(p *value.Date) *dayCell { return &dayCell{p, value.Forever} }

type dayCell struct {
	p    *value.Date
	null value.Date
}

func (c *dayCell) Value() (driver.Value, error) {
	if c.p.IsZero() || *c.p == c.null {
		return nil, nil
	}
	return c.p.Time(time.UTC), nil
}

func (c *dayCell) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c.p = c.null
	case time.Time:
		*c.p = value.DateOf(v)
	default:
		return fmt.Errorf("%T is no date", src)
	}
	return nil
}

// money is a column of bigint, in kopecks: null is nothing.
func money(p *value.Money) *moneyCell { return &moneyCell{p} }

type moneyCell struct{ p *value.Money }

func (c *moneyCell) Value() (driver.Value, error) { return int64(*c.p), nil }

func (c *moneyCell) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c.p = 0
	case int64:
		*c.p = value.Money(v)
	default:
		return fmt.Errorf("%T is no sum", src)
	}
	return nil
}

// raw is a column of jsonb kept as it is: null is nil.
func raw(p *json.RawMessage) *rawCell { return &rawCell{p} }

type rawCell struct{ p *json.RawMessage }

func (c *rawCell) Value() (driver.Value, error) {
	if len(*c.p) == 0 {
		return nil, nil
	}
	return string(*c.p), nil
}

func (c *rawCell) Scan(src any) error {
	b, err := jsonBytes(src)
	*c.p = b
	return err
}

// object is a column of jsonb that is decoded, numbers as json.Number. A nil map or slice is written as empty.
func object(p any, empty string) *objectCell { return &objectCell{p, empty} }

type objectCell struct {
	p     any
	empty string // {} or []
}

func (c *objectCell) Value() (driver.Value, error) {
	b, err := json.Marshal(c.p)
	if string(b) == "null" {
		return c.empty, err
	}
	return string(b), err
}

func (c *objectCell) Scan(src any) error {
	b, err := jsonBytes(src)
	if err != nil || b == nil {
		return err
	}
	return decode(b, c.p)
}

func jsonBytes(src any) ([]byte, error) {
	switch v := src.(type) {
	case nil:
		return nil, nil
	case string:
		return []byte(v), nil
	case []byte:
		return bytes.Clone(v), nil
	default:
		return nil, fmt.Errorf("%T is no jsonb", src)
	}
}

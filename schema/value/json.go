package value

import "encoding/json"

// MarshalText is the ISO form; an absent date is "".
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseDate(string(text))
	return err
}

// MarshalText has two digits after the point, so that no reader of JSON turns a sum into a float.
func (m Money) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *Money) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMoney(string(text))
	return err
}

type periodJSON struct {
	From Date `json:"from,omitzero"`
	To   Date `json:"to,omitzero"`
}

// MarshalJSON is {"from": …, "to": …}; an open end is left out.
func (p Period) MarshalJSON() ([]byte, error) {
	if p.To == Forever {
		p.To = Date{}
	}
	return json.Marshal(periodJSON(p))
}

// UnmarshalJSON reads what MarshalJSON wrote: a missing end is Forever.
func (p *Period) UnmarshalJSON(data []byte) error {
	var j periodJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*p = NewPeriod(j.From, j.To)
	return nil
}

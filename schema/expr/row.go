package expr

import (
	"fmt"
	"strconv"

	"mera/schema"
	"mera/schema/value"
)

// RowFault is a cell of a parameter's row that is no value of its type; Type is a word or a classifier.
type RowFault struct {
	Cell int // from 0; -1: the row has more or fewer cells than it must
	Type string
	Text string
}

func (f *RowFault) Error() string {
	if f.Cell < 0 {
		return "the row must have " + f.Type + " cells"
	}
	return fmt.Sprintf("%q is no %s", f.Text, f.Type)
}

// CheckRow holds a row of a parameter, keys and then the value or the columns, against their types. item tells whether
// a classifier has a code. A parameter without keys and columns has rows of one cell.
func CheckRow(p *schema.Parameter, row []string, item func(classifier, code string) bool) *RowFault {
	cells := len(p.Keys) + max(len(p.Columns), 1)
	if len(row) != cells {
		return &RowFault{Cell: -1, Type: strconv.Itoa(cells)}
	}
	for i, cell := range row {
		typ := columnType(p, i-len(p.Keys))
		if i < len(p.Keys) {
			typ = p.Keys[i].Type
		}
		if !fits(typ, cell, item) {
			return &RowFault{Cell: i, Type: typ, Text: cell}
		}
	}
	return nil
}

func fits(typ, cell string, item func(classifier, code string) bool) bool {
	var err error
	switch typ {
	case "text":
		return cell != ""
	case "money":
		_, err = value.ParseMoney(cell)
	case "integer":
		_, err = strconv.ParseInt(cell, 10, 64)
	case "decimal", "percent":
		_, err = value.ParseNumber(cell)
	case "date":
		_, err = value.ParseDate(cell)
	case "duration":
		_, err = value.ParseDuration(cell)
	default:
		return item(typ, cell)
	}
	return err == nil
}

package registry

import (
	"fmt"
	"strings"

	"mera/schema/expr"
)

// Per is the text of the values that a counter counts apart: "office=…;year=2019".
func (n *Number) Per(in Input, office string) (string, error) {
	parts := make([]string, len(n.Def.Per))
	for i, per := range n.Def.Per {
		switch {
		case n.per[i] == nil && per.Text == "year":
			parts[i] = fmt.Sprintf("year=%d", in.Today.Year)
		case n.per[i] == nil:
			parts[i] = "office=" + office
		default:
			res, err := in.eval(n.per[i])
			if err != nil {
				return "", err
			}
			parts[i] = fmt.Sprintf("%s=%v", per.Text, plain(res.Value))
		}
	}
	return strings.Join(parts, ";"), nil
}

// Text is the number as people read it.
func (n *Number) Text(in Input, office *expr.Record, next int64) (string, error) {
	return n.format.fill(in.Ctx, in.World, next, office, in.Today, func(name string) (any, error) {
		p, raw := n.properties[name], in.Doc.Data[name]
		if p == nil || raw == nil {
			return nil, nil
		}
		return expr.FromStored(p.Type, raw)
	})
}

package filter

import (
	"mera/schema"
	"mera/schema/value"
)

// sides are the bounds of `within`, each with what it bounds, how, and its greatest number of degrees.
var sides = map[string]struct {
	axis string
	op   Op
	most int64
}{"south": {"lat", Gte, 90}, "north": {"lat", Lte, 90}, "west": {"lon", Gte, 180}, "east": {"lon", Lte, 180}}

// box is `within` of a point: between south and north, west and east, all of which belong to it. It may go over the
// meridian where east meets west.
func (r *run) box(point *Tree, n *schema.Node) *Tree {
	bounds := map[string]*Tree{}
	if n.Kind == schema.MapNode {
		for _, e := range n.Entries {
			if _, ok := sides[e.Key.Text]; !ok {
				return r.fault(e.Key.Pos, "wrong-shape", "within has south, north, west and east")
			}
			if bounds[e.Key.Text] = r.side(point, e); bounds[e.Key.Text].Kind != Leaf {
				return Nothing()
			}
		}
	}
	if len(bounds) != len(sides) {
		return r.fault(n.Pos, "wrong-shape", "within has south, north, west and east")
	}
	west, _ := value.ParseNumber(bounds["west"].Value.(string))
	east, _ := value.ParseNumber(bounds["east"].Value.(string))
	along := Conj(bounds["west"], bounds["east"])
	if west.Compare(east) > 0 {
		along = Disj(bounds["west"], bounds["east"])
	}
	return Conj(bounds["south"], bounds["north"], along)
}

// side is one bound: a plain number, because which of two is the greater makes another filter.
func (r *run) side(point *Tree, e schema.Entry) *Tree {
	s := sides[e.Key.Text]
	delete(r.slots, e.Value)
	leaf := r.operand(&Tree{Kind: Leaf, Path: follow(point.Path, Hop{Property: s.axis}), Type: &schema.Type{Kind: schema.Decimal}}, s.op, e.Value)
	if leaf.Kind != Leaf {
		return leaf
	}
	text, ok := leaf.Value.(string)
	n, err := value.ParseNumber(text)
	most := value.NewNumber(s.most, 1)
	if !ok || err != nil || n.Compare(most) > 0 || value.NewNumber(-s.most, 1).Compare(n) > 0 {
		return r.fault(e.Value.Pos, "wrong-value", "%s is a number of degrees, at most %d", e.Key.Text, s.most)
	}
	return leaf
}

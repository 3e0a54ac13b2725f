package schema

// Scalar is one text of a definition with its place. YAML's own typing is never used: 1.10 stays "1.10" and 07 stays
// "07"; the slot that the scalar fills types it. The zero Scalar is an absent one.
type Scalar struct {
	Text string
	Pos  Pos
	Null bool // an empty value or null: allowed in overlays and `given` only
}

// IsZero tells that the key was not written.
func (s Scalar) IsZero() bool { return s.Text == "" && !s.Null }

func (s Scalar) String() string { return s.Text }

// NodeKind is the shape of a Node.
type NodeKind int

// The shapes of a Node.
const (
	ScalarNode NodeKind = iota
	MapNode
	ListNode
)

// Node is a piece of YAML with places: what the loader keeps of value maps, filters, tests and scenarios, whose keys
// are names of the author and not words of the language.
type Node struct {
	Kind    NodeKind
	Pos     Pos
	Scalar  Scalar  // of a ScalarNode
	Entries []Entry // of a MapNode, in the written order
	Items   []*Node // of a ListNode
}

// Entry is one key of a map with its value.
type Entry struct {
	Key   Scalar
	Value *Node
}

// Get returns the value under a key of a map; nil if the node is no map or has no such key.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != MapNode {
		return nil
	}
	for _, e := range n.Entries {
		if e.Key.Text == key {
			return e.Value
		}
	}
	return nil
}

// Text returns the text of a scalar node and "" for anything else.
func (n *Node) Text() string {
	if n == nil || n.Kind != ScalarNode {
		return ""
	}
	return n.Scalar.Text
}

// Plain is the node as encoding/json would read it, with the scalars that scalar makes of those that are not null.
func (n *Node) Plain(scalar func(text string) any) any {
	switch n.Kind {
	case MapNode:
		out := make(map[string]any, len(n.Entries))
		for _, e := range n.Entries {
			out[e.Key.Text] = e.Value.Plain(scalar)
		}
		return out
	case ListNode:
		out := make([]any, len(n.Items))
		for i, x := range n.Items {
			out[i] = x.Plain(scalar)
		}
		return out
	}
	if n.Scalar.Null {
		return nil
	}
	return scalar(n.Scalar.Text)
}

// Expression returns the expression of a value-map scalar that begins with "=", with its place after the sign.
func (s Scalar) Expression() (Scalar, bool) {
	if len(s.Text) == 0 || s.Text[0] != '=' {
		return Scalar{}, false
	}
	p := s.Pos
	p.Col++
	return Scalar{Text: s.Text[1:], Pos: p}, true
}

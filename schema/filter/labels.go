package filter

// Labels are the labels, as Type.label, of the properties by which rows of a document are filtered. Not sorted.
func (t *Tree) Labels(document string) []string {
	var out []string
	t.Walk(func(leaf *Tree) {
		at := document
		for _, h := range leaf.Path {
			if h.Label != "" {
				out = append(out, at+"."+h.Label)
			}
			if h.Link != "" {
				at = h.Link
			}
		}
	})
	return out
}

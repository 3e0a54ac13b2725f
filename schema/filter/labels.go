package filter

// Labels are the labels, as Type.label, of the properties by which rows of a document are filtered. Not sorted.
func (t *Tree) Labels(document string) []string {
	var out []string
	at := document
	for _, h := range t.Path {
		holder := at
		if h.Link != "" {
			at = h.Link
		}
		if h.Inverse != "" { // the link is a property of those that it leads from
			holder = h.Link
		}
		if h.Label != "" {
			out = append(out, holder+"."+h.Label)
		}
	}
	for _, k := range t.Kids {
		out = append(out, k.Labels(at)...)
	}
	return out
}

// Links are the types to which the filter goes over links, from either side. Not sorted.
func (t *Tree) Links() []string {
	var out []string
	t.Walk(func(leaf *Tree) {
		for _, h := range leaf.Path {
			if h.Link != "" {
				out = append(out, h.Link)
			}
		}
	})
	return out
}

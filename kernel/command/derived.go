package command

import (
	"slices"
	"strings"

	"mera/kernel"
	"mera/printforms"
)

// derived is what is made now of labelled properties: the labels of which a record is in hand, and all those records.
// What this command has read for another reason is among them: rather too much is hidden than too little.
func (w *work) derived(labels []string) kernel.Derived {
	var out kernel.Derived
	for _, label := range labels {
		if found := w.inHand(label); len(found) > 0 {
			out.Labels, out.Sources = append(out.Labels, label), append(out.Sources, found...)
		}
	}
	return sorted(out)
}

// told is what an answer from outside says of labelled properties: it keeps the labels also where no record holds what
// it says, and is hidden then.
func (w *work) told(labels []string) kernel.Derived {
	out := w.derived(labels)
	out.Labels = append(out.Labels, labels...)
	return sorted(out)
}

// inHand are the records that have a label and are known to this command.
func (w *work) inHand(label string) []string {
	typ, _, _ := strings.Cut(label, ".")
	var out []string
	for id, r := range w.records {
		if r != nil && r.Type == typ {
			out = append(out, id)
		}
	}
	return out
}

// joined is what was made of several things.
func joined(of ...kernel.Derived) kernel.Derived {
	var out kernel.Derived
	for _, d := range of {
		out.Labels, out.Sources = append(out.Labels, d.Labels...), append(out.Sources, d.Sources...)
	}
	return sorted(out)
}

func sorted(d kernel.Derived) kernel.Derived {
	slices.Sort(d.Labels)
	slices.Sort(d.Sources)
	return kernel.Derived{Labels: slices.Compact(d.Labels), Sources: slices.Compact(d.Sources)}
}

// printed are the labels of what a template prints of records.
func printed(t *printforms.Template) []string {
	var out []string
	for _, l := range t.Labels() {
		out = append(out, l.Type+"."+l.Label)
	}
	return out
}

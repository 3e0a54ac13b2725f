package load

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"mera/schema"
)

func (r *reader) format(m schema.Meta, n *schema.Node) *schema.Format {
	f := &schema.Format{Meta: m, Of: scalar(n, "of"), Root: mapNode(n, "file")}
	if f.Root == nil {
		if !slices.ContainsFunc([]string{"columns", "sheets", "zip", "text"}, func(key string) bool { return n.Get(key) != nil }) {
			r.fault(schema.Faultf(n.Pos, "missing-key", "the format has no \"file\"").WithHint("file: the tree of the message with a path of the record at each key"))
		}
		return f
	}
	r.jsonTree(f.Root)
	return f
}

// jsonTree refuses the keys of XML trees, which this version does not print.
func (r *reader) jsonTree(n *schema.Node) {
	for _, e := range n.Entries {
		switch key := e.Key.Text; {
		case strings.Contains(key, ":"):
			r.faultf(e.Key.Pos, "not-supported-yet", "%q is an XML element, and this version reads and prints JSON trees only", key)
		case strings.HasSuffix(key, "="):
			r.faultf(e.Key.Pos, "not-supported-yet", "%q is an XML attribute, and this version reads and prints JSON trees only", key)
		default:
			r.jsonTree(e.Value)
		}
	}
}

func (r *reader) exchange(m schema.Meta, n *schema.Node) *schema.Exchange {
	x := &schema.Exchange{Meta: m, Channel: scalar(n, "channel")}
	for _, e := range entries(n, "flows") {
		x.Flows = append(x.Flows, r.flow(e))
	}
	return x
}

func (r *reader) flow(e schema.Entry) *schema.Flow {
	r.named(e.Key, "flow")
	v := e.Value
	f := &schema.Flow{Name: e.Key.Text, Pos: e.Key.Pos, Title: text(v, "title"), Send: scalar(v, "send"), Take: scalar(v, "take"),
		Format: scalar(v, "format"), Source: entries(v, "source"), Fresh: r.duration(v, "fresh"), Answer: r.answer(v), Steps: r.steps(v)}
	r.oneOf(v, "the flow "+strconv.Quote(f.Name), []string{"send", "take"})
	for _, s := range f.Source {
		r.named(s.Key, "source")
	}
	if f.Answer != nil && f.Send.IsZero() {
		r.fault(schema.Faultf(f.Answer.Pos, "useless-keyword", "an answer comes back to what is sent, and this flow sends nothing"))
	}
	return f
}

func (r *reader) answer(flow *schema.Node) *schema.Answer {
	n := mapNode(flow, "answer")
	if n == nil {
		return nil
	}
	a := &schema.Answer{Pos: n.Pos, Record: scalar(n, "record"), Format: scalar(n, "format"), Wait: r.duration(n, "wait"),
		Clear: scalar(n, "clear"), Steps: r.steps(n), Rejected: map[string]schema.Scalar{}}
	for _, e := range entries(n, "rejected") {
		a.Rejected[e.Key.Text] = e.Value.Scalar
	}
	for _, e := range entries(n, "covers") {
		a.Covers = append(a.Covers, schema.Cover{Type: e.Key, How: e.Value.Text()})
	}
	return a
}

// stepVerbs are the writes of an exchange in this version.
var stepVerbs = []string{"match", "create", "update", "void", "submit", "start", "fire", "print", "notify", "task", "send"}

// laterSteps were reported by the check of shapes.
var laterSteps = []string{"award", "link", "returnPayment", "offer"}

func (r *reader) steps(n *schema.Node) []*schema.Step {
	var out []*schema.Step
	for _, e := range entries(n, "steps") {
		r.spelled(e.Key, "step")
		v := e.Value
		if v.Kind != schema.MapNode || slices.ContainsFunc(laterSteps, func(key string) bool { return v.Get(key) != nil }) {
			continue
		}
		verb := r.oneOf(v, "the step "+strconv.Quote(e.Key.Text), stepVerbs)
		s := &schema.Step{Name: e.Key.Text, Pos: e.Key.Pos, Verb: verb, Target: scalar(v, verb), Each: scalar(v, "each"), When: scalar(v, "when"),
			Of: scalar(v, "of"), With: scalar(v, "with"), Key: valueMap(v, "key"), None: text(v, "none"), Many: text(v, "many"),
			Set: valueMap(v, "set"), Reason: scalar(v, "reason")}
		if verb == "match" {
			s.None, s.Many = cmp.Or(s.None, "stop"), cmp.Or(s.Many, "stop")
		}
		out = append(out, s)
	}
	return out
}

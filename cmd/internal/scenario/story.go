package scenario

import (
	"fmt"
	"strings"

	"mera/schema"
)

// Step is one line of a story: WHO VERB WHAT [on CASE] [as NAME]: DATA.
type Step struct {
	Pos  schema.Pos
	Text string // as written, without the data
	Who  string
	Verb string
	What string
	On   string
	As   string
	Data *schema.Node
	Wait string // of a step `wait: DURATION`
	Say  string // of a step `say: TEXT`, which a demo reads aloud
}

// Verbs of steps.
const (
	creates = "creates"
	submits = "submits"
	changes = "changes"
	voids   = "voids"
	takes   = "takes"
	fires   = "fires"
	runs    = "runs"
	sees    = "sees"
)

// parseStep reads one entry of `story`: a map with one key.
func parseStep(n *schema.Node) (Step, error) {
	if n.Kind != schema.MapNode || len(n.Entries) != 1 {
		return Step{}, fmt.Errorf("%s: a step is one line WHO VERB WHAT: DATA", n.Pos)
	}
	e := n.Entries[0]
	s := Step{Pos: e.Key.Pos, Text: e.Key.Text, Data: e.Value}
	switch e.Key.Text {
	case "wait":
		s.Wait = e.Value.Text()
		return s, nil
	case "say":
		s.Say = e.Value.Text()
		return s, nil
	}
	words := strings.Fields(e.Key.Text)
	if len(words) < 3 {
		return Step{}, fmt.Errorf("%s: %q is not WHO VERB WHAT [on CASE] [as NAME]", s.Pos, s.Text)
	}
	s.Who, s.Verb, s.What = words[0], words[1], words[2]
	for rest := words[3:]; len(rest) > 0; rest = rest[2:] {
		if len(rest) < 2 {
			return Step{}, fmt.Errorf("%s: %q ends after %q", s.Pos, s.Text, rest[0])
		}
		switch rest[0] {
		case "on":
			s.On = rest[1]
		case "as":
			s.As = rest[1]
		default:
			return Step{}, fmt.Errorf("%s: %q: expected on or as, not %q", s.Pos, s.Text, rest[0])
		}
	}
	switch s.Verb {
	case creates, submits, changes, voids, takes, fires, runs, sees:
		return s, nil
	}
	return Step{}, fmt.Errorf("%s: %q is not a verb; known: creates submits changes voids takes fires runs sees", s.Pos, s.Verb)
}

// errorCode is the code that a step expects instead of success: a bare word in capitals.
func (s Step) errorCode() string {
	t := s.Data.Text()
	if t != "" && strings.Trim(t, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == "" {
		return t
	}
	return ""
}

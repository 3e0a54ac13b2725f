package scenario

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"mera/cmd/internal/agencies"
	"mera/schema"
	"mera/schema/load/source"
)

// stage makes what a story begins with: the clock, offices, people with their cards, staff, numbers and the manners of
// the agencies.
func (p *Play) stage(ctx context.Context) error {
	root := p.story.Root
	if at := root.Get("today"); at != nil {
		t, err := instant(at.Text())
		if err != nil {
			return fmt.Errorf("%s: %w", at.Pos, err)
		}
		if err := p.setClock(ctx, t); err != nil {
			return err
		}
		if p.again, err = p.played(ctx, t); err != nil {
			return err
		}
	}
	if err := p.agencies(root.Get("agencies")); err != nil {
		return err
	}
	for _, part := range []struct {
		key  string
		make func(context.Context, schema.Entry) error
	}{{"offices", p.office}, {"people", p.person}, {"staff", p.staff}, {"numbers", p.number}} {
		n := root.Get(part.key)
		if n == nil {
			continue
		}
		for _, e := range n.Entries {
			if err := part.make(ctx, e); err != nil {
				return fmt.Errorf("%s: %s: %w", e.Key.Pos, e.Key.Text, err)
			}
		}
	}
	return p.settle(ctx)
}

// played tells that the server's clock is past the beginning of the story.
func (p *Play) played(ctx context.Context, begin time.Time) (bool, error) {
	data, err := p.client(admin).Do(ctx, `{now}`, nil)
	if err != nil {
		return false, err
	}
	s, _ := data["now"].(string)
	now, err := time.Parse(time.RFC3339, s)
	return now.After(begin), err
}

// instant reads a date or a date with a time; a bare date is nine in the morning, UTC.
func instant(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, fmt.Errorf("%q is neither 2019-07-16 nor 2019-07-16T09:00:00+05:00", s)
	}
	return t.Add(9 * time.Hour), nil
}

func (p *Play) office(ctx context.Context, e schema.Entry) error {
	id, err := p.make(ctx, admin, "Office", "", e.Value, p.key("office-"+e.Key.Text))
	p.things[e.Key.Text] = thing{"Office", id}
	return err
}

func (p *Play) person(ctx context.Context, e schema.Entry) error {
	id, err := p.make(ctx, p.registrar(), "Person", "", e.Value, p.key("person-"+e.Key.Text))
	if err != nil {
		return err
	}
	p.things[e.Key.Text] = thing{"Person", id}
	name := strings.TrimSpace(e.Value.Get("lastName").Text() + " " + e.Value.Get("firstName").Text())
	return p.actor(ctx, map[string]any{"id": e.Key.Text, "kind": "citizen", "name": name, "person": id})
}

// registrar is who fills the cards of the stage: an actor of the system.
func (p *Play) registrar() string { return "system" }

func (p *Play) staff(ctx context.Context, e schema.Entry) error {
	actor := map[string]any{"id": e.Key.Text, "kind": "staff", "name": e.Key.Text}
	for _, f := range e.Value.Entries {
		switch f.Key.Text {
		case "roles", "territories", "duties":
			actor[f.Key.Text] = list(f.Value)
		case "office":
			office, known := p.things[f.Value.Text()]
			if !known {
				return fmt.Errorf("%s: no office %q on this stage", f.Value.Pos, f.Value.Text())
			}
			actor["office"] = office.id
			if e.Value.Get("territories") == nil {
				actor["territories"] = []string{p.territory(f.Value.Text())}
			}
		default:
			actor[f.Key.Text] = f.Value.Text()
		}
	}
	return p.actor(ctx, actor)
}

// territory is that of an office of the stage.
func (p *Play) territory(office string) string {
	return p.story.Root.Get("offices").Get(office).Get("territory").Text()
}

func list(n *schema.Node) []string {
	if n.Kind == schema.ScalarNode {
		return []string{n.Text()}
	}
	out := make([]string, len(n.Items))
	for i, it := range n.Items {
		out[i] = it.Text()
	}
	return out
}

func (p *Play) actor(ctx context.Context, input map[string]any) error {
	m := p.api.mutation("createActor")
	if m == nil {
		return fmt.Errorf("the server has no createActor")
	}
	_, err := p.mutate(ctx, admin, m, map[string]any{"input": input, "key": p.key(fmt.Sprintf("actor-%v", input["id"]))})
	return err
}

// number sets a counter: `SERIES: {per: "applicant={kolya}", next: 7}`.
func (p *Play) number(ctx context.Context, e schema.Entry) error {
	per := regexp.MustCompile(`\{(\w+)\}`).ReplaceAllStringFunc(e.Value.Get("per").Text(), func(name string) string {
		return p.things[strings.Trim(name, "{}")].id
	})
	m := p.api.mutation("setCounter")
	if m == nil {
		return fmt.Errorf("the server has no setCounter")
	}
	next := p.scalar(e.Value.Get("next").Text(), "Int")
	_, err := p.mutate(ctx, admin, m, map[string]any{"series": e.Key.Text, "per": per, "next": next, "key": p.key("number-" + e.Key.Text)})
	return err
}

// agencies tells the simulator how each agency behaves: `clean`, `silent`, or {after, answer | rejected | raw, repeat}.
func (p *Play) agencies(n *schema.Node) error {
	sim := p.server.Agencies
	if sim == nil {
		return nil
	}
	behaviours := map[string]agencies.Behaviour{}
	otherwise := agencies.Behaviour{}
	if n != nil {
		for _, e := range n.Entries {
			b, err := behaviour(e.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", e.Key.Pos, err)
			}
			if e.Key.Text == "otherwise" {
				otherwise = b
			} else {
				behaviours[e.Key.Text] = b
			}
		}
	}
	sim.Behave(behaviours, otherwise, p.Now)
	return nil
}

func behaviour(n *schema.Node) (agencies.Behaviour, error) {
	var b agencies.Behaviour
	switch n.Text() {
	case "clean":
		return b, nil
	case "silent":
		b.Silent = true
		return b, nil
	}
	for _, e := range n.Entries {
		switch e.Key.Text {
		case "after":
			d, err := after(e.Value.Text())
			if err != nil {
				return b, err
			}
			b.After = d
		case "answer":
			b.Answer, _ = e.Value.Plain(textOrTruth).(map[string]any)
		case "rejected":
			b.Rejected = e.Value.Text()
		case "raw":
			b.Raw = e.Value.Text()
		case "repeat":
			if _, err := fmt.Sscan(e.Value.Text(), &b.Repeat); err != nil {
				return b, err
			}
		default:
			return b, fmt.Errorf("an agency has after, answer, rejected, raw, repeat; not %q", e.Key.Text)
		}
	}
	return b, nil
}

// after reads the durations that an agency may take: minutes, hours, days.
func after(s string) (time.Duration, error) {
	var n int
	var unit string
	if _, err := fmt.Sscanf(s, "%d %s", &n, &unit); err != nil {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	units := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	u, known := units[strings.TrimSuffix(unit, "s")]
	if !known {
		return 0, fmt.Errorf("%q: an agency takes seconds, minutes, hours or days", s)
	}
	return time.Duration(n) * u, nil
}

// textOrTruth is a scalar of an agency's answer.
func textOrTruth(text string) any {
	if text == "true" || text == "false" {
		return text == "true"
	}
	return text
}

// ReadAgencies reads a file of manners: exchange → clean | silent | {after, answer | rejected | raw, repeat}.
func ReadAgencies(name string, src []byte) (map[string]agencies.Behaviour, agencies.Behaviour, error) {
	otherwise := agencies.Behaviour{}
	root, ds := source.Parse(name, src)
	if ds.Faulty() {
		return nil, otherwise, fmt.Errorf("%s", ds.Render(func(string) []byte { return src }))
	}
	out := map[string]agencies.Behaviour{}
	for _, e := range root.Entries {
		b, err := behaviour(e.Value)
		if err != nil {
			return nil, otherwise, fmt.Errorf("%s: %w", e.Key.Pos, err)
		}
		if e.Key.Text == "otherwise" {
			otherwise = b
		} else {
			out[e.Key.Text] = b
		}
	}
	return out, otherwise, nil
}

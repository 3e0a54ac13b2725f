package scenario

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"mera/cmd/internal/agencies"
	"mera/schema"
)

// Server is a running server as a story needs it.
type Server struct {
	URL      string
	Token    func(actor string) string
	Agencies *agencies.Simulator // bound to the server's channels; nil: no agency answers
	HTTP     *http.Client        // nil: the default one
}

// Play is one story under way.
type Play struct {
	server  Server
	story   *schema.Scenario
	api     *api
	things  map[string]thing // by the story's names: people, offices, records
	clients map[string]*Client
	now     time.Time
	step    int
	again   bool // the story was played here before: its keys answer as they did then

	// Told is called before each step and after it with what came of it, for a demo that reads the story aloud.
	Told func(Step, string)
}

type thing struct{ typ, id string }

// admin is the identity that sets the stage.
const admin = "admin"

// Failure is a step that did not go as the story says.
type Failure struct {
	Step Step
	Err  error
}

func (f *Failure) Error() string { return fmt.Sprintf("%s: %s: %v", f.Step.Pos, f.Step.Text, f.Err) }
func (f *Failure) Unwrap() error { return f.Err }

// New prepares a story.
func New(server Server, story *schema.Scenario) *Play {
	return &Play{server: server, story: story, things: map[string]thing{}, clients: map[string]*Client{}, Told: func(Step, string) {}}
}

// Run sets the stage and plays the steps to the end or the first failure.
func (p *Play) Run(ctx context.Context) error {
	var err error
	if p.api, err = learn(ctx, p.client(admin)); err != nil {
		return err
	}
	if err := p.stage(ctx); err != nil {
		return fmt.Errorf("%s: setting the stage: %w", p.story.Pos, err)
	}
	story := p.story.Root.Get("story")
	if story == nil {
		return fmt.Errorf("%s: no story", p.story.Pos)
	}
	steps, err := parseSteps(story)
	if err != nil {
		return err
	}
	for i, s := range steps {
		p.step++
		if p.again && s.Verb == sees && !final(steps[i:]) {
			continue // what was to be seen in between has passed
		}
		p.Told(s, "")
		came, err := p.do(ctx, s)
		if err != nil {
			return &Failure{s, err}
		}
		if err := p.settle(ctx); err != nil {
			return &Failure{s, err}
		}
		p.Told(s, came)
	}
	return nil
}

func parseSteps(story *schema.Node) ([]Step, error) {
	steps := make([]Step, len(story.Items))
	for i, n := range story.Items {
		var err error
		if steps[i], err = parseStep(n); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

// final tells that only looking follows.
func final(steps []Step) bool {
	for _, s := range steps {
		if s.Verb != sees && s.Say == "" {
			return false
		}
	}
	return true
}

// ID is the id of a person or record of the story.
func (p *Play) ID(name string) string { return p.things[name].id }

// Client speaks as somebody of the story.
func (p *Play) Client(who string) *Client { return p.client(who) }

func (p *Play) client(who string) *Client {
	c := p.clients[who]
	if c == nil {
		c = &Client{URL: p.server.URL, Token: p.server.Token(who), HTTP: p.server.HTTP}
		p.clients[who] = c
	}
	return c
}

// key is the idempotency key of the present step: the same in a second run of the same step, so that a client that
// lost the answer may ask again.
func (p *Play) key(part string) string { return fmt.Sprintf("%s-%d-%s", p.story.Name, p.step, part) }

func (p *Play) do(ctx context.Context, s Step) (string, error) {
	switch {
	case s.Wait != "":
		return "", p.wait(ctx, s.Wait)
	case s.Say != "":
		return "", nil
	}
	if want := s.errorCode(); want != "" {
		_, err := p.act(ctx, s, nil)
		return want, expectError(err, want)
	}
	data, want := s.Data, ""
	if e := s.Data.Get("expect"); e != nil {
		want = e.Text()
		data = without(s.Data, "expect")
	}
	came, err := p.act(ctx, s, data)
	if want != "" {
		return want, expectError(err, want)
	}
	return came, err
}

func expectError(err error, want string) error {
	var got *ResponseError
	switch {
	case err == nil:
		return fmt.Errorf("expected %s, but it succeeded", want)
	case errors.As(err, &got) && got.Code == want:
		return nil
	}
	return fmt.Errorf("expected %s, got: %w", want, err)
}

func without(n *schema.Node, key string) *schema.Node {
	c := *n
	c.Entries = nil
	for _, e := range n.Entries {
		if e.Key.Text != key {
			c.Entries = append(c.Entries, e)
		}
	}
	return &c
}

func (p *Play) act(ctx context.Context, s Step, data *schema.Node) (string, error) {
	switch s.Verb {
	case creates, submits:
		return p.create(ctx, s, data)
	case changes:
		return p.change(ctx, s, data)
	case voids:
		return p.void(ctx, s, data)
	case fires:
		return p.fire(ctx, s, data)
	case takes:
		return p.take(ctx, s, data)
	case runs:
		return p.run(ctx, s.Who, s.What, data)
	default:
		return p.see(ctx, s, data)
	}
}

// wait moves the clock, and with it everything that is due until then.
func (p *Play) wait(ctx context.Context, duration string) error {
	return p.moveClock(ctx, "by: $to", "Duration!", duration, p.key("wait"))
}

func (p *Play) setClock(ctx context.Context, to time.Time) error {
	return p.moveClock(ctx, "to: $to", "DateTime!", to.UTC().Format(time.RFC3339), p.key("clock"))
}

func (p *Play) moveClock(ctx context.Context, argument, typ, to, key string) error {
	data, err := p.client(admin).Do(ctx, "mutation($to: "+typ+", $key: String) {setClock("+argument+", key: $key)}",
		map[string]any{"to": to, "key": key})
	if err != nil {
		return err
	}
	answer, _ := data["setClock"].(map[string]any)
	s, _ := answer["now"].(string)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return fmt.Errorf("the server's clock: %w", err)
	}
	p.now = t
	return nil
}

// Now is the time of the story, for agencies that answer after a while.
func (p *Play) Now() time.Time { return p.now }

// zone is that of the clock by which the story is written.
func (p *Play) zone() *time.Location {
	begin, err := instant(p.story.Root.Get("today").Text())
	if err != nil {
		return time.UTC
	}
	return begin.Location()
}

// patience bounds how long a step may keep the server busy.
const patience = 60 * time.Second

// settle waits until no agency has an answer to give and no job of the server is due.
func (p *Play) settle(ctx context.Context) error {
	end := time.Now().Add(patience)
	for quiet := 0; quiet < 2; {
		left := 0
		if p.server.Agencies != nil {
			left = p.server.Agencies.Deliver(ctx)
		}
		data, err := p.client(admin).Do(ctx, `{pendingJobs}`, nil)
		if err != nil {
			return err
		}
		if left == 0 && fmt.Sprint(data["pendingJobs"]) == "0" {
			quiet++ // twice: a job may have asked an agency in between
			continue
		}
		quiet = 0
		if time.Now().After(end) {
			return fmt.Errorf("the server is still busy after %s: %v jobs due, %d answers not taken", patience, data["pendingJobs"], left)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(15 * time.Millisecond):
		}
	}
	return nil
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

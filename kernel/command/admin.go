package command

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"mera/kernel"
	"mera/schema"
	"mera/schema/value"
)

// Clock is the clock of an installation. By itself it shows the machine's time; an administrator of a development
// server may set it, and from then on it stands still until it is set again.
type Clock struct {
	Wall     kernel.Clock
	Settable bool

	mu  sync.Mutex
	set time.Time
}

// Now is the installation's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.set.IsZero() {
		return c.Wall.Now()
	}
	return c.set
}

// Set makes the clock stand at a time.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set = t.UTC().Truncate(time.Microsecond)
}

// IsSet tells that the clock stands.
func (c *Clock) IsSet() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.set.IsZero()
}

// ClockSetting keeps the time of a set clock, so that a restart finds it.
const ClockSetting = "clock"

// setClock moves the clock of a rehearsal, to a time or by a duration of working days, days or less. It never goes
// back: what was written stays in the past.
func setClock(w *work, c Command) (Result, error) {
	if err := w.gate.CheckKernel(w.ctx, w.actor, "setClock"); err != nil {
		return Result{}, err
	}
	if !w.road.Clock.Settable {
		return Result{}, kernel.Errorf(kernel.Denied, "clock-not-settable")
	}
	to, err := w.newTime(text(c.Data, "to"), text(c.Data, "by"))
	if err != nil {
		return Result{}, err
	}
	if to.Before(w.now) && w.road.Clock.IsSet() {
		return Result{}, kernel.Errorf(kernel.Invalid, "clock-goes-back")
	}
	encoded, err := json.Marshal(to)
	if err != nil {
		return Result{}, err
	}
	if err := w.tx.PutSetting(w.ctx, ClockSetting, encoded); err != nil {
		return Result{}, err
	}
	w.journal("setClock", nil, to.Format(time.RFC3339))
	return Result{Data: map[string]any{"now": to.Format(time.RFC3339)}}, nil
}

func (w *work) newTime(to, by string) (time.Time, error) {
	bad := func(field, code string) error {
		return &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{w.field(field, code)}}
	}
	if by == "" {
		t, err := time.Parse(time.RFC3339, to)
		if err != nil {
			return t, bad("to", "date-time")
		}
		return t.UTC().Truncate(time.Microsecond), nil
	}
	d, err := value.ParseDuration(by)
	if err != nil {
		return time.Time{}, bad("by", "duration")
	}
	return w.live.Data.Calendar.DueAt(w.now, d, "none").UTC(), nil
}

// setCounter says which number a series gives next: an installation goes on where its predecessor stopped. It never
// goes back to a number that was given.
func setCounter(w *work, c Command) (Result, error) {
	if err := w.gate.CheckKernel(w.ctx, w.actor, "setCounter"); err != nil {
		return Result{}, err
	}
	series, per := text(c.Data, "series"), text(c.Data, "per")
	next, err := integer(c.Data["next"])
	if err != nil || series == "" || next < 1 {
		return Result{}, &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{w.field("next", "integer")}}
	}
	forward, err := w.tx.RaiseCounter(w.ctx, series, per, next)
	if err == nil && !forward {
		err = kernel.Errorf(kernel.Conflict, "counter-goes-back", series)
	}
	if err != nil {
		return Result{}, err
	}
	w.journal("setCounter", nil, fmt.Sprintf("%s %s %d", series, per, next))
	return Result{Data: map[string]any{"series": series, "per": per, "next": next}}, nil
}

func integer(v any) (int64, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case int:
		return int64(v), nil
	case float64:
		return int64(v), nil
	case json.Number:
		return v.Int64()
	}
	return 0, kernel.Errorf(kernel.Invalid, "invalid-input")
}

// createActor makes or changes who may act: staff with roles, office and territories, or a citizen with his card.
func createActor(w *work, c Command) (Result, error) {
	if err := w.gate.CheckKernel(w.ctx, w.actor, "createActor"); err != nil {
		return Result{}, err
	}
	a := kernel.Actor{Kind: kernel.ActorKind(text(c.Data, "kind")), ID: text(c.Data, "id"), Name: text(c.Data, "name"),
		Person: text(c.Data, "person"), Office: text(c.Data, "office"), Department: text(c.Data, "department"),
		Roles: texts(c.Data, "roles"), Territories: texts(c.Data, "territories"), Duties: texts(c.Data, "duties")}
	fields, err := w.actorFaults(&a)
	if err != nil {
		return Result{}, err
	}
	if fields != nil {
		return Result{}, &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: fields}
	}
	a.Name = cmp.Or(a.Name, a.ID)
	w.journal("createActor", nil, strings.TrimSpace(a.ID+" "+strings.Join(a.Roles, " ")))
	if err := w.tx.PutActor(w.ctx, &a); err != nil {
		return Result{}, err
	}
	if active, told := c.Data["active"].(bool); told && !active {
		return Result{Type: "Actor", ID: a.ID}, w.tx.DismissActor(w.ctx, a.ID)
	}
	return Result{Type: "Actor", ID: a.ID}, nil
}

// actorFaults hold an actor against what there is: roles, territories, his office and his card. Machines of the
// kernel's own are made by nobody.
func (w *work) actorFaults(a *kernel.Actor) (fields []kernel.FieldError, err error) {
	fault := func(path, code string, args ...string) { fields = append(fields, w.field(path, code, args...)) }
	if !schemaID(a.ID) || a.ID == kernel.SystemActor().ID || strings.HasPrefix(a.ID, "exchange:") {
		fault("id", "pattern", "[a-z0-9][a-z0-9.-]*")
	}
	if !slices.Contains([]kernel.ActorKind{kernel.Staff, kernel.Citizen, kernel.System, kernel.Agency}, a.Kind) {
		fault("kind", "enum", "")
	}
	for _, role := range a.Roles {
		if !w.knownRole(role) {
			fault("roles", "definition", role)
		}
	}
	for _, code := range a.Territories {
		if it, err := w.world.Item(w.ctx, "Territory", code); err != nil {
			return nil, err
		} else if it == nil {
			fault("territories", "item", w.live.Data.Classifiers["Territory"].Title)
		}
	}
	if a.Kind == kernel.Citizen && a.Person == "" {
		fault("person", "required")
	}
	for _, link := range []struct{ field, typ, id string }{{"office", "Office", a.Office}, {"person", "Person", a.Person}} {
		if link.id == "" {
			continue
		}
		if r, err := w.record(link.typ, link.id); err != nil {
			return nil, err
		} else if r == nil || r.Void != "" {
			fault(link.field, "link")
		}
	}
	return fields, nil
}

// kernelRoles are those that the base policies name.
var kernelRoles = []string{"specialist", "head", "configurator", "administrator", "auditor", "portal", "agency"}

func (w *work) knownRole(role string) bool {
	return slices.Contains(kernelRoles, role) || slices.ContainsFunc(w.live.Catalog.Packages, func(p *schema.Package) bool {
		return slices.ContainsFunc(p.Roles, func(r *schema.Role) bool { return r.Name == role })
	})
}

func schemaID(s string) bool {
	for i, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && (i == 0 || r != '-' && r != '.' && r != ':') {
			return false
		}
	}
	return s != "" && len(s) <= 60
}

func text(data map[string]any, name string) string {
	s, _ := data[name].(string)
	return s
}

func texts(data map[string]any, name string) []string {
	list, _ := data[name].([]any)
	out := make([]string, 0, len(list))
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

package workflows

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"mera/schema/value"
	"mera/workflows/definition"
)

// alarm is a live timer and what it does: a transition, a warning, or the late effects of a deadline.
type alarm struct {
	Timer
	transition *definition.Transition
	deadline   *definition.Deadline
	warning    *definition.Warning
	rows       bool // the next step through the rows
}

// alarms are the live timers of the case, by due time and name. They follow from the case as it stands, so a changed
// document or calendar moves them.
func (r *run) alarms() ([]alarm, error) {
	out := r.rowAlarms()
	if r.state.Def.Final {
		return out, nil
	}
	for _, t := range r.state.Next {
		if !t.Timed() {
			continue
		}
		name := r.timerName(r.state, t)
		due, ok, err := r.timeOf(t, name)
		if err != nil {
			return nil, err
		}
		rang, before := r.s.Rang[name]
		if ok && (t.To != "" || !before || due.After(rang)) {
			out = append(out, alarm{Timer: Timer{name, due.UTC()}, transition: t})
		}
	}
	out = append(out, r.deadlineAlarms()...)
	slices.SortFunc(out, func(a, b alarm) int { return cmp.Or(a.Due.Compare(b.Due), compareText(a.Name, b.Name)) })
	return out, nil
}

func (r *run) timerName(s *definition.State, t *definition.Transition) string {
	if t.Anytime {
		return "anytime/" + t.Address
	}
	return s.Def.Name + "/" + t.Address
}

// timeOf is when a timed transition is due; false if that is not known, or never.
func (r *run) timeOf(t *definition.Transition, name string) (time.Time, bool, error) {
	since := r.s.Since.In(r.in.Zone)
	switch t.Trigger {
	case definition.ByAfter:
		return r.in.Calendar.DueAt(since, t.After, ""), true, nil
	case definition.ByAt:
		res, err := r.eval(t.When, nil)
		if err != nil || !res.Known() {
			return time.Time{}, false, err
		}
		at, ok := r.instant(res.Value)
		return at, ok, nil
	}
	anchor := since
	if t.Anytime {
		anchor = r.s.Opened.In(r.in.Zone)
	}
	if t.Every.From != nil {
		res, err := r.eval(t.Every.From, nil)
		if err != nil || !res.Known() {
			return time.Time{}, false, err
		}
		from, ok := r.instant(res.Value)
		if !ok {
			return time.Time{}, false, nil
		}
		anchor = from
	}
	after := since
	if rang := r.s.Rang[name]; rang.After(after) {
		after = rang
	}
	due, ok := t.Every.Next(anchor, after, r.in.Calendar)
	return due, ok, nil
}

// instant is an instant, or the beginning of a day in the zone of the office.
func (r *run) instant(v any) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v.In(r.in.Zone), true
	case value.Date:
		return v.Time(r.in.Zone), !v.IsZero() && v != value.Forever
	}
	return time.Time{}, false
}

// deadlineAlarms warn at the beginning of the day from which the rest of the term remains, and ring late at the
// beginning of the day after the due date. A due date that moves on rings again.
func (r *run) deadlineAlarms() []alarm {
	var out []alarm
	add := func(name string, day value.Date, d *definition.Deadline, w *definition.Warning) {
		due := day.Time(r.in.Zone)
		if rang, before := r.s.Rang[name]; !before || due.After(rang) {
			out = append(out, alarm{Timer: Timer{name, due.UTC()}, deadline: d, warning: w})
		}
	}
	for _, d := range r.m.w.Deadlines {
		t := r.s.Terms[d.Def.Name]
		if t.Due.IsZero() || !t.Met.IsZero() {
			continue
		}
		for i, w := range d.Warn {
			add("deadline/"+d.Def.Name+"/warn:"+w.Before.String(), r.in.Calendar.Before(t.Due, w.Before), d, &d.Warn[i])
		}
		if len(d.Late) > 0 {
			add("deadline/"+d.Def.Name+"/late", t.Due.AddDays(1), d, nil)
		}
	}
	return out
}

// ring does what a timer is for. One that is not live, or not due yet, does nothing: jobs run at least once.
func (r *run) ring(name string) error {
	if err := r.reckon(); err != nil {
		return err
	}
	alarms, err := r.alarms()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(alarms, func(a alarm) bool { return a.Name == name && !a.Due.After(r.at) })
	if i < 0 {
		return nil
	}
	a := alarms[i]
	if a.rows {
		return r.ringRows()
	}
	r.s.Rang[name] = a.Due
	switch {
	case a.warning != nil:
		r.effectOf(Effect{Verb: Warn, Target: a.deadline.Def.Name, Role: a.warning.Role, Due: r.s.Terms[a.deadline.Def.Name].Due})
		return nil
	case a.deadline != nil:
		if err := r.effects(a.deadline.Late); err != nil {
			return err
		}
		return r.look()
	}
	return r.timedOut(a.transition)
}

// timedOut follows a timed transition, and remembers the move for the event that comes late.
func (r *run) timedOut(t *definition.Transition) error {
	before := Timed{From: r.state.Def.Name, Since: r.s.Since, At: r.at.UTC(), Terms: maps.Clone(r.s.Terms)}
	if err := r.follow(r.state, t); err != nil {
		return err
	}
	if err := r.look(); err != nil {
		return err
	}
	if t.To != "" && r.out.Settle == "" && !r.state.Def.Final {
		r.s.Timed = &before
	}
	return nil
}

// forgetTimers lets the timers of a state run anew on entry. What rang at an absolute time has rung for good.
func (r *run) forgetTimers(s *definition.State) {
	for _, t := range s.Next {
		if t.Trigger == definition.ByAfter || t.Trigger == definition.ByEvery && !t.Anytime {
			delete(r.s.Rang, r.timerName(s, t))
		}
	}
	for name := range r.s.Rang {
		state, _, _ := strings.Cut(name, "/")
		if r.m.w.Def.State(state) == nil && state != "anytime" && state != "deadline" {
			delete(r.s.Rang, name) // of a state that was dropped
		}
	}
}

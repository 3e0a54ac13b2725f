package workflows

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"mera/schema/value"
	"mera/workflows/definition"
)

// Rows is a decision on each row of a case. It goes through the rows step by step, by a timer that is due at once, so
// that a list without end holds nobody up and goes on after a crash where it stood.
type Rows struct {
	RowCount
	State string     `json:"state"` // that decides
	Asked value.Date `json:"asked,omitzero"`
	Phase RowsPhase  `json:"phase"`
	After string     `json:"after,omitempty"` // the last row of the step before
	At    time.Time  `json:"at,omitzero"`     // when the phase began
}

// RowsPhase is where a decision on rows stands.
type RowsPhase string

// Phases of a decision on rows.
const (
	RowsDeciding RowsPhase = "deciding"
	RowsDecided  RowsPhase = "decided"
	RowsSealing  RowsPhase = "sealing"
	RowsSealed   RowsPhase = "sealed"
)

// Count counts one more row by what was decided of it.
func (n *RowCount) Count(result string) {
	switch result {
	case definition.Granted:
		n.Granted++
	case definition.Refused:
		n.Refused++
	default:
		n.Unclear++
	}
}

// decision is what a case sees of the decision on its rows; nil while not all are decided. It is granted if a row is,
// else unclear if a row is.
func (n *Rows) decision(m *Machine) *DecisionView {
	st := m.w.State(n.State)
	if n.Phase == RowsDeciding || st == nil || st.Decide == nil {
		return nil
	}
	count := n.RowCount
	view := &DecisionView{Measure: st.Decide.Measure, Result: definition.Refused, Rows: &count}
	switch {
	case n.Granted > 0:
		view.Result = definition.Granted
	case n.Unclear > 0:
		view.Result = definition.Unclear
	}
	return view
}

// decideRows begins to decide the rows of the present state.
func (r *run) decideRows(asked value.Date) {
	r.s.Rows = &Rows{State: r.state.Def.Name, Asked: asked, Phase: RowsDeciding, At: r.at.UTC()}
	r.decision = nil
}

// sealRows begins to seal what was decided.
func (r *run) sealRows() {
	if n := r.s.Rows; n.Phase == RowsDecided {
		n.Phase, n.After, n.At = RowsSealing, "", r.at.UTC()
	}
}

// deciding tells that the rows of the present state are not all decided.
func (r *run) deciding() bool { return r.s.Rows != nil && r.s.Rows.Phase == RowsDeciding }

// leaveRows gives up deciding rows when the state is left.
func (r *run) leaveRows() {
	if r.deciding() {
		r.s.Rows, r.decision = nil, nil
	}
}

// rowAlarms ring for the next step through the rows.
func (r *run) rowAlarms() []alarm {
	n := r.s.Rows
	if n == nil || n.Phase != RowsDeciding && n.Phase != RowsSealing {
		return nil
	}
	return []alarm{{Timer: Timer{"rows/" + string(n.Phase), n.At}, rows: true}}
}

// ringRows goes one step through the rows. When all are decided, the entry of the state goes on.
func (r *run) ringRows() error {
	n := r.s.Rows
	answer, err := r.askRows(func(q *RowsQuestion) { q.After, q.Seal = n.After, n.Phase == RowsSealing })
	if err != nil || answer == nil {
		return err
	}
	n.After = answer.After
	if n.Phase == RowsSealing {
		n.Granted, n.Refused, n.Unclear = n.Granted-answer.Granted, n.Refused-answer.Refused, n.Unclear+answer.Unclear
		if answer.End {
			n.Phase = RowsSealed
		}
		return nil
	}
	n.Granted, n.Refused, n.Unclear = n.Granted+answer.Granted, n.Refused+answer.Refused, n.Unclear+answer.Unclear
	if !answer.End {
		return nil
	}
	n.Phase = RowsDecided
	r.decision = n.decision(r.m)
	if err := r.settle(); err != nil {
		return err
	}
	return r.look()
}

// oneRow decides an unclear row again, and seals it if the others are sealed.
func (r *run) oneRow(id string) error {
	n := r.s.Rows
	if n == nil || n.Phase == RowsDeciding {
		return refuse(StaleCode, "workflow.row-unknown", id)
	}
	if given, has := r.in.Data[definition.AskAnswers]; has {
		if wrong := checkAnswers(given); len(wrong) > 0 {
			return &Refusal{Code: InvalidCode, Message: "workflow.event-data", Args: []any{string(Row)}, Fields: wrong}
		}
	}
	sealed := n.Phase == RowsSealing || n.Phase == RowsSealed
	answer, err := r.askRows(func(q *RowsQuestion) {
		q.One, q.Seal = id, sealed
		if answers, _ := r.in.Data[definition.AskAnswers].(map[string]any); answers != nil {
			q.Answers = map[string]bool{}
			for name, v := range answers {
				q.Answers[name] = v == true
			}
		}
	})
	switch {
	case err != nil:
		return err
	case answer == nil || answer.Granted+answer.Refused+answer.Unclear == 0:
		return refuse(StaleCode, "workflow.row-unknown", id)
	case answer.Unclear > 0:
		return refuse(ConflictCode, "workflow.row-unclear", strings.Join(answer.Names, ", "))
	}
	r.acted(r.state.Def.Name)
	n.Granted, n.Refused, n.Unclear = n.Granted+answer.Granted, n.Refused+answer.Refused, max(n.Unclear-1, 0)
	r.decision = n.decision(r.m)
	return r.look()
}

// askRows asks the host about the rows; nil if the state that decides them is gone from the workflow.
func (r *run) askRows(say func(*RowsQuestion)) (*RowsAnswer, error) {
	n := r.s.Rows
	st := r.m.w.State(n.State)
	if st == nil || st.Decide == nil || st.Decide.Each == nil {
		r.s.Rows = nil
		return nil, nil
	}
	q := RowsQuestion{Measure: st.Decide.Measure, Asked: n.Asked, Number: r.m.w.Def.Number}
	if by := st.Decide.Rows; by != nil {
		q.Type, q.Link = by.From, by.Link
	} else {
		res, err := r.eval(st.Decide.Each, nil)
		if err != nil {
			return nil, err
		}
		rows, err := r.rowRecords(res.Value)
		if err != nil {
			return nil, err
		}
		for _, rec := range rows {
			q.Type, q.Rows = rec.Type, append(q.Rows, rec.ID)
		}
		slices.SortFunc(q.Rows, cmp.Compare[string])
	}
	say(&q)
	host, err := r.host()
	if err != nil {
		return nil, err
	}
	answer, err := host.Rows(q)
	return &answer, err
}

package workflows

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
	"mera/workflows/definition"
)

// stubHost decides what the test says.
type stubHost struct {
	cat     *schema.Catalog
	play    *play
	results map[string][]string // by measure; the last one stays
	asked   []askedItem
	rows    map[string][]string // that lists give, by list
}

// Take gives the rows of a list that the test names, in turn; the list is empty after the last one.
func (h *stubHost) Take(list string, _ map[string]any) (*expr.Record, error) {
	names := h.rows[list]
	if len(names) == 0 {
		return nil, nil
	}
	h.rows[list] = names[1:]
	row, err := h.play.world.Record(context.Background(), h.cat.Lists[list].About.Text, names[0])
	if err == nil && row == nil {
		err = fmt.Errorf("there is no record %s for the list %s", names[0], list)
	}
	return row, err
}

// Rows decides the next rows as Decide does, each the next result, and seals whatever there is.
func (h *stubHost) Rows(q RowsQuestion) (RowsAnswer, error) {
	out := RowsAnswer{End: true, After: q.After}
	rows := q.Rows
	for _, rec := range h.play.records {
		if q.Link != "" && rec.Type == q.Type && rec.Data[q.Link] == h.play.doc.ID {
			rows = append(rows, rec.ID)
		}
	}
	slices.Sort(rows)
	for _, id := range rows {
		if q.One != "" && id != q.One || q.One == "" && (id <= q.After || q.Seal) {
			continue
		}
		if out.After != q.After { // one row a step, so that tests see how it goes on
			out.End = false
			break
		}
		out.After = id
		view, err := h.Decide(Question{Measure: q.Measure})
		if err != nil {
			return out, err
		}
		out.Count(view.Result)
	}
	return out, nil
}

type askedItem struct{ name, item, request string }

func (h *stubHost) say(n *schema.Node) {
	if n == nil {
		return
	}
	for _, e := range n.Entries {
		h.results[e.Key.Text] = words(e.Value)
	}
}

// gives sets the rows of lists.
func (h *stubHost) gives(n *schema.Node) {
	if n == nil {
		return
	}
	for _, e := range n.Entries {
		h.rows[e.Key.Text] = words(e.Value)
	}
}

func (h *stubHost) next(measure string) string {
	if list := h.results[measure]; len(list) > 0 {
		return list[0]
	}
	return definition.Unclear
}

// Decide gives the next result of the test.
func (h *stubHost) Decide(q Question) (DecisionView, error) {
	result := h.next(q.Measure)
	if list := h.results[q.Measure]; len(list) > 1 {
		h.results[q.Measure] = list[1:]
	}
	if !slices.Contains([]string{definition.Granted, definition.Refused, definition.Unclear}, result) {
		return DecisionView{}, fmt.Errorf("%s decides granted, refused or unclear, not %s", q.Measure, result)
	}
	return DecisionView{Measure: q.Measure, Result: result, Date: value.DateOf(h.play.now)}, nil
}

// Decidable tells that all requests are answered and the test says granted or refused.
func (h *stubHost) Decidable(q Question) (bool, error) {
	needs, err := h.Needs(q)
	return err == nil && len(needs) == 0 && h.next(q.Measure) != definition.Unclear, err
}

// Needs are the requests that the facts of the measure name and that are not answered.
func (h *stubHost) Needs(q Question) ([]Need, error) {
	m := h.cat.Measures[q.Measure]
	if m == nil {
		return nil, fmt.Errorf("there is no measure %s", q.Measure)
	}
	var out []Need
	for _, f := range m.Facts {
		for _, name := range f.Ask {
			known := slices.ContainsFunc(out, func(n Need) bool { return n.Request == name.Text })
			if exchange, _, _ := strings.Cut(name.Text, "."); h.cat.Exchanges[exchange] == nil || known || h.answered(name.Text) {
				continue
			}
			out = append(out, Need{Request: name.Text, Type: q.Doc.Type, ID: q.Doc.ID})
		}
	}
	return out, nil
}

func (h *stubHost) answered(request string) bool {
	return slices.ContainsFunc(h.play.work, func(v WorkView) bool {
		return v.Status == WorkDone && h.isAsked(v, request)
	})
}

func (h *stubHost) isAsked(v WorkView, request string) bool {
	return slices.Contains(h.asked, askedItem{v.Name, v.Item, request})
}

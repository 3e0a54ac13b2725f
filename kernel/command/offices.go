package command

import "sync"

// offices is what a server knows of which office serves what. An office that another server writes is known here within
// a second (ForgetOffices), one that is written here with the answer to who wrote it.
type offices struct {
	mu      sync.Mutex
	serving map[duty]string // the office's id; nil: to be read
	changes int             // how often it was forgotten: what was read before may be older
}

// duty is what an office does in its territory.
type duty struct{ name, territory string }

// ForgetOffices makes the road read offices again.
func (r *Road) ForgetOffices() {
	r.offices.mu.Lock()
	defer r.offices.mu.Unlock()
	r.offices.serving = nil
	r.offices.changes++
}

func (o *offices) known() (map[duty]string, int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.serving, o.changes
}

// keep keeps what was read after some changes, unless there was another since.
func (o *offices) keep(serving map[duty]string, changes int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changes == changes {
		o.serving = serving
	}
}

// serving is which office has which duty where. Of two with one duty in one territory it is the first.
func (w *work) serving() (map[duty]string, error) {
	known, changes := w.road.offices.known()
	if known != nil {
		return known, nil
	}
	rows, err := w.tx.Serving(w.ctx)
	if err != nil {
		return nil, err
	}
	known = make(map[duty]string, len(rows))
	for _, row := range rows {
		if d := (duty{row.Duty, row.Territory}); known[d] == "" {
			known[d] = row.Office
		}
	}
	w.road.offices.keep(known, changes)
	return known, nil
}

// officesWritten tells that the command has written an office.
func (w *work) officesWritten() bool {
	for _, id := range w.dirty {
		if w.records[id].Type == "Office" {
			return true
		}
	}
	return false
}

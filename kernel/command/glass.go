package command

import (
	"strings"
	"time"
	"unicode/utf8"

	"mera/kernel"
)

// Breaking the glass lasts for glassTime and wants a reason of words, not of a letter.
const (
	glassTime   = time.Hour
	glassReason = 10
)

// breakGlass opens one record to a clerk whom the policies do not show it, for an hour and with his reason in the
// journal. He reads it and no more; a deny of the policies holds all the same.
func breakGlass(w *work, c Command) (Result, error) {
	if err := w.gate.CheckKernel(w.ctx, w.actor, "breakGlass"); err != nil {
		return Result{}, err
	}
	reason := strings.TrimSpace(c.Reason)
	if utf8.RuneCountInString(reason) < glassReason {
		return Result{}, &kernel.Error{Code: kernel.Invalid, Message: "reason-needed", Fields: []kernel.FieldError{w.field("reason", "required")}}
	}
	if _, err := w.document(c.Type); err != nil {
		return Result{}, err
	}
	r, err := w.record(c.Type, c.ID)
	if err != nil {
		return Result{}, err
	}
	if r == nil {
		return Result{}, kernel.Errorf(kernel.NotFound, "not-found")
	}
	until := w.now.Add(glassTime)
	known, err := w.tx.OpenGlass(w.ctx, w.actor.ID, r.ID, reason, until)
	if err == nil && !known {
		err = kernel.Errorf(kernel.Denied, "denied")
	}
	if err != nil {
		return Result{}, err
	}
	w.journal("breakGlass", r, reason)
	return Result{Type: r.Type, ID: r.ID, Data: map[string]any{"type": r.Type, "id": r.ID, "until": until.Format(time.RFC3339)}}, nil
}

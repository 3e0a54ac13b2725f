package store

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"mera/kernel"
)

// translate turns an error of the driver into an error of the kernel; the message keys are listed in doc.go. An error
// that is the kernel's already, such as one that a function inside a transaction returned, stays as it is.
func translate(err error) error {
	var own *kernel.Error
	if err == nil || errors.As(err, &own) {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return fromState(pg).Because(err)
	}
	return outside(err).Because(err)
}

// outside is an error that no statement caused: the connection, the context, or ours.
func outside(err error) *kernel.Error {
	var connect *pgconn.ConnectError
	var commit *commitError
	switch {
	case errors.As(err, &commit):
		return kernel.Errorf(kernel.Unavailable, "outcome-unknown")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &connect), pgconn.Timeout(err), broken(err):
		return kernel.Errorf(kernel.Unavailable, "database-unavailable")
	default:
		return kernel.Errorf(kernel.Internal, "database")
	}
}

// fromState reads a SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html.
func fromState(pg *pgconn.PgError) *kernel.Error {
	switch pg.Code {
	case "23505":
		return kernel.Errorf(kernel.Conflict, "exists", pg.ConstraintName)
	case "23503":
		return kernel.Errorf(kernel.Conflict, "referred", pg.ConstraintName)
	case "40001", "40P01", "55P03":
		return kernel.Errorf(kernel.Unavailable, "database-busy")
	case "53100":
		return kernel.Errorf(kernel.Unavailable, "database-full")
	case "57014", "25006", "58030": // cancelled or too slow, a standby, an input-output error
		return kernel.Errorf(kernel.Unavailable, "database-unavailable")
	}
	switch class := pg.Code[:min(2, len(pg.Code))]; class {
	case "08", "53", "57", "58": // connection, resources, operator, system
		return kernel.Errorf(kernel.Unavailable, "database-unavailable")
	case "22": // data
		return kernel.Errorf(kernel.Invalid, "database-value")
	}
	return kernel.Errorf(kernel.Internal, "database")
}

// broken tells that the connection ended under us. The driver has no type for it.
func broken(err error) bool {
	text := err.Error()
	for _, s := range []string{
		"conn closed", "closed pool", "unexpected EOF", "connection reset", "broken pipe", "failed to connect",
	} {
		if strings.Contains(text, s) {
			return true
		}
	}
	return false
}

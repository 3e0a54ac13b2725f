package kernel

import (
	"errors"
	"fmt"
)

// Code is the class of a run-time error. Callers decide by code, never by text.
type Code string

// Codes of run-time errors. A record that an actor may not see is NotFound, not Denied.
const (
	Invalid         Code = "INVALID"
	Unauthenticated Code = "UNAUTHENTICATED"
	Denied          Code = "DENIED"
	NotFound        Code = "NOT_FOUND"
	Conflict        Code = "CONFLICT"
	Stale           Code = "STALE"
	Limit           Code = "LIMIT"
	Unavailable     Code = "UNAVAILABLE"
	Internal        Code = "INTERNAL"
)

// FieldError is one property of the input that is wrong. Code is a key of the message catalog ("required",
// "date", "snils-checksum", the name of a check); Message is what the person reads.
type FieldError struct {
	Path    string `json:"path"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is a run-time error. Message is a key of the kernel's message catalog followed by nothing else, or, where a
// package words the error itself (a check's message, a refusal), the package's text. Err is the cause, logged and
// never shown.
type Error struct {
	Code    Code
	Message string
	Args    []any // of the message
	Fields  []FieldError
	Err     error
}

// Errorf makes an error of a code: message is a key of the message catalog, args fill it.
func Errorf(code Code, message string, args ...any) *Error {
	return &Error{Code: code, Message: message, Args: args}
}

// Because keeps the cause.
func (e *Error) Because(err error) *Error {
	e.Err = err
	return e
}

func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message
	if len(e.Args) > 0 {
		s += fmt.Sprintf(" %v", e.Args)
	}
	for _, f := range e.Fields {
		s += fmt.Sprintf("; %s: %s %s", f.Path, f.Code, f.Message)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the code of an error; Internal for one that is not ours, "" for nil.
func CodeOf(err error) Code {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Code
	default:
		return Internal
	}
}

package graph

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"mera/kernel"
)

// Times in which a body has to arrive: slower senders would hold memory for nothing.
const (
	bodyTime   = 20 * time.Second
	uploadTime = 10 * time.Minute
)

// readBody reads a body up to a size, in the time that it may take.
func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.ContentLength > most {
		return nil, kernel.Errorf(kernel.Limit, "limit-body", most)
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(kernel.WallClock{}.Now().Add(bodyTime)) // a recorder of tests has none
	raw, err := readAll(w, r, most)
	if err == nil { // otherwise what is left would be waited for without end
		_ = control.SetReadDeadline(time.Time{})
	}
	return raw, bodyError(err, most)
}

// readAll reads a body: one whose length is told, into one buffer of that length.
func readAll(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.ContentLength <= 0 || r.ContentLength > maxPlain {
		return io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	}
	raw := make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, raw)
	return raw, err
}

func bodyError(err error, most int64) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return kernel.Errorf(kernel.Limit, "limit-body", most)
	case err != nil:
		return kernel.Errorf(kernel.Invalid, "body").Because(err)
	}
	return nil
}

// checkJSON looks at what must be one JSON object, so that what Go's decoder would let pass is refused: a key that
// stands twice, texts that are not UTF-8, too deep a nesting, too many values, more than one object. Whatever a client
// sends as parameters goes through here before it is decoded.
func checkJSON(raw []byte) error {
	if !utf8.Valid(raw) || halfPair(raw) {
		return kernel.Errorf(kernel.Invalid, "text")
	}
	if err := walk(raw); err != nil {
		return err
	}
	if text := strings.TrimLeft(string(raw[:min(len(raw), 100)]), " \t\r\n"); !strings.HasPrefix(text, "{") || !json.Valid(raw) {
		return kernel.Errorf(kernel.Invalid, "body")
	}
	return nil
}

// walk measures JSON without building anything of it. Of what is no JSON it says nothing.
func walk(raw []byte) error {
	type member struct {
		object int
		key    string
	}
	var open []int // objects by their number, arrays by zero
	seen := map[member]bool{}
	objects, values, key := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			end := textEnd(raw, i)
			if key && len(open) > 0 {
				m := member{open[len(open)-1], keyOf(raw[i:end], len(open))}
				if seen[m] {
					return kernel.Errorf(kernel.Invalid, "body-duplicate", m.key)
				}
				seen[m], key = true, false
			}
			i = end - 1
			continue
		case '{':
			objects++
			open, key = append(open, objects), true
		case '[':
			open, key = append(open, 0), false
		case '}', ']':
			if open = open[:max(len(open)-1, 0)]; len(open) == 0 {
				key = false
			}
			continue
		case ',':
			key = len(open) > 0 && open[len(open)-1] > 0
		default:
			continue
		}
		if values++; values > maxValues {
			return kernel.Errorf(kernel.Limit, "limit-values", maxValues)
		}
		if len(open) > maxNesting {
			return kernel.Errorf(kernel.Limit, "limit-depth", maxNesting)
		}
	}
	return nil
}

// textEnd is where the text that begins at i has ended.
func textEnd(raw []byte, i int) int {
	for i++; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}

// keyOf is a key as Go's decoder takes it: at the top, those that differ only in case are the same to it.
func keyOf(quoted []byte, depth int) string {
	var key string
	if json.Unmarshal(quoted, &key) != nil {
		key = string(quoted)
	}
	if depth == 1 {
		key = strings.ToLower(key)
	}
	return key
}

// halfPair tells that an escape names one half of a surrogate pair alone: no character, which Go would quietly put
// another in place of.
func halfPair(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		high := escaped(raw[i:])
		if !utf16.IsSurrogate(high) {
			i++ // an escaped backslash begins no escape
			continue
		}
		if utf16.DecodeRune(high, escaped(raw[i+6:])) == utf8.RuneError {
			return true
		}
		i += 11
	}
	return false
}

// escaped is the code of \uXXXX at the beginning of a text; -1 if there is no such escape.
func escaped(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return -1
	}
	code, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(code)
}

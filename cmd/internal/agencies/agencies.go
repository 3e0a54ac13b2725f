package agencies

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"sync"
	"time"
)

// Behaviour is how one agency answers. The zero Behaviour answers at once with what it was asked: who the person is,
// and nothing about him.
type Behaviour struct {
	After    time.Duration  // between accepting and answering
	Answer   map[string]any // laid over the request's own fields
	Rejected string         // code of a refusal instead
	Silent   bool           // accepts and never answers
	Repeat   int            // how many times more the same message is sent
	Raw      string         // sent as the body as it is: a garbled answer
}

// Simulator is a gateway of agencies.
type Simulator struct {
	Behaviours map[string]Behaviour // by exchange
	Otherwise  Behaviour            // of an exchange without one of its own
	Now        func() time.Time     // clock of the answers; nil is the machine's
	Log        *slog.Logger

	mu      sync.Mutex
	seen    map[string]bool
	pending []delivery
	client  http.Client
}

type question struct {
	ID       string         `json:"id"`
	Exchange string         `json:"exchange"`
	ReplyTo  string         `json:"replyTo"`
	Token    string         `json:"token"`
	Body     map[string]any `json:"body"`
}

type delivery struct {
	due     time.Time
	address string
	token   string
	body    []byte
}

func (s *Simulator) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// ServeHTTP accepts a request. The same id again is accepted and not answered anew.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q question
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&q); err != nil || q.ID == "" || q.ReplyTo == "" {
		http.Error(w, "not a request", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	if !s.seen[q.ID] {
		s.seen[q.ID] = true
		s.plan(q)
	}
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprintln(w, `{"accepted":true}`)
}

// plan queues the answer to a request. The caller holds the lock.
func (s *Simulator) plan(q question) {
	b, own := s.Behaviours[q.Exchange]
	if !own {
		b = s.Otherwise
	}
	if b.Silent {
		return
	}
	reply := map[string]any{"message": "answer-" + q.ID, "request": q.ID}
	switch {
	case b.Rejected != "":
		reply["rejected"] = b.Rejected
	case b.Raw != "":
		reply["body"] = b.Raw
	default:
		answer := maps.Clone(q.Body)
		if answer == nil {
			answer = map[string]any{}
		}
		maps.Copy(answer, b.Answer)
		reply["body"] = answer
	}
	body, err := json.Marshal(reply)
	if err != nil {
		s.log().Error("answer", "exchange", q.Exchange, "error", err)
		return
	}
	d := delivery{due: s.now().Add(b.After), address: q.ReplyTo, token: q.Token, body: body}
	for range b.Repeat + 1 {
		s.pending = append(s.pending, d)
	}
}

func (s *Simulator) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.Default()
}

// Deliver posts the answers that are due and tells how many are left. An answer that is not acknowledged stays.
func (s *Simulator) Deliver(ctx context.Context) (left int) {
	s.mu.Lock()
	all := s.pending
	s.pending = nil
	s.mu.Unlock()
	var keep []delivery
	for _, d := range all {
		if d.due.After(s.now()) || s.post(ctx, d) != nil {
			keep = append(keep, d)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = append(keep, s.pending...)
	for _, d := range s.pending {
		if !d.due.After(s.now()) {
			left++
		}
	}
	return left
}

func (s *Simulator) post(ctx context.Context, d delivery) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.address, bytes.NewReader(d.body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+d.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusAccepted || res.StatusCode == http.StatusBadRequest {
		return nil // stored, or never to be stored: sending it again would not help
	}
	return fmt.Errorf("answer not acknowledged: %s", res.Status)
}

// Run delivers until the context ends.
func (s *Simulator) Run(ctx context.Context) {
	for {
		s.Deliver(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Behave changes the manners of the agencies, and the clock by which they answer.
func (s *Simulator) Behave(b map[string]Behaviour, otherwise Behaviour, now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Behaviours, s.Otherwise, s.Now = b, otherwise, now
	s.pending, s.seen = nil, nil
}

package http

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"mera/kernel"
	"mera/kernel/command"
)

// Question is a request on its way out.
type Question struct {
	ID       string          `json:"id"` // the agency answers to it; the same id again is the same request
	Exchange string          `json:"exchange"`
	Flow     string          `json:"flow"`
	ReplyTo  string          `json:"replyTo"`
	Token    string          `json:"token"` // to be sent back as a bearer token
	Body     json.RawMessage `json:"body"`
}

// Reply is an answer on its way in: a body, or the code of a refusal.
type Reply struct {
	Message  string          `json:"message"` // id of this message: a repeated one is known by it
	Request  string          `json:"request"`
	Rejected string          `json:"rejected,omitempty"`
	Body     json.RawMessage `json:"body,omitempty"`
}

// maxReply bounds what is read of an answer, in bytes.
const maxReply = 1 << 20

// Connector posts requests to one agency gateway.
type Connector struct {
	base    string
	replyTo string
	token   string
	client  *http.Client
}

// New makes a connector to a gateway. replyTo is the address of this server's Handler for the channel, token what
// an answer must carry.
func New(base, replyTo, token string) (*Connector, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("address of a gateway: %q is not http(s)://host:port", base)
	}
	return &Connector{base: u.String(), replyTo: replyTo, token: token, client: &http.Client{Timeout: 15 * time.Second}}, nil
}

// Send posts a request; only 202 Accepted is success.
func (c *Connector) Send(ctx context.Context, out command.Outgoing) error {
	body, err := json.Marshal(Question{ID: out.ID, Exchange: out.Exchange, Flow: out.Flow, ReplyTo: c.replyTo, Token: c.token, Body: out.Body})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/"+url.PathEscape(out.Exchange), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.client.Do(req)
	if err != nil {
		return fmt.Errorf("gateway of channel %s: %w", out.Channel, err)
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, 200))
	if res.StatusCode != http.StatusAccepted {
		return fmt.Errorf("gateway of channel %s: %s: %q", out.Channel, res.Status, said)
	}
	return nil
}

// Road is what the handler needs of the write road.
type Road interface {
	Execute(ctx context.Context, actor kernel.Actor, c command.Command) (command.Result, error)
}

// Handler takes answers for one channel: stores them as they came, then says 202. What cannot be stored is not
// acknowledged, and the agency sends it again.
func Handler(road Road, channel, token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		if !hmac.Equal([]byte(r.Header.Get("Authorization")), []byte("Bearer "+token)) {
			http.Error(w, "unknown sender", http.StatusUnauthorized)
			return
		}
		reply, raw, err := read(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, err = road.Execute(r.Context(), kernel.SystemActor(), command.Command{
			Verb: "receive", Type: channel, ID: reply.Message, Data: map[string]any{"raw": raw, "request": reply.Request},
		})
		switch kernel.CodeOf(err) {
		case "":
			w.WriteHeader(http.StatusAccepted)
		case kernel.Invalid:
			http.Error(w, err.Error(), http.StatusBadRequest)
		default:
			http.Error(w, "not stored, send again", http.StatusServiceUnavailable)
		}
	})
}

// read checks only the envelope: an answer whose body is garbled is stored all the same, so that a person can see it.
func read(body io.Reader) (Reply, []byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, maxReply+1))
	if err != nil {
		return Reply{}, nil, err
	}
	if len(raw) > maxReply {
		return Reply{}, nil, fmt.Errorf("an answer has at most %d bytes", maxReply)
	}
	var r Reply
	if err := json.Unmarshal(raw, &r); err != nil {
		return Reply{}, nil, fmt.Errorf("the envelope is not JSON: %w", err)
	}
	if r.Message == "" || len(r.Message) > 100 || r.Request == "" {
		return Reply{}, nil, errors.New("the envelope needs message (at most 100 characters) and request")
	}
	return r, raw, nil
}

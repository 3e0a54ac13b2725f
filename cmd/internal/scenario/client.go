package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Client speaks GraphQL as one identity.
type Client struct {
	URL   string
	Token string
	HTTP  *http.Client
}

// ResponseError is the first error of a GraphQL answer.
type ResponseError struct {
	Code    string
	Message string
	Fields  []struct{ Path, Code, Message string }
}

func (e *ResponseError) Error() string {
	s := e.Code + ": " + e.Message
	for _, f := range e.Fields {
		s += fmt.Sprintf("; %s: %s %s", f.Path, f.Code, f.Message)
	}
	return s
}

// Do sends an operation and decodes its data; numbers stay exact.
func (c *Client) Do(ctx context.Context, query string, variables map[string]any) (map[string]any, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	return decode(raw, res.Status)
}

func decode(raw []byte, status string) (map[string]any, error) {
	var answer struct {
		Data   map[string]any
		Errors []struct {
			Message    string
			Extensions struct {
				Code   string
				Fields []struct{ Path, Code, Message string }
			}
		}
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&answer); err != nil {
		return nil, fmt.Errorf("%s: %s", status, strings.TrimSpace(string(raw[:min(len(raw), 300)])))
	}
	if len(answer.Errors) > 0 {
		e := answer.Errors[0]
		return answer.Data, &ResponseError{Code: e.Extensions.Code, Message: e.Message, Fields: e.Extensions.Fields}
	}
	return answer.Data, nil
}

package app

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Times and sizes of HTTP. Bodies have their own (graph); answers may take as long as a read may, streams longer.
const (
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
	headerSize = 32 << 10
	// maxConnections is how many connections may be open; 0 in a Config is this.
	maxConnections = 4096
)

// busyAnswer is for who connects when there are too many: it costs no goroutine and no memory.
const busyAnswer = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

// bounded is a listener that sends away who comes when there are too many: waiting in the kernel's queue he would not
// know whether anybody is there.
type bounded struct {
	net.Listener
	most int64
	open atomic.Int64
}

// Accept takes the next connection that there is room for.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		c, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if b.open.Add(1) <= b.most {
			return &counted{Conn: c, left: func() { b.open.Add(-1) }}, nil
		}
		b.open.Add(-1)
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = c.Write([]byte(busyAnswer)) // he may have gone
		_ = c.Close()
	}
}

// counted gives its place back when it is closed.
type counted struct {
	net.Conn
	left   func()
	closed atomic.Bool
}

// Close ends the connection.
func (c *counted) Close() error {
	if !c.closed.Swap(true) {
		c.left()
	}
	return c.Conn.Close()
}

// httpServer is HTTP with its bounds: who sends slowly, or much before he says what he wants, is cut.
func (a *App) httpServer(ctx context.Context, h http.Handler) *http.Server {
	s := &http.Server{Handler: h, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerSize,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	s.RegisterOnShutdown(a.server.EndStreams)
	return s
}

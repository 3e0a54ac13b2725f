package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Errors of PDF. Anything else is what the program said of the page.
var (
	ErrUnavailable = errors.New("no program that makes PDF is installed (weasyprint, chromium or libreoffice)")
	ErrTimeout     = errors.New("the program that makes PDF took too long")
	ErrTooLarge    = errors.New("the page or its PDF is too large")
)

const (
	maxPage = 6 << 20  // bytes of HTML: a print of 5 MB and its frame
	maxPDF  = 50 << 20 // bytes
	maxSaid = 2000     // bytes kept of what a program complains
)

// Config is how PDFs are made. The zero Config is right for a server.
type Config struct {
	Program string                            // path of a program to use; empty: the first that is found
	Look    func(name string) (string, error) // finds a program; nil: exec.LookPath
	Timeout time.Duration                     // of one PDF; 0: 30 seconds
	Memory  int64                             // bytes that one process may use; 0: 1 GiB
	AtOnce  int                               // programs that run at the same time; 0: 2
}

// Renderer makes PDFs. It is safe for concurrent use.
type Renderer struct {
	config   Config
	program  string
	kind     kind
	isolated bool
	slots    chan struct{}
}

// kind is what a program is told.
type kind struct {
	name string
	args func(dir string) []string
}

// Files of one run, inside its folder.
const (
	pageFile = "page.html"
	pdfFile  = "page.pdf"
)

// kinds are the programs that are known, the best first.
func kinds() []kind {
	weasy := func(string) []string { return []string{"--encoding", "utf-8", pageFile, pdfFile} }
	chrome := func(dir string) []string {
		return []string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-extensions", "--disable-background-networking",
			"--no-first-run", "--no-pdf-header-footer", "--blink-settings=scriptEnabled=false", "--proxy-server=127.0.0.1:9",
			"--user-data-dir=" + filepath.Join(dir, "profile"), "--print-to-pdf=" + filepath.Join(dir, pdfFile),
			"file://" + filepath.Join(dir, pageFile)}
	}
	office := func(dir string) []string {
		return []string{"--headless", "--norestore", "-env:UserInstallation=file://" + filepath.Join(dir, "profile"),
			"--infilter=HTML (StarWriter)", "--convert-to", "pdf:writer_pdf_Export", "--outdir", dir, pageFile}
	}
	return []kind{{"weasyprint", weasy}, {"chromium", chrome}, {"chromium-browser", chrome}, {"google-chrome", chrome},
		{"libreoffice", office}, {"soffice", office}}
}

// Find looks for a program and for a way to run it without a network. It never fails: without a program there are no
// PDFs.
func Find(ctx context.Context, c Config) *Renderer {
	if c.Look == nil {
		c.Look = exec.LookPath
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Memory == 0 {
		c.Memory = 1 << 30
	}
	if c.AtOnce == 0 {
		c.AtOnce = 2
	}
	r := &Renderer{config: c, slots: make(chan struct{}, c.AtOnce)}
	for _, k := range kinds() {
		if c.Program != "" {
			if strings.HasPrefix(filepath.Base(c.Program), k.name) {
				r.program, r.kind = c.Program, k
				break
			}
			continue
		}
		if path, err := c.Look(k.name); err == nil {
			r.program, r.kind = path, k
			break
		}
	}
	if r.program != "" {
		r.isolated = canIsolate(ctx)
	}
	return r
}

// Program is the path of the program that is used; "" if there is none.
func (r *Renderer) Program() string { return r.program }

// Isolated tells that the program runs without a network.
func (r *Renderer) Isolated() bool { return r.isolated }

// PDF makes a PDF of a whole HTML page.
func (r *Renderer) PDF(ctx context.Context, html string) ([]byte, error) {
	switch {
	case r.program == "":
		return nil, ErrUnavailable
	case len(html) > maxPage:
		return nil, ErrTooLarge
	}
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	dir, err := os.MkdirTemp("", "mera-pdf-")
	if err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, pageFile), []byte(html), 0o600); err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	if err := r.run(ctx, dir); err != nil {
		return nil, err
	}
	return read(filepath.Join(dir, pdfFile))
}

// run starts the program under a shell that sets its limits, and ends all that it started when the time is over.
func (r *Renderer) run(ctx context.Context, dir string) error {
	limited, cancel := context.WithTimeout(ctx, r.config.Timeout)
	defer cancel()
	seconds := strconv.Itoa(int(r.config.Timeout/time.Second) + 1)
	limits := "ulimit -t " + seconds + "; ulimit -d " + strconv.FormatInt(r.config.Memory>>10, 10) + `; exec "$@"`
	cmd := exec.CommandContext(limited, "/bin/sh", append([]string{"-c", limits, "sh", r.program}, r.kind.args(dir)...)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "LANG=C.UTF-8", "SOURCE_DATE_EPOCH=0"}
	said := &short{}
	cmd.Stdout, cmd.Stderr = io.Discard, said
	cmd.SysProcAttr = attributes(r.isolated)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return ErrTimeout
	}
	return fmt.Errorf("pdf: %s: %w: %s", r.kind.name, err, strings.TrimSpace(string(said.kept)))
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.New("pdf: the program made no file")
	}
	defer f.Close()
	out, err := io.ReadAll(io.LimitReader(f, maxPDF+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("pdf: %w", err)
	case len(out) > maxPDF:
		return nil, ErrTooLarge
	case !bytes.HasPrefix(out, []byte("%PDF-")):
		return nil, errors.New("pdf: what the program made is no PDF")
	}
	return out, nil
}

// short keeps the beginning of what is written to it.
type short struct{ kept []byte }

func (s *short) Write(b []byte) (int, error) {
	if room := maxSaid - len(s.kept); room > 0 {
		s.kept = append(s.kept, b[:min(room, len(b))]...)
	}
	return len(b), nil
}

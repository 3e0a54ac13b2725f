package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"mera/cmd/internal/connect/pdf"
	"mera/kernel"
	"mera/kernel/query"
	"mera/kernel/store"
)

// files serves what is no JSON: prints as they were issued, as HTML or PDF, and attachments. Each is under the policy
// of the record that it belongs to: what may not be read is not found.
func (a *App) files(mux *http.ServeMux) {
	mux.Handle("/prints/{name}", a.server.File(a.print))
	mux.Handle("/attachments/{id}", a.server.File(a.attachment))
}

// print answers /prints/<id>.html and /prints/<id>.pdf. Both carry the digest of the HTML as issued.
func (a *App) print(r *http.Request, actor kernel.Actor) (http.HandlerFunc, error) {
	id, format, _ := strings.Cut(r.PathValue("name"), ".")
	issued, err := a.issued(r.Context(), actor, id)
	if err == nil {
		err = a.note(r, actor, "Print", id)
	}
	if err != nil {
		return nil, err
	}
	media, body := "text/html; charset=utf-8", []byte(issued.HTML)
	switch format {
	case "html":
	case "pdf":
		media = "application/pdf"
		if body, err = a.pdf.PDF(r.Context(), issued.HTML); errors.Is(err, pdf.ErrUnavailable) {
			return nil, kernel.Errorf(kernel.Unavailable, "no-pdf-program")
		} else if err != nil {
			return nil, kernel.Errorf(kernel.Limit, "print-failed", id).Because(err)
		}
	default:
		return nil, notFound()
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"`+issued.SHA256+`"`)
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		w.Header().Set("Content-Type", media)
		_, _ = w.Write(body) // the client went away
	}, nil
}

func notFound() *kernel.Error { return kernel.Errorf(kernel.NotFound, "not-found") }

type issued struct {
	HTML   string `json:"html"`
	SHA256 string `json:"sha256"`
}

// issued reads a print over the read road, so that its policy is the one of every other read.
func (a *App) issued(ctx context.Context, actor kernel.Actor, id string) (issued, error) {
	live := a.reg.Live()
	reader := query.NewReader(a.db, a.road.Gates.Of(live), live.Catalog)
	set := &store.Set{Alias: "print", Entity: "Print", ID: id, Shape: store.One,
		Fields: []*store.Field{{Alias: "html", Name: "html"}, {Alias: "sha256", Name: "sha256"}}}
	columns, err := reader.Read(ctx, actor, set)
	if err != nil {
		return issued{}, err
	}
	var out *issued
	if err := json.Unmarshal(columns[0], &out); err != nil {
		return issued{}, err
	}
	if out == nil || out.HTML == "" { // a paper that shows what he may not see is not there
		return issued{}, notFound()
	}
	return *out, nil
}

// attachment answers /attachments/<id> to whoever may read the record.
func (a *App) attachment(r *http.Request, actor kernel.Actor) (http.HandlerFunc, error) {
	found, err := a.readable(r.Context(), actor, r.PathValue("id"))
	if err == nil {
		err = a.note(r, actor, "Attachment", found.ID)
	}
	if kernel.CodeOf(err) == kernel.Invalid { // what is no id is like the id of nothing
		err = notFound().Because(err)
	}
	if err != nil {
		return nil, err
	}
	content, err := a.road.Blobs.Open(found.SHA256)
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, r *http.Request) {
		defer content.Close()
		w.Header().Set("Content-Type", "application/octet-stream") // never what the sender said it was
		w.Header().Set("Content-Disposition", "attachment")
		w.Header().Set("ETag", `"`+found.SHA256+`"`)
		http.ServeContent(w, r, "", found.CreatedAt, content)
	}, nil
}

func (a *App) readable(ctx context.Context, actor kernel.Actor, id string) (found *kernel.Attachment, err error) {
	gate := a.road.Gates.Of(a.reg.Live())
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		if found, err = tx.Attachment(ctx, id); err != nil {
			return err
		}
		if found == nil {
			return notFound()
		}
		rec, err := tx.Record(ctx, found.Type, found.Record)
		if err != nil {
			return err
		}
		if rec == nil {
			return notFound()
		}
		return gate.Check(ctx, actor, "read", rec, "")
	})
	return found, err
}

// note tells the journal of reads what somebody is about to get.
func (a *App) note(r *http.Request, actor kernel.Actor, typ, id string) error {
	return a.reads.Note(r.Context(), kernel.Look{At: a.road.Clock.Now(), Actor: actor, Query: r.URL.Path, Roots: []kernel.LookRoot{{Type: typ, Record: id}}})
}

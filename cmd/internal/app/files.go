package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
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
	mux.HandleFunc("GET /prints/{name}", a.print)
	mux.HandleFunc("GET /attachments/{id}", a.attachment)
}

// print answers /prints/<id>.html and /prints/<id>.pdf. Both carry the digest of the HTML as issued.
func (a *App) print(w http.ResponseWriter, r *http.Request) {
	id, format, _ := strings.Cut(r.PathValue("name"), ".")
	actor, err := a.caller(r)
	if err != nil {
		refuse(w, err)
		return
	}
	issued, err := a.issued(r.Context(), actor, id)
	if err == nil {
		err = a.note(r, actor, "Print", id)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("ETag", `"`+issued.SHA256+`"`)
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	switch format {
	case "html":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, issued.HTML) // the client went away
	case "pdf":
		body, err := a.pdf.PDF(r.Context(), issued.HTML)
		if errors.Is(err, pdf.ErrUnavailable) {
			refuse(w, kernel.Errorf(kernel.Unavailable, "no-pdf-program"))
			return
		}
		if err != nil {
			refuse(w, kernel.Errorf(kernel.Limit, "print-failed").Because(err))
			return
		}
		w.Header().Set("Content-Type", "application/pdf")
		_, _ = w.Write(body) // the client went away
	default:
		refuse(w, kernel.Errorf(kernel.NotFound, "not-found"))
	}
}

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
		return issued{}, kernel.Errorf(kernel.NotFound, "not-found")
	}
	return *out, nil
}

// attachment answers /attachments/<id> to whoever may read the record.
func (a *App) attachment(w http.ResponseWriter, r *http.Request) {
	actor, err := a.caller(r)
	if err != nil {
		refuse(w, err)
		return
	}
	found, err := a.readable(r.Context(), actor, r.PathValue("id"))
	if err == nil {
		err = a.note(r, actor, "Attachment", found.ID)
	}
	if kernel.CodeOf(err) == kernel.Invalid { // what is no id is like the id of nothing
		err = kernel.Errorf(kernel.NotFound, "not-found").Because(err)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	content, err := a.road.Blobs.Open(found.SHA256)
	if err != nil {
		refuse(w, err)
		return
	}
	defer content.Close()
	w.Header().Set("Content-Type", "application/octet-stream") // never what the sender said it was
	w.Header().Set("Content-Disposition", "attachment")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("ETag", `"`+found.SHA256+`"`)
	http.ServeContent(w, r, "", found.CreatedAt, content)
}

func (a *App) readable(ctx context.Context, actor kernel.Actor, id string) (found *kernel.Attachment, err error) {
	gate := a.road.Gates.Of(a.reg.Live())
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		if found, err = tx.Attachment(ctx, id); err != nil {
			return err
		}
		if found == nil {
			return kernel.Errorf(kernel.NotFound, "not-found")
		}
		rec, err := tx.Record(ctx, found.Type, found.Record)
		if err != nil {
			return err
		}
		if rec == nil {
			return kernel.Errorf(kernel.NotFound, "not-found")
		}
		return gate.Check(ctx, actor, "read", rec, "")
	})
	return found, err
}

// note tells the journal of reads what somebody is about to get.
func (a *App) note(r *http.Request, actor kernel.Actor, typ, id string) error {
	return a.reads.Note(r.Context(), kernel.Look{At: a.road.Clock.Now(), Actor: actor, Query: r.URL.Path, Roots: []kernel.LookRoot{{Type: typ, Record: id}}})
}

// caller is who asks; without a token he is nobody in particular.
func (a *App) caller(r *http.Request) (kernel.Actor, error) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		return kernel.Actor{Kind: kernel.Public, ID: "public"}, nil
	}
	return a.Actor(r.Context(), token)
}

func refuse(w http.ResponseWriter, err error) {
	status := map[kernel.Code]int{
		kernel.Unauthenticated: http.StatusUnauthorized, kernel.Denied: http.StatusForbidden, kernel.NotFound: http.StatusNotFound,
		kernel.Unavailable: http.StatusServiceUnavailable, kernel.Limit: http.StatusUnprocessableEntity, kernel.Invalid: http.StatusBadRequest,
	}
	code := kernel.CodeOf(err)
	if status[code] == 0 {
		code, status[code] = kernel.Internal, http.StatusInternalServerError
	}
	http.Error(w, string(code), status[code])
}

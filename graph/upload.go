package graph

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"mera/kernel"
)

// uploading is POST of a form with files: operations, map, then the files
// (https://github.com/jaydenseric/graphql-multipart-request-spec). The operations go through the checks of every body.
type uploading struct{}

// Supports tells that the request is such a form.
func (uploading) Supports(r *http.Request) bool {
	return r.Method == http.MethodPost && r.Header.Get("Upgrade") == "" && mediaOf(r) == "multipart/form-data"
}

// Do runs the operation of a form.
func (uploading) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	p, err := readForm(w, r)
	if err != nil {
		writeError(r.Context(), w, statusOf(err), err)
		return
	}
	respond(w, r, exec, p)
}

func readForm(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, error) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(kernel.WallClock{}.Now().Add(uploadTime)) // a recorder of tests has none
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	form, err := r.MultipartReader()
	if err != nil {
		return nil, kernel.Errorf(kernel.Invalid, "body").Because(err)
	}
	p := &graphql.RawParams{Headers: r.Header}
	if err := member(form, "operations", p); err != nil {
		return nil, err
	}
	places := map[string][]string{}
	if err := member(form, "map", &places); err != nil {
		return nil, err
	}
	if len(places) > maxFiles {
		return nil, kernel.Errorf(kernel.Limit, "limit-files", maxFiles)
	}
	for range places {
		if err := addFile(form, p, places); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// member reads a part of the form that is JSON.
func member(form *multipart.Reader, name string, into any) error {
	part, err := form.NextPart()
	if err != nil {
		return bodyError(err, maxUpload)
	}
	if part.FormName() != name {
		return fieldError(name, "required", nil)
	}
	raw, err := io.ReadAll(io.LimitReader(part, maxBody+1))
	switch {
	case err != nil:
		return bodyError(err, maxUpload)
	case len(raw) > maxBody:
		return kernel.Errorf(kernel.Limit, "limit-body", maxBody)
	}
	if err := checkJSON(raw); err != nil {
		return err
	}
	return decode(raw, into)
}

// addFile puts the next file of a form where the map says.
func addFile(form *multipart.Reader, p *graphql.RawParams, places map[string][]string) error {
	part, err := form.NextPart()
	if errors.Is(err, io.EOF) {
		return fieldError("map", "required", err)
	}
	if err != nil {
		return bodyError(err, maxUpload)
	}
	at := places[part.FormName()]
	if len(at) == 0 || len(at) > maxFiles {
		return fieldError("map", "value", nil)
	}
	places[part.FormName()] = nil // a file is there once
	content, err := io.ReadAll(part)
	if err != nil {
		return bodyError(err, maxUpload)
	}
	for _, path := range at {
		up := graphql.Upload{File: bytes.NewReader(content), Size: int64(len(content)), Filename: part.FileName(),
			ContentType: part.Header.Get("Content-Type")}
		if below, is := strings.CutPrefix(path, "variables."); !is || !place(p.Variables, strings.Split(below, "."), up) {
			return fieldError("map", "value", nil)
		}
	}
	return nil
}

// place puts a file where a path leads: to a null of the variables, which stands for it.
func place(at any, path []string, file graphql.Upload) bool {
	last := len(path) == 1
	switch at := at.(type) {
	case map[string]any:
		v, there := at[path[0]]
		if last && there && v == nil {
			at[path[0]] = file
			return true
		}
		return !last && place(v, path[1:], file)
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(at) {
			return false
		}
		if last && at[i] == nil {
			at[i] = file
			return true
		}
		return !last && place(at[i], path[1:], file)
	}
	return false
}

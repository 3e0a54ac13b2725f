package store

import (
	"context"

	"mera/kernel"
)

const printList = scopeList + ", labels, sources, id, form, title, release, template, data, html, sha256, key, created_at, created_by"

const selectPrint = "select " + printList + " from print"

func printCells(x *kernel.Print) []any {
	return append(scopeCells(&x.Scope), &x.Labels, &x.Sources, &x.ID, &x.Form, &x.Title, &x.Release, &x.Template, raw(&x.Data), &x.HTML, &x.SHA256,
		&x.Key, &x.CreatedAt, &x.CreatedBy)
}

// PutPrint keeps a paper as it was printed; false if its key has one already.
func (t *Tx) PutPrint(ctx context.Context, x *kernel.Print) (first bool, err error) {
	return t.added(ctx, insert("print", printList)+" on conflict (key) do nothing", values(printCells(x))...)
}

// Print loads a paper; nil if there is none.
func (t *Tx) Print(ctx context.Context, id string) (*kernel.Print, error) {
	return find(ctx, t, printCells, selectPrint+" where id = $1", id)
}

// LastPrint is the id of the latest paper of a form of a case; "" if there is none.
func (t *Tx) LastPrint(ctx context.Context, caseID, form string) (id string, err error) {
	err = t.tx.QueryRow(ctx, `select coalesce((select id::text from print where case_id = $1 and form = $2
		order by created_at desc, id desc limit 1), '')`, caseID, form).Scan(&id)
	return id, translate(err)
}

// PrintOf is the id of the paper that was printed under a key; "" if there is none.
func (t *Tx) PrintOf(ctx context.Context, key string) (id string, err error) {
	err = t.tx.QueryRow(ctx, "select coalesce((select id::text from print where key = $1), '')", key).Scan(&id)
	return id, translate(err)
}

// PutNotice keeps word that was left; false if its key has one already.
func (t *Tx) PutNotice(ctx context.Context, x *kernel.Notice) (first bool, err error) {
	return t.added(ctx, insert("notice", noticeList)+" on conflict (key) do nothing", noticeCells(x)...)
}

const noticeList = "id, key, case_type, case_id, root, party, staff, print, channel, title, texts, created_at"

const selectNotice = "select " + noticeList + " from notice"

func noticeCells(x *kernel.Notice) []any {
	return []any{&x.ID, &x.Key, &x.CaseType, &x.CaseID, &x.Root, text(&x.Party), text(&x.Staff), text(&x.Print), &x.Channel, &x.Title,
		object(&x.Texts, "{}"), &x.CreatedAt}
}

// Notices lists the word left for the parties of a case.
func (t *Tx) Notices(ctx context.Context, caseID string) ([]*kernel.Notice, error) {
	return list(ctx, t, noticeCells, selectNotice+" where case_id = $1 order by created_at, id", caseID)
}

package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"mera/kernel"
)

const attachmentList = "id, type, record, root, slot, name, media, size, sha256, created_at, created_by"

const selectAttachment = "select " + attachmentList + " from attachment"

func attachmentCells(x *kernel.Attachment) []any {
	return []any{&x.ID, &x.Type, &x.Record, &x.Root, &x.Slot, &x.Name, &x.Media, &x.Size, &x.SHA256, &x.CreatedAt, &x.CreatedBy}
}

// PutAttachment adds a file to a record. Its bytes lie in Blobs already.
func (t *Tx) PutAttachment(ctx context.Context, x *kernel.Attachment) error {
	return t.exec(ctx, insert("attachment", attachmentList), attachmentCells(x)...)
}

// Attachment loads a live attachment; nil if there is none.
func (t *Tx) Attachment(ctx context.Context, id string) (*kernel.Attachment, error) {
	return find(ctx, t, attachmentCells, selectAttachment+" where id = $1 and void is null", id)
}

// Attachments lists the live attachments of a record in the order in which they came.
func (t *Tx) Attachments(ctx context.Context, typ, record string) ([]*kernel.Attachment, error) {
	return list(ctx, t, attachmentCells, selectAttachment+`
		where type = $1 and record = $2 and void is null order by created_at, id`, typ, record)
}

// HasAttachment tells that a record has a live attachment.
func (t *Tx) HasAttachment(ctx context.Context, typ, record string) (has bool, err error) {
	err = t.tx.QueryRow(ctx, `select exists (select from attachment where type = $1 and record = $2 and void is null)`,
		typ, record).Scan(&has)
	return has, translate(err)
}

// VoidAttachment takes a file from a record; the row and the bytes stay.
func (t *Tx) VoidAttachment(ctx context.Context, id, reason string) error {
	return t.exec(ctx, "update attachment set void = $2 where id = $1", id, reason)
}

// AttachmentDigests lists the digests of all files that any attachment names.
func (t *Tx) AttachmentDigests(ctx context.Context) ([]string, error) {
	rows, err := t.tx.Query(ctx, "select distinct sha256 from attachment order by 1")
	if err != nil {
		return nil, translate(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, translate(err)
}

package command

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mera/kernel"
	"mera/schema"
)

// attach adds files to slots of a record.
func attach(w *work, c Command) (Result, error) {
	r, err := w.lock(c.Type, c.ID)
	if err != nil {
		return Result{}, err
	}
	if err := w.gate.Check(w.ctx, w.actor, "update", r, ""); err != nil {
		return Result{}, err
	}
	res := done(r)
	for _, f := range c.Files {
		a, err := w.attachFile(r, f)
		if err != nil {
			return Result{}, err
		}
		res.Data = map[string]any{"id": a.ID, "type": a.Type, "record": a.Record, "slot": a.Slot, "name": a.Name, "media": a.Media,
			"size": a.Size, "sha256": a.SHA256, "createdAt": a.CreatedAt, "createdBy": a.CreatedBy}
		res.ID = a.ID
	}
	return res, nil
}

// attachFile keeps one file. The bytes lie under their digest, stored once however often they come; they are written
// before the row, so that a row never names bytes that are not there.
func (w *work) attachFile(r *kernel.Record, f File) (*kernel.Attachment, error) {
	slot := w.slot(r.Type, f.Slot)
	if slot == nil {
		return nil, &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{w.field("slot", "unknown")}}
	}
	if err := w.fits(slot, f.Name, f.Content); err != nil {
		return nil, err
	}
	sum, size, err := w.road.Blobs.Put(bytes.NewReader(f.Content), slot.Max)
	if err != nil {
		return nil, err
	}
	a := &kernel.Attachment{
		ID: w.road.IDs.New(), Type: r.Type, Record: r.ID, Root: r.Root, Slot: slot.Name, Name: f.Name, Media: f.Media, Size: size,
		SHA256: sum, CreatedAt: w.now, CreatedBy: w.actor.ID,
	}
	if err := w.allowed(slot, a); err != nil {
		return nil, err
	}
	w.attached = append(w.attached, r)
	w.journal("attach", r, slot.Name+" "+f.Name+" "+sum)
	return a, w.tx.PutAttachment(w.ctx, a)
}

// otherSlot is the slot of a type that declares none.
const otherSlot = "other"

func (w *work) slot(typ, name string) *schema.Slot {
	def := w.live.Catalog.Documents[typ]
	if def == nil {
		return nil
	}
	if len(def.Slots) == 0 && (name == "" || name == otherSlot) {
		return &schema.Slot{Name: otherSlot, Many: true, Max: 20 << 20}
	}
	i := slices.IndexFunc(def.Slots, func(s *schema.Slot) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return def.Slots[i]
}

// fits judges a file by its name and size; the name is kept as it is and never used as a path.
func (w *work) fits(slot *schema.Slot, name string, content []byte) error {
	extension := strings.TrimPrefix(strings.ToLower(path.Ext(name)), ".")
	switch {
	case name == "":
		return &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{w.field("name", "required")}}
	case !fileName(name):
		return &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{w.field("name", "file-name")}}
	case len(slot.Types) > 0 && !slices.Contains(slot.Types, extension):
		return &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{w.field("name", "enum", strings.Join(slot.Types, ", "))}}
	case int64(len(content)) > slot.Max:
		return kernel.Errorf(kernel.Limit, "file-too-large", slot.Max)
	}
	return nil
}

// maxFileName bounds a file's name, in characters.
const maxFileName = 200

// fileName tells that a name is one line of text, reads as it is written, and leads to no other folder.
func fileName(name string) bool {
	return utf8.RuneCountInString(name) <= maxFileName && name != "." && name != ".." && !strings.ContainsFunc(name, func(c rune) bool {
		return c == '/' || c == '\\' || c == utf8.RuneError || unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c)
	})
}

func (w *work) allowed(slot *schema.Slot, a *kernel.Attachment) error {
	others, err := w.tx.Attachments(w.ctx, a.Type, a.Record)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.Slot != a.Slot {
			continue
		}
		switch {
		case !slot.Many:
			return kernel.Errorf(kernel.Conflict, "slot-taken", w.live.Catalog.Text(w.cmd.Language, slot.Title, w.live.Catalog.Documents[a.Type].TextKeys("attachments", slot.Name, "title")...))
		case slot.SameContent == "refuse" && o.SHA256 == a.SHA256, slot.SameName == "refuse" && o.Name == a.Name:
			return kernel.Errorf(kernel.Conflict, "same-file", o.Name)
		}
	}
	return nil
}

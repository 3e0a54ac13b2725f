package command

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"mera/kernel"
	"mera/schema"
)

// attach adds a file to a slot of a record. The bytes lie under their digest, stored once however often they come;
// they are written before the row, so that a row never names bytes that are not there.
func attach(w *work, c Command) (Result, error) {
	r, err := w.lock(c.Type, c.ID)
	if err != nil {
		return Result{}, err
	}
	if err := w.gate.Check(w.ctx, w.actor, "update", r, ""); err != nil {
		return Result{}, err
	}
	name, media := text(c.Data, "name"), text(c.Data, "media")
	content, _ := c.Data["content"].([]byte)
	slot := w.slot(r.Type, text(c.Data, "slot"))
	if slot == nil {
		return Result{}, &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{w.field("slot", "unknown", "")}}
	}
	if err := w.fits(slot, name, content); err != nil {
		return Result{}, err
	}
	sum, size, err := w.road.Blobs.Put(bytes.NewReader(content), slot.Max)
	if err != nil {
		return Result{}, err
	}
	a := &kernel.Attachment{
		ID: w.road.IDs.New(), Type: r.Type, Record: r.ID, Root: r.Root, Slot: slot.Name, Name: name, Media: media, Size: size, SHA256: sum,
		CreatedAt: w.now, CreatedBy: w.actor.ID,
	}
	if err := w.allowed(slot, a); err != nil {
		return Result{}, err
	}
	w.journal("attach", r, slot.Name+" "+name+" "+sum)
	return Result{Type: r.Type, ID: r.ID, Version: r.Version, Data: map[string]any{"attachment": a.ID}}, w.tx.PutAttachment(w.ctx, a)
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
	case name == "" || strings.ContainsAny(name, "/\\\x00"):
		return &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{w.field("name", "required")}}
	case len(slot.Types) > 0 && !slices.Contains(slot.Types, extension):
		return &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{w.field("name", "enum", strings.Join(slot.Types, ", "))}}
	case int64(len(content)) > slot.Max:
		return kernel.Errorf(kernel.Limit, "file-too-large", slot.Max)
	}
	return nil
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
			return kernel.Errorf(kernel.Conflict, "slot-taken", slot.Title)
		case slot.SameContent == "refuse" && o.SHA256 == a.SHA256, slot.SameName == "refuse" && o.Name == a.Name:
			return kernel.Errorf(kernel.Conflict, "same-file", o.Name)
		}
	}
	return nil
}

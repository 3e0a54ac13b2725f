package command

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"mera/kernel"
	"mera/kernel/store"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/value"
)

// setParameter adds a value of a parameter from a date, or a row of one that has keys: data of the region, no release.
// The kernel works with it from the next operation on, other servers as soon as they learn that the data have changed.
func setParameter(w *work, c Command) (Result, error) {
	if err := w.gate.CheckKernel(w.ctx, w.actor, "setParameter"); err != nil {
		return Result{}, err
	}
	name := text(c.Data, "name")
	def := w.live.Catalog.Parameters[name]
	if def == nil {
		return Result{}, w.wrongParameter(nil, "name", "definition", name)
	}
	day, err := value.ParseDate(text(c.Data, "from"))
	if err != nil {
		return Result{}, w.wrongParameter(err, "from", "date")
	}
	keys, cells, err := w.parameterRow(def, c)
	if err != nil {
		return Result{}, err
	}
	law, err := w.lawGiven(c)
	if err != nil {
		return Result{}, err
	}
	p := store.ParameterValue{Name: name, From: day, Keys: joinKeys(keys), Law: law, Source: regional}
	if p.Value, err = json.Marshal(storedCells(def, cells)); err != nil {
		return Result{}, err
	}
	w.journal("setParameter", nil, strings.Join(slices.Concat([]string{name, day.String()}, keys, cells), " "))
	w.job("replan", ReplanArgs{Parameter: name, From: day.String()})
	told := map[string]any{"name": name, "from": day.String(), "value": c.Data["value"]}
	if len(keys) > 0 {
		told["keys"] = c.Data["keys"]
	}
	return Result{Data: told}, w.tx.PutParameterValue(w.ctx, p)
}

func (w *work) wrongParameter(err error, path, code string, args ...string) error {
	return &kernel.Error{Code: kernel.Invalid, Message: "invalid-input", Fields: []kernel.FieldError{w.field(path, code, args...)}, Err: err}
}

// parameterRow is what is given: the keys, then the value or the columns, each of its type and each code an item of its
// classifier.
func (w *work) parameterRow(def *schema.Parameter, c Command) (keys, cells []string, err error) {
	keys = texts(c.Data, "keys")
	if len(keys) != len(def.Keys) {
		var names []string
		for _, k := range def.Keys {
			names = append(names, k.Name)
		}
		return nil, nil, w.wrongParameter(nil, "keys", "parameter-keys", strings.Join(names, ", "))
	}
	if cells, err = w.parameterCells(def, c.Data["value"]); err != nil {
		return nil, nil, err
	}
	row := slices.Concat(keys, cells)
	var failed error
	fault := expr.CheckRow(def, row, func(classifier, code string) bool {
		it, err := w.world.Item(w.ctx, classifier, code)
		if err != nil {
			failed = err
		}
		return it != nil
	})
	switch {
	case failed != nil:
		return nil, nil, failed
	case fault == nil:
		return keys, cells, nil
	case fault.Cell < len(keys):
		path := fmt.Sprintf("keys.%d", fault.Cell)
		if cl := w.live.Data.Classifiers[fault.Type]; cl != nil {
			return nil, nil, w.wrongParameter(fault, path, "item", cl.Title)
		}
		return nil, nil, w.wrongParameter(fault, path, "type", fault.Type)
	case len(def.Columns) > 0:
		return nil, nil, w.wrongParameter(fault, "value."+def.Columns[fault.Cell-len(keys)].Name, "type", fault.Type)
	}
	return nil, nil, w.wrongParameter(fault, "value", "type", fault.Type)
}

// parameterCells is the value, or the columns of a table in their order, given by their names.
func (w *work) parameterCells(def *schema.Parameter, given any) ([]string, error) {
	if len(def.Columns) == 0 {
		s, ok := cellText(given)
		if !ok {
			return nil, w.wrongParameter(nil, "value", "type", def.Type)
		}
		return []string{s}, nil
	}
	columns, ok := given.(map[string]any)
	if !ok {
		return nil, w.wrongParameter(nil, "value", "type", "object")
	}
	var out []string
	for _, col := range def.Columns {
		s, ok := cellText(columns[col.Name])
		if !ok {
			return nil, w.wrongParameter(nil, "value."+col.Name, "required")
		}
		out = append(out, s)
	}
	for name := range columns {
		if !slices.ContainsFunc(def.Columns, func(c *schema.ParameterCol) bool { return c.Name == name }) {
			return nil, w.wrongParameter(nil, "value."+name, "unknown")
		}
	}
	return out, nil
}

// cellText is a value of JSON as the text of a cell.
func cellText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v), strings.TrimSpace(v) != ""
	case json.Number, int64, int:
		return fmt.Sprint(v), true
	}
	return "", false
}

// lawGiven is the law of the value, which must be there; nil where none is given.
func (w *work) lawGiven(c Command) (json.RawMessage, error) {
	if c.Data["law"] == nil {
		return nil, nil
	}
	given, ok := c.Data["law"].(map[string]any)
	act := w.live.Catalog.Acts[text(given, "act")]
	switch {
	case !ok || act == nil:
		return nil, w.wrongParameter(nil, "law.act", "definition", text(given, "act"))
	case text(given, "article") != "" && !slices.ContainsFunc(act.Articles, func(a *schema.Article) bool { return a.Name == text(given, "article") }):
		return nil, w.wrongParameter(nil, "law.article", "definition", text(given, "article"))
	}
	return json.Marshal(map[string]string{"act": text(given, "act"), "article": text(given, "article")})
}

// joinKeys is what tells a row of a parameter from others; "" for a value without keys.
func joinKeys(keys []string) string {
	if len(keys) == 0 {
		return ""
	}
	raw, err := json.Marshal(keys)
	if err != nil {
		return "" // texts always have a JSON
	}
	return string(raw)
}

// storedCells is a value as a text, as it was always stored, and a row of a table as a list.
func storedCells(def *schema.Parameter, cells []string) any {
	if len(def.Keys) == 0 && len(def.Columns) == 0 {
		return cells[0]
	}
	return cells
}

// StoredValue is a region's value of a parameter as the catalog has values.
func StoredValue(p *store.ParameterValue) (*schema.ParameterValue, error) {
	out := &schema.ParameterValue{From: p.From.String(), Adds: regional}
	var law map[string]string
	if len(p.Law) > 0 {
		if err := json.Unmarshal(p.Law, &law); err != nil {
			return nil, err
		}
		out.Law = schema.Law{Act: schema.Scalar{Text: law["act"]}, Article: schema.Scalar{Text: law["article"]}}
	}
	if len(p.Value) > 0 && p.Value[0] == '"' {
		return out, json.Unmarshal(p.Value, &out.Value.Text)
	}
	var keys, cells []string
	if p.Keys != "" {
		if err := json.Unmarshal([]byte(p.Keys), &keys); err != nil {
			return nil, err
		}
	}
	if err := json.Unmarshal(p.Value, &cells); err != nil {
		return nil, err
	}
	var row []schema.Scalar
	for _, c := range slices.Concat(keys, cells) {
		row = append(row, schema.Scalar{Text: c})
	}
	out.Rows = [][]schema.Scalar{row}
	return out, nil
}

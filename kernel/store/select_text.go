package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"mera/schema"
)

// Names that the kernel keeps - of a measure, a state, a document type - have titles in the catalog. A statement takes
// the titles of a kind in its language as one parameter, a JSON object, and looks names up in it. What is kept with its
// title (an item, a request) is shown as it is kept in the language of definitions, without a parameter.

// titling says where a title comes from: of which kind, and by which name; bare stands for a name without a title. kept
// is a title of the row's own, which stands for names without a translation and for all in the language of definitions;
// or the row keeps its title in all languages, the others in the object texts. All are SQL in which the alias of the row
// is written $.
type titling struct{ kind, name, bare, kept, texts string }

// titlings are the titles by entity and field; those of records are of every document type.
var titlings = map[string]map[string]titling{
	entityRecord: {
		"title":      {kind: "heading", name: "$.type||'/'||$.title", kept: "$.title"},
		"typeTitle":  {kind: "document", name: "$.type", bare: "$.type"},
		"stateTitle": {kind: "state", name: "$.type||'/'||$.state", bare: "$.state"},
	},
	"Version": {
		"title":      {kind: "heading", name: "$.type||'/'||$.title", kept: "$.title"},
		"stateTitle": {kind: "state", name: "$.type||'/'||$.state", bare: "$.state"},
	},
	"Task":       {"title": {kept: "$.title", texts: "$.texts"}},
	"Notice":     {"title": {kept: "$.title", texts: "$.texts"}},
	"Request":    {"title": {kind: "request", name: "$.exchange||'/'||$.flow", kept: "$.title"}},
	"Decision":   {"measureTitle": {kind: "measure", name: "$.measure", bare: "$.measure"}},
	"Award":      {"measureTitle": {kind: "measure", name: "$.measure", bare: "$.measure"}},
	"Print":      {"title": {kind: "printform", name: "$.form", kept: "$.title"}},
	"Attachment": {"slotTitle": {kind: "slot", name: "$.type||'/'||$.slot", bare: "$.slot"}},
	"Package":    {"title": {kind: "package", name: "$.name", kept: "$.title"}},
	"Parameter":  {"title": {kind: "parameter", name: "$.name", bare: "$.name"}},
	"Classifier": {"title": {kind: "item", name: "$.classifier||'/'||$.code", kept: "$.title"}},
}

// titling of a field of a row.
func (r row) titling(field string) (titling, bool) {
	of := r.name
	if r.table == nil {
		of = entityRecord
	}
	t, ok := titlings[of][field]
	return t, ok
}

// title is a title in the language of the set.
func (b *builder) title(t titling, alias string) string {
	name, kept := on(t.name, alias), on(t.kept, alias)
	switch {
	case t.texts != "":
		return b.spoken(kept, on(t.texts, alias))
	case t.kept != "":
		return b.translated(t.kind, name, kept)
	}
	return b.titled(t.kind, name, on(t.bare, alias))
}

// lawType is the type of what decisions cite.
const lawType = "Law"

// said is a text inside what the kernel keeps of a decision; "" for a field that is read as it is kept.
func (b *builder) said(r row, field string) string {
	of := func(name string) string { return r.json + "->>" + quote(name) }
	article := of("act") + "||'/'||(" + of("article") + ")"
	switch r.name + "." + field {
	case "Reason.title", "Reason.text":
		return b.spoken("("+of(field)+")", "("+r.json+"->'words'->"+quote(field)+")")
	case "DecisionCondition.title":
		return b.translated("condition", r.outer.alias+".measure||'/'||("+of("name")+")", "("+of("title")+")")
	case "Law.title":
		return b.titled("act", of("act"), of("act"))
	case "Law.number", "Law.date":
		return b.titled(field, of("act"), "null")
	case "Law.articleTitle":
		return b.titled("article", article, "null")
	}
	return ""
}

// titled is the title of a name that is kept without one, or what is shown where the catalog has none.
func (b *builder) titled(kind, name, bare string) string {
	b.worded = true
	return lookedUp(b.titles(kind, true), name, bare)
}

// translated is the translation of a title that is kept.
func (b *builder) translated(kind, name, kept string) string {
	b.worded = true
	if !b.foreign() {
		return kept
	}
	return lookedUp(b.titles(kind, false), name, kept)
}

func lookedUp(titles, name, otherwise string) string {
	if titles == "" {
		return otherwise
	}
	return fmt.Sprintf("coalesce(%s->>(%s), %s)", titles, name, otherwise)
}

// spoken is a text that was kept in every language of its release: kept in that of definitions, others in an object.
func (b *builder) spoken(kept, others string) string {
	b.worded = true
	if !b.foreign() {
		return kept
	}
	out := "coalesce("
	for lang := b.language; lang != ""; lang = schema.BaseLanguage(lang) {
		out += others + "->>" + b.textArg(lang) + ", "
	}
	return out + kept + ")"
}

// foreign tells that texts are read in another language than definitions are written in.
func (b *builder) foreign() bool { return b.language != "" && b.language != schema.Written }

// titles is the parameter with the titles of a kind, all or the translated ones; "" where there are none.
func (b *builder) titles(kind string, all bool) string {
	key := kind + " " + b.language
	if arg, made := b.words[key]; made {
		return arg
	}
	texts := map[string]string{}
	for _, n := range namings(b.catalog, kind) {
		if text := b.catalog.Text(b.language, n.written, n.at); text != "" && (all || text != n.written) {
			texts[n.name] = text
		}
	}
	if b.words == nil {
		b.words = map[string]string{}
	}
	if len(texts) > 0 {
		raw, _ := json.Marshal(texts) // texts by texts
		b.words[key] = b.arg(json.RawMessage(raw)) + "::jsonb"
	} else {
		b.words[key] = ""
	}
	return b.words[key]
}

// naming is a name, its title as written, and where a translation has it.
type naming struct{ name, written, at string }

// itemsOf begins the kind of the items of one classifier.
const itemsOf = "item "

// namings are the names of a kind.
func namings(c *schema.Catalog, kind string) (out []naming) {
	add := func(name, written string, at ...string) {
		out = append(out, naming{name, written, strings.Join(append(at, "title"), "/")})
	}
	switch kind {
	case "document":
		for n, d := range c.Documents {
			add(n, d.Title, "documents", n)
		}
	case "heading": // of records without a line of their own, which bear the title of their type
		for n, d := range c.Documents {
			if d.Summary.IsZero() {
				add(n+"/"+d.Title, d.Title, "documents", n)
			}
		}
	case "measure":
		for n, m := range c.Measures {
			add(n, m.Title, "measures", n)
		}
	case "parameter":
		for n, p := range c.Parameters {
			add(n, p.Title, "parameters", n)
		}
	case "printform":
		for n, p := range c.PrintForms {
			add(n, p.Title, "printforms", n)
		}
	case "package":
		for _, p := range c.Packages {
			add(p.Name, p.Title, "packages", p.Name)
		}
	case "act":
		for n, a := range c.Acts {
			add(n, a.Title, "acts", n)
		}
	case "number":
		for n, a := range c.Acts {
			add(n, a.Number)
		}
	case "date":
		for n, a := range c.Acts {
			add(n, a.Date)
		}
	default:
		partNamings(c, kind, add)
	}
	return out
}

// partNamings are the names of parts of definitions: the definition, a slash, the part.
func partNamings(c *schema.Catalog, kind string, add func(name, written string, at ...string)) {
	of, items := strings.CutPrefix(kind, itemsOf)
	switch {
	case items && c.Classifiers[of] != nil:
		for _, i := range c.Classifiers[of].Items {
			add(i.Code, i.Title, "classifiers", of, "items", i.Code)
		}
	case kind == "item":
		for n, x := range c.Classifiers {
			for _, i := range x.Items {
				add(n+"/"+i.Code, i.Title, "classifiers", n, "items", i.Code)
			}
		}
	case kind == "state":
		for n, w := range c.Workflows {
			for _, s := range w.States {
				add(w.About.Text+"/"+s.Name, s.Title, "workflows", n, "states", s.Name)
			}
		}
	case kind == "condition":
		for n, m := range c.Measures {
			for _, x := range m.Conditions {
				add(n+"/"+x.Name, x.Title, "measures", n, "conditions", x.Name)
			}
		}
	case kind == "article":
		for n, a := range c.Acts {
			for _, x := range a.Articles {
				add(n+"/"+x.Name, x.Title, "acts", n, "articles", x.Name)
			}
		}
	case kind == "slot":
		for n, d := range c.Documents {
			for _, s := range d.Slots {
				add(n+"/"+s.Name, s.Title, "documents", n, "attachments", s.Name)
			}
		}
	case kind == "request":
		requestNamings(c, add)
	}
}

// requestNamings are the flows of exchanges: by their own title, else that of the exchange.
func requestNamings(c *schema.Catalog, add func(name, written string, at ...string)) {
	for n, x := range c.Exchanges {
		for _, f := range x.Flows {
			if f.Title == "" {
				add(n+"/"+f.Name, x.Title, "exchanges", n)
			} else {
				add(n+"/"+f.Name, f.Title, "exchanges", n, "flows", f.Name)
			}
		}
	}
}

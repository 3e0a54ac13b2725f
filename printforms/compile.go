package printforms

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/flosch/pongo2/v6"

	"mera/schema"
	"mera/schema/expr"
)

const maxTemplate = 1 << 20 // bytes

// Template is a compiled print form. It is immutable and safe for concurrent use.
type Template struct {
	Name  string
	About string
	Title string
	To    string // the party that gets it; "" for none

	Channels []string // paper, sms, mail, portal
	Paper    string   // such as "A4" or "A5 landscape"

	digest   string
	template *pongo2.Template
	engine   *engine
	masks    map[string]string // of named types
	needs    []need
	labels   []Label
	reasons  bool
	lists    []list
}

// Labels are the hidden properties that the template prints. Who may not see one of them may not see the print.
func (t *Template) Labels() []Label { return slices.Clone(t.labels) }

// Reasons tells that the template prints the reasons of the decision, which may be hidden themselves.
func (t *Template) Reasons() bool { return t.reasons }

// Digest names the text of the template: "sha256:…".
func (t *Template) Digest() string { return t.digest }

// Compile checks a print form and its template. With faults there is no template.
func Compile(p *schema.PrintForm, cat *schema.Catalog, env *expr.Env) (*Template, schema.Diagnostics) {
	about := cat.Documents[p.About.Text]
	if about == nil {
		return nil, schema.Diagnostics{schema.Faultf(p.About.Pos, "print-about", "print forms are about documents; %q is none", p.About.Text)}
	}
	src := newSource(templateFile(p), p.Source)
	c := &checker{src: src, cat: cat, env: env, about: about}
	c.scopes = []map[string]binding{c.given(p), {}}
	t := &Template{Name: p.Name, About: about.Name, Title: p.Title, To: p.To.Text, Paper: paper(p.Paper)}
	c.head(p, t)
	if c.file(p) {
		c.check()
	}
	sum := sha256.Sum256(p.Source)
	t.digest = "sha256:" + hex.EncodeToString(sum[:])
	t.needs, t.labels, t.reasons, t.masks = c.needs, c.labels, c.reasons, masks(cat)
	if c.faults.Faulty() {
		return nil, c.faults.Sorted()
	}
	var err error
	if t.engine, err = registered(); err == nil {
		t.template, err = t.engine.parse(c.edited())
	}
	if err != nil {
		return nil, append(c.faults, pongoFault(src, err)).Sorted()
	}
	return t, c.faults.Sorted()
}

// pongoFault is what pongo2 refuses though the checker let it pass.
func pongoFault(src *source, err error) schema.Diagnostic {
	pos := src.pos(0)
	var e *pongo2.Error
	if errors.As(err, &e) && e.Line > 0 {
		return schema.Faultf(schema.Pos{File: pos.File, Line: e.Line, Col: max(e.Column, 1)}, "template-pongo", "%v", e.OrigError)
	}
	return schema.Faultf(pos, "template-pongo", "%v", err)
}

// templateFile is the path of the template inside its package: `template`, else the file beside with .html.
func templateFile(p *schema.PrintForm) string {
	if !p.Template.IsZero() {
		return path.Join(path.Dir(p.Pos.File), p.Template.Text)
	}
	return strings.TrimSuffix(p.Pos.File, path.Ext(p.Pos.File)) + ".html"
}

func (c *checker) file(p *schema.PrintForm) bool {
	switch {
	case len(p.Source) == 0:
		c.faults = append(c.faults, schema.Faultf(placed(p.Template.Pos, p.Pos), "template-file", "the template %s is missing or empty", c.src.file))
	case len(p.Source) > maxTemplate:
		c.faults = append(c.faults, schema.Faultf(placed(p.Template.Pos, p.Pos), "template-file", "the template %s is larger than 1 MB", c.src.file))
	case !utf8.Valid(p.Source) || strings.ContainsRune(string(p.Source), 0):
		c.faults = append(c.faults, schema.Faultf(placed(p.Template.Pos, p.Pos), "template-file", "the template %s is no UTF-8 text", c.src.file))
	default:
		return true
	}
	return false
}

// head checks what is written beside the template.
func (c *checker) head(p *schema.PrintForm, t *Template) {
	for _, ch := range p.Channel {
		t.Channels = append(t.Channels, ch.Text)
	}
	if paperSize(t.Paper) == "" {
		c.faults = append(c.faults, schema.Faultf(p.Pos, "print-paper", "there is no paper %q", t.Paper).WithHint("A3, A4 or A5, alone or with «landscape»"))
	}
	for _, l := range p.Lists {
		if compiled, ok := c.list(l, p); ok {
			t.lists = append(t.lists, compiled)
		}
	}
}

func masks(cat *schema.Catalog) map[string]string {
	out := map[string]string{}
	for name, t := range cat.Types {
		if t.Mask != "" {
			out[name] = t.Mask
		}
	}
	return out
}

func paper(s string) string {
	if s == "" {
		return "A4"
	}
	return s
}

// edited is the source with the edits of the checker.
func (c *checker) edited() string {
	slices.SortStableFunc(c.edits, func(a, b edit) int { return a.start - b.start })
	var b strings.Builder
	at := 0
	for _, e := range c.edits {
		b.Write(c.src.bytes[at:e.start])
		b.WriteString(e.text)
		at = e.end
	}
	b.Write(c.src.bytes[at:])
	return b.String()
}

// list is a list that a print form wants, with its arguments.
type list struct {
	name, list string
	given      []argument
}

// argument is one `given` of a list: a literal or an expression.
type argument struct {
	name    string
	literal string
	program *expr.Program
	typ     *schema.Type
}

func (c *checker) list(l *schema.PrintList, p *schema.PrintForm) (list, bool) {
	def := c.cat.Lists[l.List.Text]
	if def == nil {
		return list{}, false // told by linking
	}
	out := list{name: l.Name, list: def.Name}
	for _, e := range l.Given.Entries {
		g := find(def.Given, e.Key.Text)
		if g == nil {
			continue // told by linking
		}
		arg := argument{name: g.Name, typ: g.Type, literal: e.Value.Text()}
		if src, ok := e.Value.Scalar.Expression(); ok && e.Value.Kind == schema.ScalarNode {
			scope := c.roots()
			scope.Vars["today"], scope.Vars["decision"] = expr.DateT, decisionType()
			program, faults := c.env.Compile(src, scope, expr.FromSchema(g.Type))
			c.faults = append(c.faults, faults...)
			arg.program = program
		}
		out.given = append(out.given, arg)
	}
	for _, g := range def.Given {
		if !slices.ContainsFunc(out.given, func(a argument) bool { return a.name == g.Name }) {
			c.faults = append(c.faults, schema.Faultf(l.List.Pos, "print-list", "the list %s needs %q", def.Name, g.Name))
		}
	}
	return out, true
}

func find(ps []*schema.Property, name string) *schema.Property {
	for _, p := range ps {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// placed is the first place that is known.
func placed(places ...schema.Pos) schema.Pos {
	for _, p := range places {
		if p.Line > 0 {
			return p
		}
	}
	return places[len(places)-1]
}

// Cite words an article of a law as people write it.
func Cite(cat *schema.Catalog, law schema.Law) (string, error) {
	e, err := registered()
	if err != nil {
		return "", err
	}
	act := cat.Acts[law.Act.Text]
	if act == nil {
		return "", fmt.Errorf("there is no act %q", law.Act.Text)
	}
	out := fill(e.words.Law, map[string]string{"title": act.Title, "date": e.date(act.Date, false), "number": act.Number})
	if !law.Article.IsZero() {
		out += fill(e.words.Article, map[string]string{"article": law.Article.Text})
	}
	return out, nil
}

package load

import (
	"mera/schema"
	"mera/schema/load/naming"
	"mera/schema/load/semver"
)

func (r *reader) packageFile(n *schema.Node) {
	p := r.pkg
	p.Pos, p.Title, p.Version, p.Prefix = n.Pos, text(n, "title"), text(n, "version"), text(n, "prefix")
	if s := scalar(n, "name"); s.Text != p.Name && !s.IsZero() {
		r.fault(schema.Faultf(s.Pos, "bad-file-name", "the package is called %q and lies in the folder %q", s.Text, p.Name).
			WithHint("give both the same name"))
	}
	if s := scalar(n, "name"); !s.IsZero() && !naming.IsKebab(s.Text) {
		r.fault(schema.Faultf(s.Pos, "bad-name", "%q cannot name a package", s.Text).WithHint("write small Latin letters and digits, words joined by -"))
	}
	if s := scalar(n, "version"); !s.IsZero() {
		if _, ok := semver.Parse(s.Text); !ok {
			r.fault(schema.Faultf(s.Pos, "bad-version", "%q is not a version", s.Text).WithHint("write three numbers, such as 1.0.0"))
		}
	}
	if s := scalar(n, "prefix"); !s.IsZero() && (!naming.IsName(s.Text) || s.Text[0] > 'Z') {
		r.fault(schema.Faultf(s.Pos, "bad-name", "%q cannot be a prefix", s.Text).WithHint("write one Latin word with a capital letter, such as Acme"))
	}
	for _, e := range entries(n, "requires") {
		if _, ok := semver.ParseRange(e.Value.Text()); !ok {
			r.fault(schema.Faultf(e.Value.Pos, "bad-version", "%q is not a range of versions", e.Value.Text()).WithHint("write ^1, ~1.2, >=1.2.0 or one version"))
		}
		p.Requires = append(p.Requires, schema.Requirement{Name: e.Key, Range: e.Value.Scalar})
	}
	for _, e := range entries(n, "roles") {
		r.named(e.Key, "role")
		if e.Key.Text == "system" {
			r.fault(schema.Faultf(e.Key.Pos, "reserved-name", "%q is the server itself and cannot name a role", e.Key.Text).WithHint("take another name"))
		}
		p.Roles = append(p.Roles, &schema.Role{Name: e.Key.Text, Pos: e.Key.Pos, Title: text(e.Value, "title")})
	}
}

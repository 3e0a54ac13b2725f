package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	"github.com/spf13/cobra"
)

// templates are the files of a new package and a new measure: what the lazy way gives is well-formed and tested.
//
//go:embed templates
var templates embed.FS

func newCommand() *cobra.Command {
	c := &cobra.Command{Use: "new", Short: "Begin a package or a measure: definition and test together"}
	var dir, prefix string
	pkg := &cobra.Command{
		Use:     "package NAME",
		Short:   "Make the folder of a new package",
		Example: "  mera new package my-benefits --prefix My",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			name := args[0]
			if !regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`).MatchString(name) {
				return fmt.Errorf("a package is called in kebab-case, like my-benefits; not %q", name)
			}
			if !regexp.MustCompile(`^[A-Z][A-Za-z0-9]{1,20}$`).MatchString(prefix) {
				return fmt.Errorf("--prefix is your publisher's prefix, like Uray; not %q", prefix)
			}
			made, err := write("templates/package", filepath.Join(dir, name), naming{Package: name, Prefix: prefix})
			return listMade(c, made, err)
		},
	}
	pkg.Flags().StringVar(&dir, "dir", ".", "where to make the folder")
	pkg.Flags().StringVar(&prefix, "prefix", "", "prefix of all names of the package (compulsory)")
	var in string
	measure := &cobra.Command{
		Use:     "measure NAME",
		Short:   "Add a measure with its application, workflow, print form, policy and failing test",
		Example: "  mera new measure school-meals --in my-benefits",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			name := args[0]
			if !regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`).MatchString(name) {
				return fmt.Errorf("a measure is called in kebab-case, like school-meals; not %q", name)
			}
			n, err := namingOf(in, name)
			if err != nil {
				return err
			}
			made, err := write("templates/measure", in, n)
			return listMade(c, made, err)
		},
	}
	measure.Flags().StringVar(&in, "in", ".", "folder of the package")
	c.AddCommand(pkg, measure)
	return c
}

// naming is what the templates know.
type naming struct {
	Package string // my-benefits
	Module  string // my_benefits
	Prefix  string // My
	File    string // my-school-meals
	Name    string // MySchoolMeals
	Lower   string // mySchoolMeals
}

func namingOf(dir, measure string) (naming, error) {
	src, err := os.ReadFile(filepath.Join(dir, "package.yaml"))
	if err != nil {
		return naming{}, fmt.Errorf("%s is no package: %w", dir, err)
	}
	name := regexp.MustCompile(`(?m)^name: *([a-z0-9-]+)`).FindSubmatch(src)
	prefix := regexp.MustCompile(`(?m)^prefix: *([A-Za-z0-9]+)`).FindSubmatch(src)
	if name == nil || prefix == nil {
		return naming{}, fmt.Errorf("%s/package.yaml has no name or no prefix", dir)
	}
	n := naming{Package: string(name[1]), Prefix: string(prefix[1])}
	n.Module = strings.ReplaceAll(n.Package, "-", "_")
	n.File = kebab(n.Prefix) + "-" + measure
	for _, word := range strings.Split(n.File, "-") {
		n.Name += strings.ToUpper(word[:1]) + word[1:]
	}
	n.Lower = strings.ToLower(n.Name[:1]) + n.Name[1:]
	if !strings.HasPrefix(n.Name, n.Prefix) {
		n.Name = n.Prefix + n.Name[len(n.Prefix):]
	}
	return n, nil
}

// kebab writes UrayCity as uray-city.
func kebab(s string) string {
	return strings.ToLower(regexp.MustCompile(`([a-z0-9])([A-Z])`).ReplaceAllString(s, "$1-$2"))
}

// write fills a tree of templates into a folder; a file that is there already stops it before anything is written.
func write(from, to string, n naming) ([]string, error) {
	files := map[string]string{}
	err := fs.WalkDir(templates, from, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		src, err := templates.ReadFile(path)
		if err != nil {
			return err
		}
		target := strings.TrimSuffix(strings.TrimPrefix(path, from+"/"), ".tmpl")
		target = strings.ReplaceAll(target, "NAME", n.File)
		text, err := fill(string(src), n)
		files[filepath.Join(to, filepath.FromSlash(target))] = text
		return err
	})
	if err != nil {
		return nil, err
	}
	var made []string
	for path := range files {
		if _, err := os.Stat(path); err == nil {
			return nil, fmt.Errorf("%s is there already; nothing was written", path)
		}
	}
	for path, text := range files {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return made, err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return made, err
		}
		made = append(made, path)
	}
	return made, nil
}

func fill(src string, n naming) (string, error) {
	t, err := template.New("").Delims("<<", ">>").Parse(src)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, n)
	return b.String(), err
}

func listMade(c *cobra.Command, made []string, err error) error {
	if err != nil {
		return err
	}
	for _, path := range sortedCopy(made) {
		fmt.Fprintln(c.OutOrStdout(), path)
	}
	return nil
}

package registry_test

import (
	"context"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"mera/kernel/registry"
	"mera/schema"
	"mera/schema/expr"
	"mera/schema/load"
	"mera/schema/value"
)

// core reads the core packages, with some files laid over them.
func core(t *testing.T, over map[string]string) ([]*schema.Package, map[string]schema.Diagnostics) {
	t.Helper()
	all := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS("../../catalog"), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		src, err := os.ReadFile("../../catalog/" + path)
		all[path] = &fstest.MapFile{Data: src}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range over {
		all[path] = &fstest.MapFile{Data: []byte(text)}
	}
	entries, err := fs.ReadDir(all, ".")
	if err != nil {
		t.Fatal(err)
	}
	var pkgs []*schema.Package
	read := map[string]schema.Diagnostics{}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		sub, err := fs.Sub(all, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		p, ds := load.Read(sub, e.Name())
		p.Core = true
		pkgs = append(pkgs, p)
		read[p.Name] = ds
	}
	return pkgs, read
}

func names(r *registry.Release) []string {
	var out []string
	for _, p := range r.Catalog.Packages {
		out = append(out, p.Name)
	}
	slices.Sort(out)
	return out
}

func TestCoreCompiles(t *testing.T) {
	t.Parallel()
	r, ds := registry.Compile(core(t, nil))
	if len(ds) > 0 || len(r.Broken) > 0 {
		t.Fatalf("%v\n%s", r.Broken, ds.Render(func(string) []byte { return nil }))
	}
	again, _ := registry.Compile(core(t, nil))
	if again.Digest != r.Digest || !strings.HasPrefix(r.Digest, "sha256:") {
		t.Errorf("the same packages have the digests %s and %s", r.Digest, again.Digest)
	}
	other, _ := registry.Compile(core(t, map[string]string{"law-base/README.md": "changed"}))
	if other.Digest == r.Digest {
		t.Error("a changed package has the same digest")
	}
}

// TestBrokenPackagesAreLeftOut breaks one package in three ways: what requires it goes with it, the rest stays.
func TestBrokenPackagesAreLeftOut(t *testing.T) {
	t.Parallel()
	for name, over := range map[string]map[string]string{
		"unreadable":       {"one-window/documents/application.yaml": "title: [unclosed"},
		"wrong expression": {"one-window/documents/application.yaml": "title: X\nabstract: true\ncard: {applicant: Person}\nschema: {properties: {date: {format: date, x-from: tomorrow, x-index: true}}}\n"},
		"wrong policy":     {"one-window/policies/one-window.rego": "package mera.one_window\n\nread if input.row.colour == \"red\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, ds := registry.Compile(core(t, over))
			if !ds.Faulty() {
				t.Fatal("no fault")
			}
			want := []string{"electronic-queue", "law-base", "population-register", "thematic-registers"}
			if got := names(r); !slices.Equal(got, want) {
				t.Errorf("left: %v, want %v", got, want)
			}
			var broken []string
			for _, b := range r.Broken {
				broken = append(broken, b.Name)
				if !b.Faults.Faulty() {
					t.Errorf("%s is left out without a fault", b.Name)
				}
			}
			if !slices.Contains(broken, "one-window") || !slices.Contains(broken, "ugra-child-benefits") {
				t.Errorf("broken: %v", broken)
			}
		})
	}
}

// TestChecksOfOtherRooms leaves out the package that a further check names.
func TestChecksOfOtherRooms(t *testing.T) {
	t.Parallel()
	pkgs, read := core(t, nil)
	r, _ := registry.Compile(pkgs, read, func(cat *schema.Catalog, _ *expr.Env) schema.Diagnostics {
		for _, p := range cat.Packages {
			if p.Name == "electronic-queue" {
				return schema.Diagnostics{schema.Faultf(schema.Pos{File: "electronic-queue/lists/board.yaml", Line: 1, Col: 1}, "x", "no")}
			}
		}
		return nil
	})
	if slices.Contains(names(r), "electronic-queue") || len(r.Broken) != 1 {
		t.Errorf("left %v, broken %v", names(r), r.Broken)
	}
}

func TestNumberFormat(t *testing.T) {
	t.Parallel()
	r, _ := registry.Compile(core(t, nil))
	for format, want := range map[string]string{"{n}": "1234", "{n:06}/{year}": "001234/2019", "{n:03}": "1234", "{office.paymentCode}-{n:08}": "010-00001234"} {
		f, ds := registry.CompileNumberFormat(r.Env, schema.Scalar{Text: format}, nil)
		if ds.Faulty() {
			t.Fatal(ds)
		}
		office := &expr.Record{Type: "Office", ID: "o", Data: map[string]any{"paymentCode": "010"}}
		day := value.Date{Year: 2019, Month: 8, Day: 31}
		got, err := f.Fill(context.Background(), expr.NewStaticWorld(r.Catalog), 1234, office, day, nil)
		if err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", format, got, err, want)
		}
	}
}

// TestRegionsDataReplaceSeeds lays a parameter value and a classifier item of the region over the packages' own.
func TestRegionsDataReplaceSeeds(t *testing.T) {
	t.Parallel()
	r, _ := registry.Compile(core(t, nil))
	d := registry.NewData(r.Catalog,
		map[string][]*schema.ParameterValue{"SurvivorBenefitAmount": {{From: "2019-08-01", Value: schema.Scalar{Text: "2000.00"}}}},
		map[string][]*schema.ClassifierItem{"DayOff": {{Code: "2019-07-17", Title: "off"}}})
	for day, want := range map[string]string{"2019-07-31": "1826.00", "2019-08-01": "2000.00"} {
		on, err := value.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := d.World.Parameter(context.Background(), "SurvivorBenefitAmount", on)
		if err != nil || len(rows) != 1 || rows[0].Values[0] != want {
			t.Errorf("%s: %v, %v", day, rows, err)
		}
	}
	if d.Calendar.IsWorkday(value.Date{Year: 2019, Month: 7, Day: 17}) {
		t.Error("the region's day off is a working day")
	}
}

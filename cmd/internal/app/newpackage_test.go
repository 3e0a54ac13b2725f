package app_test

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mera/catalog"
	"mera/cmd/internal/agencies"
	"mera/cmd/internal/app"
	"mera/cmd/internal/scenario"
	"mera/kernel/store/storetest"
	"mera/schema"
	"mera/schema/load/source"
)

// storyOfNewMeasure is played on a package that did not exist when the program was built.
const storyOfNewMeasure = `
title: A measure of a new package, from application to award
packages: [my-benefits]
today: 2019-07-16
offices:
  office: {code: uray, title: Office, territory: uray, duties: [social-protection], paymentCode: "010"}
people:
  anna: {lastName: Северова, firstName: Анна, birthDate: 1980-02-03, territory: uray, registrations: [{region: "86", from: 2010-01-01}]}
staff:
  sidorov: {roles: [head], office: office}
  orlov: {roles: [head], office: office, territories: [sovetsky]}
story:
  - anna submits MySchoolMealsApplication as app: {date: 2019-07-16, payout: {bank: "047102651", account: "40817810000000000001"}}
  - anna sees app: {state: granted, number: "1", type: MySchoolMealsApplication}
  - anna sees awards: [{measure: MySchoolMeals, from: 2019-07-01, to: 2020-06-30, amount: "1000.00"}]
  - sidorov runs accrue: {until: 2019-07-31}
  - sidorov sees accruals: [{from: 2019-07-01, to: 2019-07-31, amount: "1000.00"}]
  - anna sees mySchoolMealsApplications: [{number: "1", applicant: anna, payout: {bank: "047102651"}}]
  - anna submits MySchoolMealsApplication: {date: 2019-02-30, payout: {bank: "047102651", account: "40817810000000000001"}, expect: INVALID}
  - anna sees prints: [{form: MySchoolMealsDecision}]
`

// TestNewPackageOutsideTheProgram makes a package with `mera new` in a folder of its own and serves it without a
// rebuild: typed GraphQL, policy, history, form model, and the way from an application to an award.
func TestNewPackageOutsideTheProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mera := filepath.Join(t.TempDir(), "mera")
	run(t, "go", "build", "-o", mera, "mera/cmd/mera")
	run(t, mera, "new", "package", "my-benefits", "--prefix", "My", "--dir", dir)
	run(t, mera, "new", "measure", "school-meals", "--in", filepath.Join(dir, "my-benefits"))
	run(t, mera, "lint", filepath.Join(dir, "my-benefits"))
	out, err := exec.Command(mera, "test", "--unit", filepath.Join(dir, "my-benefits")).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "1 failed") {
		t.Fatalf("the new measure's test must have one case that fails on purpose: %v\n%s", err, out)
	}

	sim := &agencies.Simulator{}
	gateway := httptest.NewServer(sim)
	defer gateway.Close()
	ctx := context.Background()
	a, ds, err := app.Start(ctx, app.Config{
		Data: t.TempDir(), Database: storetest.URL(t), Listen: "127.0.0.1:0", Core: catalog.FS, Catalog: []string{filepath.Join(dir, "my-benefits")},
		Channels: map[string]string{"agencies": gateway.URL}, Development: true, SetClock: true,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, ds.Render(func(string) []byte { return nil }))
	}
	if ds.Faulty() { // a broken package is left out and the program runs on: nothing below would say why it is not there
		t.Fatal(ds.Render(func(string) []byte { return nil }))
	}
	defer func() {
		if err := a.Stop(ctx); err != nil {
			t.Error(err)
		}
	}()
	root, faults := source.Parse("story.yaml", []byte(storyOfNewMeasure))
	if faults.Faulty() {
		t.Fatal(faults)
	}
	play := scenario.New(scenario.Server{URL: a.URL(), Token: a.Token, Agencies: sim}, &schema.Scenario{Package: "my-benefits", Name: "new", Title: "new", Root: root})
	if err := play.Run(ctx); err != nil {
		t.Fatal(err)
	}
	anna, orlov := play.Client("anna"), play.Client("orlov")
	data, err := anna.Do(ctx, `query($id: ID!) {
		mySchoolMealsApplication(id: $id) {version history {version state} applicant {fullName}}
		form(type: "MySchoolMealsApplication")}`, map[string]any{"id": play.ID("app")})
	if err != nil {
		t.Fatal(err)
	}
	record, _ := data["mySchoolMealsApplication"].(map[string]any)
	if history, _ := record["history"].([]any); len(history) == 0 {
		t.Errorf("no history: %v", record)
	}
	if form, _ := data["form"].(map[string]any); form["pages"] == nil {
		t.Errorf("no form: %v", data["form"])
	}
	if _, err := orlov.Do(ctx, `query($id: ID!) {mySchoolMealsApplication(id: $id) {version}}`, map[string]any{"id": play.ID("app")}); err == nil {
		t.Error("a head of another territory sees the application")
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

package expr

import (
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"mera/schema"
)

// TestRowOfKeys: the row is that of the exact key, of the nearest item upwards that has rows, and of the greatest number
// that is not above.
func TestRowOfKeys(t *testing.T) {
	t.Parallel()
	towns := []string{"ugra", "surgut", "uray"}
	rapid.Check(t, func(t *rapid.T) {
		cat := testCatalog()
		p := cat.Parameters["Standard"]
		rows := map[[3]string]string{}
		var cells [][]schema.Scalar
		for i := range rapid.IntRange(0, 8).Draw(t, "rows") {
			key := [3]string{rapid.SampledFrom(towns).Draw(t, "town"), rapid.SampledFrom([]string{"owner", "tenant"}).Draw(t, "tenure"),
				strconv.Itoa(rapid.IntRange(1, 12).Draw(t, "size"))}
			if _, twice := rows[key]; twice {
				continue
			}
			rows[key] = fmt.Sprintf("%d.00", i)
			cells = append(cells, []schema.Scalar{scalar(key[0]), scalar(key[1]), scalar(key[2]), scalar(rows[key])})
		}
		p.Values = []*schema.ParameterValue{{From: "2024-07-01", Rows: cells}}
		town, size := rapid.SampledFrom(towns).Draw(t, "asked town"), rapid.IntRange(0, 15).Draw(t, "asked size")
		prog, diags := NewEnv(cat).Compile(scalar(fmt.Sprintf("Standard(date('2024-08-01'), '%s', 'owner', %d)", town, size)), Scope{}, MoneyT)
		if diags != nil {
			t.Fatal(diags)
		}
		got, err := prog.Eval(Input{World: NewStaticWorld(cat)})
		if err != nil {
			t.Fatal(err)
		}
		want, found := rowByHand(rows, town, "owner", size)
		if got.Known() != found || found && got.Value != money(want) {
			t.Fatalf("%v for %s, %d: got %v %v, want %s %v", rows, town, size, got.Value, got.Unclear, want, found)
		}
	})
}

// rowByHand looks first for the town, then for the region above it.
func rowByHand(rows map[[3]string]string, town, tenure string, size int) (string, bool) {
	for _, place := range []string{town, "ugra"} {
		any := false
		for n := 12; n >= 1; n-- {
			v, ok := rows[[3]string{place, tenure, strconv.Itoa(n)}]
			if any = any || ok; ok && n <= size {
				return v, true
			}
		}
		if any {
			return "", false
		}
	}
	return "", false
}

// TestBrokenParameter: a value that cannot be read is an error that names the parameter, not a silent zero.
func TestBrokenParameter(t *testing.T) {
	t.Parallel()
	cat := testCatalog()
	cat.Parameters["Amount"].Values = []*schema.ParameterValue{{From: "2019-01-01", Value: scalar("a lot")}}
	prog, diags := NewEnv(cat).Compile(scalar("Amount(date('2019-02-01'))"), Scope{}, nil)
	if diags != nil {
		t.Fatal(diags)
	}
	if got, err := prog.Eval(Input{World: NewStaticWorld(cat)}); err == nil {
		t.Error(got)
	}
}

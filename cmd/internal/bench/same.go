package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// sameRows holds our answers against the floor's, for the same arguments: a floor that reads less would flatter it, one
// that reads more would flatter us.
func (b *run) sameRows(ctx context.Context, all []*workload) error {
	for _, w := range all {
		if w.alike == nil {
			continue
		}
		rnd := rand.New(rand.NewPCG(b.region.seed, 11))
		for range 5 {
			if err := b.same(ctx, w, rnd); err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
		}
	}
	return nil
}

func (b *run) same(ctx context.Context, w *workload, rnd *rand.Rand) error {
	body, who := w.request(b.region, rnd, nil)
	var asked struct{ Variables map[string]string }
	if err := json.Unmarshal(body, &asked); err != nil {
		return err
	}
	c, err := dial(ctx, b.address)
	if err != nil {
		return err
	}
	defer c.close()
	if _, err := c.post(b.token(who), body); err != nil {
		return err
	}
	var ours struct{ Data any }
	if err := json.Unmarshal(c.body, &ours); err != nil {
		return err
	}
	out, err := b.floor.once(ctx, w.floor, w.alike(b.region, who, asked.Variables))
	if err != nil {
		return err
	}
	var theirs any
	if err := json.Unmarshal(out, &theirs); err != nil {
		return fmt.Errorf("the floor says %.300s: %w", out, err)
	}
	if !reflect.DeepEqual(ours.Data, theirs) {
		return fmt.Errorf("we say\n%.2000s\nand the floor\n%.2000s", c.body, out)
	}
	return nil
}

// once runs a floor's statement with given arguments, by psql, which knows variables as pgbench does.
func (f *floor) once(ctx context.Context, script string, vars map[string]string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(f.folder, script+".sql"))
	if err != nil {
		return nil, err
	}
	var query []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, `\set`) {
			query = append(query, line)
		}
	}
	args := []string{"-qtA", "-v", "ON_ERROR_STOP=1"}
	for name, value := range vars {
		args = append(args, "-v", name+"="+value)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(filepath.Dir(f.pgbench), "psql"), append(args, "-f", "-", f.url)...)
	cmd.Stdin = strings.NewReader(strings.Join(query, ""))
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("%w: %s", err, failed.Stderr)
	}
	return bytes.TrimSpace(out), err
}

// The arguments of a floor that ask for what a request asked.

func cardAlike(r *Region, person int, _ map[string]string) map[string]string {
	return map[string]string{"ms": strconv.FormatInt(r.personAt(person).UnixMilli(), 10)}
}

func listAlike(r *Region, _ int, vars map[string]string) map[string]string {
	from, err := time.Parse(time.DateOnly, vars["from"])
	if err != nil {
		return nil
	}
	out := map[string]string{"s": "0", "f": strconv.Itoa(int(from.Sub(time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)).Hours()) / 24)}
	if vars["state"] == "refused" {
		out["s"] = "1"
	}
	for i, l := range r.leaves {
		if l.code == vars["territory"] {
			out["t"] = strconv.Itoa(i + 1)
		}
	}
	return out
}

func snilsAlike(_ *Region, _ int, vars map[string]string) map[string]string {
	return map[string]string{"s": vars["snils"]}
}

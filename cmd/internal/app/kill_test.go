package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mera/catalog"
	"mera/cmd/internal/agencies"
	"mera/cmd/internal/app"
	"mera/cmd/internal/scenario"
	"mera/kernel/store/storetest"
	"mera/schema"
)

// kills is how often the server dies in TestKilledServerLosesNothing.
const kills = 50

// figures are the outcome of the main job, whatever happened on the way.
var figures = &scenario.Report{
	Application: scenario.Application{Number: "7", Date: "2019-07-16"},
	Requests: []scenario.RequestLine{
		{Name: "SnilsCheck", Status: "answered"}, {Name: "PaymentsInPeriod", Status: "answered"}, {Name: "PassportCheck", Status: "answered"},
		{Name: "RegistrationCheck", Status: "answered"}, {Name: "PensionCheck", Status: "answered"},
	},
	Decision: scenario.DecisionLine{Outcome: "granted", Number: "300-п", Date: "2019-07-17", Reasons: []string{}},
	Award:    scenario.Amounts{From: "2019-07-01", To: "2019-08-31", Amount: "1826.00"},
	Accruals: []scenario.Amounts{
		{From: "2019-07-01", To: "2019-07-31", Amount: "1826.00"}, {From: "2019-08-01", To: "2019-08-31", Amount: "1826.00"},
	},
	PaymentList: scenario.ListLine{Number: "010-00000140", Date: "2019-08-31", Total: "3652.00"},
	Debt:        "0.00",
}

// TestKilledServerLosesNothing plays the main job while the server is killed (SIGKILL) at random moments and started
// again. The client repeats what got no answer, with the same key. Whatever the moments: the same figures, nothing
// twice, nothing lost, every chain whole.
func TestKilledServerLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a real server")
	}
	binary := filepath.Join(t.TempDir(), "mera")
	if out, err := exec.Command("go", "build", "-o", binary, "mera/cmd/mera").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	for left := kills; left > 0; {
		left -= killRound(t, binary, left)
	}
}

// killRound plays the story once and tells how often the server died.
func killRound(t *testing.T, binary string, most int) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*patience)
	defer cancel()
	sim := &agencies.Simulator{}
	gateway := httptest.NewServer(sim)
	defer gateway.Close()
	v := &victim{t: t, binary: binary, data: t.TempDir(), database: storetest.URL(t), gateway: gateway.URL, address: freeAddress()}
	v.start()
	defer v.kill()
	stop := make(chan struct{})
	died := 0
	var killer sync.WaitGroup
	killer.Go(func() {
		for died < most {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(50+rand.IntN(500)) * time.Millisecond):
				v.kill()
				died++
				v.start()
			}
		}
	})
	play := scenario.New(scenario.Server{
		URL: "http://" + v.address, Agencies: sim, HTTP: &http.Client{Transport: patient{}},
		Token: func(actor string) string {
			token, err := app.Token(v.data, actor, time.Now().Add(time.Hour))
			if err != nil {
				t.Error(err)
			}
			return token
		},
	}, demoStory(t))
	teller := scenario.NewTeller(play, func(string, any) {})
	err := play.Run(ctx)
	close(stop)
	killer.Wait()
	if err != nil {
		t.Fatalf("after %d kills: %v\n%s", died, err, v.log.String())
	}
	report, err := teller.Report(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(figures, report); d != "" {
		t.Errorf("after %d kills (-want +got):\n%s", died, d)
	}
	v.kill()
	findings, err := app.Verify(ctx, app.Config{Data: v.data, Database: v.database})
	if err != nil || len(findings) > 0 {
		t.Errorf("verify after %d kills: %v %v", died, findings, err)
	}
	return max(died, 1)
}

func demoStory(t *testing.T) *schema.Scenario {
	t.Helper()
	found, err := app.ReadPackages(catalog.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		for _, s := range f.Package.Scenarios {
			if s.Root.Get("demo") != nil {
				return s
			}
		}
	}
	t.Fatal("no demo story")
	return nil
}

// victim is a server that is killed and started again on the same address, folder and database.
type victim struct {
	t                                        *testing.T
	binary, data, database, gateway, address string

	mu  sync.Mutex
	cmd *exec.Cmd
	log bytes.Buffer
}

func (v *victim) start() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cmd = exec.Command(v.binary, "serve", "--data", v.data, "--database", v.database, "--listen", v.address, "--set-clock",
		"--channel", "agencies="+v.gateway)
	v.cmd.Stderr = &v.log
	if err := v.cmd.Start(); err != nil {
		v.t.Error(err)
		return
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		res, err := http.Get("http://" + v.address + "/healthz")
		if err == nil {
			_ = res.Body.Close()
			return
		}
	}
	v.t.Errorf("the server does not come back:\n%s", v.log.String())
}

func (v *victim) kill() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.cmd != nil && v.cmd.Process != nil {
		_ = v.cmd.Process.Kill()
		_ = v.cmd.Wait()
	}
}

// freeAddress is below the ports that the machine gives to whoever asks for any: nobody takes it while the server is dead.
func freeAddress() string {
	for {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 10_000+rand.IntN(20_000)))
		if err != nil {
			continue // taken
		}
		defer l.Close()
		return l.Addr().String()
	}
}

// patient repeats a request that got no answer, as a client with an idempotency key may.
type patient struct{}

func (patient) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	var last error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		res, err := http.DefaultTransport.RoundTrip(again)
		if err == nil {
			var raw []byte
			raw, err = io.ReadAll(res.Body)
			_ = res.Body.Close()
			if err == nil && !strings.Contains(string(raw), `"UNAVAILABLE"`) {
				res.Body = io.NopCloser(bytes.NewReader(raw))
				return res, nil
			}
		}
		last = err
		if r.Context().Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("no answer: %w", last)
}

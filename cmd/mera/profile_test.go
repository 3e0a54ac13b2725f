package main

import (
	"net/http"
	"testing"
)

func TestProfilesStayOnTheMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "localhost", "example.org:6060"} {
		if _, err := serveProfiles(t.Context(), address); err == nil {
			t.Errorf("profiles are served on %s", address)
		}
	}
	at, err := serveProfiles(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Get("http://" + at + "/debug/pprof/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Error(res.Status)
	}
}

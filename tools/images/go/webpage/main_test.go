package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func newServer(t *testing.T, change func(*server)) (*httptest.Server, chan int) {
	t.Helper()
	exits := make(chan int, 1)
	s := &server{instance: "abc123", log: log.New(io.Discard, "", 0), exit: func(code int) { exits <- code }}
	if change != nil {
		change(s)
	}
	h := httptest.NewServer(s.routes())
	t.Cleanup(h.Close)
	return h, exits
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestPageShowsHostAndEscapesPath(t *testing.T) {
	h, _ := newServer(t, nil)
	status, body := get(t, h.URL+"/%3Cscript%3E")
	if status != 200 || !strings.Contains(body, "It works: this page comes from a pod") || !strings.Contains(body, strings.TrimPrefix(h.URL, "http://")) {
		t.Fatalf("unexpected page: %d %s", status, body)
	}
	if strings.Contains(body, "<script>") {
		t.Fatal("the path is not escaped")
	}
}

func TestEchoReflectsTheRequest(t *testing.T) {
	h, _ := newServer(t, nil)
	request, _ := http.NewRequest("POST", h.URL+"/echo?a=1", strings.NewReader("hi"))
	request.Header.Set("X-Seen", "yes")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Method, Path, Query, Body string
		Headers                   http.Header
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if answer.Method != "POST" || answer.Path != "/echo" || answer.Query != "a=1" || answer.Body != "hi" || answer.Headers.Get("X-Seen") != "yes" {
		t.Fatalf("unexpected answer: %+v", answer)
	}
}

func TestExitOnlyWhenAllowed(t *testing.T) {
	h, exits := newServer(t, nil)
	if status, _ := get(t, h.URL+"/exit?code=3"); status != 403 || len(exits) != 0 {
		t.Fatalf("refusal expected, got %d and %d exits", status, len(exits))
	}
	allowed, exits := newServer(t, func(s *server) { s.allowExit = true })
	if status, _ := get(t, allowed.URL+"/exit?code=300"); status != 400 || len(exits) != 0 {
		t.Fatalf("bad code expected, got %d and %d exits", status, len(exits))
	}
	if status, _ := get(t, allowed.URL+"/exit?code=3"); status != 200 {
		t.Fatalf("an answer before the end expected, got %d", status)
	}
	// The answer is out before the process ends.
	select {
	case code := <-exits:
		if code != 3 {
			t.Fatalf("exit 3 expected, got %d", code)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no exit")
	}
}

func TestAllocateOnlyWhenAllowed(t *testing.T) {
	h, _ := newServer(t, nil)
	if status, _ := get(t, h.URL+"/allocate?mib=1"); status != 403 {
		t.Fatalf("refusal expected, got %d", status)
	}
	var held *server
	allowed, _ := newServer(t, func(s *server) { s.allowExit = true; held = s })
	for _, mib := range []string{"0", "-1", "many", "1000000"} {
		if status, _ := get(t, allowed.URL+"/allocate?mib="+mib); status != 400 || len(held.kept) != 0 {
			t.Fatalf("%s MiB: refusal expected, got %d", mib, status)
		}
	}
	if status, _ := get(t, allowed.URL+"/allocate?mib=2"); status != 200 || len(held.kept[0]) != 2<<20 {
		t.Fatalf("two MiB expected, got %d", status)
	}
}

func TestWebrootIsServed(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "index.html"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	h, _ := newServer(t, func(s *server) { s.webroot = root })
	if status, body := get(t, h.URL+"/"); status != 200 || body != "mine" {
		t.Fatalf("unexpected: %d %s", status, body)
	}
	if status, _ := get(t, h.URL+"/healthz"); status != 200 {
		t.Fatal("health must stay")
	}
}

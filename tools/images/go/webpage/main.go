// webpage is a small HTTP server made to be run as a pod: it shows a page that is easy to
// recognise, reflects requests so that what the edge adds can be seen, and ends at once on SIGTERM.
//
// Settings, all from the environment:
//
//	PORT        port to listen on, 5000 if absent
//	WEBROOT     a folder whose files are served instead of the built-in page
//	ALLOW_EXIT  1 lets /exit?code=N end the process, and /allocate?mib=N fill memory that it never
//	            gives back (for tests of how ends are reported)
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	echoBodyBytesMax = 64 << 10
	allocateMiBMax   = 16 << 10
)

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>It works</title>
<style>
body { font: 1.1rem/1.6 system-ui, sans-serif; margin: 15vh auto; max-width: 36rem; padding: 0 1.5rem; color: #1d2433; background: #f6f8fb }
h1 { font-size: 1.8rem; line-height: 1.25 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem }
dt { color: #5a6478 } dd { margin: 0; overflow-wrap: anywhere }
</style>
</head>
<body>
<h1>It works: this page comes from a pod</h1>
<dl>
<dt>host</dt><dd id="host">{{.Host}}</dd>
<dt>path</dt><dd id="path">{{.Path}}</dd>
<dt>instance</dt><dd id="instance">{{.Instance}}</dd>
</dl>
</body>
</html>
`))

type server struct {
	// instance tells two runs of the same image apart.
	instance  string
	webroot   string
	allowExit bool
	log       *log.Logger
	exit      func(code int)

	lock sync.Mutex
	kept [][]byte
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", s.healthz)
	mux.HandleFunc("/echo", s.echo)
	mux.HandleFunc("/exit", s.end)
	mux.HandleFunc("/allocate", s.allocate)
	if s.webroot != "" {
		mux.Handle("/", http.FileServer(http.Dir(s.webroot)))
	} else {
		mux.HandleFunc("/", s.page)
	}
	return s.logged(mux)
}

func (s *server) page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = page.Execute(w, map[string]string{"Host": r.Host, "Path": r.URL.Path, "Instance": s.instance})
}

func (s *server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "ok")
}

// echo answers with the request as it arrived here, that is, after everything in front changed it.
func (s *server) echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, echoBodyBytesMax))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"method": r.Method, "path": r.URL.Path, "query": r.URL.RawQuery, "host": r.Host,
		"headers": r.Header, "body": string(body), "remote": r.RemoteAddr, "instance": s.instance,
	})
}

func (s *server) end(w http.ResponseWriter, r *http.Request) {
	if !s.allowExit {
		http.Error(w, "not allowed: start with ALLOW_EXIT=1", http.StatusForbidden)
		return
	}
	code, err := strconv.Atoi(r.URL.Query().Get("code"))
	if err != nil || code < 0 || code > 255 {
		http.Error(w, "code must be a number from 0 to 255", http.StatusBadRequest)
		return
	}
	answer := fmt.Sprintf("ending with code %d\n", code)
	// The whole answer must have left before the process ends, so its length is told beforehand.
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	_, _ = io.WriteString(w, answer)
	_ = http.NewResponseController(w).Flush()
	s.log.Printf("ending with code %d because it was asked for", code)
	s.exit(code)
}

// allocate takes memory that counts: each page of it is written to.
func (s *server) allocate(w http.ResponseWriter, r *http.Request) {
	if !s.allowExit {
		http.Error(w, "not allowed: start with ALLOW_EXIT=1", http.StatusForbidden)
		return
	}
	mib, err := strconv.Atoi(r.URL.Query().Get("mib"))
	if err != nil || mib < 1 || mib > allocateMiBMax {
		http.Error(w, fmt.Sprintf("mib must be a number from 1 to %d", allocateMiBMax), http.StatusBadRequest)
		return
	}
	block := make([]byte, mib<<20)
	for at := 0; at < len(block); at += os.Getpagesize() {
		block[at] = 1
	}
	s.lock.Lock()
	s.kept = append(s.kept, block)
	s.lock.Unlock()
	fmt.Fprintf(w, "holding %d MiB more\n", mib)
}

// statusWriter remembers the status for the log line.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the real writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (s *server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		started := time.Now()
		next.ServeHTTP(seen, r)
		s.log.Printf("%s %s %d %s", r.Method, strconv.Quote(r.URL.RequestURI()), seen.status, time.Since(started).Round(time.Microsecond))
	})
}

func instanceID() string {
	random := make([]byte, 6)
	_, _ = rand.Read(random)
	return hex.EncodeToString(random)
}

func run() error {
	port := os.Getenv("PORT")
	if port == "" {
		port = "5000"
	}
	s := &server{
		instance:  instanceID(),
		webroot:   os.Getenv("WEBROOT"),
		allowExit: os.Getenv("ALLOW_EXIT") == "1",
		log:       log.New(os.Stdout, "", 0),
		exit:      os.Exit,
	}
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	httpServer := &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- httpServer.Serve(listener) }()
	s.log.Printf("webpage listening on :%s", port)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		s.log.Print("webpage stopping")
		// Close, not Shutdown: a stop must not wait for clients that keep connections open.
		return httpServer.Close()
	}
}

func main() {
	if err := run(); err != nil && !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, "webpage:", err)
		os.Exit(1)
	}
}

//go:build e2e

package e2e

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

// plainCommand is a command without the process group of its own that the other
// scenarios need.
func (w *world) plainCommand(name string, args ...string) *exec.Cmd {
	return exec.CommandContext(context.WithoutCancel(w.t.Context()), name, args...)
}

// proxy stands between devbox and the engine's socket.
type proxy struct {
	path string

	mu    sync.Mutex
	moved *sync.Cond
	// frozen passes nothing on.
	frozen bool
	conns  map[net.Conn]bool
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	dir := tempDir(t)
	p := &proxy{path: filepath.Join(dir, "docker.sock"), conns: map[net.Conn]bool{}}
	p.moved = sync.NewCond(&p.mu)
	engine := "/var/run/docker.sock"
	if host, ok := strings.CutPrefix(os.Getenv("DOCKER_HOST"), "unix://"); ok {
		engine = host
	}
	l, err := net.Listen("unix", p.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = l.Close()
		p.thaw()
		p.cut()
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c, engine)
		}
	}()
	return p
}

func (p *proxy) serve(c net.Conn, engine string) {
	up, err := net.Dial("unix", engine)
	if err != nil {
		_ = c.Close()
		return
	}
	p.mu.Lock()
	p.conns[c], p.conns[up] = true, true
	p.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() { p.pass(up, c) })
	wg.Go(func() { p.pass(c, up) })
	wg.Wait()
	_, _ = c.Close(), up.Close()
	p.mu.Lock()
	delete(p.conns, c)
	delete(p.conns, up)
	p.mu.Unlock()
}

// pass copies one way, while it is not frozen, and passes the end on.
func (p *proxy) pass(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		p.mu.Lock()
		for p.frozen {
			p.moved.Wait()
		}
		p.mu.Unlock()
		if n > 0 {
			if _, werr := to.Write(buf[:n]); werr != nil {
				err = werr
			}
		}
		if err != nil {
			if half, ok := to.(interface{ CloseWrite() error }); ok && err == io.EOF {
				_ = half.CloseWrite()
			}
			return
		}
	}
}

func (p *proxy) freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = true
}

func (p *proxy) thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = false
	p.moved.Broadcast()
}

// cut breaks every connection that there is.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

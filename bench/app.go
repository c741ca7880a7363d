package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// bench holds what the parts share.
type bench struct {
	bin, dir string
	rounds   int
	apps     []*app
}

// app is a chat app of its own in a folder of its own.
type app struct {
	b    *bench
	name string
	dir  string
	port int
	up   *exec.Cmd
}

const patience = 60 * time.Second

// newApp makes the chat app with a route whose answer can be edited.
func (b *bench) newApp(name string) (*app, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	a := &app{b: b, name: "devboxbench" + name, dir: filepath.Join(b.dir, name), port: port}
	b.apps = append(b.apps, a)
	if err := os.Mkdir(a.dir, 0o755); err != nil {
		return nil, err
	}
	if _, err := a.devbox("init", "--template", "chat", "--name", a.name, "--yes", a.dir); err != nil {
		return nil, err
	}
	return a, a.edit("first")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// command prepares a run of devbox in the app's folder.
func (a *app) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, a.b.bin, args...)
	cmd.Dir = a.dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("DEVBOX_WEB_PORT=%d", a.port))
	return cmd
}

// devbox runs devbox to its end and tells how long that took.
func (a *app) devbox(args ...string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	cmd := a.command(ctx, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("devbox %s: %w\n%s", strings.Join(args, " "), err, out.String())
	}
	return time.Since(began), err
}

// watched brings the app up with devbox watching it.
func (a *app) watched() error {
	a.up = a.command(context.Background(), "up", "--json")
	a.up.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := a.up.Start(); err != nil {
		return err
	}
	_, err := a.awaitAnswer("first", time.Now())
	return err
}

// edit makes the app answer with other words at /hello, by one atomic save.
func (a *app) edit(words string) error {
	const mark = "// the answer"
	file := filepath.Join(a.dir, "app.js")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var lines []string
	for line := range strings.SplitSeq(string(text), "\n") {
		if strings.HasSuffix(line, mark) {
			continue
		}
		lines = append(lines, line)
		if strings.Contains(line, "app = express()") {
			lines = append(lines, fmt.Sprintf("  app.get('/hello', (request, response) => response.send(%q)); %s", words, mark))
		}
	}
	if err := os.WriteFile(file+"~", []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		return err
	}
	return os.Rename(file+"~", file)
}

// awaitAnswer waits for the words and tells how long it took.
func (a *app) awaitAnswer(words string, since time.Time) (time.Duration, error) {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	url := fmt.Sprintf("http://127.0.0.1:%d/hello", a.port)
	for time.Since(since) < patience {
		if resp, err := client.Get(url); err == nil {
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if string(body) == words {
				return time.Since(since), nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	return 0, fmt.Errorf("%s: no answer %q within %s", a.name, words, patience)
}

// cleanUp takes every app down.
func (b *bench) cleanUp() {
	for _, a := range b.apps {
		if a.up != nil {
			_ = a.up.Process.Signal(syscall.SIGINT)
			_ = a.up.Wait()
		}
		if _, err := a.devbox("down", "--volumes"); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/moby/moby/client"
)

// project is a folder that devbox runs, on a port of its own.
type project struct {
	b    *bench
	name string
	dir  string
	port int
	// address is that of the app inside the container's network, empty when not known.
	address string
	// inPlace tells how files are saved.
	inPlace bool
	// running are programs that run until the end.
	running []*exec.Cmd
}

const patience = 20 * time.Second

// newProject makes a project from a template of devbox.
func (b *bench) newProject(name, template string) (*project, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	p := &project{b: b, name: "devboxbench" + name, dir: filepath.Join(b.dir, name), port: port}
	b.projects = append(b.projects, p)
	if err := os.Mkdir(p.dir, 0o755); err != nil {
		return nil, err
	}
	_, err = p.devbox("init", "--template", template, "--name", p.name, "--yes", p.dir)
	return p, err
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// command prepares a run of a program in the project's folder.
func (p *project) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("DEVBOX_WEB_PORT=%d", p.port))
	return cmd
}

// devbox runs devbox to its end and tells how long that took.
func (p *project) devbox(args ...string) (time.Duration, error) { return p.run(p.b.bin, args...) }

// run runs a program to its end and tells how long that took.
func (p *project) run(program string, args ...string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	cmd := p.command(ctx, program, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), strings.Join(args, " "), err, out.String())
	}
	return time.Since(began), err
}

// start starts a program that runs until the end.
func (p *project) start(program string, args ...string) error {
	cmd := p.command(context.Background(), program, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.running = append(p.running, cmd)
	return nil
}

// write saves a file as many editors do, by renaming a new one over it, or in
// place.
func (p *project) write(name, content string) error {
	file := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if p.inPlace {
		return os.WriteFile(file, []byte(content), 0o644)
	}
	if err := os.WriteFile(file+"~", []byte(content), 0o644); err != nil {
		return err
	}
	return os.Rename(file+"~", file)
}

// plainDev is the line of devbox.yaml that says what the app's command is.
const plainDev = "dev: node index.js"

// setWeb puts other lines in place of the command of devbox.yaml.
func (p *project) setWeb(lines string) error {
	file := filepath.Join(p.dir, "devbox.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !strings.Contains(string(text), plainDev) {
		return fmt.Errorf("%s has no %q", file, plainDev)
	}
	return p.write("devbox.yaml", strings.Replace(string(text), plainDev, lines, 1))
}

var errNoAnswer = errors.New("no answer")

// restartContainer restarts the project's container by the engine's API.
func (p *project) restartContainer() error {
	_, err := p.b.api.ContainerRestart(context.Background(), p.name+"-web-1", client.ContainerRestartOptions{})
	return err
}

// startAgain restarts the project's container and waits until its app answers,
// whatever it says.
func (p *project) startAgain() error {
	if err := p.restartContainer(); err != nil {
		return err
	}
	err := p.ask("/")
	for began := time.Now(); err != nil && time.Since(began) < patience; err = p.ask("/") {
		time.Sleep(pause)
	}
	time.Sleep(pause)
	return err
}

// cleanUp ends what runs, takes every project down and removes its images.
func (b *bench) cleanUp() {
	for _, p := range b.projects {
		for _, cmd := range p.running {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
			_ = cmd.Wait()
		}
		if _, err := p.devbox("down", "--volumes"); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		b.removeImages(p.name + "-web")
	}
}

func (b *bench) removeImages(repository string) {
	ctx := context.Background()
	list, err := b.api.ImageList(ctx, client.ImageListOptions{Filters: make(client.Filters).Add("reference", repository)})
	if err != nil {
		return
	}
	for _, image := range list.Items {
		for _, tag := range image.RepoTags {
			_, _ = b.api.ImageRemove(ctx, tag, client.ImageRemoveOptions{})
		}
	}
}

// ask asks the app for a page and wants nothing of it.
func (p *project) ask(path string) error {
	c := http.Client{Timeout: patience}
	resp, err := c.Get(fmt.Sprintf("http://127.0.0.1:%d%s", p.port, path))
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

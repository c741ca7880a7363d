package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/devbox-node/devbox/internal/checkout"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui"
)

// showsDashboard tells whether up has a person and a terminal that can show a
// screen at the other end, and was not told otherwise.
func (d *deps) showsDashboard(o upOptions) bool {
	return d.inTTY && d.outTTY && !o.plain && !o.json && !o.detach && !o.background && d.vars["TERM"] != "dumb" && d.vars["TERM"] != ""
}

// upDashboard runs up with the dashboard. What goes wrong is said after the
// screen was left, as plain up says it.
func (d *deps) upDashboard(ctx context.Context) error {
	dir, err := d.projectDir()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(dir, project.ModelFile)); errors.Is(err, os.ErrNotExist) {
		return &project.MissingError{Dir: dir}
	}
	kill := make(chan struct{})
	killOnce := sync.OnceFunc(func() { close(kill) })
	// A second signal stops at once, as the second Ctrl-C does.
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-killed:
			killOnce()
		case <-ended:
		}
	}()
	crash := openCrashLog(dir)
	if crash != nil {
		defer crash.Close()
	}
	prefsDir := ui.PrefsDir(d.getenv)
	res := ui.Run(ctx, ui.Options{
		In: os.Stdin, Out: os.Stdout, Env: os.Environ(), ASCII: d.stdout().ASCII, Now: d.now,
		Dir: dir, Project: projectName(dir), Kill: killOnce,
		Session: func(ctx context.Context, l ui.Link) error { return d.session(ctx, dir, kill, l) },
		Aside:   d.aside(dir), SteppedAside: steppedAside.Store,
		Scripts: func(service string) ([]ui.Script, error) { return scripts(dir, service) },
		OpenURL: browser(d.getenv), Export: func() (io.WriteCloser, string, error) { return exportFile(dir, d.now()) },
		Panels:   d.panels(),
		CrashLog: crash, CrashNote: "devbox has ended unexpectedly; " + project.StateDir + "/" + crashLog + " says more, if it was a fault of devbox.",
		Prefs: ui.LoadPrefs(prefsDir), SavePrefs: func(p ui.Prefs) error { return p.Save(prefsDir) },
	})
	return d.dashboardEnded(ctx, res)
}

// dashboardEnded says how it ended.
func (d *deps) dashboardEnded(ctx context.Context, res ui.Result) error {
	switch {
	case res.Err != nil:
		return res.Err
	case res.Left:
		fmt.Fprintln(d.err, "it runs on, and the app restarts on edits: `devbox up` shows it again, `devbox down` ends it")
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case res.Interrupted:
		return &signalError{syscall.SIGINT}
	}
	return nil
}

// session opens the engine and runs the session for a dashboard.
func (d *deps) session(ctx context.Context, dir string, kill <-chan struct{}, l ui.Link) error {
	opened, err := d.openTelling(ctx, nil, func(e session.Event) {
		e.Time = d.now()
		l.Listen(e)
	})
	if err != nil {
		return err
	}
	defer opened.client.Close()
	own := &ownership{dir: dir, start: func() error { return startBackground(dir, d.dockerContext) }}
	if err := own.take(ctx); err != nil {
		return err
	}
	defer own.release(ctx)
	handOver := func() error {
		err := own.handOver(ctx)
		if err != nil {
			l.Stayed()
		}
		return err
	}
	return session.Run(ctx, opened.env, session.RunOptions{
		HandOver: handOver, Kill: kill, Now: d.now, Intents: l.Intents, Overview: l.Overview, Samples: l.Samples,
	}, l.Listen)
}

// projectName is for the first frame; a project that cannot be read says so soon.
func projectName(dir string) string {
	p, err := project.Open(dir)
	if err != nil {
		return filepath.Base(dir)
	}
	if kept := checkout.Kept(dir); kept.Dir == dir && kept.Project == p.Model.Name {
		return kept.Name
	}
	return p.Model.Name
}

// aside prepares devbox itself for a one-off that has the terminal.
func (d *deps) aside(dir string) func(args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	return func(args ...string) *exec.Cmd {
		head := []string{"--dir", dir}
		if d.dockerContext != "" {
			head = append(head, "--context", d.dockerContext)
		}
		// Flags stand before the command: what is behind a script's -- is its own.
		return exec.Command(self, append(head, args...)...) //nolint:noctx // the person at the terminal ends it
	}
}

// scripts lists the scripts of a service's package.json, in order.
func scripts(dir, service string) ([]ui.Script, error) {
	p, err := project.Open(dir)
	if err != nil {
		return nil, err
	}
	s, ok := p.Model.Service(service)
	if !ok {
		return nil, fmt.Errorf("service %q is not one of devbox.yaml", service)
	}
	data, err := os.ReadFile(filepath.Join(dir, s.Dir, "package.json"))
	if err != nil {
		return nil, err
	}
	parsed, err := project.ParsePackageJSON(data)
	if err != nil {
		return nil, err
	}
	var list []ui.Script
	for _, name := range slices.Sorted(maps.Keys(parsed.Scripts)) {
		list = append(list, ui.Script{Name: name, Command: parsed.Scripts[name], Run: []string{s.PackageManager.Name, "run", name}})
	}
	return list, nil
}

// browser finds what shows a page. Without a display there is nothing to show
// it on, and the dashboard copies the address instead.
func browser(getenv func(string) string) func(string) error {
	name := "xdg-open"
	if runtime.GOOS == "darwin" {
		name = "open"
	} else if getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == "" && getenv("WSL_DISTRO_NAME") == "" {
		return nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return nil
	}
	return func(url string) error {
		const patience = 5 * time.Second
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return exec.CommandContext(ctx, path, url).Run()
	}
}

// crashLog is for what the runtime says when devbox dies, lastCrashLog for what
// it said when an earlier one did.
const (
	crashLog     = "crash.log"
	lastCrashLog = "crash.log.1"
)

// openCrashLog is where the runtime writes when the process dies of a panic. What
// is there already is kept under another name.
func openCrashLog(dir string) *os.File {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil
	}
	defer root.Close()
	if info, err := root.Lstat(path.Join(project.StateDir, crashLog)); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
		_ = root.Rename(path.Join(project.StateDir, crashLog), path.Join(project.StateDir, lastCrashLog))
	}
	f, err := project.OpenState(root, crashLog, os.O_WRONLY|os.O_TRUNC)
	if err != nil {
		return nil
	}
	return f
}

// exportFile makes a file for lines of output among the project's state.
func exportFile(dir string, now time.Time) (io.WriteCloser, string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, "", err
	}
	defer root.Close()
	name := "logs-" + now.Format("20060102-150405") + ".txt"
	f, err := project.OpenState(root, name, os.O_WRONLY|os.O_TRUNC)
	return f, project.StateDir + "/" + name, err
}

// panels are the reports that the dashboard shows: what the commands of the
// same names print.
func (d *deps) panels() []ui.Panel {
	report := func(run func(context.Context, *deps) error) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) {
			var out bytes.Buffer
			sub := *d
			sub.in, sub.out, sub.err = io.NopCloser(strings.NewReader("")), &out, &out
			sub.inTTY, sub.outTTY, sub.errTTY = false, false, false
			err := run(ctx, &sub)
			return out.String(), err
		}
	}
	return []ui.Panel{
		{Title: "lock status", Key: "l", Hint: "lock", Load: report(func(ctx context.Context, d *deps) error { return runLockStatus(ctx, d, "", false) })},
		{Title: "what has changed in the lock", Key: "d", Load: report(func(ctx context.Context, d *deps) error { return runLockDiff(ctx, d, diffOptions{from: "HEAD"}, false) })},
		{Title: "node_modules volumes", Key: "v", Load: report(func(ctx context.Context, d *deps) error {
			list, err := d.trees(ctx)
			if err != nil {
				return err
			}
			return d.printTrees(list)
		})},
	}
}

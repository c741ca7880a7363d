package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

// upOptions are the flags of up.
type upOptions struct {
	json, plain, detach bool
	// background is what a detached up starts itself with: adopt and watch.
	background bool
	noWatch    bool
	readyTime  time.Duration
}

const defaultReadyTime = 60 * time.Second

func newUpCmd(d *deps, run func(context.Context, upOptions) error) *cobra.Command {
	var o upOptions
	if run == nil {
		run = func(ctx context.Context, o upOptions) error { return runUp(ctx, d, o) }
	}
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start the environment, watch the source, restart the app on edits",
		Long: `Renders what is out of date, builds what changed, picks the node_modules volumes
that fit the lock, starts every service and watches the source: an edit restarts
the app's process, not its container. Ctrl-C stops the environment.

At a terminal it is a dashboard; with --plain, or where there is no terminal, it
prints lines.

With --detach it returns when the services are ready, and a watcher in the
background goes on restarting the app on edits until "devbox down".`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !o.detach && (o.noWatch || cmd.Flags().Changed("timeout")) {
				return &usageError{text: "--no-watch and --timeout go with --detach"}
			}
			return run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.plain, "plain", false, "print prefixed lines")
	f.BoolVar(&o.json, "json", false, "print events, one JSON object a line")
	f.BoolVarP(&o.detach, "detach", "d", false, "return when the services are ready")
	f.BoolVar(&o.noWatch, "no-watch", false, "with --detach: start no watcher in the background")
	f.DurationVar(&o.readyTime, "timeout", defaultReadyTime, "with --detach: how long to wait for the services")
	f.BoolVar(&o.background, "background", false, "watch what runs already")
	_ = f.MarkHidden("background")
	exclusive(cmd, "plain", "json")
	return cmd
}

func runUp(ctx context.Context, d *deps, o upOptions) error {
	if d.showsDashboard(o) {
		return d.upDashboard(ctx)
	}
	opened, err := d.openEnvironment(ctx, nil)
	if err != nil {
		return err
	}
	defer opened.client.Close()
	dir := opened.env.Dir
	listen := d.listener(dir, o)
	if o.detach && !o.background {
		return d.upDetached(ctx, opened, o, listen)
	}
	lock, err := session.TakeOver(ctx, dir, o.background)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }()
	err = session.Run(ctx, opened.env, session.RunOptions{Adopt: o.background, Kill: killed, Now: d.now}, listen)
	if err == nil && ctx.Err() != nil && !o.background {
		return context.Cause(ctx)
	}
	return err
}

// upDetached brings the services up, waits until they are ready and leaves a
// watcher behind.
func (d *deps) upDetached(ctx context.Context, opened *opened, o upOptions, listen func(...session.Event)) error {
	dir := opened.env.Dir
	if h, held := session.CurrentHolder(dir); held && !h.Background {
		return &session.BusyError{Holder: h}
	}
	handOver := func() error {
		// One that watches the place from where the folder was moved is about to end.
		if h, held := session.CurrentHolder(dir); held && h.Dir == dir || o.noWatch {
			return nil
		}
		return startBackground(dir, d.dockerContext)
	}
	return session.Run(ctx, opened.env, session.RunOptions{
		Detach: true, ReadyTime: o.readyTime, HandOver: handOver, Kill: killed, Now: d.now,
	}, listen)
}

// startBackground starts the watcher of a detached environment: this program
// again, in a session of its own, with its talk in .devbox/up.log.
func startBackground(dir, dockerContext string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find devbox's own program: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	log, err := project.OpenState(root, "up.log", os.O_WRONLY|os.O_TRUNC)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"up", "--background", "--json", "--dir", dir}
	if dockerContext != "" {
		args = append(args, "--context", dockerContext)
	}
	cmd := exec.Command(self, args...) //nolint:noctx // it outlives this process on purpose
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	ready, told, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start the watcher: %w", err)
	}
	defer ready.Close()
	cmd.ExtraFiles = []*os.File{told}
	err = cmd.Start()
	told.Close()
	if err != nil {
		return fmt.Errorf("start the watcher: %w", err)
	}
	return errors.Join(awaitWatcher(ready), cmd.Process.Release())
}

// readyFD is the pipe on which a watcher in the background says that it
// watches: the first of exec.Cmd's ExtraFiles.
const readyFD = 3

// awaitWatcher waits until the watcher watches, so that no edit made after `up
// --detach` has returned is missed.
func awaitWatcher(ready *os.File) error {
	const patience = 10 * time.Second
	_ = ready.SetReadDeadline(time.Now().Add(patience))
	if n, _ := ready.Read(make([]byte, 1)); n == 0 {
		return errors.New("the watcher in the background did not start: see " + project.StateDir + "/up.log")
	}
	return nil
}

// tellReady says once, on the pipe, that the watcher watches.
func tellReady() func(session.Event) {
	pipe := os.NewFile(readyFD, "ready")
	return func(e session.Event) {
		if e.Kind == session.WatchedMode && pipe != nil {
			_, _ = pipe.Write([]byte{'\n'})
			_ = pipe.Close()
			pipe = nil
		}
	}
}

// listener prints a session's events as the flags ask for.
func (d *deps) listener(dir string, o upOptions) func(...session.Event) {
	switch {
	case o.background:
		p := plain.NewJSONPrinter(d.out)
		tell := tellReady()
		return func(events ...session.Event) {
			for _, e := range events {
				tell(e)
			}
			// The engine keeps the apps' output; a copy would only grow.
			talk := slices.DeleteFunc(events, func(e session.Event) bool { return e.Kind == session.Log })
			_ = p.Print(talk...)
		}
	case o.json:
		p := plain.NewJSONPrinter(d.out)
		return func(events ...session.Event) { _ = p.Print(events...) }
	}
	p := plain.NewPrinter(plain.Options{Out: d.stdout(), Err: d.stderr(), Services: serviceNames(dir), TalkOnly: o.detach})
	return func(events ...session.Event) { _ = p.Print(events...) }
}

// serviceNames are for aligning what is printed; a project that cannot be read
// says so elsewhere.
func serviceNames(dir string) []string {
	p, err := project.Open(dir)
	if err != nil {
		return nil
	}
	return p.Model.Names()
}

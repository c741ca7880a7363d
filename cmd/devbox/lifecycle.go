package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

func newRestartCmd(d *deps, run func(context.Context, []string) error) *cobra.Command {
	if run == nil {
		run = func(ctx context.Context, services []string) error { return runRestart(ctx, d, services) }
	}
	return &cobra.Command{
		Use:   "restart [SERVICE...]",
		Short: "Restart the app's process in its running container",
		RunE:  func(cmd *cobra.Command, args []string) error { return run(cmd.Context(), args) },
	}
}

// runRestart restarts and waits until the apps are ready again.
func runRestart(ctx context.Context, d *deps, services []string) error {
	opened, err := d.openEnvironment(ctx, d.talk())
	if err != nil {
		return err
	}
	defer opened.client.Close()
	p, err := opened.env.Open(ctx)
	if err != nil {
		return err
	}
	names := p.Model.Names()
	if len(services) > 0 {
		names = services
	}
	for _, name := range names {
		if _, err := pickService(p, name); err != nil {
			return err
		}
	}
	return opened.env.RestartServices(ctx, p, names, defaultReadyTime)
}

func newRebuildCmd(d *deps, run func(context.Context, bool) error) *cobra.Command {
	var noCache bool
	if run == nil {
		run = func(ctx context.Context, noCache bool) error { return runRebuild(ctx, d, noCache) }
	}
	cmd := &cobra.Command{
		Use:   "rebuild",
		Short: "Build the images anew and, where the environment runs, recreate it",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), noCache) },
	}
	cmd.Flags().BoolVar(&noCache, "no-cache", false, "build every step, also those that have not changed")
	return cmd
}

func runRebuild(ctx context.Context, d *deps, noCache bool) error {
	opened, err := d.openEnvironment(ctx, d.talk())
	if err != nil {
		return err
	}
	defer opened.client.Close()
	env := opened.env
	desired, err := env.Desire(ctx, project.Dev)
	if err != nil {
		return err
	}
	status, err := env.Status(ctx, desired.Project, desired.Compose)
	if err != nil {
		return err
	}
	_, err = env.Converge(ctx, project.Dev, session.PlanOptions{Rebuild: true, NoCache: noCache, Start: status.Running()})
	return err
}

func newDownCmd(d *deps, run func(context.Context, bool) error) *cobra.Command {
	var volumes bool
	if run == nil {
		run = func(ctx context.Context, volumes bool) error { return runDown(ctx, d, volumes) }
	}
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Stop and remove the environment's containers and networks",
		Long: `Stops and removes the environment's containers and networks, and ends the watcher
in the background. Volumes stay unless --volumes is given.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), volumes) },
	}
	cmd.Flags().BoolVarP(&volumes, "volumes", "v", false, "remove the project's volumes too, those with data included")
	return cmd
}

func runDown(ctx context.Context, d *deps, volumes bool) error {
	opened, err := d.openEnvironment(ctx, d.talk())
	if err != nil {
		return err
	}
	defer opened.client.Close()
	dir := opened.env.Dir
	name, err := d.runningName(ctx, &opened.env, project.Dev)
	if err != nil {
		return err
	}
	if err := endBackground(ctx, dir); err != nil {
		return err
	}
	return opened.env.TakeDown(ctx, name, volumes)
}

// runningName is the name of the Compose project. Where devbox.yaml or
// package.json is broken, it is the name that the environment was started under:
// as it was noted, else as compose.yaml says.
func (d *deps) runningName(ctx context.Context, env *session.Environment, mode project.Mode) (string, error) {
	name, err := d.checkoutName(ctx, env)
	if err == nil && mode == project.Prod {
		name = project.ProdName(name)
	}
	return name, err
}

func (d *deps) checkoutName(ctx context.Context, env *session.Environment) (string, error) {
	p, err := env.Open(ctx)
	if err == nil {
		return p.Name, nil
	}
	if !isInvalid(err) {
		return "", err
	}
	c, composeErr := env.LastCompose(ctx, project.Dev)
	if composeErr != nil {
		return "", err
	}
	d.sayBroken(env.Dir, err)
	return c.Name, nil
}

// isInvalid tells whether a project cannot be read because of its files. A name
// that it may not have, and state that a newer devbox has kept, are not of that kind.
func isInvalid(err error) bool {
	var (
		invalid  interface{ ProjectInvalid() bool }
		namesake *session.NamesakeError
		name     *session.NameError
		newer    *project.StateFormatError
	)
	return errors.As(err, &invalid) && invalid.ProjectInvalid() &&
		!errors.As(err, &namesake) && !errors.As(err, &name) && !errors.As(err, &newer)
}

// endBackground ends a watcher in the background and waits until it is gone. A
// devbox up in another terminal ends by itself when its containers are gone.
func endBackground(ctx context.Context, dir string) error {
	const (
		patience = 5 * time.Second
		interval = 10 * time.Millisecond
	)
	late := time.Now().Add(patience)
	asked := 0
	for {
		h, held := session.CurrentHolder(dir)
		if !held || !h.Background {
			return nil
		}
		if h.PID != asked {
			asked = h.PID
			h.End()
		}
		if time.Now().After(late) {
			return errors.New("the watcher in the background does not end")
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(interval):
		}
	}
}

func newLogsCmd(d *deps, run func(context.Context, logsOptions) error) *cobra.Command {
	var o logsOptions
	if run == nil {
		run = func(ctx context.Context, o logsOptions) error { return runLogs(ctx, d, project.Dev, o) }
	}
	cmd := &cobra.Command{
		Use:   "logs [SERVICE...]",
		Short: "Show what the services print",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.services = args
			return run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.BoolVarP(&o.follow, "follow", "f", false, "go on until Ctrl-C")
	f.IntVarP(&o.tail, "tail", "n", -1, "only the last `lines` of each service")
	f.BoolVarP(&o.timestamps, "timestamps", "t", false, "show when each line was printed")
	f.BoolVar(&o.json, "json", false, "print events, one JSON object a line")
	return cmd
}

type logsOptions struct {
	services   []string
	follow     bool
	tail       int
	timestamps bool
	json       bool
}

func runLogs(ctx context.Context, d *deps, mode project.Mode, o logsOptions) error {
	opened, err := d.openEnvironment(ctx, nil)
	if err != nil {
		return err
	}
	defer opened.client.Close()
	dir := opened.env.Dir
	name, err := d.runningName(ctx, &opened.env, mode)
	if err != nil {
		return err
	}
	if err := d.knowsServices(ctx, &opened.env, mode, o.services); err != nil {
		return err
	}
	print := d.logPrinter(serviceNames(dir), o)
	if mode == project.Dev {
		d.sayUnapplied(session.LastUnapplied(dir))
	}
	found, err := opened.env.Logs(ctx, name, session.LogsOptions{
		Services: o.services, Mode: mode, Log: engine.LogOptions{Tail: o.tail, Follow: o.follow},
	}, print)
	if err == nil && !found {
		return &session.NotRunningError{Mode: mode}
	}
	return err
}

// knowsServices makes sure that the named services are the project's, or its
// Compose files'. Of a project that cannot be read nothing is known.
func (d *deps) knowsServices(ctx context.Context, env *session.Environment, mode project.Mode, services []string) error {
	p, err := env.Open(ctx)
	if err != nil || len(services) == 0 {
		return nil
	}
	c, err := d.composeOf(ctx, env, p, nil, mode)
	if err != nil {
		return err
	}
	there := p.ServiceNames(c)
	for _, name := range services {
		if !slices.Contains(there, name) {
			return noService(name, there)
		}
	}
	return nil
}

// logPrinter prints lines of output; a stream that is closed ends it quietly.
func (d *deps) logPrinter(services []string, o logsOptions) func(...session.Event) {
	if o.json {
		p := plain.NewJSONPrinter(d.out)
		return func(events ...session.Event) { _ = p.Print(events...) }
	}
	p := plain.NewLogPrinter(d.stdout(), plain.LogOptions{Services: services, Timestamps: o.timestamps})
	return func(events ...session.Event) {
		lines := make([]plain.LogLine, len(events))
		for i, e := range events {
			lines[i] = plain.LogLine{Time: e.Time, Service: e.Service, Text: e.Line}
		}
		_ = p.Print(lines...)
	}
}

package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
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

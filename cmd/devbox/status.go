package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

func newStatusCmd(d *deps, run func(context.Context, bool) error) *cobra.Command {
	var asJSON bool
	if run == nil {
		run = func(ctx context.Context, asJSON bool) error { return runStatus(ctx, d, project.Dev, asJSON) }
	}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the services, where they answer and how they are",
		Long:  "Shows the services, where they answer and how they are. The exit code is 5 when\nnone of them runs.",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func runStatus(ctx context.Context, d *deps, mode project.Mode, asJSON bool) error {
	st, err := d.status(ctx, mode)
	if err != nil {
		return err
	}
	if asJSON {
		err = plain.WriteJSON(d.out, st)
	} else {
		err = d.printStatus(st)
		d.sayPolling(st.Watch)
		d.sayUnapplied(st.Unapplied)
		if mode == project.Dev {
			d.sayUnwatched(st)
		}
	}
	if err == nil && !st.Running() {
		return &session.NotRunningError{Mode: mode}
	}
	return err
}

func (d *deps) printStatus(st session.Status) error {
	t := plain.NewTable("SERVICE", "STATE", "HEALTH", "URL", "RESTARTS", "RUNS", "VOLUME")
	t.Paint(1, plain.StateColour)
	t.Right(4)
	for _, row := range statusRows(st) {
		t.Row(row...)
	}
	return t.Write(d.stdout())
}

func statusRows(st session.Status) [][]string {
	rows := make([][]string, len(st.Services))
	for i, s := range st.Services {
		state := s.State
		if s.Code != nil {
			state += " (" + strconv.Itoa(*s.Code) + ")"
		}
		runs := s.Image
		if s.Node != "" {
			runs = "node " + s.Node
		}
		rows[i] = []string{s.Name, state, s.Health, s.URL, strconv.Itoa(s.Restarts), runs, s.Volume}
	}
	return rows
}

// status reads the project and asks the engine. Nothing watches production, and no
// change is applied to it by itself.
func (d *deps) status(ctx context.Context, mode project.Mode) (session.Status, error) {
	opened, err := d.openEnvironment(ctx, func(session.Event) {})
	if err != nil {
		return session.Status{}, err
	}
	defer opened.client.Close()
	dir := opened.env.Dir
	p, problem := opened.env.Open(ctx)
	c, err := d.composeOf(ctx, &opened.env, p, problem, mode)
	if err != nil {
		return session.Status{}, err
	}
	if problem != nil {
		d.sayBroken(dir, problem)
	}
	st, err := opened.env.Status(ctx, p, c)
	if mode == project.Prod {
		st.Unapplied = nil
		return st, err
	}
	h, watching := session.CurrentHolder(dir)
	if st.Watching = watching; watching {
		st.Watch = session.WatchedBy(dir, h)
	}
	if !st.Running() {
		st.Unapplied = nil // what starts next is what the folder asks for
	}
	return st, err
}

// composeOf is the Compose project of a folder: of one that cannot be read, the
// one that it had when it was started.
func (d *deps) composeOf(ctx context.Context, env *session.Environment, p *project.Project, problem error, mode project.Mode) (*project.Compose, error) {
	switch {
	case problem == nil:
		return env.Compose(ctx, p, mode)
	case !isInvalid(problem):
		return nil, problem
	}
	c, err := env.LastCompose(ctx, mode)
	if err != nil {
		return nil, problem
	}
	return c, nil
}

// sayBroken says that the folder cannot be read while what runs can be asked,
// unless the watcher has said the same.
func (d *deps) sayBroken(dir string, problem error) {
	if u := session.LastUnapplied(dir); u == nil || u.Text != problem.Error() {
		d.talk()(session.Event{Kind: session.Warned, Text: problem.Error()})
	}
}

// sayPolling says that edits are not told by the kernel, but looked for.
func (d *deps) sayPolling(w *session.Watched) {
	if w != nil && w.Reason != "" {
		d.talk()(session.Event{Kind: session.WatchedMode, Text: w.Mode + ": " + w.Reason, Hint: w.Hint})
	}
}

// sayUnapplied says that what runs is not what the folder asks for.
func (d *deps) sayUnapplied(u *session.Unapplied) {
	if u != nil {
		d.talk()(session.Event{Kind: session.Warned, Text: u.String(), Hint: u.Hint})
	}
}

// sayUnwatched says that edits restart nothing.
func (d *deps) sayUnwatched(st session.Status) {
	if st.Running() && !st.Watching {
		d.talk()(session.Event{Kind: session.Warned, Text: "nothing watches the source: edits restart nothing", Hint: "watch it with `devbox up -d`"})
	}
}

func newURLCmd(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "url [SERVICE]",
		Short: "Print where a service answers",
		Args:  cobra.MaximumNArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return runURL(cmd.Context(), d, args) },
	}
}

func runURL(ctx context.Context, d *deps, args []string) error {
	opened, err := d.openEnvironment(ctx, func(session.Event) {})
	if err != nil {
		return err
	}
	defer opened.client.Close()
	p, err := opened.env.Open(ctx)
	if isInvalid(err) {
		return d.statusURL(ctx, args)
	}
	if err != nil {
		return err
	}
	for _, s := range slices.Concat(p.Model.Services, pages(p.Model)) {
		if len(args) > 0 && s.Name != args[0] || len(args) == 0 && s.Port == 0 {
			continue
		}
		url, err := opened.env.URL(ctx, p, s)
		if err == nil && url == "" {
			err = &session.NotRunningError{Service: s.Name}
		}
		if err == nil {
			_, err = fmt.Fprintln(d.out, url)
		}
		return err
	}
	if len(args) > 0 {
		return noService(args[0], p.Model.Names())
	}
	return &usageError{text: "no service of this project has a port"}
}

// pages are the backing services that publish a page for people.
func pages(m *project.Model) []project.Service {
	var list []project.Service
	for _, b := range m.Backing {
		if port := b.Page(); port != 0 {
			list = append(list, project.Service{Name: b.Name, Port: port})
		}
	}
	return list
}

// statusURL is for a folder that cannot be read as a project, while what runs
// can be asked.
func (d *deps) statusURL(ctx context.Context, args []string) error {
	st, err := d.status(ctx, project.Dev)
	if err != nil {
		return err
	}
	for _, s := range st.Services {
		if len(args) > 0 && s.Name != args[0] || len(args) == 0 && s.Port == 0 {
			continue
		}
		if s.URL == "" {
			return &session.NotRunningError{Service: s.Name}
		}
		_, err := fmt.Fprintln(d.out, s.URL)
		return err
	}
	return &session.NotRunningError{}
}

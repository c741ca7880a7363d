package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

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
	f.IntVarP(&o.tail, "tail", "n", -1, "only the last `lines` of each service (default: all)")
	f.Lookup("tail").DefValue = "0" // -1 would be shown
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

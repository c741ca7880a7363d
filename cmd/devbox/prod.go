package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
)

func newProdCmd(d *deps) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "prod",
		Short: "The same app as in production, on this machine",
		Args:  cobra.ArbitraryArgs,
		RunE:  helpOrUnknown,
	}
	var noCache, volumes bool
	build := &cobra.Command{
		Use:   "build",
		Short: "Build the production images",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runProd(cmd.Context(), d, session.PlanOptions{Rebuild: true, NoCache: noCache})
		},
	}
	build.Flags().BoolVar(&noCache, "no-cache", false, "build every step, also those that have not changed")
	up := &cobra.Command{
		Use:   "up",
		Short: "Build and start production, and wait until it answers",
		Long: `Builds and starts production, and waits until it answers. Each service answers
on its port of 127.0.0.1, unless DEVBOX_<SERVICE>_PROD_PORT says another one.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runProd(cmd.Context(), d, session.PlanOptions{Start: true})
		},
	}
	down := &cobra.Command{
		Use:   "down",
		Short: "Stop and remove production's containers and networks",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runProdDown(cmd.Context(), d, volumes) },
	}
	down.Flags().BoolVarP(&volumes, "volumes", "v", false, "remove production's volumes too, those with data included")
	cmd.AddCommand(build, up, newProdStatusCmd(d), newProdLogsCmd(d), down)
	return cmd
}

// newProdStatusCmd is status of the other side.
func newProdStatusCmd(d *deps) *cobra.Command {
	cmd := newStatusCmd(d, func(ctx context.Context, asJSON bool) error { return runStatus(ctx, d, project.Prod, asJSON) })
	cmd.Short = "Show production's services, where they answer and how they are"
	cmd.Long = `Shows production's services, where they answer and how they are, as "devbox
status" does. The exit code is 5 when none of them runs.`
	return cmd
}

// newProdLogsCmd is logs of the other side.
func newProdLogsCmd(d *deps) *cobra.Command {
	cmd := newLogsCmd(d, func(ctx context.Context, o logsOptions) error { return runLogs(ctx, d, project.Prod, o) })
	cmd.Short = "Show what production's services print"
	cmd.Long = `Shows what production's services print, as "devbox logs" does. The exit code is 5
when production is not there.`
	return cmd
}

// prodReadyTime is how long production may take until it answers.
const prodReadyTime = 60 * time.Second

func runProd(ctx context.Context, d *deps, o session.PlanOptions) error {
	opened, err := d.openEnvironment(ctx, d.talk())
	if err != nil {
		return err
	}
	defer opened.client.Close()
	opened.env.NoValues = !o.Start
	desired, err := opened.env.Converge(ctx, project.Prod, o)
	if err != nil || !o.Start {
		return err
	}
	urls, err := opened.env.AwaitProduction(ctx, desired, prodReadyTime)
	for _, url := range urls {
		fmt.Fprintln(d.out, url)
	}
	return err
}

func runProdDown(ctx context.Context, d *deps, volumes bool) error {
	opened, err := d.openEnvironment(ctx, d.talk())
	if err != nil {
		return err
	}
	defer opened.client.Close()
	name, err := d.runningName(ctx, &opened.env, project.Prod)
	if err != nil {
		return err
	}
	return opened.env.TakeDown(ctx, name, volumes)
}

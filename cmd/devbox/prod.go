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
		Args:  cobra.NoArgs,
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
	cmd.AddCommand(build, up, down)
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
	p, err := opened.env.Open(ctx)
	if err != nil {
		return err
	}
	return opened.env.TakeDown(ctx, project.ProdName(p.Name), volumes)
}

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/docker/go-units"
	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

func newVolumesCmd(d *deps) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "volumes",
		Short: "Show and remove the volumes that hold node_modules",
		Long: `A project has a node_modules volume for each state of its lock, and a volume with
the package manager's cache. Going back to a lock whose volume is still there
installs nothing. "devbox up" keeps the ones that were used last, as many as
volumes.keep in devbox.yaml says, and removes the others.`,
		Args: cobra.ArbitraryArgs,
		RunE: helpOrUnknown,
	}
	cmd.AddCommand(newVolumesLsCmd(d), newVolumesPruneCmd(d))
	return cmd
}

func newVolumesLsCmd(d *deps) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "ls",
		Aliases: []string{"list"},
		Short:   "List them: key, size, when they were made and last used",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := d.trees(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return plain.WriteJSON(d.out, append([]session.Tree{}, list...))
			}
			return d.printTrees(list)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func (d *deps) trees(ctx context.Context) ([]session.Tree, error) {
	opened, err := d.openEnvironment(ctx, func(session.Event) {})
	if err != nil {
		return nil, err
	}
	defer opened.client.Close()
	return opened.env.Trees(ctx)
}

func (d *deps) printTrees(list []session.Tree) error {
	t := plain.NewTable("VOLUME", "SIZE", "CREATED", "LAST USED", "STATE")
	const size = 1
	t.Right(size)
	for _, tree := range list {
		t.Row(d.treeRow(tree)...)
	}
	return t.Write(d.stdout())
}

func (d *deps) treeRow(t session.Tree) []string {
	used := ""
	if t.LastUsed != nil {
		used = d.ago(*t.LastUsed)
	}
	size := ""
	if t.Size >= 0 {
		size = units.HumanSizeWithPrecision(float64(t.Size), 3)
	}
	return []string{t.Volume, size, d.ago(t.Created), used, treeState(t)}
}

func treeState(t session.Tree) string {
	switch {
	case t.Kind == session.KindCache:
		return "cache"
	case t.Wanted && t.InUse:
		return "current, in use"
	case t.Wanted:
		return "current"
	case t.InUse:
		return "in use"
	case t.Shared:
		return "of another checkout"
	}
	return ""
}

// ago is a time as people say it.
func (d *deps) ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return units.HumanDuration(d.now().Sub(t)) + " ago"
}

// pruneOptions are the flags of volumes prune.
type pruneOptions struct {
	keep          int
	cache, asJSON bool
}

func newVolumesPruneCmd(d *deps) *cobra.Command {
	var o pruneOptions
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove those that are not in use, but for the newest few",
		Long: `Removes the node_modules volumes of this project but those that are in use, the
one that the lock asks for now, and the ones used last up to --keep in all. Other
projects' volumes are never touched.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.keep < 0 {
				return &usageError{text: "--keep cannot be negative"}
			}
			if !cmd.Flags().Changed("keep") {
				o.keep = -1
			}
			return runPrune(cmd.Context(), d, o)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.keep, "keep", 0, "keep that `number` of them (default: volumes.keep of devbox.yaml)")
	f.BoolVar(&o.cache, "cache", false, "remove the package manager's cache too")
	f.BoolVar(&o.asJSON, "json", false, "print the removed volumes as a JSON array")
	return cmd
}

func runPrune(ctx context.Context, d *deps, o pruneOptions) error {
	opened, err := d.openEnvironment(ctx, func(session.Event) {})
	if err != nil {
		return err
	}
	defer opened.client.Close()
	if o.keep < 0 {
		p, err := project.Open(opened.env.Dir)
		if err != nil {
			return err
		}
		o.keep = p.Model.KeptVolumes()
	}
	removed, err := opened.env.PruneTrees(ctx, o.keep, o.cache)
	if err != nil {
		return err
	}
	if o.asJSON {
		return plain.WriteJSON(d.out, append([]string{}, removed...))
	}
	for _, name := range removed {
		fmt.Fprintln(d.out, "removed "+name)
	}
	if len(removed) == 0 {
		fmt.Fprintln(d.out, "nothing to remove")
	}
	return nil
}

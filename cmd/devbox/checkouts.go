package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

// checkoutsOptions are the flags of the checkouts commands.
type checkoutsOptions struct{ all, data, yes, asJSON bool }

func newCheckoutsCmd(d *deps) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "checkouts",
		Short: "Show the checkouts of this project, and remove what is left of those that are gone",
		Long: `The first folder of a project has its plain name and the documented ports. Each
other one, a copy or a linked git worktree, has a name, ports, containers and data
of its own, so that all of them run side by side.`,
		Args: cobra.ArbitraryArgs,
		RunE: helpOrUnknown,
	}
	cmd.AddCommand(newCheckoutsLsCmd(d), newCheckoutsPruneCmd(d))
	return cmd
}

func newCheckoutsLsCmd(d *deps) *cobra.Command {
	var o checkoutsOptions
	cmd := &cobra.Command{
		Use:     "ls",
		Aliases: []string{"list"},
		Short:   "List them: name, folder, containers, data volumes",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runCheckoutsLs(cmd.Context(), d, o) },
	}
	cmd.Flags().BoolVarP(&o.all, "all", "a", false, "those of every project")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print a JSON array")
	return cmd
}

func newCheckoutsPruneCmd(d *deps) *cobra.Command {
	var o checkoutsOptions
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove what is left of checkouts whose folder is gone",
		Long: `Removes containers and networks of this project's checkouts whose folder is gone,
such as a git worktree that was removed, and the volumes with what tools had built.
Their data volumes and snapshots stay unless --volumes is given, which asks first. A
folder that was moved counts as gone until devbox has been started in it at its new
place.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runCheckoutsPrune(cmd.Context(), d, o) },
	}
	cmd.Flags().BoolVarP(&o.all, "all", "a", false, "those of every project")
	cmd.Flags().BoolVarP(&o.data, "volumes", "v", false, "remove their data volumes and snapshots too")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print the checkouts that were gone as a JSON array")
	return cmd
}

// withCheckouts calls a function with an engine and the project's name, which is
// empty for every project's. That works outside a project too.
func (d *deps) withCheckouts(ctx context.Context, all bool, use func(session.Engine, string) ([]session.CheckoutStatus, error)) ([]session.CheckoutStatus, error) {
	name := ""
	if !all {
		p, err := d.openProject()
		var missing *project.MissingError
		if errors.As(err, &missing) {
			return nil, &usageError{text: err.Error(), hint: "--all is for the checkouts of every project"}
		}
		if err != nil {
			return nil, err
		}
		name = p.Model.Name
	}
	c, err := d.open(ctx, d.engineOptions(d.talk()))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return use(c, name)
}

func runCheckoutsLs(ctx context.Context, d *deps, o checkoutsOptions) error {
	list, err := d.withCheckouts(ctx, o.all, func(e session.Engine, name string) ([]session.CheckoutStatus, error) {
		return session.Checkouts(ctx, e, name)
	})
	if err != nil {
		return err
	}
	if o.asJSON {
		return plain.WriteJSON(d.out, list)
	}
	t := plain.NewTable("CHECKOUT", "RUNNING", "DATA", "STATE", "FOLDER")
	t.Right(1)
	for _, c := range list {
		state := ""
		switch {
		case c.Gone:
			state = "gone"
		case c.Unknown:
			state = "unknown"
		}
		t.Row(c.Name, strconv.Itoa(c.Running), strings.Join(c.Data, " "), state, c.Dir)
	}
	return t.Write(d.stdout())
}

func runCheckoutsPrune(ctx context.Context, d *deps, o checkoutsOptions) error {
	list, err := d.withCheckouts(ctx, o.all, func(e session.Engine, name string) ([]session.CheckoutStatus, error) {
		return session.PruneCheckouts(ctx, e, name, o.data, func(gone []session.CheckoutStatus) error {
			return d.confirmPrune(ctx, gone, o)
		})
	})
	if err != nil {
		return err
	}
	if o.asJSON {
		return plain.WriteJSON(d.out, list)
	}
	for _, c := range list {
		text := "removed " + c.Name + " of " + c.Dir
		if kept := keptOf(c); !o.data && len(kept) > 0 {
			text = "took down " + c.Name + " of " + c.Dir + "; --volumes also removes " + strings.Join(kept, ", ")
		}
		fmt.Fprintln(d.out, text)
	}
	if len(list) == 0 {
		fmt.Fprintln(d.out, "nothing to remove")
	}
	return nil
}

// confirmPrune asks before data are removed.
func (d *deps) confirmPrune(ctx context.Context, gone []session.CheckoutStatus, o checkoutsOptions) error {
	var lost []string
	for _, c := range gone {
		if kept := keptOf(c); len(kept) > 0 {
			lost = append(lost, c.Name+" of "+c.Dir+": "+strings.Join(kept, ", "))
		}
	}
	if !o.data || len(lost) == 0 {
		return nil
	}
	return d.confirm(ctx, "The data of folders that are gone will be lost: "+strings.Join(lost, "; ")+".", o.yes)
}

// keptOf names what holds data of a checkout.
func keptOf(c session.CheckoutStatus) []string {
	kept := slices.Clone(c.Data)
	for _, name := range c.Snapshots {
		kept = append(kept, "snapshot "+name)
	}
	return kept
}

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

func newDBCmd(d *deps) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "db",
		Short: "Keep, bring back and empty the data of databases",
		Long: `Databases and other services that are no apps keep their data in volumes. A
snapshot is a copy of all of them at one time; "devbox down" leaves snapshots and
data alone. While data are copied or exchanged, the services and the apps that
need them are stopped; what ran before runs again afterwards.`,
		Args: cobra.ArbitraryArgs,
		RunE: helpOrUnknown,
	}
	cmd.AddCommand(newDBSnapshotCmd(d), newDBRestoreCmd(d), newDBResetCmd(d), newDBLsCmd(d), newDBRmCmd(d))
	return cmd
}

// dbOptions are the flags of the db commands.
type dbOptions struct{ yes, json bool }

func (o *dbOptions) flags(cmd *cobra.Command, asks bool) {
	if asks {
		cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
}

func newDBSnapshotCmd(d *deps) *cobra.Command {
	var o dbOptions
	cmd := &cobra.Command{
		Use:   "snapshot [NAME]",
		Short: "Copy the data of all services; the name is the time where none is given",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.withData(cmd.Context(), false, func(ctx context.Context, env *session.Environment, _ session.Desired) error {
				began := d.now()
				s, err := env.TakeSnapshot(ctx, strings.Join(args, ""), began)
				if err != nil {
					return err
				}
				if o.json {
					return plain.WriteJSON(d.out, s)
				}
				_, err = fmt.Fprintf(d.out, "%s: %s of %s in %s\n", s.Name, humanSize(s.Size), strings.Join(s.Services(), ", "), shortly(d.now().Sub(began)))
				return err
			})
		},
	}
	o.flags(cmd, false)
	return cmd
}

func newDBRestoreCmd(d *deps) *cobra.Command {
	var o dbOptions
	cmd := &cobra.Command{
		Use:   "restore NAME",
		Short: "Give the services the data of a snapshot in place of what they have",
		Long: `Gives the services the data of a snapshot in place of what they have, all of them
or, if that is not possible, none. Migrations that came after the snapshot run
again when the apps start.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.withData(cmd.Context(), true, func(ctx context.Context, env *session.Environment, desired session.Desired) error {
				list, err := env.Snapshots(ctx, desired.Compose.Name)
				if err != nil {
					return err
				}
				s, err := session.FindSnapshot(list, args[0])
				if err != nil {
					return err
				}
				services, err := session.Restorable(desired, s)
				if err != nil {
					return err
				}
				what := "The data of " + strings.Join(services, ", ") + " as they are now will be lost."
				return d.loseData(ctx, o, what, "restored", func() ([]string, error) { return env.RestoreSnapshot(ctx, s.Name) })
			})
		},
	}
	o.flags(cmd, true)
	return cmd
}

func newDBResetCmd(d *deps) *cobra.Command {
	var o dbOptions
	cmd := &cobra.Command{
		Use:   "reset [SERVICE...]",
		Short: "Begin with empty data: migrations and seeds run again",
		Long: `Removes the data of the services, or of all. Where the environment runs, it starts
again at once: migrations and seeds run on the empty data. Else they do with the
next "devbox up". Snapshots stay.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.resetLost(cmd.Context(), args, o.yes); err != nil {
				return err
			}
			return d.withData(cmd.Context(), false, func(ctx context.Context, env *session.Environment, desired session.Desired) error {
				services, err := session.DataServices(desired, args)
				if err != nil {
					return err
				}
				what := "All data of " + strings.Join(services, ", ") + " will be lost."
				return d.loseData(ctx, o, what, "emptied", func() ([]string, error) { return env.ResetData(ctx, args) })
			})
		},
	}
	o.flags(cmd, true)
	return cmd
}

func newDBLsCmd(d *deps) *cobra.Command {
	var o dbOptions
	cmd := &cobra.Command{
		Use:     "ls",
		Aliases: []string{"list"},
		Short:   "List the snapshots, the newest first",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return d.withSnapshots(cmd.Context(), func(_ context.Context, _ *session.Environment, _ string, list []session.Snapshot) error {
				if o.json {
					return plain.WriteJSON(d.out, append([]session.Snapshot{}, list...))
				}
				if len(list) == 0 {
					fmt.Fprintln(d.err, "no snapshots yet")
				}
				return d.printSnapshots(list)
			})
		},
	}
	o.flags(cmd, false)
	return cmd
}

func newDBRmCmd(d *deps) *cobra.Command {
	var o dbOptions
	cmd := &cobra.Command{
		Use:     "rm NAME",
		Aliases: []string{"remove"},
		Short:   "Remove a snapshot",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.withSnapshots(cmd.Context(), func(ctx context.Context, env *session.Environment, project string, list []session.Snapshot) error {
				if _, err := session.FindSnapshot(list, args[0]); err != nil {
					return err
				}
				if err := d.confirm(ctx, "Snapshot "+args[0]+" will be lost.", o.yes); err != nil {
					return err
				}
				if err := env.RemoveSnapshot(ctx, project, args[0]); err != nil {
					return err
				}
				if o.json {
					return plain.WriteJSON(d.out, map[string]string{"removed": args[0]})
				}
				_, err := fmt.Fprintln(d.out, "removed "+args[0])
				return err
			})
		},
	}
	o.flags(cmd, true)
	return cmd
}

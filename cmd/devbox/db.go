package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/docker/go-units"
	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/project"
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
				switch {
				case o.json:
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

// withData opens the environment and calls what is to be done with its data. lost
// says that their passwords need not be known.
func (d *deps) withData(ctx context.Context, lost bool, do func(context.Context, *session.Environment, session.Desired) error) error {
	opened, err := d.openEnvironment(ctx, d.talk())
	if err != nil {
		return err
	}
	defer opened.client.Close()
	opened.env.LostPasswords = lost
	desired, err := opened.env.Desire(ctx, project.Dev)
	if err != nil {
		return err
	}
	return dataUsage(do(ctx, &opened.env, desired))
}

// withSnapshots calls what is to be done with the project's snapshots. Nothing else
// of the project is looked at or changed.
func (d *deps) withSnapshots(ctx context.Context, do func(_ context.Context, _ *session.Environment, project string, _ []session.Snapshot) error) error {
	opened, err := d.openEnvironment(ctx, d.talk())
	if err != nil {
		return err
	}
	defer opened.client.Close()
	p, err := opened.env.Open(ctx)
	if err != nil {
		return err
	}
	list, err := opened.env.Snapshots(ctx, p.Name)
	if err != nil {
		return err
	}
	return dataUsage(do(ctx, &opened.env, p.Name, list))
}

// resetLost removes data of the services, or of any, whose password is lost:
// nothing else can be done with them.
func (d *deps) resetLost(ctx context.Context, services []string, yes bool) error {
	opened, err := d.openEnvironment(ctx, d.talk())
	if err != nil {
		return err
	}
	defer opened.client.Close()
	for {
		_, err := opened.env.Desire(ctx, project.Dev)
		var lost *session.PasswordLostError
		if !errors.As(err, &lost) || len(services) > 0 && !slices.Contains(services, lost.Service) {
			return err
		}
		if err := d.confirm(ctx, "All data of "+lost.Service+" will be lost.", yes); err != nil {
			return err
		}
		if err := opened.env.ResetLost(ctx, lost); err != nil {
			return err
		}
	}
}

// dataUsage makes usage errors of those that the command line is to blame for.
func dataUsage(err error) error {
	var (
		name    *session.SnapshotNameError
		unknown *session.UnknownServiceError
	)
	switch {
	case errors.As(err, &name):
		return &usageError{text: name.Error(), hint: name.Hint()}
	case errors.As(err, &unknown):
		return &usageError{text: unknown.Error(), hint: unknown.Hint()}
	case errors.Is(err, session.ErrNoData):
		return &usageError{text: err.Error(), hint: "data appear with the first `devbox up` of a service with a volume, such as one with `use: postgres@15`"}
	}
	return err
}

// errKept says that somebody answered no.
var errKept = errors.New("nothing was changed")

// confirm asks before data are lost.
func (d *deps) confirm(ctx context.Context, what string, yes bool) error {
	if yes {
		return nil
	}
	if !d.inTTY || !d.errTTY {
		return &usageError{text: what, hint: "add --yes if that is what you want"}
	}
	d.sayLines("devbox: ", []string{what})
	fmt.Fprint(d.err, "Go on? [y/N] ")
	answer, err := d.answer(ctx)
	switch {
	case ctx.Err() != nil:
		return err
	case err != nil || !slices.Contains([]string{"y", "yes"}, strings.ToLower(answer)):
		return errKept
	}
	return nil
}

// loseData asks, exchanges the data of services, and says of which it did and how
// long that took.
func (d *deps) loseData(ctx context.Context, o dbOptions, what, did string, exchange func() ([]string, error)) error {
	if err := d.confirm(ctx, what, o.yes); err != nil {
		return err
	}
	began := d.now()
	services, err := exchange()
	if err != nil {
		return err
	}
	if o.json {
		return plain.WriteJSON(d.out, map[string]any{did: services, "ms": d.now().Sub(began).Milliseconds()})
	}
	_, err = fmt.Fprintf(d.out, "%s %s in %s\n", did, strings.Join(services, ", "), shortly(d.now().Sub(began)))
	return err
}

func (d *deps) printSnapshots(list []session.Snapshot) error {
	t := plain.NewTable("SNAPSHOT", "CREATED", "SIZE", "DATA")
	const size = 2
	t.Right(size)
	for _, s := range list {
		var data []string
		for _, v := range s.Data {
			if text := v.Service + " (" + v.Release() + ")"; !slices.Contains(data, text) {
				data = append(data, text)
			}
		}
		t.Row(s.Name, d.ago(s.Created), humanSize(s.Size), strings.Join(data, ", "))
	}
	return t.Write(d.stdout())
}

func humanSize(bytes int64) string {
	const digits = 3
	return units.HumanSizeWithPrecision(float64(bytes), digits)
}

func shortly(t time.Duration) string { return fmt.Sprintf("%.1f s", t.Seconds()) }

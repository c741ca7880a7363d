package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/docker/go-units"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

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

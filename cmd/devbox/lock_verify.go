package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
	"github.com/devbox-node/devbox/internal/volumes"
)

func newLockVerifyCmd(d *deps) *cobra.Command {
	var asJSON, noProd bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Install from the lock in a clean container and compare the trees",
		Long: `Installs from the lock in a clean container and compares what comes out, file by
file, with the volume that the app runs with (or would run with) and with the
packages in the production image. A production image that is there is taken as it
is; else it is built. The container and the volume of the comparison are removed
again, images stay.

Compared are paths, types, contents, what symlinks name and whether a file can be
executed; not times and owners, and not what package managers and tools keep for
themselves in node_modules under names with a dot in front.

The exit code is 10 where something differs, or the lock is out of step.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLockVerify(cmd.Context(), d, !noProd, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object, with all that differs")
	cmd.Flags().BoolVar(&noProd, "no-prod", false, "leave the production image out")
	return cmd
}

func runLockVerify(ctx context.Context, d *deps, production, asJSON bool) error {
	opened, err := d.openEnvironment(ctx, d.talk())
	if err != nil {
		return err
	}
	defer opened.client.Close()
	v, err := opened.env.VerifyLock(ctx, production)
	var outOfStep *lockfile.OutOfStep
	if errors.As(err, &outOfStep) {
		return &lockError{outOfStep.Error(), outOfStep.Hint()}
	}
	if err != nil {
		return err
	}
	if asJSON {
		err = plain.WriteJSON(d.out, v)
	} else {
		err = d.printLines(verifyLines(v))
	}
	if err == nil && !v.Same {
		return &lockError{"there are packages that are not those of " + v.Lock, verifyHint(v)}
	}
	return err
}

// verifyLines is a verification in words.
func verifyLines(v session.Verification) []string {
	var lines []string
	for _, t := range v.Trees {
		switch {
		case t.Skipped != "":
			lines = append(lines, fmt.Sprintf("%s: %s: %s, nothing to compare", t.Service, checkName(t), t.Skipped))
		case t.Same:
			lines = append(lines, fmt.Sprintf("%s: %s agrees with %s", t.Service, checkName(t), v.Lock))
		default:
			lines = append(lines, differenceLines(v, t)...)
		}
	}
	return lines
}

func checkName(t session.TreeCheck) string {
	switch t.Kind {
	case session.CheckRunning:
		return "the running volume " + t.Name
	case session.CheckImage:
		return "the production image " + t.Name
	}
	return "the volume " + t.Name
}

// mostShown is how many differences of a tree are shown in words.
const mostShown = 20

func differenceLines(v session.Verification, t session.TreeCheck) []string {
	lines := []string{fmt.Sprintf("%s: %s differs from %s in %s:", t.Service, checkName(t), v.Lock, counted(len(t.Differences), "path"))}
	top := volumes.Topmost(t.Differences)
	for _, difference := range top[:min(len(top), mostShown)] {
		lines = append(lines, "  "+changeWords(difference))
	}
	if more := len(top) - mostShown; more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more; --json lists all", more))
	}
	built := 0
	for _, difference := range t.Differences {
		if difference.Built {
			built++
		}
	}
	if built > 0 {
		lines = append(lines, fmt.Sprintf("  %d of them look like the output of a compiler, which an install script has run: that may differ from one install to the next", built))
	}
	return lines
}

func changeWords(t volumes.TreeDifference) string {
	words := map[volumes.TreeChange]string{
		volumes.Missing: "is missing", volumes.Extra: "is not in the lock", volumes.OtherType: "is of another type",
		volumes.OtherMode: "differs in whether it can be executed", volumes.OtherTarget: "links to something else",
		volumes.OtherContent: "has another content",
	}[t.Change]
	text := t.Path + " " + words
	if t.Package != "" {
		text += " (" + t.Package + ")"
	}
	return text
}

// verifyHint says how the first tree that differs is made right.
func verifyHint(v session.Verification) string {
	for _, t := range v.Trees {
		switch {
		case t.Same:
		case t.Kind == session.CheckImage:
			return "`devbox prod build` builds the production image from this lock"
		case !t.Current:
			return "`devbox up` gives the app the packages of this lock"
		default:
			return "to install anew: `devbox down`, `docker volume rm " + t.Name + "`, `devbox up`"
		}
	}
	return ""
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/gitrev"
	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

// diffOptions are the arguments of lock diff.
type diffOptions struct {
	// from and to are revisions; an empty to is the folder as it is.
	from, to         string
	service          string
	asJSON, exitCode bool
}

func newLockDiffCmd(d *deps) *cobra.Command {
	o := diffOptions{from: "HEAD"}
	cmd := &cobra.Command{
		Use:   "diff [REV [REV2]]",
		Short: "Say which packages the lock has changed since a git revision",
		Long: `Compares the lock of a git revision, HEAD where none is given, with that in the
folder or with that of a second revision: which packages came, went, moved up or
down. Those that somebody should look at come first, with an exclamation mark: the
same version with another content, a package from somewhere else than before, and
one that newly runs a script when it is installed. A lock that had another name
then is found.`,
		Example: `  devbox lock diff
  devbox lock diff origin/main --exit-code
  devbox lock diff v1.2.0 v1.3.0 --json`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			for i, target := range []*string{&o.from, &o.to} {
				if i < len(args) {
					*target = args[i]
				}
			}
			return runLockDiff(cmd.Context(), d, o, len(args) > 1)
		},
	}
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object")
	lockServiceFlag(cmd, &o.service)
	cmd.Flags().BoolVar(&o.exitCode, "exit-code", false, "end with exit code 10 where anything changed")
	return cmd
}

// lockSide is one of the two locks that are compared.
type lockSide struct {
	// Rev and Commit are empty for the folder, File where there is no lock.
	Rev    string `json:"rev,omitempty"`
	Commit string `json:"commit,omitempty"`
	File   string `json:"file"`
	name   string
	lock   *lockfile.Lock
}

// lockDiff is the JSON form of lock diff.
type lockDiff struct {
	From lockSide `json:"from"`
	To   lockSide `json:"to"`
	*lockfile.Changes
}

func runLockDiff(ctx context.Context, d *deps, o diffOptions, twoRevs bool) error {
	p, err := d.openProject()
	if err != nil {
		return err
	}
	k, _, err := lockPackage(p, o.service)
	if err != nil {
		return err
	}
	repo, err := gitrev.Open(ctx, k.At(), d.vars)
	if err != nil {
		return err
	}
	from, err := sideOf(ctx, repo, k, o.from)
	if err != nil {
		return err
	}
	var to lockSide
	if twoRevs {
		to, err = sideOf(ctx, repo, k, o.to)
	} else {
		to, err = sideNow(k)
	}
	if err != nil {
		return err
	}
	if from.lock == nil && to.lock == nil {
		return &session.NoLockError{Manager: k.Manager().Name}
	}
	for _, side := range []lockSide{from, to} {
		if side.lock == nil {
			d.remark("there is no lock in " + side.name)
		}
	}
	diff := lockDiff{from, to, lockfile.Diff(from.lock, to.lock)}
	if err := d.printLockDiff(diff, o.asJSON); err != nil {
		return err
	}
	if o.exitCode && !diff.Empty() {
		return &lockError{text: fmt.Sprintf("the lock has changed between %s and %s", from.name, to.name)}
	}
	return nil
}

func (d *deps) printLockDiff(diff lockDiff, asJSON bool) error {
	if asJSON {
		return plain.WriteJSON(d.out, diff)
	}
	if from, to := diff.From.File, diff.To.File; from != "" && to != "" && from != to {
		d.remark("the lock was " + from + " and is " + to)
	}
	return d.printLines(strings.Split(strings.TrimRight(diff.String(), "\n"), "\n"))
}

// sideNow is the lock in the folder.
func sideNow(k *project.Package) (lockSide, error) {
	l, err := k.ParseLock()
	return lockSide{File: k.Dependencies.LockFile, name: "the folder", lock: l}, err
}

// sideOf is the lock of a revision: that of its package manager, else
// that of another.
func sideOf(ctx context.Context, repo *gitrev.Repo, k *project.Package, rev string) (lockSide, error) {
	c, err := repo.Commit(ctx, rev)
	if errors.Is(err, gitrev.ErrNoRevision) {
		return lockSide{}, asUsage(err)
	}
	if err != nil {
		return lockSide{}, err
	}
	side := lockSide{Rev: rev, Commit: c.ID, name: rev}
	const limit = 64 << 20
	name, data, err := repo.File(ctx, c, limit, lockNames(k.Manager().Name)...)
	if errors.Is(err, gitrev.ErrNotInRevision) {
		return side, nil
	}
	if err != nil {
		return side, err
	}
	side.File = name
	side.lock, err = lockfile.Parse(name, data)
	var bad *lockfile.Error
	if errors.As(err, &bad) {
		bad.File, bad.Remedy = rev+":"+name, ""
	}
	return side, err
}

func asUsage(err error) error {
	usage := &usageError{text: err.Error()}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		usage.hint = hinted.Hint()
	}
	return usage
}

// lockNames are all names of locks, those of a package manager first.
func lockNames(manager string) []string {
	var own, others []string
	for _, name := range lockfile.Names() {
		if lockfile.Manager(name) == manager {
			own = append(own, name)
		} else {
			others = append(others, name)
		}
	}
	return append(own, others...)
}

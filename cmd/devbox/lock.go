package main

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

// lockError is a difference that `devbox lock` was asked to find.
type lockError struct{ text, hint string }

func (e *lockError) Error() string { return e.text }
func (e *lockError) Hint() string  { return e.hint }

func newLockCmd(d *deps) *cobra.Command {
	var asJSON bool
	var service string
	cmd := &cobra.Command{
		Use:   "lock",
		Short: "Look after the lock file: status, diff, verify, shrinkwrap",
		Long: `Without a command below it, "devbox lock" is "devbox lock status". What installs
do with the lock in development and in production is set by lock in devbox.yaml.
No command but add, remove, update and lock shrinkwrap writes it, unless that
policy is update.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return helpOrUnknown(cmd, args)
			}
			return runLockStatus(cmd.Context(), d, service, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	lockServiceFlag(cmd, &service)
	cmd.AddCommand(newLockStatusCmd(d), newLockDiffCmd(d), newLockVerifyCmd(d), newLockShrinkwrapCmd(d))
	return cmd
}

// lockServiceFlag chooses among several packages.
func lockServiceFlag(cmd *cobra.Command, service *string) {
	cmd.Flags().StringVar(service, "service", "", "the `service` whose package's lock it is about (default: the first)")
}

// lockPackage is the package of the service that was named, or of the first one.
func lockPackage(p *project.Project, service string) (*project.Package, string, error) {
	name, err := pickService(p, service)
	if err != nil {
		return nil, "", err
	}
	s, _ := p.Model.Service(name)
	return p.PackageOf(s), name, nil
}

func newLockStatusCmd(d *deps) *cobra.Command {
	var asJSON bool
	var service string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say which lock governs, and whether package.json and the volumes agree with it",
		Long: `Says which lock file governs, its format, what installs do with it, whether it is
in step with package.json and which packages differ, and whether the volumes hold
the tree of the lock. Without an engine it says all but the last.

The exit code is 10 where no lock governs or it is out of step, and 3 where it
cannot be read. The volumes do not count: "devbox lock verify" compares those.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLockStatus(cmd.Context(), d, service, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	lockServiceFlag(cmd, &service)
	return cmd
}

// openProject reads the project without an engine.
func (d *deps) openProject() (*project.Project, error) {
	dir, err := d.projectDir()
	if err != nil {
		return nil, err
	}
	return project.Open(dir)
}

func runLockStatus(ctx context.Context, d *deps, service string, asJSON bool) error {
	p, err := d.openProject()
	if err != nil {
		return err
	}
	k, _, err := lockPackage(p, service)
	if err != nil {
		return err
	}
	st, err := session.ReadLockStatus(p, k)
	if err != nil {
		return err
	}
	trees, err := d.lockTrees(ctx, p, k)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		st.Engine = err.Error()
	default:
		st.Trees = trees
	}
	if asJSON {
		err = plain.WriteJSON(d.out, st)
	} else {
		err = d.printLockStatus(st)
	}
	if err != nil {
		return err
	}
	return lockVerdict(st)
}

// lockVerdict is what `lock status` ends with.
func lockVerdict(st session.LockStatus) error {
	switch {
	case st.File == "":
		return &lockError{"no lock governs", "`devbox update` makes one"}
	case !st.InStep:
		return &lockError{st.File + " and package.json disagree", lockfile.MendHint(st.File, st.Format)}
	}
	return nil
}

func (d *deps) lockTrees(ctx context.Context, p *project.Project, k *project.Package) ([]session.LockTree, error) {
	opened, err := d.openEnvironment(ctx, func(session.Event) {})
	if err != nil {
		return nil, err
	}
	defer opened.client.Close()
	return opened.env.LockTrees(ctx, p, k)
}

func (d *deps) printLockStatus(st session.LockStatus) error {
	lines := lockLines(st)
	if st.Engine != "" {
		d.remark("how the volumes stand to the lock is not known: " + st.Engine)
	}
	return d.printLines(lines)
}

// remark says something beside the result.
func (d *deps) remark(text string) {
	fmt.Fprintln(d.err, "devbox: "+term.Line(text, term.Options{ASCII: d.stderr().ASCII}))
}

// printLines prints results that may hold what others wrote.
func (d *deps) printLines(lines []string) error {
	o := term.Options{ASCII: d.stdout().ASCII}
	for _, line := range lines {
		if _, err := fmt.Fprintln(d.out, term.Line(line, o)); err != nil {
			return err
		}
	}
	return nil
}

// lockLines is the status in words.
func lockLines(st session.LockStatus) []string {
	lock := "none of " + st.Manager
	if st.File != "" {
		lock = fmt.Sprintf("%s (%s): %s, %d of them only for development", path.Join(st.Folder, st.File), formatName(st), counted(st.Packages, "package"), st.Dev)
	}
	lines := []string{"lock:    " + lock, fmt.Sprintf("policy:  dev %s, prod %s", st.Policy.Dev, st.Policy.Prod)}
	if st.File != "" {
		lines = append(lines, "in step: "+inStep(st))
	}
	for _, difference := range st.Differences {
		text := "  " + difference.Text
		if !difference.Refused {
			text += " (an install goes on with that)"
		}
		lines = append(lines, text)
	}
	for _, t := range st.Trees {
		lines = append(lines, fmt.Sprintf("volume:  %s: %s", t.Service, treeWords(t)))
		for _, difference := range t.Differences {
			lines = append(lines, "  "+difference.String())
		}
	}
	for _, w := range st.Warnings {
		lines = append(lines, "warning: "+w)
	}
	return lines
}

func formatName(st session.LockStatus) string {
	if st.Version == "" {
		return string(st.Format)
	}
	return string(st.Format) + ", format version " + st.Version
}

func inStep(st session.LockStatus) string {
	if st.InStep {
		return "yes"
	}
	return "no, package.json asks for something else"
}

// treeWords say how a volume stands to the lock.
func treeWords(t session.LockTree) string {
	again := "; `devbox up` makes it anew"
	if t.Running {
		again = "; `devbox down`, then `devbox up` makes it anew"
	}
	words := map[session.TreeState]string{
		session.TreeAbsent:     "not there yet; `devbox up` installs it",
		session.TreeUnfinished: "an install did not end, or a command has changed it" + again,
		session.TreeComplete:   "the tree of the lock",
		session.TreeChanged:    "a command has changed it since its install" + again,
		session.TreeShort:      "its install could not get all of the lock; " + session.AgainHint(t.Volume),
		session.TreeOther:      "the tree of another state of the folder",
		session.TreeUnknown:    "there is no image yet to look into it with",
	}[t.State]
	name := t.Volume
	if t.Running {
		name += " (running)"
	}
	return name + ": " + words
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func newLockShrinkwrapCmd(d *deps) *cobra.Command {
	var service string
	cmd := &cobra.Command{
		Use:   "shrinkwrap",
		Short: "Turn package-lock.json into npm-shrinkwrap.json",
		Long: `Turns package-lock.json into npm-shrinkwrap.json, which npm publishes with the
package. npm does that itself, in a container and on a copy, with the scripts
preshrinkwrap, shrinkwrap and postshrinkwrap of package.json around it; then the
folder gets the one file and loses the other. npm itself runs these scripts up to
version 6 only; devbox runs them with every version.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLockShrinkwrap(cmd.Context(), d, service) },
	}
	lockServiceFlag(cmd, &service)
	return cmd
}

func runLockShrinkwrap(ctx context.Context, d *deps, service string) error {
	p, err := d.openProject()
	if err != nil {
		return err
	}
	if _, service, err = lockPackage(p, service); err != nil {
		return err
	}
	opened, err := d.openEnvironment(ctx, d.talk())
	if err != nil {
		return err
	}
	defer opened.client.Close()
	changes, err := opened.env.Shrinkwrap(ctx, service)
	if err != nil {
		return err
	}
	lines := []string{"package-lock.json is now npm-shrinkwrap.json"}
	if !changes.Empty() {
		lines = append(lines, "a script has changed it:")
		lines = append(lines, strings.Split(strings.TrimRight(changes.String(), "\n"), "\n")...)
	}
	return d.printLines(lines)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

// packagesOptions are the arguments of add, remove and update.
type packagesOptions struct {
	change         project.PackageChange
	service        string
	member         string
	noSave, noLock bool
	yes, json      bool
	readyTime      time.Duration
}

func newAddCmd(d *deps, run func(context.Context, packagesOptions) error) *cobra.Command {
	o := packagesOptions{change: project.PackageChange{Verb: project.AddPackages}}
	var dev, optional, peer bool
	cmd := &cobra.Command{
		Use:   "add PACKAGE...",
		Short: "Add packages to package.json, the lock and the running app",
		Long: `Adds packages with the project's own package manager, in a container that has
copies of package.json and the lock. When the new packages are installed, both
files are written together; package.json keeps its formatting. A running app is
restarted with them before the command returns. Until then nothing is changed,
however it ends.

A PACKAGE is name, name@version, name@tag, @scope/name, or other@npm:name. Those
from git, an address or a path in the project ask first; --yes agrees.`,
		Example: `  devbox add express
  devbox add --dev typescript @types/node@26
  devbox add --workspace packages/api zod`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.change.Section, o.change.Packages = sectionOf(dev, optional, peer), args
			if err := d.checkSpecs(cmd.Context(), args, o.yes); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.BoolVarP(&dev, "dev", "D", false, "add to devDependencies")
	f.BoolVar(&optional, "optional", false, "add to optionalDependencies")
	f.BoolVar(&peer, "peer", false, "add to peerDependencies")
	f.BoolVarP(&o.change.Exact, "exact", "E", false, "write the version itself into package.json, not a range")
	f.BoolVar(&o.noSave, "no-save", false, "install into the running app only; the next up brings the locked packages back")
	f.BoolVar(&o.noLock, "no-lock", false, "leave the lock alone; only where devbox.yaml says lock: {dev: ignore}")
	f.BoolVarP(&o.yes, "yes", "y", false, "agree to packages from git, addresses and paths")
	run = d.packagesFlags(f, &o, run)
	exclusive(cmd, "dev", "optional", "peer")
	return cmd
}

// sectionOf is the section of package.json that a flag names, empty for none.
func sectionOf(dev, optional, peer bool) string {
	switch {
	case dev:
		return "devDependencies"
	case optional:
		return "optionalDependencies"
	case peer:
		return "peerDependencies"
	}
	return ""
}

func newRemoveCmd(d *deps, run func(context.Context, packagesOptions) error) *cobra.Command {
	o := packagesOptions{change: project.PackageChange{Verb: project.RemovePackages}}
	cmd := &cobra.Command{
		Use:     "remove PACKAGE...",
		Aliases: []string{"rm", "uninstall"},
		Short:   "Remove packages from package.json, the lock and the running app",
		Long: `Removes packages as "devbox add" adds them: package.json and the lock change
together or not at all, and a running app is restarted without the packages.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.change.Packages = args
			if err := checkNames(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	run = d.packagesFlags(cmd.Flags(), &o, run)
	return cmd
}

func newUpdateCmd(d *deps, run func(context.Context, packagesOptions) error) *cobra.Command {
	o := packagesOptions{change: project.PackageChange{Verb: project.UpdatePackages}}
	cmd := &cobra.Command{
		Use:   "update [PACKAGE...]",
		Short: "Update packages in the lock, within the ranges of package.json",
		Long: `Updates the named packages, or all, to the newest versions that the ranges in
package.json allow. npm and yarn leave the ranges as they are; pnpm and bun raise
them to what they found.

--latest goes beyond the ranges: yarn, pnpm and bun can do that (yarn from 2 on
for named packages only). With npm, "devbox add NAME@latest" does.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.change.Packages = args
			if err := checkNames(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.change.Latest, "latest", false, "go beyond the ranges of package.json")
	run = d.packagesFlags(cmd.Flags(), &o, run)
	return cmd
}

// packagesFlags adds the flags that all three commands have. It returns what
// runs the command.
func (d *deps) packagesFlags(f *pflag.FlagSet, o *packagesOptions, run func(context.Context, packagesOptions) error) func(context.Context, packagesOptions) error {
	f.StringVarP(&o.member, "workspace", "w", "", "the workspace `member` that it is about: its folder or its name; . for the workspace itself")
	f.StringVar(&o.service, "service", "", "the `service` whose package.json it is about; needed where several have one")
	f.BoolVar(&o.json, "json", false, "print the result as a JSON object")
	f.DurationVar(&o.readyTime, "timeout", defaultReadyTime, "how long to wait for the app with the new packages")
	if run == nil {
		return func(ctx context.Context, o packagesOptions) error { return runPackages(ctx, d, o) }
	}
	return run
}

// checkSpecs refuses what is no package, and asks about those that are more than
// a package of the registry.
func (d *deps) checkSpecs(ctx context.Context, args []string, yes bool) error {
	var questions []string
	for _, arg := range args {
		spec, err := project.ParsePackageSpec(arg)
		if err != nil {
			return specUsage(err)
		}
		if q := spec.Asks(); q != "" {
			questions = append(questions, q)
		}
	}
	if len(questions) == 0 || yes {
		return nil
	}
	return d.agree(ctx, questions, "Add it?", errDeclined)
}

// errDeclined says that somebody answered no.
var errDeclined = errors.New("nothing was added")

func checkNames(args []string) error {
	for _, arg := range args {
		if err := project.CheckPackageName(arg); err != nil {
			return specUsage(err)
		}
	}
	return nil
}

// specUsage makes a usage error of what is wrong with a package argument.
func specUsage(err error) error {
	var spec *project.SpecError
	if errors.As(err, &spec) {
		return &usageError{text: spec.Error(), hint: spec.Hint()}
	}
	return err
}

func runPackages(ctx context.Context, d *deps, o packagesOptions) error {
	opened, err := d.openEnvironment(ctx, d.talk())
	if err != nil {
		return err
	}
	defer opened.client.Close()
	p, err := project.Open(opened.env.Dir)
	if err != nil {
		return err
	}
	if o, err = placeChange(p, o); err != nil {
		return err
	}
	if o.noLock && p.Model.Lock.Dev != project.Ignore {
		return &usageError{
			text: fmt.Sprintf("--no-lock would leave a lock that is out of step, and the lock policy of this project is %s", p.Model.Lock.Dev),
			hint: "leave --no-lock away; or, for a project without locks, set lock: {dev: ignore} in devbox.yaml",
		}
	}
	r, err := opened.env.ChangePackages(ctx, session.PackagesOptions{
		Service: o.service, Change: o.change, NoSave: o.noSave, ReadyTime: o.readyTime, Now: d.now,
	})
	if err != nil {
		return packagesUsage(err, o)
	}
	if o.json {
		return plain.WriteJSON(d.out, r)
	}
	return d.printPackages(r, o)
}

// placeChange finds the package.json that a change is about: of the member that
// was named, else the one of the service.
func placeChange(p *project.Project, o packagesOptions) (packagesOptions, error) {
	named := o.service != ""
	var err error
	if o.service, err = pickService(p, o.service); err != nil {
		return o, err
	}
	s, _ := p.Model.Service(o.service)
	k := p.PackageOf(s)
	switch {
	case o.member == ".":
		return o, nil
	case o.member != "":
		if o.change.Member, err = k.Member(o.member); err != nil {
			return o, specUsage(err)
		}
		return o, nil
	case named, len(manifests(p)) == 1:
		o.change.Member = k.MemberOf(s)
		return o, nil
	}
	return o, mustName(p, o)
}

// mustName asks for a name where several services have a package.json of their
// own. An update of all packages of the one lock there is means no service.
func mustName(p *project.Project, o packagesOptions) error {
	if len(p.Packages) == 1 && o.change.Verb == project.UpdatePackages {
		return nil
	}
	return &usageError{
		text: "several services have a package.json of their own",
		hint: "say which it is about: --service " + strings.Join(p.Model.Names(), ", --service ") + "; or --workspace MEMBER, or --workspace . for that of the workspace itself",
	}
}

// manifests are the folders of the package.json that services have.
func manifests(p *project.Project) map[string]bool {
	folders := map[string]bool{}
	for _, s := range p.Model.Services {
		k := p.PackageOf(s)
		folders[k.Place(k.MemberOf(s))] = true
	}
	return folders
}

// packagesUsage makes usage errors of those that the command line is to blame for.
func packagesUsage(err error, o packagesOptions) error {
	var (
		none     *session.NoDependencyError
		spelling *session.SpellingError
	)
	switch {
	case errors.As(err, &none):
		return &usageError{text: none.Error(), hint: none.Hint()}
	case errors.As(err, &spelling):
		return &usageError{text: spelling.Error(), hint: spelling.Hint()}
	case errors.Is(err, project.ErrNoLatest):
		hint := "`devbox add NAME@latest` takes the newest of one"
		if len(o.change.Packages) > 0 {
			hint = "take them anew: `devbox add " + strings.Join(o.change.Packages, "@latest ") + "@latest`"
		}
		return &usageError{text: err.Error(), hint: hint}
	}
	return err
}

func (d *deps) printPackages(r session.PackagesResult, o packagesOptions) error {
	text := r.String()
	switch {
	case o.noSave:
		text = ""
	case len(r.Files) == 0:
		text = "nothing to change\n"
	}
	_, err := fmt.Fprint(d.out, text)
	return err
}

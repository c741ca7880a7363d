package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/devbox-node/devbox/internal/checkout"
	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// Open reads the project of the folder and finds out which checkout of it this
// is. It writes nothing.
func (e *Environment) Open(ctx context.Context) (*project.Project, error) {
	p, s, err := e.openProject(ctx)
	if err != nil {
		return nil, err
	}
	choice, err := e.choose(ctx, s)
	if err != nil {
		return nil, err
	}
	p.Name, p.Ports = choice.name, s.Ports(choice.name)
	return p, nil
}

// openProject reads the folder and, at the same time, what the engine knows of
// checkouts.
func (e *Environment) openProject(ctx context.Context) (p *project.Project, s checkout.Situation, err error) {
	var claims []checkout.Checkout
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		claims, err = e.claims(gctx, "")
		return err
	})
	g.Go(func() (err error) {
		p, err = project.Open(e.Dir)
		return err
	})
	if err := g.Wait(); err != nil {
		return nil, s, err
	}
	s, err = e.situation(p, claims)
	return p, s, err
}

func (e *Environment) situation(p *project.Project, claims []checkout.Checkout) (checkout.Situation, error) {
	vars, err := project.Variables(e.Dir, e.Vars)
	if err != nil {
		return checkout.Situation{}, err
	}
	chosen := vars[project.VarProject]
	if chosen != "" && !checkout.ValidName(chosen) {
		return checkout.Situation{}, &NameError{chosen}
	}
	return checkout.Situation{
		Project: p.Model.Name, Dir: e.Dir, Worktree: checkout.LinkedWorktree(e.Dir),
		Chosen: chosen, Kept: checkout.Kept(e.Dir), Claims: claims, There: isProject, Gone: isGone,
	}, nil
}

// NameError says that a name cannot be one of a Compose project.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("%s is %q, which cannot be the name of a project", project.VarProject, e.Name)
}

// Hint says what can.
func (e *NameError) Hint() string { return "use lower-case letters, digits, - and _" }

// ProjectInvalid marks the errors that a file of the project causes.
func (e *NameError) ProjectInvalid() bool { return true }

// isProject tells whether a folder is still one of devbox's. One that cannot be
// looked at is.
func isProject(dir string) bool {
	for _, name := range []string{project.ModelFile, project.StateDir} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}

// isGone tells whether a folder is certainly no project any more. Where the folder
// that it was in is missing too, a disk may not be mounted.
func isGone(dir string) bool {
	if isProject(dir) {
		return false
	}
	above, err := os.Stat(filepath.Dir(dir))
	return err == nil && above.IsDir()
}

// claims lists the checkouts that the engine knows: all, or those of a name. Each
// is an empty volume, because the engine has no two of one name, keeps them when
// every container is gone, and lets them carry labels.
func (e *Environment) claims(ctx context.Context, name string) ([]checkout.Checkout, error) {
	label := engine.LabelCheckout
	if name != "" {
		label += "=" + name
	}
	there, err := e.Engine.Volumes(ctx, label)
	if err != nil {
		return nil, err
	}
	var list []checkout.Checkout
	for _, v := range there {
		c := checkout.Checkout{
			Project: v.Labels[engine.LabelProject], Name: v.Labels[engine.LabelCheckout], Dir: v.Labels[engine.LabelDir],
			Ports: checkout.ParsePorts(v.Labels[engine.LabelPorts]),
		}
		if v.Name == claimVolume(c.Name) {
			list = append(list, c)
		}
	}
	return list, nil
}

// claimVolume is the volume that stands for a checkout. Compose makes none of
// such a name: a project's name has no dots.
func claimVolume(name string) string { return "devbox.checkout." + name }

// choice is the name that a checkout gets. former is the folder that had it and
// is gone.
type choice struct{ name, former string }

// choose finds the name of the checkout.
func (e *Environment) choose(ctx context.Context, s checkout.Situation) (choice, error) {
	taken := &NamesakeError{Name: s.Project}
	for _, c := range s.Candidates() {
		owners, err := e.owners(ctx, s, c.Name)
		if err != nil {
			return choice{}, err
		}
		v := s.Judge(c, owners)
		if !v.Refused {
			return choice{c.Name, v.Former}, nil
		}
		if v.Owner != "" {
			taken = &NamesakeError{c.Name, v.Owner}
		}
	}
	return choice{}, taken
}

// owners are the folders that a name belongs to: the one that has claimed it, or
// those of containers and volumes from before names were claimed.
func (e *Environment) owners(ctx context.Context, s checkout.Situation, name string) ([]string, error) {
	if c, claimed := s.Claim(name); claimed {
		return []string{c.Dir}, nil
	}
	var dirs []string
	list, err := e.Engine.Containers(ctx, name)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		dirs = append(dirs, c.Labels[engine.LabelWorkingDir])
	}
	if name == s.Project {
		there, err := e.Engine.Volumes(ctx, engine.LabelProject+"="+name)
		if err != nil {
			return nil, err
		}
		for _, v := range there {
			if v.Labels[engine.LabelKey] != "" {
				dirs = append(dirs, v.Labels[engine.LabelDir])
			}
		}
	}
	slices.Sort(dirs)
	return slices.DeleteFunc(slices.Compact(dirs), func(dir string) bool { return dir == "" }), nil
}

// settle finds the checkout of a project that is to be changed, claims its name
// and gives it what ports it lacks. It writes nothing where all that is known.
func (e *Environment) settle(ctx context.Context, p *project.Project, s checkout.Situation) error {
	const tries = 3 // somebody else may take a name meanwhile
	for range tries {
		picked, err := e.choose(ctx, s)
		if err != nil {
			return err
		}
		c := checkout.Checkout{Project: s.Project, Name: picked.name, Dir: e.Dir, Ports: s.Ports(picked.name)}
		e.addPorts(ctx, p, s, &c)
		won, err := e.claim(ctx, s, c)
		if err != nil {
			return err
		}
		if won {
			p.Name, p.Ports = c.Name, c.Ports
			return e.keep(s, picked, c)
		}
		if s.Claims, err = e.claims(ctx, ""); err != nil {
			return err
		}
	}
	return &NamesakeError{Name: s.Project}
}

// claim writes a checkout down on the engine. It is false where somebody else
// was faster.
func (e *Environment) claim(ctx context.Context, s checkout.Situation, c checkout.Checkout) (bool, error) {
	have, there := s.Claim(c.Name)
	if there && have.Equal(c) {
		return true, nil
	}
	if there {
		if err := e.Engine.RemoveVolume(ctx, claimVolume(c.Name)); err != nil {
			return false, err
		}
	}
	labels := map[string]string{engine.LabelCheckout: c.Name, engine.LabelProject: c.Project, engine.LabelDir: c.Dir}
	if len(c.Ports) > 0 {
		labels[engine.LabelPorts] = checkout.FormatPorts(c.Ports)
	}
	if err := e.Engine.CreateVolume(ctx, claimVolume(c.Name), labels); err != nil {
		return false, err
	}
	now, err := e.claims(ctx, c.Name)
	return len(now) == 1 && now[0].Equal(c), err
}

// keep writes a checkout into its folder, and tells what is news of it.
func (e *Environment) keep(s checkout.Situation, picked choice, c checkout.Checkout) error {
	if s.Kept.Equal(c) {
		return nil
	}
	if err := c.Keep(); err != nil {
		return err
	}
	switch {
	case picked.former != "":
		e.Emit(Event{
			Kind: Warned, Text: fmt.Sprintf("this folder takes over the environment %s, with its data, of %s, which is gone", c.Name, picked.former),
		})
	case s.Kept.Name != c.Name && !c.Plain():
		e.Emit(Event{Kind: Named, Text: c.Name})
	}
	return nil
}

// release gives the name of a checkout up: nothing of it is left.
func (e *Environment) release(ctx context.Context, name string) error {
	claims, err := e.claims(ctx, name)
	if err != nil || len(claims) == 0 || claims[0].Dir != e.Dir {
		return err
	}
	return e.Engine.RemoveVolume(ctx, claimVolume(name))
}

// LastCompose loads compose.yaml as it was last used, for when the folder cannot
// be read as a project.
func (e *Environment) LastCompose(ctx context.Context, mode project.Mode) (*project.Compose, error) {
	known := checkout.Kept(e.Dir)
	if known.Dir != e.Dir {
		claims, err := e.claims(ctx, "")
		if err != nil {
			return nil, err
		}
		known = checkout.Checkout{}
		if i := slices.IndexFunc(claims, func(c checkout.Checkout) bool { return c.Dir == e.Dir }); i >= 0 {
			known = claims[i]
		}
	}
	vars, err := e.checkoutVars(known)
	if err != nil {
		return nil, err
	}
	return project.LookCompose(ctx, e.Dir, mode, vars)
}

// Compose loads a Compose project of an opened project for looking at it.
func (e *Environment) Compose(ctx context.Context, p *project.Project, mode project.Mode) (*project.Compose, error) {
	vars, err := e.checkoutVars(checkout.Checkout{Name: p.Name, Ports: p.Ports})
	if err != nil {
		return nil, err
	}
	p.Model.StandIn(vars)
	return p.LoadCompose(ctx, mode, vars)
}

// checkoutVars are devbox's own variables and those that make the rendered files
// those of this checkout. A port that somebody has set counts.
func (e *Environment) checkoutVars(c checkout.Checkout) (map[string]string, error) {
	set, err := project.Variables(e.Dir, e.Vars)
	if err != nil {
		return nil, err
	}
	vars := maps.Clone(e.Vars)
	if vars == nil {
		vars = map[string]string{}
	}
	if c.Name != "" {
		vars[project.VarProject] = c.Name
	}
	for name, port := range c.Ports {
		if set[name] == "" {
			vars[name] = fmt.Sprint(port)
		}
	}
	return vars, nil
}

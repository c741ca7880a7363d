package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// foreignImage is an image that somebody else makes.
type foreignImage struct {
	name string
	// role says what it is there for.
	role string
	// service is how Compose is asked for it.
	service project.ComposeService
}

// haveImages gets the images that a plan needs and that devbox does not build, so
// that one that cannot be had is said before anything is built or installed. What
// runs as it should is not asked about.
func (e *Environment) haveImages(ctx context.Context, d Desired, o Observed, p Plan) error {
	list := baseImages(d, p.Build)
	if p.Start != nil {
		asked := e.checkedOften(d, p.Start)
		for _, img := range serviceImages(p.Start) {
			if !e.Engine.RunsAsAsked(d.Project.Model.OnlyServices(asked, img.service.Name), o.Containers) {
				list = append(list, img)
			}
		}
	}
	absent, err := e.absentImages(ctx, list)
	if err != nil || len(absent) == 0 {
		return err
	}
	if p.Start != nil {
		// An image for which the data are of another version is not worth getting. Where
		// that cannot be told yet, for want of an image to look by, the start finds out.
		if err := e.checkData(ctx, d); errors.Is(err, ErrDataUnusable) {
			return err
		}
	}
	g, gctx := errgroup.WithContext(ctx)
	for _, img := range absent {
		g.Go(func() error { return e.pull(gctx, d, img) })
	}
	return g.Wait()
}

// absentImages are those that the engine does not have.
func (e *Environment) absentImages(ctx context.Context, list []foreignImage) ([]foreignImage, error) {
	there := make([]bool, len(list))
	g, gctx := errgroup.WithContext(ctx)
	for i, img := range list {
		g.Go(func() (err error) {
			_, there[i], err = e.Engine.ImageLabels(gctx, img.name)
			return err
		})
	}
	err := g.Wait()
	var absent []foreignImage
	for i, img := range list {
		if !there[i] {
			absent = append(absent, img)
		}
	}
	return absent, err
}

func (e *Environment) pull(ctx context.Context, d Desired, img foreignImage) error {
	only := *d.Compose
	only.Services = map[string]project.ComposeService{img.service.Name: img.service}
	err := e.Engine.Pull(ctx, &only, func(pr engine.Progress) { e.Emit(creation(pr)) })
	if err != nil {
		return fmt.Errorf("%s: %w", img.role, err)
	}
	return nil
}

// baseImages are those that images are built on, each once.
func baseImages(d Desired, build []Image) []foreignImage {
	var list []foreignImage
	for _, img := range build {
		if img.Dir != d.Project.Dir || img.Dockerfile != d.Project.Model.Files.Name(project.DockerFile) {
			continue // BuildKit looks first for all that a Dockerfile starts from
		}
		name := d.Project.StageBase(img.Target)
		if name == "" || slices.ContainsFunc(list, func(have foreignImage) bool { return have.name == name }) {
			continue
		}
		list = append(list, foreignImage{
			name: name, role: fmt.Sprintf("base image of service %q", img.Services[0]),
			service: project.ComposeService{Name: img.Services[0], Image: name},
		})
	}
	return list
}

// serviceImages are those of services that no service builds, each once.
func serviceImages(c *project.Compose) []foreignImage {
	built := map[string]bool{}
	for _, s := range c.Services {
		built[s.Image] = built[s.Image] || s.Build != nil
	}
	var list []foreignImage
	for _, name := range slices.Sorted(maps.Keys(c.Services)) {
		s := c.Services[name]
		if s.Image == "" || built[s.Image] || s.Provider != nil || s.PullPolicy == "never" || s.GetScale() == 0 ||
			slices.ContainsFunc(list, func(have foreignImage) bool { return have.name == s.Image }) {
			continue
		}
		list = append(list, foreignImage{name: s.Image, role: fmt.Sprintf("service %q", name), service: s})
	}
	return list
}

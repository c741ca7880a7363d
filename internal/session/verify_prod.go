package session

import (
	"context"
	"errors"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// productionTrees compares the packages in the production images.
type productionTrees struct {
	env    *Environment
	dev    Desired
	wanted bool
	// roles are those of the packages in the lock of each folder.
	roles map[string]volumes.Roles
	// desired is production, once it was asked for.
	desired *Desired
	built   map[string]bool
}

// check compares the production image of a service; the result has no kind where
// there is nothing to say. An image that is there is taken as it is: whether it
// was built from this lock is the question.
func (p *productionTrees) check(ctx context.Context, w volumes.Wanted, want *volumes.ModuleTree) (TreeCheck, error) {
	c := TreeCheck{Kind: CheckImage, Differences: []volumes.TreeDifference{}}
	if !p.wanted {
		return TreeCheck{}, nil
	}
	if err := p.desire(ctx); err != nil {
		return c, err
	}
	service, has := p.desired.Compose.Services[w.Service]
	if !has {
		return TreeCheck{}, nil // it has no production side
	}
	c.Name = service.Image
	if err := p.build(ctx, c.Name); err != nil {
		return c, err
	}
	have, err := p.env.readImage(ctx, w, c.Name)
	if errors.Is(err, engine.ErrNotFound) {
		c.Skipped = "it holds no node_modules"
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.Differences = append(c.Differences, volumes.CompareProduction(want, have, p.roles[w.Dir])...)
	return c, nil
}

// desire works out what production is, once.
func (p *productionTrees) desire(ctx context.Context) error {
	if p.desired != nil {
		return nil
	}
	now := Desired{Mode: project.Prod, Project: p.dev.Project, Info: p.dev.Info}
	if err := p.env.desireResources(ctx, &now); err != nil {
		return err
	}
	p.desired, p.built = &now, map[string]bool{}
	return nil
}

// build builds an image that is not there.
func (p *productionTrees) build(ctx context.Context, name string) error {
	if p.built[name] {
		return nil
	}
	p.built[name] = true
	if _, there, err := p.env.Engine.ImageLabels(ctx, name); there || err != nil {
		return err
	}
	for _, img := range p.desired.Images {
		if img.Image == name {
			return p.env.build(ctx, img)
		}
	}
	return nil
}

package session

import (
	"fmt"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// Observed is what the engine shows of a project.
type Observed struct {
	// Built maps the names of images that are there to the digest of their
	// inputs, empty where they carry none.
	Built      map[string]string
	Volumes    map[string]volumes.Observed
	Containers []engine.Container
	// Data are the volumes of the Compose project, where services keep data.
	Data []engine.Volume
	// Writes are those of the Compose project where an app writes in the folder, and
	// Given tells to whom they were given; both by name.
	Writes map[string]engine.Volume
	Given  map[string]given
	// Orphans are one-off containers whose devbox has ended.
	Orphans []engine.Container
}

// PlanOptions are the wishes of the command that plans.
type PlanOptions struct {
	// Rebuild builds every image even where nothing has changed; NoCache without
	// BuildKit's cache.
	Rebuild, NoCache bool
	// Start brings the services up; without it, only what a one-off container
	// needs is made ready.
	Start bool
	// Since is the project as it was before: what has changed in its lock is told.
	Since *project.Project
	// Lenient goes on with an image that is there when building it anew fails: a
	// one-off is how a lock that is out of step is mended.
	Lenient bool
}

// Plan is what has to be done to get from what is to what should be.
type Plan struct {
	Reap    []engine.Container
	Build   []Image
	Volumes volumes.Plan
	Writes  []WritesStep
	Start   *project.Compose
	Lenient bool
}

// MakePlan decides. It does no I/O.
func MakePlan(d Desired, o Observed, opts PlanOptions) Plan {
	p := Plan{Reap: o.Orphans, Lenient: opts.Lenient, Volumes: volumes.MakePlan(d.Volumes, o.Volumes), Writes: planWrites(d, o)}
	for _, img := range d.Images {
		inputs, there := o.Built[img.Image]
		if opts.Rebuild || !there || img.Inputs == "" || inputs != img.Inputs {
			img.NoCache = opts.NoCache
			p.Build = append(p.Build, img)
		}
	}
	if opts.Start {
		p.Start = d.Compose
	}
	return p
}

// String is one line a step, in order.
func (p Plan) String() string {
	var b strings.Builder
	for _, c := range p.Reap {
		fmt.Fprintf(&b, "remove one-off container %s, its devbox has ended\n", c.Name)
	}
	for _, img := range p.Build {
		fmt.Fprintf(&b, "build image %s, target %s, for %s\n", img.Image, img.Target, strings.Join(img.Services, ", "))
	}
	for _, s := range p.Volumes {
		fmt.Fprintln(&b, s)
	}
	for _, s := range p.Writes {
		fmt.Fprintln(&b, s)
	}
	if p.Start != nil {
		fmt.Fprintf(&b, "start %s\n", strings.Join(p.Start.ServiceNames(), ", "))
	}
	if b.Len() == 0 {
		return "nothing to do\n"
	}
	return b.String()
}

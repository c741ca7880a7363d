package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// A step of an app, its migration or its seed, is a container that runs to its
// end and stays. Its label says what it ran with, so that the next start knows
// whether there is anything to do, with no state but the engine's.

// runStep runs a step of an app where it is due.
func (e *Environment) runStep(ctx context.Context, d Desired, o Observed, p *project.Compose, s project.Stage) error {
	if s.Seed {
		return e.seed(ctx, d, o, p, s)
	}
	digest, err := e.stepDigest(ctx, d, o, p, s)
	if err != nil {
		return err
	}
	if id := ran(o.Containers, s.Step, digest); id != "" && e.endedWell(ctx, id) {
		return nil
	}
	return e.runToEnd(ctx, d, p, s, digest)
}

// ran is the container of a step that has run with what its digest says; empty
// where there is none.
func ran(list []engine.Container, service, digest string) string {
	i := slices.IndexFunc(list, func(c engine.Container) bool {
		return c.Service == service && !c.OneOff && c.State == engine.Exited && c.Labels[engine.LabelStep] == digest
	})
	if i < 0 {
		return ""
	}
	return list[i].ID
}

func (e *Environment) endedWell(ctx context.Context, id string) bool {
	c, err := e.Engine.Inspect(ctx, id)
	return err == nil && c.State == engine.Exited && c.ExitCode == 0 && !c.StartedAt.IsZero()
}

// stepDigest says what a step depends on: its command and environment, image and
// packages, the files that it reads, and the data that it works on.
func (e *Environment) stepDigest(ctx context.Context, d Desired, o Observed, p *project.Compose, s project.Stage) (string, error) {
	service := p.Services[s.Step]
	service.DependsOn = nil
	h := sha256.New()
	data, err := json.Marshal(service)
	if err != nil {
		return "", fmt.Errorf("look at service %q: %w", s.Step, err)
	}
	h.Write(data)
	for _, v := range service.Volumes {
		fmt.Fprintln(h, p.Volumes[v.Source].Name)
	}
	for _, img := range d.Images {
		if img.Image == service.Image {
			fmt.Fprintln(h, img.Inputs)
		}
	}
	files, err := d.Project.StepFiles(s.App)
	if err != nil {
		return "", err
	}
	fmt.Fprintln(h, files)
	identity, err := e.dataIdentity(ctx, d, o, s.App)
	fmt.Fprintln(h, identity)
	return hex.EncodeToString(h.Sum(nil)), err
}

// projectVolumes are the volumes that the Compose project has on the engine.
func (e *Environment) projectVolumes(ctx context.Context, d Desired) ([]engine.Volume, error) {
	return e.Engine.Volumes(ctx, engine.LabelComposeProject+"="+d.Compose.Name)
}

// dataIdentity tells the data that an app needs from data that is made anew.
// Where no volumes were observed it looks for them.
func (e *Environment) dataIdentity(ctx context.Context, d Desired, o Observed, app string) (string, error) {
	there := o.Data
	if there == nil {
		var err error
		if there, err = e.projectVolumes(ctx, d); err != nil {
			return "", err
		}
	}
	model, _ := d.Project.Model.Service(app)
	wanted := map[string]bool{}
	for _, v := range dataVolumes(d) {
		wanted[v.Volume] = slices.Contains(model.Needs, v.Service)
	}
	var list []string
	for _, v := range there {
		if wanted[v.Name] {
			list = append(list, identityOf(v))
		}
	}
	slices.Sort(list)
	return strings.Join(list, ","), nil
}

// seed fills new data. That it was done outlives the containers: a volume that
// holds nothing says for which data.
func (e *Environment) seed(ctx context.Context, d Desired, o Observed, p *project.Compose, s project.Stage) error {
	identity, err := e.dataIdentity(ctx, d, o, s.App)
	if err != nil {
		return err
	}
	name := seededVolume(d, s.App)
	for _, v := range d.Data {
		if v.Name == name && v.Labels[engine.LabelStep] == identity {
			return nil
		}
	}
	if err := e.runToEnd(ctx, d, p, s, identity); err != nil {
		return err
	}
	return e.noteSeeded(ctx, d, s.App, identity)
}

func seededVolume(d Desired, app string) string { return ownVolume("seeded", d.Compose.Name, app) }

// noteSeeded notes that an app's data need no seed.
func (e *Environment) noteSeeded(ctx context.Context, d Desired, app, identity string) error {
	name := seededVolume(d, app)
	if err := e.removeOwn(ctx, name, project.LabelBacking, app); err != nil {
		return err
	}
	return e.makeOwn(ctx, name, project.LabelBacking, map[string]string{
		project.LabelBacking: app, engine.LabelStep: identity, engine.LabelComposeProject: d.Compose.Name, engine.LabelDir: e.Dir,
	})
}

// runToEnd runs a step and waits for its end. Its output goes to its app's.
func (e *Environment) runToEnd(ctx context.Context, d Desired, p *project.Compose, s project.Stage, digest string) error {
	begin, end := Migrating, Migrated
	if s.Seed {
		begin, end = Seeding, Seeded
	}
	only := d.Project.Model.OnlyServices(p, s.Step)
	service := only.Services[s.Step]
	command := strings.Join(service.Command, " ")
	service.Labels = maps.Clone(service.Labels)
	if service.Labels == nil {
		service.Labels = map[string]string{}
	}
	service.Labels[engine.LabelStep] = digest
	only.Services[s.Step] = service
	runs, err := e.leaveStep(ctx, d, only, s, digest)
	if err != nil {
		return err
	}
	began := time.Now()
	e.Emit(Event{Kind: begin, Service: s.App, Text: command})
	c, err := e.beginStep(ctx, d, only, s, runs)
	if err != nil {
		return err
	}
	if c.ExitCode != 0 {
		text := fmt.Sprintf("is not started: %s failed with exit status %d: %s", stepName(s), c.ExitCode, command)
		return e.withDenial(d, &NotReadyError{Service: s.App, Step: true, Mode: d.Mode, Text: d.hidden(text), Last: e.stepOutput(ctx, d, c)})
	}
	e.Emit(Event{Kind: end, Service: s.App, Text: command, MS: time.Since(began).Milliseconds()})
	return nil
}

// leaveStep makes way for a step. One that an interrupted devbox has left at work
// is not begun again where it does the same; else it may end by itself first, as
// long as its service says: half a migration is the worst of all. What a run
// before printed is no output of this one.
func (e *Environment) leaveStep(ctx context.Context, d Desired, only *project.Compose, s project.Stage, digest string) (runs bool, err error) {
	old, err := e.serviceContainer(ctx, d.Compose.Name, s.Step)
	switch {
	case errors.As(err, new(*NotRunningError)):
		return false, nil
	case err != nil:
		return false, err
	case live(old) && old.Labels[engine.LabelStep] == digest:
		return true, nil
	case live(old):
		if err := e.stopStep(ctx, only, s); err != nil {
			return false, err
		}
	}
	return false, e.Engine.Remove(ctx, old.ID)
}

// beginStep starts a step, unless it runs already, and waits for its end. When ctx
// ends before that, the step is stopped.
func (e *Environment) beginStep(ctx context.Context, d Desired, only *project.Compose, s project.Stage, runs bool) (c engine.Container, err error) {
	if !runs {
		err = e.up(ctx, only, map[string]bool{})
	}
	if err == nil {
		c, err = e.awaitEnd(ctx, d, s)
	}
	if ctx.Err() != nil {
		err = errors.Join(err, e.stopStep(context.WithoutCancel(ctx), only, s))
	}
	return c, err
}

// stepGrace is how long a step that is stopped may take: its own grace time, and
// what the engine needs for it.
const stepGrace = time.Minute

func (e *Environment) stopStep(ctx context.Context, only *project.Compose, s project.Stage) error {
	ctx, cancel := context.WithTimeout(ctx, stepGrace)
	defer cancel()
	return e.Engine.StopServices(ctx, only.Name, only, []string{s.Step}, func(engine.Progress) {})
}

func stepName(s project.Stage) string {
	if s.Seed {
		return "its seed"
	}
	return "its migration"
}

// awaitEnd hands on what a step prints until it has ended.
func (e *Environment) awaitEnd(ctx context.Context, d Desired, s project.Stage) (engine.Container, error) {
	c, err := e.serviceContainer(ctx, d.Compose.Name, s.Step)
	if err != nil {
		return c, err
	}
	f := follower{service: s.App, container: c, since: c.StartedAt.Add(-time.Second), tail: -1}
	err = f.run(ctx, e.Engine, func(ev Event) {
		ev.Line = d.hidden(ev.Line)
		e.Emit(ev)
	}, nil)
	for err == nil && ctx.Err() == nil {
		if c, err = e.Engine.Inspect(ctx, c.ID); err != nil || c.State != engine.Running && c.State != engine.Created {
			return c, err
		}
		pause(ctx, healthInterval)
	}
	if ctx.Err() != nil {
		return c, context.Cause(ctx)
	}
	return c, err
}

// stepOutput is what a step printed last.
func (e *Environment) stepOutput(ctx context.Context, d Desired, c engine.Container) []string {
	last := e.lastLines(ctx, c)
	for i, line := range last {
		last[i] = d.hidden(line)
	}
	return last
}

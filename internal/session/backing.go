package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

const (
	// healthyPatience is how long a backing service may take, whatever its health
	// check allows: a new database on a slow disk takes a minute.
	healthyPatience = 5 * time.Minute
	// healthInterval is how often its container is looked at.
	healthInterval = 50 * time.Millisecond
)

// startInOrder brings a project up stage by stage. Compose could wait by itself,
// but it looks twice a second, and it runs migrations again at each start.
func (e *Environment) startInOrder(ctx context.Context, d Desired, o Observed, p *project.Compose) error {
	stages := d.Project.Model.Stages(p)
	p = e.checkedOften(d, p)
	said := map[string]bool{}
	for i, s := range stages {
		if s.Step != "" {
			if err := e.runStep(ctx, d, o, p, s); err != nil {
				return err
			}
			continue
		}
		only := d.Project.Model.OnlyServices(p, s.Services...)
		if last := i == len(stages)-1; !last && e.runsHealthy(ctx, only, o, s.Await) {
			continue // the last stage has it looked at once more, and closely
		}
		o.Data = nil // what starts may make some
		if err := e.up(ctx, only, said); err != nil {
			return err
		}
		if err := e.noteVersions(ctx, d, s.Services); err != nil {
			return err
		}
		for _, name := range s.Await {
			if err := e.awaitHealthy(ctx, d, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// runsHealthy tells whether services run as they should, and those that are
// waited for are healthy.
func (e *Environment) runsHealthy(ctx context.Context, p *project.Compose, o Observed, await []string) bool {
	if !e.Engine.RunsAsAsked(p, o.Containers) {
		return false
	}
	g, gctx := errgroup.WithContext(ctx)
	for _, c := range o.Containers {
		if c.OneOff || !slices.Contains(await, c.Service) {
			continue
		}
		g.Go(func() error {
			full, err := e.Engine.Inspect(gctx, c.ID)
			if err == nil && !isHealthy(full) {
				err = ErrNotReady
			}
			return err
		})
	}
	return g.Wait() == nil
}

func isHealthy(c engine.Container) bool { return c.State == engine.Running && c.Health == "healthy" }

// startNeeded makes sure that what backs an app runs, for a one-off of its: as
// Compose does, it leaves that running.
func (e *Environment) startNeeded(ctx context.Context, d Desired, service string) error {
	s, _ := d.Project.Model.Service(service)
	var missing []string
	for _, name := range s.Needs {
		if _, backing := d.Project.Model.BackingService(name); !backing || d.Compose.Services[name].Name == "" {
			continue
		}
		c, err := e.serviceContainer(ctx, d.Compose.Name, name)
		var none *NotRunningError
		if err != nil && !errors.As(err, &none) {
			return err
		}
		if err != nil || c.State != engine.Running {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := e.checkData(ctx, d); err != nil {
		return err
	}
	return e.bringUp(ctx, d, e.checkedOften(d, d.Compose), missing, map[string]bool{})
}

// bringUp brings backing services up, and waits for those that say when they are
// healthy.
func (e *Environment) bringUp(ctx context.Context, d Desired, p *project.Compose, names []string, said map[string]bool) error {
	if err := e.up(ctx, d.Project.Model.OnlyServices(p, names...), said); err != nil {
		return err
	}
	if err := e.noteVersions(ctx, d, names); err != nil {
		return err
	}
	for _, name := range names {
		if b, ok := d.Project.Model.BackingService(name); ok && b.HasHealth(p) {
			if err := e.awaitHealthy(ctx, d, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkedOften has the health of what starts checked more often than later, where
// the engine knows how.
func (e *Environment) checkedOften(d Desired, p *project.Compose) *project.Compose {
	if quickChecks(d.Info.APIVersion) {
		return d.Project.Model.WithQuickChecks(p)
	}
	return p
}

// quickChecks tells whether an engine can check the health of what is starting
// more often than later: from API 1.44 on.
func quickChecks(api string) bool {
	const major, minor = 1, 44
	a, b, _ := strings.Cut(api, ".")
	x, err := strconv.Atoi(a)
	y, bad := strconv.Atoi(b)
	return err == nil && bad == nil && (x > major || x == major && y >= minor)
}

// awaitHealthy waits until a backing service says that it is healthy.
func (e *Environment) awaitHealthy(ctx context.Context, d Desired, service string) error {
	waitCtx, cancel := context.WithTimeout(ctx, healthyPatience)
	defer cancel()
	began := time.Now()
	for told := false; ; {
		c, err := e.serviceContainer(ctx, d.Compose.Name, service)
		if err != nil {
			return err
		}
		if isHealthy(c) {
			if told {
				e.Emit(Event{Kind: Healthy, Service: service, MS: time.Since(began).Milliseconds()})
			}
			return nil
		}
		if why := sick(c); why != "" {
			return e.notHealthy(ctx, d, c, service, why)
		}
		if !told {
			told = true
			e.Emit(Event{Kind: Waiting, Service: service})
		}
		select {
		case <-waitCtx.Done():
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return e.notHealthy(ctx, d, c, service, fmt.Sprintf("is not healthy within %s", healthyPatience))
		case <-time.After(healthInterval):
		}
	}
}

// sick says why a container will not get healthy; empty where it may.
func sick(c engine.Container) string {
	switch {
	case c.State == engine.Exited || c.State == engine.Dead || c.State == engine.Restarting:
		return fmt.Sprintf("ended with exit status %d", c.ExitCode)
	case c.Health == "unhealthy":
		return "does not get healthy: its health check fails"
	}
	return ""
}

func (e *Environment) notHealthy(ctx context.Context, d Desired, c engine.Container, service, why string) error {
	last := e.lastLines(ctx, c)
	for i, line := range last {
		last[i] = d.hidden(line)
	}
	return &NotReadyError{Service: service, Text: why, Last: last}
}

// ErrDataUnusable is the kind of the errors that say that data cannot be used as
// they are. Nothing was changed then.
var ErrDataUnusable = errors.New("the data cannot be used as they are")

// DataVersionError says that data was made by another version of its service
// than the one that would get it now, or by another kind of service.
type DataVersionError struct {
	Service, Volume string
	// Kind and Has are what made the data, Wants is the kind and version that would
	// get it.
	Kind, Has, Wants string
	// Image is what the service runs, where devbox.yaml says that in Compose's words.
	Image string
}

func (e *DataVersionError) Error() string {
	if e.Image != "" {
		return fmt.Sprintf("the data of service %q (volume %s) was made by %s %s, and its image is %s: nothing was started",
			e.Service, e.Volume, e.Kind, e.Has, e.Image)
	}
	return fmt.Sprintf("the data of service %q (volume %s) was made by %s %s, and %s says %s: nothing was started",
		e.Service, e.Volume, e.Kind, e.Has, project.ModelFile, e.Wants)
}

// Unwrap is ErrDataUnusable.
func (e *DataVersionError) Unwrap() error { return ErrDataUnusable }

// Hint says what to do about it.
func (e *DataVersionError) Hint() string {
	if e.Image != "" {
		return fmt.Sprintf("go on with an image of %s %s, or dump the data with it, then `devbox db snapshot` and `devbox db reset %s`, "+
			"and load the dump into %s", e.Kind, e.Has, e.Service, e.Wants)
	}
	return fmt.Sprintf("go on with `use: %s@%s`, or dump the data with it, then `devbox db snapshot` and `devbox db reset %s`, "+
		"and load the dump into %s", e.Kind, e.Has, e.Service, e.Wants)
}

// builtImage is an image that is there when everything has been built.
func builtImage(d Desired) string {
	for _, img := range d.Images {
		return img.Image
	}
	return ""
}

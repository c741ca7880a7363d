package session

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/project"
)

// resume starts again what was stopped, as the folder asks for it now: restored
// data may have another password. It returns when the apps answer.
func (c *dataChange) resume(ctx context.Context) error {
	if ctx.Err() != nil {
		return c.undo(ctx)
	}
	e := c.strict()
	d, err := e.Desire(ctx, project.Dev)
	if err != nil {
		return err
	}
	if d, err = e.convergeLocked(ctx, d, PlanOptions{Start: true}); err != nil {
		return err
	}
	return e.awaitApps(ctx, d, c.ran)
}

// strict is the environment for a start: every password has to be known.
func (c *dataChange) strict() Environment {
	e := *c.Environment
	e.LostPasswords = false
	return e
}

// undoTime is how long it may take to start again, after Ctrl-C, what was stopped.
const undoTime = 30 * time.Second

// undo starts again what was stopped, as it was, where nothing was changed and
// nothing has to be made ready for it. Else it is left to the next start: Ctrl-C
// must not lead to an install or a migration.
func (c *dataChange) undo(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	stays := Event{Kind: Warned, Text: "the services that were stopped for it are not started again", Hint: "`devbox up` does that"}
	if c.changed || len(c.ran) == 0 {
		c.Emit(stays)
		return nil
	}
	e := c.strict()
	d, err := e.Desire(ctx, project.Dev)
	if err != nil {
		return err
	}
	o, err := e.Observe(ctx, d)
	if err != nil {
		return err
	}
	if len(MakePlan(d, o, PlanOptions{}).Volumes) > 0 {
		c.Emit(stays)
		return nil
	}
	ran := slices.DeleteFunc(slices.Clone(c.ran), func(name string) bool { return isStep(d.Compose, name) })
	p := c.checkedOften(d, project.Supervise(d.Project.BuildOnce(d.Compose), d.Project.Model.Services, volumeNames(d.Volumes)))
	return c.up(ctx, d.Project.Model.OnlyServices(p, ran...), map[string]bool{})
}

// answerTime is how long apps may take until they answer again.
const answerTime = time.Minute

// awaitApps waits until apps have got where a start can get; no names mean all.
// One that does not is no failure of what was done to the data.
func (e *Environment) awaitApps(ctx context.Context, d Desired, names []string) error {
	waitCtx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	for _, s := range d.Project.Model.Services {
		if _, there := d.Compose.Services[s.Name]; !there || len(names) > 0 && !slices.Contains(names, s.Name) {
			continue
		}
		inTime, err := e.awaitApp(waitCtx, d, s)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		case !inTime:
			e.Emit(Event{Kind: Warned, Service: s.Name, Text: fmt.Sprintf("does not answer within %s", answerTime), Hint: "`devbox logs` shows why"})
			return nil
		}
	}
	return nil
}

// awaitApp waits until an app has got where a start can get, or has ended. It is false
// when ctx ends before that.
func (e *Environment) awaitApp(ctx context.Context, d Desired, s project.Service) (inTime bool, err error) {
	const interval = 50 * time.Millisecond
	for {
		a, err := e.appNow(ctx, d, s)
		switch {
		case err == nil && (a.settled() || a.down()):
			return true, nil
		case ctx.Err() != nil:
			return false, nil
		case err != nil:
			return false, err
		}
		pause(ctx, interval)
	}
}

// appNow is an app as its supervisor and the engine show it.
func (e *Environment) appNow(ctx context.Context, d Desired, s project.Service) (*app, error) {
	c, err := e.serviceContainer(ctx, d.Compose.Name, s.Name)
	a := &app{service: s.Name, port: s.Port, container: c, stdin: d.Compose.Services[s.Name].StdinOpen}
	if err != nil {
		return a, err
	}
	if a.ownInput() != "" {
		a.plain = true
		return a, nil
	}
	if r, ok := e.lastRecord(ctx, c); ok {
		a.state = AppRunning // as the records before the last one have said
		a.on(r, c.StartedAt)
	}
	return a, nil
}

package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/watch"
)

// RunOptions say how a session runs.
type RunOptions struct {
	// Detach ends the session when every service is ready and leaves them running.
	Detach bool
	// Adopt takes over what runs already, without converging first, and leaves it
	// running at the end: the background watcher of a detached environment.
	Adopt bool
	// ReadyTime is how long Detach waits for the services.
	ReadyTime time.Duration
	// Kill, when it is closed, ends a polite stop at once.
	Kill <-chan struct{}
	// Now is the clock.
	Now func() time.Time
}

// Run brings the environment up and supervises it until ctx ends; then it stops
// it. Events go to listen in order, from one goroutine.
func Run(ctx context.Context, env Environment, o RunOptions, listen func(...Event)) error {
	q := newQueue(o.Now, listen)
	defer q.close()
	env.Emit = q.emit
	d, err := env.Desire(ctx, project.Dev)
	if err != nil {
		return err
	}
	r := newRun(env, o, d)
	defer r.close()
	if o.Detach {
		if err := env.converge(ctx, d, PlanOptions{Start: true}); err != nil {
			return err
		}
		return r.untilReady(ctx)
	}
	// Watching begins before anything starts: an edit that the starting app
	// might have missed is a change.
	w, err := r.watch()
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }()
	if !o.Adopt {
		if err := env.converge(ctx, d, PlanOptions{Start: true}); err != nil {
			return r.startFailed(ctx, err)
		}
	}
	return r.supervise(ctx, w)
}

// startFailed stops what had started already when the user gave up.
func (r *run) startFailed(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return errors.Join(context.Cause(ctx), r.shutdown(ctx))
}

// run is one session at work. Its fields belong to the goroutine of its loop.
type run struct {
	env       Environment
	opts      RunOptions
	desired   Desired
	apps      map[string]*app
	words     *words
	followers map[string]followed
	reports   chan report
	snapshots chan snapshot
	ended     chan *follower
	converged chan outcome
	// waiting are the files of changes that a converge has still to take in.
	waiting    []string
	converging bool
	// giveUp ends the converge that is under way.
	giveUp context.CancelFunc
	// written are the files that devbox wrote itself: no change to react to.
	written map[string]bool
	// background ends what the loop started: followers, monitor, converges.
	background context.Context
	stopAll    context.CancelFunc
	tasks      tasks
}

// followed is the follower of a container's present run.
type followed struct {
	*follower
	live bool
}

// outcome is how a converge ended.
type outcome struct {
	desired Desired
	files   []string
	before  map[string]string
	seen    time.Time
	err     error
}

func newRun(env Environment, o RunOptions, d Desired) *run {
	ctx, stop := context.WithCancel(context.Background())
	const some = 64
	r := &run{
		env: env, opts: o, desired: d, apps: map[string]*app{}, words: newWords(env.Engine), followers: map[string]followed{},
		reports: make(chan report, some), snapshots: make(chan snapshot), ended: make(chan *follower),
		converged: make(chan outcome), background: ctx, stopAll: stop, written: map[string]bool{},
	}
	r.adoptServices()
	return r
}

// adoptServices makes an app of every service of the model.
func (r *run) adoptServices() {
	for _, s := range r.desired.Project.Model.Services {
		a := r.apps[s.Name]
		if a == nil {
			a = &app{service: s.Name, state: AppUnknown}
			r.apps[s.Name] = a
		}
		a.port, a.url = s.Port, ServiceURL(r.desired.Compose, s)
	}
}

func (r *run) close() {
	r.stopAll()
	r.tasks.wait()
	r.words.close()
}

// untilReady waits until every service is ready.
func (r *run) untilReady(ctx context.Context) error {
	m := &monitor{r.env.Engine, r.desired.Compose.Name, r.env.Emit, r.snapshots}
	r.tasks.start(func() { m.run(r.background) })
	late := time.NewTimer(r.opts.ReadyTime)
	defer late.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case s := <-r.snapshots:
			r.look(ctx, s)
		case rep := <-r.reports:
			r.report(rep)
		case f := <-r.ended:
			r.followerEnded(f)
		case <-late.C:
			return r.notReady(ctx, fmt.Sprintf("within %s", r.opts.ReadyTime))
		}
		if ready, crashed := r.allReady(); crashed {
			return r.notReady(ctx, "")
		} else if ready {
			return nil
		}
	}
}

// allReady tells whether every app is ready, and whether one has crashed.
func (r *run) allReady() (ready, crashed bool) {
	ready = true
	for _, a := range r.apps {
		crashed = crashed || a.state == AppCrashed
		ready = ready && a.settled()
	}
	return ready, crashed
}

// notReady says which service is to blame, and what it printed last.
func (r *run) notReady(ctx context.Context, when string) error {
	for _, name := range r.desired.Project.Model.Names() {
		a := r.apps[name]
		if a.settled() {
			continue
		}
		e := &NotReadyError{Service: name, Text: fmt.Sprintf("does not listen on port %d %s", a.port, when), Last: r.env.lastLines(ctx, a.container)}
		if a.state == AppCrashed {
			e.Text = "crashed"
		}
		return e
	}
	return ErrNotReady
}

// supervise is the session's loop: one goroutine, all decisions.
func (r *run) supervise(ctx context.Context, w *watch.Watcher) error {
	statuses := w.Statuses()
	m := &monitor{r.env.Engine, r.desired.Compose.Name, r.env.Emit, r.snapshots}
	r.tasks.start(func() { m.run(r.background) })
	for {
		select {
		case <-ctx.Done():
			return r.shutdown(ctx)
		case b, ok := <-w.Batches():
			if !ok {
				return r.watchEnded(ctx, w)
			}
			r.changed(ctx, b)
		case s, ok := <-statuses:
			if !ok {
				statuses = nil
				continue
			}
			r.watchStatus(s)
		case s := <-r.snapshots:
			if gone := r.look(ctx, s); gone {
				r.env.Emit(Event{Kind: Stopped, Text: "the environment was taken down elsewhere"})
				return nil
			}
		case rep := <-r.reports:
			r.report(rep)
		case f := <-r.ended:
			r.followerEnded(f)
		case out := <-r.converged:
			r.convergeEnded(ctx, out)
		}
	}
}

func (r *run) watch() (*watch.Watcher, error) {
	m, err := watch.NewMatcher(r.env.Dir, watch.Rules{Extra: r.ignorePatterns()})
	if err != nil {
		return nil, err
	}
	return watch.New(r.background, watch.Options{Root: r.env.Dir, Ignore: m, StateDir: r.stateDir()})
}

// stateDir is where the watcher may try out whether events arrive.
func (r *run) stateDir() string {
	root, err := os.OpenRoot(r.env.Dir)
	if err != nil {
		return ""
	}
	defer root.Close()
	if project.EnsureStateDir(root) != nil {
		return ""
	}
	return filepath.Join(r.env.Dir, project.StateDir)
}

func (r *run) ignorePatterns() []string {
	var list []string
	for _, s := range r.desired.Project.Model.Services {
		list = append(list, s.Watch.Ignore...)
	}
	return list
}

func (r *run) watchEnded(ctx context.Context, w *watch.Watcher) error {
	err := w.Err()
	if stopErr := r.shutdown(ctx); err == nil {
		return stopErr
	}
	return err
}

func (r *run) watchStatus(s watch.Status) {
	e := Event{Kind: WatchedMode, Text: string(s.Mode), Count: s.Dirs, Hint: s.Hint}
	if s.Reason != "" {
		e.Text += ": " + s.Reason
	}
	if n := len(s.Skipped); n > 0 {
		r.env.Emit(Event{Kind: Warned, Text: fmt.Sprintf("%d paths cannot be watched, such as %s", n, s.Skipped[0])})
	}
	r.env.Emit(e)
}

// look takes in what the engine shows. It reports true when containers that
// were there have all been removed by somebody else.
func (r *run) look(ctx context.Context, s snapshot) (gone bool) {
	had := len(r.followers) > 0
	present := map[string]bool{}
	for _, c := range s {
		present[c.ID] = true
		a := r.apps[c.Service]
		if a == nil {
			continue
		}
		r.emitAll(a.see(c))
		if c.State == engine.Running {
			r.follow(ctx, a, c)
		}
	}
	for id := range r.followers {
		if !present[id] {
			delete(r.followers, id)
			r.words.drop(id)
		}
	}
	return had && len(s) == 0 && !r.converging
}

// follow makes sure that the present run of a container is being followed.
func (r *run) follow(ctx context.Context, a *app, c engine.Container) {
	f, known := r.followers[c.ID]
	switch {
	case known && f.live && f.container.StartedAt.Equal(c.StartedAt):
		return
	case known && f.container.StartedAt.Equal(c.StartedAt):
		// The stream broke, so the other one has too: both are taken up again, this
		// one where it ended.
		r.words.drop(c.ID)
	case known:
		r.words.drop(c.ID)
		f.follower = &follower{service: a.service, container: c, since: c.StartedAt.Add(-time.Second), tail: -1}
	default:
		f.follower = r.firstFollower(ctx, a, c)
	}
	f.live = true
	r.followers[c.ID] = f
	next := *f.follower
	r.tasks.start(func() {
		_ = next.run(r.background, r.env.Engine, r.env.Emit, r.reports)
		select {
		case r.ended <- &next:
		case <-r.background.Done():
		}
	})
	_ = r.words.connect(ctx, c.ID)
}

// firstFollower decides where reading begins for a container that is new to
// this session. An app that was up before is asked how it is, and only its last
// lines are shown.
func (r *run) firstFollower(ctx context.Context, a *app, c engine.Container) *follower {
	f := &follower{service: a.service, container: c, since: c.StartedAt.Add(-time.Second), tail: -1}
	asked := r.opts.Now()
	last, ok := r.env.lastRecord(ctx, c.ID)
	if !ok || last.Kind != recordListening && last.Kind != recordStarted && last.Kind != recordExited {
		return f
	}
	r.emitAll(a.on(last, r.opts.Now()))
	if a.settled() || a.state == AppCrashed {
		const shown = 20
		f.since, f.tail, f.adopted = time.Time{}, shown, asked
	}
	return f
}

func (r *run) followerEnded(f *follower) {
	if have, ok := r.followers[f.container.ID]; ok && have.container.StartedAt.Equal(f.container.StartedAt) {
		r.followers[f.container.ID] = followed{follower: f}
	}
}

func (r *run) report(rep report) {
	a := r.apps[rep.service]
	if a == nil || a.container.ID != rep.container {
		return
	}
	r.emitAll(a.on(rep.record, r.opts.Now()))
}

func (r *run) emitAll(events []Event) {
	for _, e := range events {
		r.env.Emit(e)
	}
}

// changed acts on a settled batch of changed files.
func (r *run) changed(ctx context.Context, b watch.Batch) {
	var files []string
	for _, c := range b.Changes {
		// A folder says nothing to an app; what is in it comes by itself.
		if c.Dir {
			continue
		}
		if r.written[c.Path] {
			delete(r.written, c.Path)
			continue
		}
		files = append(files, c.Path)
	}
	if b.Rescan {
		r.env.Emit(Event{Kind: Warned, Text: "file events were lost, so the whole tree was looked at again"})
	}
	reaction := React(files)
	switch reaction.Action {
	case Nothing:
		if len(files) > 0 {
			r.env.Emit(Event{Kind: Changed, Files: files})
		}
	case RestartApp:
		for _, name := range r.desired.Project.Model.Names() {
			r.restart(ctx, r.apps[name], reaction.Files, "", b.Seen)
		}
	case Converge:
		r.converge(reaction.Files, b.Seen)
	}
}

// restart asks a supervisor to restart its app. A container that does not run
// is brought up instead.
func (r *run) restart(ctx context.Context, a *app, files []string, text string, seen time.Time) {
	if a.container.State != engine.Running {
		r.converge(files, seen)
		return
	}
	a.pending = &restart{id: r.words.id(), files: files, text: text, seen: seen}
	r.env.Emit(Event{Kind: Restarting, Service: a.service, Files: files, Text: text})
	if a.plain {
		r.restartContainer(a)
		return
	}
	id, err := r.words.say(ctx, a.container.ID, "restart", a.pending.id)
	if err != nil {
		a.pending = nil
		r.env.Emit(failure(a.service, err))
		return
	}
	a.pending.id = id
}

// restartContainer restarts an app that has no supervisor.
func (r *run) restartContainer(a *app) {
	p := a.pending
	a.pending = nil
	event := Event{Kind: Restarted, Service: a.service, Files: p.files, Text: p.text, Port: a.port, URL: a.url}
	service, compose := a.service, r.desired.Compose
	r.tasks.start(func() {
		if err := r.env.Engine.Restart(r.background, compose.Name, compose, []string{service}, nil); err != nil {
			r.env.Emit(failure(service, err))
			return
		}
		event.MS = r.opts.Now().Sub(p.seen).Milliseconds()
		r.env.Emit(event)
	})
}

// converge plans anew in the background. Changes that come meanwhile wait and
// are taken in by the next one.
func (r *run) converge(files []string, seen time.Time) {
	if r.converging {
		r.waiting = append(r.waiting, files...)
		return
	}
	r.converging = true
	ctx, giveUp := context.WithCancel(r.background)
	r.giveUp = giveUp
	out := outcome{files: files, seen: seen, before: map[string]string{}}
	for name, a := range r.apps {
		out.before[name] = a.container.ID
	}
	r.tasks.start(func() {
		defer giveUp()
		out.desired, out.err = r.env.Converge(ctx, project.Dev, PlanOptions{Start: true})
		select {
		case r.converged <- out:
		case <-r.background.Done():
		}
	})
}

// renderedOnly are files that only the environment is made of: an app that was
// not recreated for them has nothing to restart for.
var renderedOnly = append([]string{project.ModelFile, project.DockerFile, project.IgnoreFile, project.ComposeFile, project.ComposeProdFile}, overrideFiles...)

func (r *run) convergeEnded(ctx context.Context, out outcome) {
	r.converging = false
	if out.err != nil {
		r.env.Emit(failure("", out.err))
	} else {
		r.desired = out.desired
		for _, name := range out.desired.Written {
			r.written[name] = true
		}
		r.adoptServices()
		r.restartForConverge(ctx, out)
	}
	if waiting := r.waiting; len(waiting) > 0 {
		r.waiting = nil
		r.converge(waiting, r.opts.Now())
	}
}

// restartForConverge sees to it that every app runs with the changed files:
// those in new containers start by themselves, the others are restarted.
func (r *run) restartForConverge(ctx context.Context, out outcome) {
	list, err := r.env.Engine.Containers(ctx, r.desired.Compose.Name)
	if err != nil {
		r.env.Emit(failure("", err))
		return
	}
	files := slices.DeleteFunc(slices.Clone(out.files), func(f string) bool { return slices.Contains(renderedOnly, f) })
	for _, c := range list {
		a := r.apps[c.Service]
		if a == nil || c.OneOff {
			continue
		}
		switch {
		case c.ID != out.before[c.Service] && a.container.ID == c.ID && a.settled():
			// It was quicker than the news of its container.
			now := r.opts.Now()
			r.env.Emit(Event{Kind: Restarted, Service: a.service, Files: out.files, Port: a.port, URL: a.url, MS: now.Sub(out.seen).Milliseconds()})
		case c.ID != out.before[c.Service]:
			a.pending = &restart{files: out.files, seen: out.seen}
		case len(files) > 0 && c.State == engine.Running:
			r.restart(ctx, a, files, "", out.seen)
		}
	}
}

// shutdown stops the environment, politely until Kill is closed.
func (r *run) shutdown(ctx context.Context) error {
	if r.opts.Adopt {
		return nil
	}
	r.env.Emit(Event{Kind: Stopping})
	if r.converging {
		// What it would start after the stop would go on running.
		r.giveUp()
		<-r.converged
		r.converging = false
	}
	stopCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	finished := make(chan error, 1)
	go func() { finished <- r.env.Engine.Stop(stopCtx, r.desired.Compose.Name, r.desired.Compose, nil, nil) }()
	for {
		select {
		case err := <-finished:
			r.drain()
			if err == nil {
				r.env.Emit(Event{Kind: Stopped})
			}
			return err
		case <-r.opts.Kill:
			cancel()
			if err := <-finished; err == nil {
				return nil
			}
			now := time.Duration(0)
			return r.env.Engine.Stop(context.WithoutCancel(ctx), r.desired.Compose.Name, r.desired.Compose, &now, nil)
		case s := <-r.snapshots:
			r.look(stopCtx, s)
		case rep := <-r.reports:
			r.report(rep)
		case f := <-r.ended:
			r.followerEnded(f)
		}
	}
}

// drain lets the followers read what the stopped containers have printed last.
func (r *run) drain() {
	const patience = time.Second
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		live := false
		for _, f := range r.followers {
			live = live || f.live
		}
		if !live {
			return
		}
		select {
		case f := <-r.ended:
			r.followerEnded(f)
		case <-r.reports:
		case <-r.snapshots:
		case <-late.C:
			return
		}
	}
}

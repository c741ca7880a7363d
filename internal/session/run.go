package session

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

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
	// HandOver leaves somebody else watching: with Detach when every service is
	// ready, and when a listener wishes to leave. It returns when the other one
	// watches. What changes until then is still taken in here, so there is no moment
	// in which an edit is missed.
	HandOver func() error
	// Kill, when it is closed, ends a polite stop at once.
	Kill <-chan struct{}
	// Now is the clock.
	Now func() time.Time
	// Intents are what a listener asks for while the session runs.
	Intents <-chan Intent
	// Overview, when set, takes what there is, each time that it has changed. It is
	// called by the session's loop and must not wait.
	Overview func(Overview)
	// Samples, when set, takes what the services use, every two seconds.
	Samples func([]Sample)
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
	// Watching begins before anything starts: an edit that the starting app
	// might have missed is a change.
	w, err := r.watch()
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }()
	r.before = r.running(ctx)
	r.recall(w.Tree())
	r.show()
	if !o.Adopt {
		if r.desired, err = env.converge(ctx, d, PlanOptions{Start: true}); err != nil && o.Detach {
			return err
		} else if err != nil && !r.mayMend(ctx, err) {
			return r.startFailed(ctx, err)
		}
		// What was written before the watch began is no change to it.
		r.noteWritten(r.desired.Written[len(d.Written):])
	}
	if o.Detach {
		return r.untilReady(ctx, w)
	}
	return r.supervise(ctx, w)
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
	// observed is the project whose containers are looked at, unobserve ends that.
	observed  string
	unobserve context.CancelFunc
	ended     chan *follower
	converged chan outcome
	// waiting are the files of changes that a converge has still to take in.
	waiting []string
	// unapplied is the last converge, if that failed.
	unapplied  *Unapplied
	converging bool
	// unfinished says that a converge was given up, which may have started services
	// that desired does not have.
	unfinished bool
	// giveUp ends the converge that is under way.
	giveUp context.CancelFunc
	// written are the files that devbox wrote itself: no change to react to.
	written map[string]bool
	// layout says what a change means, watchKey what it and the watcher's rules
	// were made from.
	layout   Layout
	watchKey string
	watcher  *watch.Watcher
	statuses <-chan watch.Status
	// told are the services whose user knows that edits are left to a tool.
	told  map[string]bool
	loops loopGuard
	// background ends what the loop started: followers, monitor, converges.
	background context.Context
	stopAll    context.CancelFunc
	tasks      tasks
	// restarts are the restarts of whole containers that are under way, and
	// plainRestarts how many.
	restarts      sync.WaitGroup
	plainRestarts atomic.Int32
	memory        memory
	// before are the runs of containers that were there when the session began,
	// each with its start. What starts later finds the source as it is.
	before map[string]time.Time
	missed missed
	// held are the services that were stopped on purpose.
	held  map[string]bool
	shown Overview
	// looked says that the containers were looked at, stopping that they are about to
	// end: what they print last is read to its end, and no more after that.
	looked, stopping bool
	sampler          *sampler
}

func newRun(env Environment, o RunOptions, d Desired) *run {
	ctx, stop := context.WithCancel(context.Background())
	const some = 64
	r := &run{
		env: env, opts: o, desired: d, apps: map[string]*app{}, words: newWords(env.Engine), followers: map[string]followed{},
		reports: make(chan report, some), ended: make(chan *follower),
		memory:    memory{dir: env.Dir},
		converged: make(chan outcome), background: ctx, stopAll: stop, written: map[string]bool{}, told: map[string]bool{}, held: map[string]bool{},
	}
	if o.Adopt {
		// Without a converge of its own it goes on with what others have left.
		r.unapplied = LastUnapplied(env.Dir)
	}
	r.adoptServices()
	return r
}

// adoptServices makes an app of every service of the model, and keeps no other.
func (r *run) adoptServices() {
	for _, s := range r.desired.Project.Model.Services {
		a := r.apps[s.Name]
		if a == nil {
			a = &app{service: s.Name, state: AppUnknown}
			r.apps[s.Name] = a
		}
		a.port, a.url = s.Port, ServiceURL(r.desired.Compose, s)
		a.stdin = r.desired.Compose.Services[s.Name].StdinOpen
		a.alsoPublished = nil
		for _, p := range r.desired.Compose.Services[s.Name].Ports {
			if port := int(p.Target); port != s.Port {
				a.alsoPublished = append(a.alsoPublished, port)
			}
		}
	}
	r.adoptCompanions()
	wanted := r.serviceNames()
	// What is gone from the files would count as coming up, or as silent, for ever.
	maps.DeleteFunc(r.apps, func(name string, _ *app) bool { return !slices.Contains(wanted, name) })
}

// observe looks at the containers of the desired project from now on, and no more
// at those of one that it was called before.
func (r *run) observe() {
	if r.observed == r.desired.Compose.Name {
		return
	}
	if r.unobserve != nil {
		r.unobserve()
	}
	ctx, stop := context.WithCancel(r.background)
	// A channel of its own: what was seen of another project is no news of this one.
	r.observed, r.unobserve, r.snapshots = r.desired.Compose.Name, stop, make(chan snapshot)
	m := &monitor{r.env.Engine, r.observed, r.env.Emit, r.snapshots}
	r.tasks.start(func() { m.run(ctx) })
}

func (r *run) close() {
	r.stopAll()
	r.tasks.wait()
	r.words.close()
}

// supervise is the session's loop: one goroutine, all decisions.
func (r *run) supervise(ctx context.Context, w *watch.Watcher) error {
	r.observe()
	r.measure()
	for {
		r.remember()
		r.show()
		select {
		case <-ctx.Done():
			return r.shutdown(ctx)
		case in := <-r.opts.Intents:
			if !r.obey(ctx, in) {
				continue
			}
			if ended, err := r.leaveByWish(ctx, w); ended {
				return err
			}
		case b, ok := <-w.Batches():
			if !ok {
				return r.watchEnded(ctx, w)
			}
			r.changed(ctx, b)
		case file := <-w.Early():
			r.haltAhead(file)
		case s, ok := <-r.statuses:
			r.watchStatus(s, ok)
		case s := <-r.snapshots:
			r.seen(s)
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
		case now := <-r.loops.alarm(r.opts.Now()):
			r.restartHeld(ctx, now)
		case <-r.silentAlarm(r.opts.Now()):
			r.tellSilent()
		}
	}
}

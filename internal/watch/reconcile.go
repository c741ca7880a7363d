package watch

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// auditEvery is the pause between looks for watches that the kernel dropped.
const auditEvery = 2 * time.Second

// reconciler is one run of a watcher. Its loop owns all of it; other goroutines
// only collect events, read content in the background, and test that events
// arrive.
type reconciler struct {
	w       *Watcher
	options Options
	sys     system
	snap    *snapshot
	hints   *hints
	summer  *summer
	lock    gitLock
	settle  settler

	notifier   notifier // nil while polling
	troubled   trouble  // why it polls
	goroutines sync.WaitGroup
	silent     chan struct{} // the self-test failed

	pending map[string]bool // hints that were not looked at
	all     bool            // events were lost: look at everything

	underLock bool // git is at work on these changes

	early    string // told to whoever listens for it
	promised string // was told, and so is in the next batch

	offer  *Batch // waits to be taken
	seen   time.Time
	rescan bool
	// flushed are closed when what is on offer was taken.
	flushed []chan struct{}

	timer, poll, soon *time.Timer
	wake              time.Time // when timer is to fire
}

func newReconciler(w *Watcher, o Options, root string, sys system) *reconciler {
	o.PollInterval = min(orDefault(o.PollInterval, defaultPoll), maxPoll)
	snap := newSnapshot(root, o.Ignore)
	snap.list = sys.list
	return &reconciler{
		w: w, options: o, sys: sys, snap: snap,
		hints: newHints(root), summer: newSummer(snap.abs), lock: newGitLock(root),
		settle:  settler{pace: paceOf(o)},
		silent:  make(chan struct{}, 1),
		pending: map[string]bool{},
		timer:   stoppedTimer(), poll: stoppedTimer(), soon: stoppedTimer(),
	}
}

func stoppedTimer() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// begin takes the first snapshot, with its watches.
func (r *reconciler) begin(ctx context.Context) error {
	r.openNotifier()
	r.snap.starting = true
	r.snap.lookAll()
	if r.snap.failed != nil {
		return r.snap.failed
	}
	if err := r.snap.skipped[""]; err != nil {
		return fmt.Errorf("watch %q: %w", r.snap.root, err)
	}
	if r.snap.watches != nil && r.snap.watches.trouble != nil {
		r.toPolling(*r.snap.watches.trouble)
	}
	r.sumFirst()
	r.snap.starting = false
	r.snap.taken()
	r.w.tree = r.snap.tree()
	r.rescan = false
	r.goroutines.Go(func() { r.summer.run(ctx) })
	if r.notifier != nil && r.options.StateDir != "" {
		r.goroutines.Go(func() {
			if silentFolder(ctx, r.options.StateDir, r.sys.newNotifier) {
				r.silent <- struct{}{}
			}
		})
	}
	r.publish(true)
	return nil
}

// openNotifier starts to listen, unless there is a reason to poll.
func (r *reconciler) openNotifier() {
	if r.options.ForcePoll {
		r.toPolling(askedFor)
		return
	}
	if t, found := r.sys.fileSystemTrouble(r.snap.root); found {
		r.toPolling(t)
		return
	}
	n, err := r.sys.newNotifier()
	if err != nil {
		r.toPolling(limitTrouble(err))
		return
	}
	r.notifier = n
	r.snap.watches = newWatchSet(n, r.sys.fileSystemTrouble)
	r.goroutines.Go(func() { r.hints.collect(n) })
}

// sumFirst reads the content of a small tree before the watcher is ready, and
// leaves the rest of a large one for later. It also lets the clock of the file
// system tick: from then on a change shows in a file's times.
func (r *reconciler) sumFirst() {
	start := time.Now()
	newest := int64(0)
	r.snap.top.each(func(n *node) {
		if n.kind == file && n.seen-n.ctime < int64(clockTick) {
			newest = max(newest, n.ctime)
		}
	})
	jobs := r.snap.sumJobs()
	for len(jobs) > 0 && time.Since(start) < r.sys.sumFor {
		if jobs[0].do(r.snap.abs(jobs[0].path)) {
			r.snap.summed(jobs[0])
		}
		jobs = jobs[1:]
	}
	r.summer.add(jobs)
	if wait := time.Until(time.Unix(0, newest).Add(clockTick)); wait > 0 && wait <= clockTick {
		time.Sleep(wait)
	}
}

func (r *reconciler) publish(first bool) {
	st := Status{
		Mode: Events, Dirs: r.snap.dirs, Files: r.snap.files,
		Skipped: r.snap.skippedPaths(),
	}
	if r.notifier == nil {
		st.Mode, st.Reason, st.Hint = Polling, r.troubled.reason, r.troubled.hint
	} else {
		st.Watches = r.snap.watches.count
	}
	r.w.publish(st, first)
}

// stop waits for the other goroutines. The context has ended by then.
func (r *reconciler) stop() {
	if r.notifier != nil {
		_ = r.notifier.Close()
	}
	r.goroutines.Wait()
}

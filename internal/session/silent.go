package session

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/project"
)

// silentTime is how long an app may take until it listens before somebody is told
// that it does not. Most frameworks listen before they compile.
const silentTime = 15 * time.Second

// silentHint names what keeps an app from being seen most often.
const silentHint = "its output may say what it waits for; does it listen on process.env.PORT, and on 0.0.0.0? " +
	"One that listens on no port has `port: 0` in " + project.ModelFile

// overdue is when the app will have been silent for too long. It is false for an
// app that listens, has nothing to listen on, does not run, listens elsewhere,
// which was said at once, or was spoken of since it last listened.
func (a *app) overdue() (time.Time, bool) {
	if a.port == 0 || a.plain || a.state != AppRunning || a.startedAt.IsZero() || a.silenceTold {
		return time.Time{}, false
	}
	return a.startedAt.Add(silentTime), true
}

// silent says of an app that it does not listen, if it is time to.
func (a *app) silent(now time.Time) []Event {
	at, ok := a.overdue()
	if !ok || now.Before(at) {
		return nil
	}
	a.silenceTold = true
	return []Event{{
		Kind: Warned, Service: a.service, Port: a.port, Hint: silentHint,
		Text: fmt.Sprintf("the app runs, and does not listen on port %d %d s after its start", a.port, int(silentTime.Seconds())),
	}}
}

// silentAlarm tells when the next app has been silent for too long; nil where none
// will be.
func (r *run) silentAlarm(now time.Time) <-chan time.Time {
	var next time.Time
	for _, a := range r.apps {
		if at, ok := a.overdue(); ok && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	if next.IsZero() {
		return nil
	}
	return time.After(next.Sub(now))
}

// tellSilent speaks of the apps that have been silent for too long.
func (r *run) tellSilent() {
	now := r.opts.Now()
	for _, name := range slices.Sorted(maps.Keys(r.apps)) {
		r.emitAll(r.apps[name].silent(now))
	}
}

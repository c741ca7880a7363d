package session

import (
	"time"

	"github.com/devbox-node/devbox/internal/project"
)

// endedHint is for an app that ended with code 0, which looks like no fault.
const endedHint = "an app goes on running: where its command only starts it, name the app itself in `dev` of " + project.ModelFile +
	"; what is meant to end runs by `devbox run`"

// provenAt is when the present run will have shown that the app goes on: many a one
// ends as soon as it listens, or, without a port, as soon as it has been loaded. It is
// zero for one that ran before the session, or has no supervisor to tell of it.
func (a *app) provenAt() time.Time {
	const (
		listening = 300 * time.Millisecond
		running   = time.Second
	)
	switch {
	case a.proven || a.plain || a.companion:
		return time.Time{}
	case a.port == 0 && !a.startedAt.IsZero():
		return a.startedAt.Add(running)
	case a.port != 0 && !a.listensAt.IsZero(): // its start may not have been seen: it was quicker than the first look
		return a.listensAt.Add(listening)
	}
	return time.Time{}
}

// provenAlarm tells when the last of the apps will have shown that it goes on; nil
// where all have.
func (r *run) provenAlarm(now time.Time) <-chan time.Time {
	last := now
	for _, a := range r.apps {
		if at := a.provenAt(); at.After(last) {
			last = at
		}
	}
	if last.Equal(now) {
		return nil
	}
	return time.After(last.Sub(now))
}

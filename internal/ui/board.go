package ui

import (
	"time"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

// phase is where a session is in its life.
type phase int

const (
	phaseStarting phase = iota
	phaseRunning
	phaseStopping
	phaseStopped
)

// tone is how good a thing is; styles give it a colour.
type tone int

const (
	toneQuiet tone = iota
	tonePlain
	toneBusy
	toneGood
	toneWarn
	toneBad
)

// service is what the dashboard knows of one service.
type service struct {
	session.ServiceOverview
	// doing is what is being done to it at the moment, such as "building".
	doing string
	// ended says how its app ended, where it did so by itself.
	ended    string
	restarts int
	// why and took are of the last restart.
	why     string
	took    int64
	cpu     history
	percent float64
	memory  uint64
	sampled bool
}

// label is the name as it is shown; Name is what the session knows.
func (s *service) label() string { return term.Clean(s.Name) }

// moment is one line of the time line.
type moment struct {
	at      time.Time
	service string
	mark    string
	tone    tone
	text    string
	detail  string
}

// maxMoments is how far back the time line goes.
const maxMoments = 500

// board is what a session has told so far. It is fed by events and overviews
// and does no I/O.
type board struct {
	overview session.Overview
	services []*service
	byName   map[string]*service
	phase    phase
	began    time.Time
	moments  []moment
	problems problems
	progress progress
	watching string
	polling  bool
	lost     bool
	text     plain.Stream
	// tail are the last lines that a service printed.
	tail func(service string, n int) []string
}

func newBoard(now time.Time, text plain.Stream) *board {
	return &board{byName: map[string]*service{}, began: now, text: text}
}

// service finds a service; one that no overview has named yet is made.
func (b *board) service(name string) *service {
	if s := b.byName[name]; s != nil || name == "" {
		return s
	}
	s := &service{ServiceOverview: session.ServiceOverview{Name: name, State: session.AppUnknown}}
	b.byName[name] = s
	b.services = append(b.services, s)
	return s
}

// show takes in what there is.
func (b *board) show(o session.Overview) {
	o.Project = b.clean(o.Project)
	o.Engine.Version = b.clean(o.Engine.Version)
	b.problems.owe(b.overview.Unapplied, o.Unapplied, b.clean)
	b.overview = o
	list := make([]*service, 0, len(o.Services))
	for _, seen := range o.Services {
		s := b.service(seen.Name)
		// What is shown is made harmless here; Name stays what the session knows.
		seen.Node, seen.Image, seen.URL, seen.Health = b.clean(seen.Node), b.clean(seen.Image), b.clean(seen.URL), b.clean(seen.Health)
		s.ServiceOverview = seen
		if !seen.Running {
			s.sampled = false
		}
		list = append(list, s)
	}
	b.services = list
}

// clean makes a value from outside harmless for the screen.
func (b *board) clean(v string) string { return term.Options{ASCII: b.text.ASCII}.Clean(v) }

// measure takes in what services use.
func (b *board) measure(samples []session.Sample) {
	for _, x := range samples {
		if s := b.byName[x.Service]; s != nil {
			s.percent, s.memory, s.sampled = x.CPU, x.Memory, true
			s.cpu.add(x.CPU)
		}
	}
}

// on takes in an event that is no line of output.
func (b *board) on(e session.Event) {
	words := plain.Describe(e, b.text)
	b.progress.on(e, words)
	asked := b.askedFor(e)
	if !asked {
		b.problems.on(e, words, b.service(e.Service), b.tail)
	}
	b.state(e)
	if s := b.service(e.Service); s != nil {
		s.on(e, words)
	}
	p := b.phase
	if asked {
		p = phaseStopping
	}
	if m, ok := momentOf(e, words, p); ok {
		b.moments = append(b.moments, m)
		if len(b.moments) > 2*maxMoments {
			b.moments = append([]moment(nil), b.moments[len(b.moments)-maxMoments:]...)
		}
	}
}

// askedFor tells of an end that the user has asked for: it is no problem,
// whatever its code.
func (b *board) askedFor(e session.Event) bool {
	if e.Kind != session.Exited {
		return false
	}
	s := b.service(e.Service)
	return b.phase == phaseStopping || s != nil && (s.Held || s.doing == "stopping")
}

// state follows the session as a whole.
func (b *board) state(e session.Event) {
	switch e.Kind {
	case session.Ready, session.Restarted, session.Crashed:
		if b.phase == phaseStarting {
			b.phase = phaseRunning
		}
	case session.Stopping:
		if e.Service == "" {
			b.phase = phaseStopping
		}
	case session.Stopped:
		b.phase = phaseStopped
	case session.WatchedMode:
		b.watching, b.polling = plain.Describe(e, b.text).Text, e.Text != "events"
	case session.EngineLost:
		b.lost = true
	case session.EngineBack:
		b.lost = false
	}
}

// on follows one service.
func (s *service) on(e session.Event, words plain.Words) {
	switch e.Kind {
	case session.Building:
		s.doing = "building"
	case session.Installing:
		s.doing = "installing"
	case session.Migrating, session.Seeding, session.Waiting:
		s.doing = map[session.Kind]string{session.Waiting: "starting"}[e.Kind]
		if s.doing == "" {
			s.doing = string(e.Kind)
		}
	case session.Restarting:
		s.doing = "restarting"
	case session.Stopping:
		s.doing = "stopping"
	case session.Built, session.Installed, session.Healthy, session.Migrated, session.Seeded:
		s.doing = ""
	case session.Ready:
		s.doing, s.ended = "", ""
	case session.Restarted:
		s.doing, s.ended = "", ""
		s.restarts++
		s.why, s.took = words.Detail, e.MS
	case session.Crashed:
		s.doing, s.ended = "", ending(e)
	case session.Exited:
		s.doing, s.ended = "", ending(e)
	case session.Started:
		s.ended = ""
	}
}

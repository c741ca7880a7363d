package plain

import (
	"slices"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/session"
)

// stepEvery is how often a step of a build may be printed.
const stepEvery = 250 * time.Millisecond

// maxHeldSteps is how many steps wait to be printed. BuildKit runs fewer at once.
const maxHeldSteps = 16

// steps keeps the progress of builds down to a few lines a second. A step that
// cannot be printed at once is held, and is never printed when it ends before its
// turn: what is left are the steps that take time.
type steps struct {
	held []session.Event
	next time.Time
}

// on takes in an event of a build.
func (s *steps) on(e session.Event) {
	switch {
	case e.Output:
	case e.Done:
		s.held = slices.DeleteFunc(s.held, func(h session.Event) bool {
			return h.Service == e.Service && strings.HasPrefix(e.Text, h.Text)
		})
	default:
		if len(s.held) == maxHeldSteps {
			s.held = s.held[1:]
		}
		s.held = append(s.held, e)
	}
}

// due takes out a step whose turn it is.
func (s *steps) due(now time.Time) (session.Event, bool) {
	if len(s.held) == 0 || now.Before(s.next) {
		return session.Event{}, false
	}
	e := s.held[0]
	s.held = s.held[1:]
	s.next = now.Add(stepEvery)
	return e, true
}

// forget drops the steps of a build that has ended.
func (s *steps) forget(service string) {
	s.held = slices.DeleteFunc(s.held, func(h session.Event) bool { return h.Service == service })
}

package ui

import (
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

// step is one thing that takes its time.
type step struct {
	key     string
	service string
	text    string
	began   time.Time
	took    time.Duration
	done    bool
}

// progress is what building and installing is about at the moment.
type progress struct {
	steps []step
	// output is what a step printed last.
	output string
}

const maxSteps = 64

// on takes in an event.
func (p *progress) on(e session.Event, words plain.Words) {
	switch e.Kind {
	case session.Building:
		p.building(e)
	case session.Built:
		p.finish(e.Time, func(s step) bool { return strings.HasPrefix(s.key, "build "+e.Service+" ") })
		p.begin(step{key: "built " + e.Service, service: e.Service, text: "image built", began: e.Time})
		p.steps[len(p.steps)-1].done, p.steps[len(p.steps)-1].took = true, time.Duration(e.MS)*time.Millisecond
		p.output = ""
	case session.Installing:
		p.begin(step{key: "install " + e.Volume, service: e.Service, text: words.Text, began: e.Time})
	case session.Installed:
		p.finish(e.Time, func(s step) bool { return s.key == "install "+e.Volume })
		p.output = ""
	case session.Waiting, session.Migrating, session.Seeding:
		p.begin(step{key: "before " + e.Service, service: e.Service, text: words.Text, began: e.Time})
	case session.Healthy, session.Migrated, session.Seeded:
		p.finish(e.Time, func(s step) bool { return s.key == "before "+e.Service })
	case session.Creating:
		name, _, _ := strings.Cut(e.Text, " ")
		if e.Done {
			p.finish(e.Time, func(s step) bool { return s.key == "create "+name })
			return
		}
		p.begin(step{key: "create " + name, text: words.Text, began: e.Time})
	case session.Failed, session.Stopping, session.Stopped:
		p.clear()
	}
}

func (p *progress) building(e session.Event) {
	if e.Output {
		p.output = e.Text
		return
	}
	if !e.Done {
		p.begin(step{key: "build " + e.Service + " " + e.Text, service: e.Service, text: e.Text, began: e.Time})
		return
	}
	// The end of a step has its text, and how it ended behind that.
	p.finish(e.Time, func(s step) bool {
		text, ok := strings.CutPrefix(s.key, "build "+e.Service+" ")
		return ok && strings.HasPrefix(e.Text, text)
	})
}

// begin adds a step. When nothing is under way, what was done before is history.
func (p *progress) begin(s step) {
	for i := range p.steps {
		if p.steps[i].key == s.key {
			s.began = p.steps[i].began
			p.steps[i] = s
			return
		}
	}
	p.steps = append(p.steps, s)
	if len(p.steps) > maxSteps {
		p.steps = p.steps[1:]
	}
}

func (p *progress) finish(at time.Time, which func(step) bool) {
	for i := range p.steps {
		if s := &p.steps[i]; !s.done && which(*s) {
			s.done, s.took = true, at.Sub(s.began)
		}
	}
}

func (p *progress) clear() { p.steps, p.output = nil, "" }

// busy tells whether anything is under way.
func (p *progress) busy() bool {
	for _, s := range p.steps {
		if !s.done {
			return true
		}
	}
	return false
}

// settle forgets what was done when nothing is under way any more.
func (p *progress) settle() {
	if !p.busy() {
		p.clear()
	}
}

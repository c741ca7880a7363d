package ui

import (
	"regexp"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

// problem is something that the user should know and can do something about.
type problem struct {
	kind    session.Kind
	service string
	tone    tone
	text    string
	// lines are what the service printed last.
	lines []string
	hint  string
	// owed is a failure that is there until the change behind it is applied,
	// whatever else goes well.
	owed bool
}

// problems are those that are there now.
type problems struct{ list []problem }

// on takes in what an event brings or mends.
func (p *problems) on(e session.Event, words plain.Words, s *service, tail func(string, int) []string) {
	switch e.Kind {
	case session.Started, session.Restarting:
		p.mended(func(x problem) bool { return x.service == e.Service && x.service != "" })
	case session.Ready, session.Restarted:
		p.mended(func(x problem) bool {
			return x.kind == session.Failed && !x.owed || x.kind == session.Crashed && x.service == e.Service
		})
	case session.Built, session.Installed, session.Migrated:
		p.mended(func(x problem) bool { return x.kind == session.Failed && !x.owed })
	case session.EngineBack:
		p.mended(func(x problem) bool { return x.kind == session.EngineLost })
	case session.Stopping, session.Stopped:
		p.mended(func(x problem) bool { return e.Service == "" || x.service == e.Service })
	case session.EngineLost:
		p.add(problem{kind: e.Kind, tone: toneBad, text: words.Text, hint: orElse(words.Hint, "devbox goes on by itself when it answers again; what runs, runs on")})
	case session.Failed:
		p.add(problem{kind: e.Kind, service: e.Service, tone: toneBad, text: join(words.Text, words.Detail), hint: words.Hint})
	case session.Crashed:
		x := problem{kind: e.Kind, service: e.Service, tone: toneBad, text: join(endedWords(e), words.Detail), hint: orElse(words.Hint, "save a file to start it again, or press r")}
		if tail != nil {
			x.lines = telling(tail(e.Service, tailLines))
		}
		p.add(x)
	case session.Exited:
		if e.Code != nil && *e.Code != 0 && s != nil && !s.Held && s.doing != "stopping" {
			x := problem{kind: session.Crashed, service: e.Service, tone: toneBad, text: join(words.Text, words.Detail), hint: orElse(words.Hint, endedHint(*e.Code))}
			if tail != nil {
				x.lines = telling(tail(e.Service, tailLines))
			}
			p.add(x)
		}
	case session.Warned:
		p.add(problem{kind: e.Kind, service: e.Service, tone: toneWarn, text: words.Text, hint: words.Hint})
	}
}

// endedHint says what to do about a container that ended by itself.
func endedHint(code int) string {
	const killed = 128 + 9 // as shells count the signal
	if code == killed {
		return "it was killed from outside, or had used up its memory; press r to start it again"
	}
	return "press r to start it again"
}

// owe takes in what the environment is behind with. What was dismissed stays so
// until there is something else.
func (p *problems) owe(was, is *session.Unapplied, clean func(string) string) {
	switch {
	case is == nil:
		p.mended(func(x problem) bool { return x.owed })
	case was == nil || was.Text != is.Text:
		p.add(problem{kind: session.Failed, tone: toneBad, text: clean(is.Text), hint: clean(is.Hint), owed: true})
	}
}

// add puts a problem in front of those that matter less. The same one is there
// only once.
func (p *problems) add(x problem) {
	p.mended(func(have problem) bool {
		return have.kind == x.kind && have.service == x.service && (x.kind != session.Warned || have.text == x.text)
	})
	at := slices.IndexFunc(p.list, func(have problem) bool { return have.tone <= x.tone && have.kind != session.EngineLost })
	if at < 0 {
		at = len(p.list)
	}
	p.list = slices.Insert(p.list, at, x)
	const most = 20
	p.list = p.list[:min(len(p.list), most)]
}

func (p *problems) mended(which func(problem) bool) { p.list = slices.DeleteFunc(p.list, which) }

// first is the problem that matters most.
func (p *problems) first() (problem, bool) {
	if len(p.list) == 0 {
		return problem{}, false
	}
	return p.list[0], true
}

// dismiss drops the first one.
func (p *problems) dismiss() {
	if len(p.list) > 0 {
		p.list = p.list[1:]
	}
}

// tailLines is how far back the reason of a crash is looked for.
const tailLines = 32

var (
	errorLine = regexp.MustCompile(`^(Uncaught )?([A-Z]\w*)?(Error|Exception)\b|^Error |^npm error|^error[:\s]`)
	placeLine = regexp.MustCompile(`^(file://)?/\S+:\d+$`)
	frameLine = regexp.MustCompile(`^\s+at `)
)

// inProject names files as they are called on the host.
var inProject = strings.NewReplacer("file://"+project.AppDir+"/", "", project.AppDir+"/", "")

// telling picks those of the last lines that say why an app ended: its last
// error, the place in the source that Node.js prints in front of it, and where
// that was called from.
func telling(lines []string) []string {
	const most = 3
	lines = slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.TrimSpace(l) == "" })
	at := len(lines) - 1
	for at >= 0 && !errorLine.MatchString(lines[at]) {
		at--
	}
	if at < 0 {
		return lines[max(0, len(lines)-most):]
	}
	// A package manager prints its error on several lines, the first one first.
	for at > 0 && errorLine.MatchString(lines[at-1]) {
		at--
	}
	out := []string{lines[at]}
	for i := at - 1; i >= max(0, at-4) && !frameLine.MatchString(lines[i]); i-- {
		if placeLine.MatchString(lines[i]) {
			return []string{lines[at], inProject.Replace(lines[i]) + "   " + strings.TrimSpace(lines[i+1])}
		}
	}
	for _, l := range lines[at+1:] {
		if len(out) < most && frameLine.MatchString(l) && !strings.Contains(l, "node:internal") || len(out) < most && errorLine.MatchString(l) {
			out = append(out, inProject.Replace(l))
		}
	}
	return out
}

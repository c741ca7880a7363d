package plain

import (
	"fmt"
	"strings"

	"github.com/devbox-node/devbox/internal/session"
)

// said is what devbox says about an event.
type said struct {
	mark mark
	text string
	// detail is less important and on the same line.
	detail string
	// hint is what the user can do, on the next line.
	hint string
}

const (
	mostWritten = 4 // the files that devbox renders
	mostChanged = 2
)

// say puts an event into words, for one stream. Only the event's own Text may
// bring line breaks with it; it is made harmless when it is printed.
func say(e session.Event, s Stream) said {
	e.Kind, e.URL = session.Kind(s.clean(string(e.Kind))), s.clean(e.URL)
	e.Volume, e.Signal = s.clean(e.Volume), s.clean(e.Signal)
	switch e.Kind {
	case session.Named:
		return said{mark: markNote, text: "the environment of this folder is called " + e.Text}
	case session.Rendered:
		return said{mark: markNote, text: "wrote " + s.fileList(e.Files, mostWritten)}
	case session.Building:
		return said{mark: markNote, text: "building: " + e.Text}
	case session.Built:
		return said{mark: markGood, text: in("built", e.MS), detail: e.Text}
	case session.Creating:
		return said{mark: markNote, text: e.Text}
	case session.Installing:
		return said{mark: markFetch, text: orElse(e.Text, "installing "+treeName(e.Volume))}
	case session.Waiting:
		return said{mark: markNote, text: "waiting until it is healthy"}
	case session.Healthy:
		return said{mark: markGood, text: in("healthy", e.MS)}
	case session.Migrating, session.Seeding:
		return said{mark: markFetch, text: string(e.Kind), detail: e.Text}
	case session.Migrated, session.Seeded:
		return said{mark: markFetch, text: in(string(e.Kind), e.MS)}
	case session.LockChanged:
		return said{mark: markFetch, text: e.Text}
	case session.Installed:
		return said{mark: markFetch, text: in("installed "+treeName(e.Volume), e.MS)}
	case session.WatchedMode:
		return sayWatching(e)
	case session.Warned:
		return said{mark: markWarn, text: e.Text, hint: e.Hint}
	case session.Failed:
		return said{mark: markBad, text: e.Text, hint: e.Hint}
	case session.EngineLost:
		return said{mark: markBad, text: because("the Docker engine does not answer", e.Text), hint: e.Hint}
	case session.EngineBack:
		return said{mark: markGood, text: "the Docker engine answers again"}
	case session.Stopping, session.Stopped:
		return said{mark: markNote, text: because(string(e.Kind), e.Text), hint: e.Hint}
	}
	return sayApp(e, s)
}

// sayApp is for what happens to an app.
func sayApp(e session.Event, s Stream) said {
	why := s.why(e)
	switch e.Kind {
	case session.Ready:
		return said{mark: markGood, text: sayReady(e)}
	case session.Changed:
		return said{mark: markNote, text: s.fileList(e.Files, mostChanged) + " changed; " + orElse(e.Text, "nothing to do")}
	case session.Restarting:
		return said{mark: markAgain, text: "restarting", detail: why}
	case session.Restarted:
		return said{mark: markAgain, text: in("restarted", e.MS), detail: why}
	case session.Crashed:
		what := because("crashed", ending(e.Code, e.Signal))
		if e.EndedWell() {
			what = session.WellEnded
		}
		text := what + "; " + orElse(e.Text, "waiting for a change")
		return said{mark: markBad, text: text, detail: s.fileList(e.Files, mostChanged), hint: e.Hint}
	case session.Exited:
		return sayExited(e)
	}
	text := because(string(e.Kind), e.Text)
	return said{mark: markNote, text: text, detail: s.fileList(e.Files, mostChanged), hint: e.Hint}
}

func sayReady(e session.Event) string {
	text := "running"
	switch {
	case e.URL != "":
		text = "listening on " + e.URL
	case e.Port != 0:
		text = fmt.Sprintf("listening on port %d", e.Port)
	}
	if e.MS > 0 {
		text += " (" + seconds(e.MS) + ")"
	}
	return text
}

func sayExited(e session.Event) said {
	m := markBad
	if e.Code != nil && *e.Code == 0 {
		m = markNote
	}
	return said{mark: m, text: because("stopped", ending(e.Code, e.Signal)), detail: e.Text, hint: e.Hint}
}

func sayWatching(e session.Event) said {
	text := "watching"
	if e.Count > 0 {
		text += " " + count(e.Count, "folder")
	}
	detail := e.Text
	if detail == "events" {
		detail = "" // as it should be
	}
	return said{mark: markNote, text: text, detail: detail, hint: e.Hint}
}

// why is the reason of a restart: the files that changed, or words.
func (s Stream) why(e session.Event) string {
	if len(e.Files) > 0 {
		return s.fileList(e.Files, mostChanged)
	}
	return e.Text
}

func because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// lines are the lines of s as they are printed behind the name and the mark.
func (w said) lines(s Stream) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(w.text, "\r\n"), "\n") {
		lines = append(lines, s.words(line))
	}
	if w.detail != "" {
		lines[len(lines)-1] += s.paint(Faint, s.dot()+s.words(w.detail))
	}
	if w.hint != "" {
		hint := strings.ReplaceAll(strings.TrimSpace(w.hint), "\n", " ")
		lines = append(lines, s.paint(Faint, "hint: ")+s.words(hint))
	}
	return lines
}

// words makes one line of a message harmless. Tabs in messages only indent.
func (s Stream) words(line string) string {
	return s.clean(strings.ReplaceAll(strings.TrimRight(line, "\r"), "\t", "  "))
}

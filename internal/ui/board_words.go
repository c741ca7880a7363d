package ui

import (
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

// ending is how a process ended, in the fewest words.
func ending(e session.Event) string {
	switch {
	case e.Signal != "":
		return term.Clean(e.Signal)
	case e.Code != nil && *e.Code != 0:
		return "exit " + itoa(*e.Code)
	}
	return ""
}

// endedWords say how an app ended by itself.
func endedWords(e session.Event) string {
	if e.EndedWell() {
		return session.WellEnded
	}
	return join("crashed", ending(e))
}

// status is a service's state as a word, and how good that is.
func (s *service) status(p phase) (string, tone) {
	switch {
	case p == phaseStopping && s.Running:
		return "stopping", toneBusy
	case s.doing != "":
		return s.doing, toneBusy
	case s.State == session.AppExited && s.Running:
		return session.WellEnded, toneWarn
	case s.State == session.AppCrashed || s.Running && s.ended != "":
		return join("crashed", s.ended), toneBad
	case s.Held && !s.Running:
		return "stopped", toneQuiet
	case s.Health == "unhealthy":
		return "unhealthy", toneBad
	case s.State == session.AppWrongPort && s.Running:
		return string(s.State), toneWarn
	case s.State == session.AppListening:
		return "listening", toneGood
	case s.Health == "healthy":
		return "healthy", toneGood
	case s.State == session.AppStarting, s.State == session.AppRunning && s.Port != 0 && s.Node != "", s.Running && s.State == session.AppUnknown:
		return "starting", toneBusy
	case s.State == session.AppRunning:
		return "running", toneGood
	case s.State == session.AppStopped && s.ended != "" && p == phaseRunning:
		return join("ended", s.ended), toneBad
	case s.State == session.AppUnknown && p == phaseStarting:
		return "waiting", toneQuiet
	}
	return "stopped", toneQuiet
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + " · " + b
}

// momentOf tells what of an event belongs into the time line.
func momentOf(e session.Event, words plain.Words, p phase) (moment, bool) {
	m := moment{at: e.Time, service: e.Service, text: words.Text, detail: words.Detail}
	switch e.Kind {
	case session.Restarted:
		m.mark, m.tone = "↻", toneBusy
		m.text, m.detail = orElse(words.Detail, "restarted"), took(e.MS)
	case session.Ready:
		m.mark, m.tone = "✓", toneGood
		m.text, m.detail = "ready", took(e.MS)
		if e.Port != 0 {
			m.text = "listening"
		}
	case session.Crashed:
		m.mark, m.tone = "✗", toneBad
		m.text = endedWords(e)
	case session.Exited:
		m.mark, m.tone, m.text = "■", toneQuiet, join("stopped", ending(e))
		if ending(e) != "" && p == phaseRunning {
			m.tone = toneBad
		}
	case session.Installed:
		m.mark, m.tone = "⇣", toneBusy
		m.text, m.detail = "deps "+plain.ShortKey(e.Volume), took(e.MS)
	case session.Migrated, session.Seeded:
		m.mark, m.tone, m.text, m.detail = "⇣", toneBusy, string(e.Kind), took(e.MS)
	case session.Built:
		m.mark, m.tone, m.text, m.detail = "▣", toneBusy, "image built", took(e.MS)
	case session.Rendered:
		m.mark = "·"
	case session.Changed:
		m.mark = "·"
	case session.Warned:
		m.mark, m.tone = "!", toneWarn
	case session.Failed, session.EngineLost:
		m.mark, m.tone = "✗", toneBad
	case session.EngineBack:
		m.mark, m.tone = "✓", toneGood
	case session.Stopping:
		m.mark = "·"
	default:
		return m, false
	}
	return m, true
}

func took(ms int64) string {
	if ms <= 0 {
		return ""
	}
	return plain.Duration(ms)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

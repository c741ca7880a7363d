package logs

import (
	"fmt"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/session"
)

// Kind tells what an entry is.
type Kind uint8

// The kinds of entries. Those of output are one line each, as the app printed
// it; the others are separators between them.
const (
	Stdout Kind = iota
	Stderr
	Notice  // the app was started or restarted; Text says why and how fast
	Trouble // the app crashed or its container ended; Text says how
)

// Output tells whether an entry is a line that the app printed.
func (k Kind) Output() bool { return k <= Stderr }

// Entry is one line of output, or a separator. Its text may hold anything:
// the store makes it harmless when it takes it in, and nothing else does.
type Entry struct {
	Time    time.Time
	Service string
	Kind    Kind
	Text    string
}

// FromEvent makes the entry that shows an event among the lines. It reports
// false for an event that has no place there.
func FromEvent(e session.Event) (Entry, bool) {
	entry := Entry{Time: e.Time, Service: e.Service, Kind: Notice}
	switch e.Kind {
	case session.Log:
		entry.Kind, entry.Text = Stdout, e.Line
		if e.Stream == "stderr" {
			entry.Kind = Stderr
		}
	case session.Started:
		entry.Text = "started"
	case session.Restarted:
		entry.Text = strings.Join(reasons(e), " · ")
	case session.Crashed, session.Exited:
		entry.Kind, entry.Text = Trouble, ending(e)
	default:
		return Entry{}, false
	}
	return entry, true
}

// reasons are why an app was restarted and how long that took.
func reasons(e session.Event) []string {
	var parts []string
	switch n := len(e.Files); {
	case n == 1:
		parts = append(parts, e.Files[0])
	case n > 1:
		parts = append(parts, fmt.Sprintf("%s and %d more", e.Files[0], n-1))
	case e.Text != "":
		parts = append(parts, e.Text)
	default:
		parts = append(parts, "restarted")
	}
	if e.MS > 0 {
		parts = append(parts, (time.Duration(e.MS) * time.Millisecond).String())
		if e.MS < 1000 {
			parts[len(parts)-1] = fmt.Sprintf("%d ms", e.MS)
		}
	}
	return parts
}

func ending(e session.Event) string {
	word := "crashed"
	if e.Kind == session.Exited {
		word = "container ended"
	}
	switch {
	case e.Kind == session.Crashed && e.EndedWell():
		return session.WellEnded
	case e.Signal != "":
		return word + ": " + e.Signal
	case e.Code != nil:
		return fmt.Sprintf("%s: exit code %d", word, *e.Code)
	}
	return word
}

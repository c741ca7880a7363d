package plain

import (
	"strings"

	"github.com/devbox-node/devbox/internal/session"
)

// Words are what devbox says about an event, on one line and harmless.
type Words struct {
	Text string
	// Detail is less important, such as the files that a restart is for.
	Detail string
	// Hint is what the user can do.
	Hint string
}

// Describe puts an event into the words that a Printer prints.
func Describe(e session.Event, s Stream) Words {
	w := say(e, s)
	line := func(text string) string { return s.words(strings.ReplaceAll(strings.TrimSpace(text), "\n", " ")) }
	return Words{Text: line(w.text), Detail: line(w.detail), Hint: line(w.hint)}
}

// Duration is short and has the precision that a person cares for: 118 ms,
// 1.9 s, 34 s, 2 min 5 s.
func Duration(ms int64) string { return duration(ms) }

// ShortKey is the beginning of the key that a node_modules volume's name ends in.
func ShortKey(volume string) string { return strings.TrimPrefix(treeName(volume), "node_modules ") }

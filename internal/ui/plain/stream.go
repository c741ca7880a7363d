// Package plain prints a session's events where there is no dashboard: as lines
// with the service's name in front, or as one JSON object a line. It also prints
// the tables and logs of the other commands. Nothing that it prints can control
// a terminal, whoever wrote the text: every value goes through package term.
package plain

import (
	"io"
	"strings"

	"github.com/devbox-node/devbox/internal/term"
)

// Stream is where text goes, and what the other end can show.
type Stream struct {
	W io.Writer
	// Terminal is true where W is a terminal.
	Terminal bool
	// Colour lets colours through: devbox's own, and those of the app's output.
	Colour bool
	// ASCII makes devbox's own marks ASCII. On a terminal, text from elsewhere
	// is made ASCII as well.
	ASCII bool
}

// NewStream finds out what can be shown on w. Colours need a terminal, no
// NO_COLOR, and a TERM that is not dumb; marks beyond ASCII need a locale that
// is UTF-8, or none at all. getenv is asked for nothing else.
func NewStream(w io.Writer, terminal bool, getenv func(string) string) Stream {
	return Stream{
		W:        w,
		Terminal: terminal,
		Colour:   terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb",
		ASCII:    !isUTF8(getenv),
	}
}

// isUTF8 looks at the first variable that is set, as the C library does.
func isUTF8(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(getenv(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return true
}

// text is how text from elsewhere is made harmless for the stream.
func (s Stream) text() term.Options {
	return term.Options{KeepColour: s.Colour, ASCII: s.ASCII && s.Terminal}
}

// clean makes a value harmless for the stream.
func (s Stream) clean(v string) string { return s.text().Clean(v) }

// paint gives a text a colour where the stream has colours.
func (s Stream) paint(c Colour, text string) string {
	if !s.Colour || c == "" || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// Colour is the parameter of an SGR sequence. Only the 16 colours are used,
// which every theme, light or dark, makes legible.
type Colour string

// The colours by what they mean.
const (
	Good    Colour = "32"
	Bad     Colour = "31"
	Caution Colour = "33"
	Busy    Colour = "36"
	Faint   Colour = "2"
)

// serviceColours are given to services in turn. Red means trouble and is none.
var serviceColours = []Colour{"36", "35", "34", "33", "32", "96", "95", "94", "93", "92"}

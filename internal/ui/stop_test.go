package ui

import (
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

// What ends because the user said so is no problem, whatever its code.
func TestAStopThatWasAskedForIsNoProblem(t *testing.T) {
	code := 143
	ended := session.Event{Kind: session.Exited, Service: "web", Code: &code}
	tests := map[string]struct {
		before   []session.Event
		problems int
	}{
		"by itself":    {nil, 1},
		"by Ctrl-C":    {[]session.Event{{Kind: session.Stopping}}, 0},
		"one by a key": {[]session.Event{{Kind: session.Stopping, Service: "web"}}, 0},
	}
	for name, test := range tests {
		b := newBoard(time.Now(), plain.Stream{})
		b.on(session.Event{Kind: session.Ready, Service: "web"})
		for _, e := range test.before {
			b.on(e)
		}
		b.on(ended)
		last := b.moments[len(b.moments)-1]
		if len(b.problems.list) != test.problems || (last.tone == toneBad) != (test.problems > 0) {
			t.Errorf("%s: problems %+v, last moment %+v", name, b.problems.list, last)
		}
	}
}

package ui

import (
	"testing"

	"github.com/devbox-node/devbox/internal/session"
)

// A change that could not be applied is shown until it is, whatever else goes
// well meanwhile.
func TestAChangeThatIsNotAppliedStaysInSight(t *testing.T) {
	f := running(t, 120, 40)
	f.happen(session.Event{Kind: session.Failed, Text: "read package.json: unexpected end", Hint: "mend it"})
	o := overview(session.AppListening)
	o.Unapplied = &session.Unapplied{Since: noon, Files: []string{"package.json"}, Text: "read package.json: unexpected end", Hint: "mend it"}
	f.overview(o)
	f.sees("last change not applied", "read package.json: unexpected end", "mend it")
	f.happen(session.Event{Kind: session.Restarted, Service: "web", Files: []string{"index.js"}, MS: 40})
	f.sees("last change not applied", "read package.json: unexpected end")

	f.press("<esc>")
	f.seesNot("unexpected end")
	f.overview(o)
	f.seesNot("unexpected end")
	f.sees("last change not applied")

	f.overview(overview(session.AppListening))
	f.seesNot("last change not applied")
}

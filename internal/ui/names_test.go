package ui

import (
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/session"
)

// Long names of some services take neither the port of another one nor the words
// of the time line.
func TestLongNamesLeaveRoom(t *testing.T) {
	f := running(t, 120, 40)
	o := overview(session.AppListening)
	long := "a-service-with-a-very-long-name"
	o.Services = append(o.Services, session.ServiceOverview{Name: long, State: session.AppRunning, Running: true})
	f.overview(o)
	f.happen(session.Event{Kind: session.Ready, Service: long})
	f.sees(":3000 ", "a-service-w… ready")
	checkFrame(t, f, 120, 40)
}

func TestAKilledContainerSaysSo(t *testing.T) {
	f := running(t, 120, 40)
	code := 137
	f.happen(session.Event{Kind: session.Exited, Service: "db", Code: &code})
	f.sees("killed from outside, or had used up its memory")
	f.press("?")
	if frame := f.frame(); !strings.Contains(frame, "PgDn Ctrl-D Space  scroll") {
		t.Errorf("the keys are cut:\n%s", frame)
	}
}

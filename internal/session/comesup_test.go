package session

import (
	"testing"
	"time"
)

func TestHowLongAnAppComesUp(t *testing.T) {
	at := time.Unix(1000, 0)
	listens := at.Add(3 * time.Second)
	tests := map[string]struct {
		app *app
		// until is how long after its start that ends; zero is never begun.
		until time.Duration
	}{
		"it listens":               {&app{port: 1, state: AppListening, listensAt: listens}, 3*time.Second + 100*time.Millisecond},
		"it has no port":           {&app{state: AppRunning}, time.Second},
		"it may listen yet":        {&app{port: 1, state: AppRunning}, silentTime},
		"it was said to be silent": {&app{port: 1, state: AppRunning, silenceTold: true}, time.Second},
		"it listens elsewhere":     {&app{port: 1, state: AppWrongPort}, time.Second},
		"it has crashed":           {&app{port: 1, state: AppCrashed}, 0},
	}
	for name, test := range tests {
		a := test.app
		a.startedAt = at
		if a.comesUp(at.Add(-time.Millisecond)) {
			t.Errorf("%s: before its start it comes up", name)
		}
		if got := a.comesUp(at.Add(test.until - time.Millisecond)); got != (test.until > 0) {
			t.Errorf("%s: comes up before %s: %v", name, test.until, got)
		}
		if a.comesUp(at.Add(test.until)) {
			t.Errorf("%s: it still comes up after %s", name, test.until)
		}
	}
}

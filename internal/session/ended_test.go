package session

import "testing"

func TestHowAnAppEnded(t *testing.T) {
	tests := map[string]struct {
		last  record
		state AppState
		well  bool
	}{
		"with code 0":      {record{Kind: recordExited}, AppExited, true},
		"with another one": {record{Kind: recordExited, Code: 1}, AppCrashed, false},
		"by a signal":      {record{Kind: recordExited, Signal: "SIGSEGV"}, AppCrashed, false},
	}
	for name, test := range tests {
		a := app{service: "web"}
		events := a.on(test.last, a.startedAt)
		if a.state != test.state || !a.down() || len(events) != 1 || events[0].EndedWell() != test.well {
			t.Errorf("%s: state %q, events %+v", name, a.state, events)
		}
	}
}

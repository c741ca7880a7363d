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

func TestStatusNamesEveryState(t *testing.T) {
	const port = 3000
	tests := map[string]struct {
		last record
		want AppState
	}{
		"started":             {record{Kind: recordStarted}, AppStarting},
		"listening":           {record{Kind: recordListening, Port: port}, AppListening},
		"listening elsewhere": {record{Kind: recordListening, Port: port + 1}, AppWrongPort},
		"closed":              {record{Kind: recordClosed, Port: port}, AppRunning},
		"ended on purpose":    {record{Kind: recordExited, Expected: true, Code: 143}, AppRestarting},
		"ended by itself":     {record{Kind: recordExited, Code: 1}, AppCrashed},
		"ended well":          {record{Kind: recordExited}, AppExited},
		"slow to end":         {record{Kind: recordSlow}, AppStarting},
		"unsupported":         {record{Kind: recordUnsupported}, AppRunning},
	}
	for name, test := range tests {
		s := ServiceStatus{Name: "web", Port: port}
		if s.take(test.last); s.State != string(test.want) {
			t.Errorf("%s: state %q, want %q", name, s.State, test.want)
		}
	}
}

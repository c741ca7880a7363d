package session

import "encoding/json"

// record is one report of the supervisor in a container.
type record struct {
	Kind string `json:"devbox"`
	// ID is the id of the word that caused it, empty for the container's start.
	ID       string `json:"id"`
	PID      int    `json:"pid"`
	Port     int    `json:"port"`
	Code     int    `json:"code"`
	Signal   string `json:"signal"`
	Expected bool   `json:"expected"`
	// Loopback says that the port is open inside the container only.
	Loopback bool `json:"loopback"`
	// Restarts counts the app's starts in this run of the container, less one.
	Restarts int `json:"restarts"`
}

// The kinds of records.
const (
	recordStarted     = "started"
	recordListening   = "listening"
	recordClosed      = "closed"
	recordExited      = "exited"
	recordSlow        = "slow"
	recordUnsupported = "unsupported"
)

// parseRecord reads a record; false where the text is not one. The app shares
// the stream and could write one too: all that it could reach is what is shown
// of itself.
func parseRecord(text string) (record, bool) {
	var r record
	if err := json.Unmarshal([]byte(text), &r); err != nil || r.Kind == "" {
		return record{}, false
	}
	return r, true
}

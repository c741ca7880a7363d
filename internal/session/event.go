package session

import "time"

// Kind names what happened. The set is part of `up --json`'s contract.
type Kind string

// The kinds of events, in the order in which a first `up` shows them.
const (
	Named       Kind = "checkout"    // the environment of this folder got a name of its own; Text
	Rendered    Kind = "rendered"    // files were written; Files
	Building    Kind = "building"    // a build step; Text is the step
	Built       Kind = "built"       // an image is ready; MS
	Installing  Kind = "installing"  // a node_modules volume is being filled; Volume, or Text where it is the lock that is made
	Installed   Kind = "installed"   // … and is ready; Volume, MS
	Waiting     Kind = "waiting"     // a service is needed by others and is not healthy yet
	Healthy     Kind = "healthy"     // … and is; MS
	Migrating   Kind = "migrating"   // an app's data is brought up to date before it starts; Text is the command
	Migrated    Kind = "migrated"    // … and is; MS
	Seeding     Kind = "seeding"     // an app's new data is filled; Text is the command
	Seeded      Kind = "seeded"      // … and is; MS
	LockChanged Kind = "lock"        // the lock is another than before; Text says what changed
	Creating    Kind = "creating"    // an engine operation; Text
	Started     Kind = "started"     // the app's process was started
	Ready       Kind = "ready"       // the app listens; Port, URL, MS since its start
	Changed     Kind = "changed"     // files changed and nothing had to be done for it; Files, Text
	Restarting  Kind = "restarting"  // a restart was asked for; Files or Text say why
	Restarted   Kind = "restarted"   // the app runs again and, where it has a port, listens; Files, MS since the edit was seen
	Crashed     Kind = "crashed"     // the app ended by itself, with code 0 also; Code or Signal
	Exited      Kind = "exited"      // the container ended; Code
	Log         Kind = "log"         // one line of output; Line, Stream
	Warned      Kind = "warning"     // Text, and Hint where there is a remedy
	Failed      Kind = "error"       // Text, Hint
	Stopping    Kind = "stopping"    // the environment is being stopped
	Stopped     Kind = "stopped"     // … and is
	WatchedMode Kind = "watching"    // what the watcher does: Text (events or polling), Files counts
	EngineLost  Kind = "engine-lost" // the engine does not answer; Text
	EngineBack  Kind = "engine-back" // … and answers again
)

// WellEnded is how people are told of an app that ended by itself with code 0, in
// place of "crashed".
const WellEnded = "exited (0)"

// EndedWell tells of a Crashed event that the app has ended with code 0.
func (e Event) EndedWell() bool { return e.Signal == "" && e.Code != nil && *e.Code == 0 }

// Event is one thing that happened in a session. It is plain data: the
// dashboard, the plain printer and the JSON printer show the same events, and
// its JSON form is one line of `up --json`.
type Event struct {
	Time    time.Time `json:"time"`
	Kind    Kind      `json:"event"`
	Service string    `json:"service,omitempty"`
	// Files are paths relative to the project folder, with forward slashes.
	Files []string `json:"files,omitempty"`
	// MS is how long it took, in milliseconds.
	MS     int64  `json:"ms,omitempty"`
	Code   *int   `json:"code,omitempty"`
	Signal string `json:"signal,omitempty"`
	// Line is a line of output without its line break; Stream is stdout or stderr.
	Line   string `json:"line,omitempty"`
	Stream string `json:"stream,omitempty"`
	Port   int    `json:"port,omitempty"`
	URL    string `json:"url,omitempty"`
	Volume string `json:"volume,omitempty"`
	Count  int    `json:"count,omitempty"`
	// Done marks the end of the step that Text names, Output a line that it printed.
	Done   bool   `json:"done,omitempty"`
	Output bool   `json:"output,omitempty"`
	Text   string `json:"text,omitempty"`
	Hint   string `json:"hint,omitempty"`
}

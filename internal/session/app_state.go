package session

import "github.com/devbox-node/devbox/internal/engine"

// AppState is what a service's app is doing, as far as devbox knows.
type AppState string

// The states of an app. A container that runs says little: its supervisor
// stays when the app has crashed.
const (
	AppUnknown    AppState = "unknown"
	AppStarting   AppState = "starting"
	AppRunning    AppState = "running"    // started; it has no port to listen on, or not yet, or no more
	AppListening  AppState = "listening"  // it accepts connections
	AppCrashed    AppState = "crashed"    // ended by itself; waits for a change
	AppExited     AppState = "exited"     // ended by itself and well, with code 0; waits for a change
	AppRestarting AppState = "restarting" // ended on purpose, its next start is about to come
	AppWrongPort  AppState = "wrong port" // it listens, but not where devbox.yaml says
	AppStopped    AppState = "stopped"    // the container does not run
)

// down tells whether the app has ended by itself, well or not.
func (a *app) down() bool { return a.state == AppCrashed || a.state == AppExited }

// ending says how the app has ended, as what a service did.
func (a *app) ending() string {
	if a.state == AppExited {
		return WellEnded
	}
	return "crashed"
}

// containerEnded tells whether the container of an app is there and has ended.
func (a *app) containerEnded() bool {
	return !a.companion && (a.container.State == engine.Exited || a.container.State == engine.Dead)
}

// settled tells whether the app has got where a start can get.
func (a *app) settled() bool {
	if a.companion {
		return true
	}
	if a.plain {
		return a.container.State == engine.Running
	}
	return a.state == AppListening || a.state == AppRunning && a.port == 0
}

// Command devbox gives a Node.js project a complete dev environment from
// Docker alone, and the same app in production.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// version is set by the build, see the Makefile.
var version = "dev"

func main() {
	os.Exit(run())
}

// run is main with a result, so that what it defers happens.
func run() int {
	// The Compose SDK traces into a collector that the environment may name; a
	// tool on a developer's machine has no business there.
	_ = os.Unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT")
	ctx, stop := notify(context.Background())
	defer stop()
	d := systemDeps()
	cmd := newRootCmd(d)
	cmd.SetArgs(os.Args[1:])
	err := cmd.ExecuteContext(ctx)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = context.Cause(ctx)
	}
	return exitCode(d, err)
}

// signalError is why a context ended: a signal came.
type signalError struct{ sig syscall.Signal }

func (e *signalError) Error() string { return e.sig.String() }

// killed is closed by the second signal: what is being stopped politely is then
// stopped at once. The third ends the process.
var killed = make(chan struct{})

// steppedAside says that another program has the terminal, so that what Ctrl-C
// sends to all of its processes is not meant for this one.
var steppedAside atomic.Bool

// notify ends the context with the first SIGINT, SIGTERM or SIGHUP.
func notify(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	// Three places: no signal may get lost while the first one is being handled.
	const most = 3
	signals := make(chan os.Signal, most)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for n := 1; ; n++ {
			sig, _ := (<-signals).(syscall.Signal)
			if sig == syscall.SIGINT && steppedAside.Load() {
				n-- // it is meant for what has the terminal
				continue
			}
			switch n {
			case 1:
				cancel(&signalError{sig})
			case 2:
				close(killed)
			default:
				os.Exit(signalBase + int(sig))
			}
		}
	}()
	return ctx, func() { signal.Stop(signals) }
}

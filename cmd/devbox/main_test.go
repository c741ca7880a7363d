package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

func TestASignalForWhatHasTheTerminalIsNotForDevbox(t *testing.T) {
	came := make(chan os.Signal, 2)
	signal.Notify(came, syscall.SIGINT)
	defer signal.Stop(came)
	ctx, stop := notify(context.Background())
	defer stop()
	steppedAside.Store(true)
	defer steppedAside.Store(false)
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-came // so it is behind
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	var by *signalError
	if !errors.As(context.Cause(ctx), &by) || by.sig != syscall.SIGTERM {
		t.Errorf("ended by %v, want SIGTERM", context.Cause(ctx))
	}
}

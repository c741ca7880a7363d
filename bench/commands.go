package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// commands measures whole commands, as a shell sees them, beside the Compose
// plugin where that is installed.
func (b *bench) commands() error {
	a, err := b.newApp("commands")
	if err != nil {
		return err
	}
	for _, warm := range [][]string{{"up", "--detach"}, {"run", "true"}} {
		if _, err := a.devbox(warm...); err != nil {
			return err
		}
	}
	var up, compose, run, down series
	for range b.rounds {
		if err := a.time(&up, "up", "--detach"); err != nil {
			return err
		}
		if took, err := a.composeUp(); err == nil {
			compose.add(took)
			// Compose has just made the container as it would have it; back again.
			if _, err := a.devbox("up", "--detach"); err != nil {
				return err
			}
		}
		if err := a.time(&run, "run", "true"); err != nil {
			return err
		}
	}
	for range b.rounds {
		if err := a.time(&down, "down"); err != nil {
			return err
		}
		if _, err := a.devbox("up", "--detach"); err != nil {
			return err
		}
	}
	fmt.Printf("\nwhole commands, chat app, %d rounds in turn\n", b.rounds)
	printTable([]row{
		{"devbox up --detach, nothing to do", up},
		{"docker compose up -d, nothing to do", compose},
		{"devbox run true", run},
		{"devbox down", down},
	}, up)
	return nil
}

func (a *app) time(into *series, args ...string) error {
	took, err := a.devbox(args...)
	into.add(took)
	return err
}

// composeUp times the plugin on a project with nothing to do: the first call
// makes it so.
func (a *app) composeUp() (time.Duration, error) {
	var took time.Duration
	for range 2 {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		cmd := exec.CommandContext(ctx, "docker", "compose", "up", "--detach")
		cmd.Dir, cmd.Env = a.dir, append(os.Environ(), fmt.Sprintf("DEVBOX_WEB_PORT=%d", a.port))
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		began := time.Now()
		err := cmd.Run()
		took = time.Since(began)
		cancel()
		if err != nil {
			return 0, err
		}
	}
	return took, nil
}

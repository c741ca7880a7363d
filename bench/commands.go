package main

import (
	"fmt"
	"time"
)

// commands measures whole commands, as a shell sees them, beside the Compose
// plugin where that is installed.
func (b *bench) commands() error {
	p, err := b.newProject("commands", "chat")
	if err != nil {
		return err
	}
	for _, warm := range [][]string{{"up", "--detach"}, {"run", "true"}} {
		if _, err := p.devbox(warm...); err != nil {
			return err
		}
	}
	var up, compose, run, down series
	for range b.rounds {
		if err := p.time(&up, "up", "--detach"); err != nil {
			return err
		}
		if took, err := p.composeUp(); err == nil {
			compose.add(took)
			// Compose has just made the container as it would have it; back again.
			if _, err := p.devbox("up", "--detach"); err != nil {
				return err
			}
		}
		if err := p.time(&run, "run", "true"); err != nil {
			return err
		}
	}
	for range b.rounds {
		if err := p.time(&down, "down"); err != nil {
			return err
		}
		if _, err := p.devbox("up", "--detach"); err != nil {
			return err
		}
	}
	fmt.Fprintf(b.out, "\nwhole commands, chat app, %d rounds in turn\n", b.rounds)
	printTable(b.out, []row{
		{"devbox up --detach, nothing to do", up},
		{"docker compose up -d, nothing to do", compose},
		{"devbox run true", run},
		{"devbox down", down},
	}, up)
	return nil
}

func (p *project) time(into *series, args ...string) error {
	took, err := p.devbox(args...)
	into.add(took)
	return err
}

// composeUp times the plugin on a project with nothing to do: the first call
// makes it so.
func (p *project) composeUp() (time.Duration, error) {
	if took, err := p.run("docker", "compose", "up", "--detach"); err != nil {
		return took, err
	}
	return p.run("docker", "compose", "up", "--detach")
}

// Command bench measures devbox beside its peers, in one run on one machine: the
// peers take turns round by round, so that a machine that gets slower gets
// slower for all. It prints medians and ratios; single times mean little.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/moby/moby/client"
)

// bench holds what the parts share.
type bench struct {
	out      io.Writer
	bin, dir string
	rounds   int
	// app is the only one that is edited; empty means all.
	app string
	// run tells this run from others: what it makes is in no cache of theirs.
	run      int64
	api      *client.Client
	projects []*project
}

// part is one of the things that can be measured alone.
type part struct {
	name string
	run  func(b *bench) error
}

func parts() []part {
	return []part{
		{"edit", (*bench).editToAnswer},
		{"watcher", (*bench).watcher},
		{"burst", (*bench).bursts},
		{"commands", (*bench).commands},
		{"locks", (*bench).locks},
		{"biglocks", (*bench).bigLocks},
		{"dashboard", (*bench).dashboard},
	}
}

func main() {
	rounds := flag.Int("rounds", 15, "how often each thing is measured")
	only := flag.String("only", "", "the parts to run, with commas between them: edit, watcher, burst, commands, locks, biglocks, dashboard")
	app := flag.String("app", "", "the only app that the part edit measures, such as express")
	helper := flag.String("watch", "", "watch this folder and print what is seen: for the bench itself")
	flooded := flag.Bool("flooded", false, "show a dashboard that is flooded: for the bench itself")
	flag.DurationVar(&floodTime, "flood", floodTime, "how long the dashboard is flooded")
	flag.Parse()
	err := error(nil)
	switch {
	case *helper != "":
		err = watchAndPrint(*helper, os.Stdin, os.Stdout)
	case *flooded:
		err = showFlood()
	default:
		err = run(os.Stdout, *rounds, *only, *app)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, rounds int, only, app string) error {
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	bin := os.Getenv("DEVBOX_BIN")
	if bin == "" {
		bin = filepath.Join("bin", "devbox")
	}
	if bin, err = filepath.Abs(bin); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "devbox-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	api, err := client.New(client.FromEnv)
	if err != nil {
		return err
	}
	b := &bench{out: out, bin: bin, dir: dir, rounds: max(rounds, 1), app: app, run: time.Now().Unix(), api: api}
	defer b.cleanUp()
	// A run that is interrupted leaves nothing behind either.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- b.runParts(chosen) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return errors.New("interrupted")
	}
}

func (b *bench) runParts(chosen []part) error {
	b.describeMachine()
	for _, p := range chosen {
		fmt.Fprintf(b.out, "\n== %s ==\n", p.name)
		if err := p.run(b); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// choose picks parts by their names, all of them where none is named.
func choose(only string) ([]part, error) {
	if only == "" {
		return parts(), nil
	}
	var chosen []part
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(parts(), func(p part) bool { return p.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no part %q", name)
		}
		chosen = append(chosen, parts()[i])
	}
	return chosen, nil
}

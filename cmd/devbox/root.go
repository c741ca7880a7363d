package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/devbox-node/devbox/internal/engine/docker"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

// deps are what commands need of the world.
type deps struct {
	in       io.ReadCloser
	out, err io.Writer
	// vars is the process's environment.
	vars map[string]string
	now  func() time.Time
	// inTTY and outTTY say whether a person is at the other end.
	inTTY, outTTY, errTTY bool
	// lines reads answers from in; it is made at the first question.
	lines *bufio.Reader
	// open connects to the engine.
	open func(ctx context.Context, o docker.Options) (*docker.Client, error)

	// dir and dockerContext are flags of every command.
	dir, dockerContext string
}

func systemDeps() *deps {
	d := &deps{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, vars: map[string]string{}, now: time.Now,
		inTTY:  term.IsTerminal(int(os.Stdin.Fd())),
		outTTY: term.IsTerminal(int(os.Stdout.Fd())),
		errTTY: term.IsTerminal(int(os.Stderr.Fd())),
		open:   docker.Open,
	}
	for _, kv := range os.Environ() {
		k, v, _ := strings.Cut(kv, "=")
		d.vars[k] = v
	}
	return d
}

func newRootCmd(d *deps) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "devbox",
		Short: "A dev environment for Node.js from Docker alone",
		Long: `devbox gives a Node.js project a dev environment from Docker alone: no Node and
no npm on this machine. It renders plain Dockerfile and Compose files from
devbox.yaml, keeps node_modules in step with the lock, restarts the app on each
edit, and runs the same app in production.`,
		Example: `  devbox init --template chat mychat   make a project
  devbox up                            start it, watch it, restart it on edits
  devbox run npm test                  run a command in its container
  devbox prod up                       the same app as in production`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          helpOrUnknown,
	}
	cmd.SetIn(d.in)
	cmd.SetOut(d.out)
	cmd.SetErr(d.err)
	cmd.PersistentFlags().StringVarP(&d.dir, "dir", "C", "", "the project's `folder` (default: the nearest one above with a devbox.yaml)")
	cmd.PersistentFlags().StringVar(&d.dockerContext, "context", "", "the docker `context` to use")
	cmd.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &usageError{text: err.Error(), hint: "see `" + c.CommandPath() + " --help`"}
	})
	cmd.AddCommand(
		newInitCmd(d, nil), newUpCmd(d, nil), newShellCmd(d, nil), newRunCmd(d, nil),
		newAddCmd(d, nil), newRemoveCmd(d, nil), newUpdateCmd(d, nil),
		newStatusCmd(d, nil), newURLCmd(d), newLogsCmd(d, nil), newRestartCmd(d, nil), newRebuildCmd(d, nil), newDownCmd(d, nil),
		newVolumesCmd(d), newDBCmd(d), newCheckoutsCmd(d), newLockCmd(d), newRenderCmd(d, nil), newConfigCmd(d), newProdCmd(d), newVersionCmd(d),
	)
	wrapArgs(cmd)
	return cmd
}

// helpOrUnknown is what a command does that only has commands below it.
func helpOrUnknown(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	hint := "see `" + cmd.CommandPath() + " --help`"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean `" + cmd.CommandPath() + " " + near[0] + "`?"
	}
	return &usageError{text: fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath()), hint: hint}
}

// exclusive makes a usage error of flags that exclude each other.
func exclusive(cmd *cobra.Command, names ...string) {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		var set []string
		for _, name := range names {
			if cmd.Flags().Changed(name) {
				set = append(set, "--"+name)
			}
		}
		if len(set) > 1 {
			return &usageError{text: strings.Join(set, " and ") + " exclude each other", hint: "see `" + cmd.CommandPath() + " --help`"}
		}
		return nil
	}
}

// wrapArgs makes usage errors of what cobra says about arguments.
func wrapArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return &usageError{text: err.Error(), hint: "see `" + c.CommandPath() + " --help`"}
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		wrapArgs(sub)
	}
}

// projectDir finds the project's folder: the one that was named, else the
// nearest one upwards that has a devbox.yaml.
func (d *deps) projectDir() (string, error) {
	dir := d.dir
	if dir == "" {
		dir = "."
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if dir, err = filepath.EvalSymlinks(dir); errors.Is(err, os.ErrNotExist) {
		return "", &usageError{text: fmt.Sprintf("there is no folder %q", d.dir), hint: "-C takes the folder of a project"}
	} else if err != nil {
		return "", err
	}
	if d.dir != "" {
		return dir, nil
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, project.ModelFile)); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return dir, nil
		}
	}
}

// opened is a project together with the engine it runs on.
type opened struct {
	env    session.Environment
	client *docker.Client
}

// openEnvironment connects to the engine and finds the project. The caller
// closes the client.
func (d *deps) openEnvironment(ctx context.Context, emit func(session.Event)) (*opened, error) {
	return d.openTelling(ctx, emit, d.talk())
}

// openTelling is openEnvironment for who wants to say otherwise than on stderr that
// the engine is slow.
func (d *deps) openTelling(ctx context.Context, emit, tell func(session.Event)) (*opened, error) {
	dir, err := d.projectDir()
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(filepath.Join(dir, project.ModelFile)); errors.Is(err, os.ErrNotExist) {
		return nil, &project.MissingError{Dir: dir}
	}
	c, err := d.open(ctx, d.engineOptions(tell))
	if err != nil {
		return nil, err
	}
	return &opened{client: c, env: session.Environment{Dir: dir, Engine: c, Vars: d.vars, Procfs: "/proc", Emit: emit}}, nil
}

func (d *deps) engineOptions(tell func(session.Event)) docker.Options {
	return docker.Options{
		Context: d.dockerContext, In: d.in, Out: d.out, Err: d.err, Owner: session.Self("/proc").String(),
		Slow: func(most time.Duration) { tell(slowEngine(most)) },
	}
}

// slowEngine says that the engine takes long to answer.
func slowEngine(most time.Duration) session.Event {
	return session.Event{
		Kind: session.Warned, Text: fmt.Sprintf("Docker is slow to answer; it is waited for up to %s", most),
		Hint: "see what else the machine does: `docker version` is as slow",
	}
}

func (d *deps) stdout() plain.Stream { return plain.NewStream(d.out, d.outTTY, d.getenv) }
func (d *deps) stderr() plain.Stream { return plain.NewStream(d.err, d.errTTY, d.getenv) }

func (d *deps) getenv(name string) string { return d.vars[name] }

// talk prints the events of a command whose result is something else: all of
// it goes to stderr.
func (d *deps) talk() func(session.Event) {
	p := plain.NewPrinter(plain.Options{Out: d.stderr(), Err: d.stderr()})
	var mu sync.Mutex
	return func(e session.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Time.IsZero() {
			e.Time = d.now()
		}
		_ = p.Print(e)
	}
}

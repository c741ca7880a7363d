package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
)

func TestExitCodes(t *testing.T) {
	wrap := func(err error) error { return fmt.Errorf("do something: %w", err) }
	type exitTest struct {
		name string
		err  error
		code int
	}
	tests := []exitTest{
		{"success", nil, 0},
		{"anything else", errors.New("x"), 1},
		{"a command line that makes no sense", &usageError{text: "x"}, 2},
		{"a project that is none", &project.MissingError{Dir: "/x"}, 3},
		{"state of a newer devbox", &project.StateFormatError{Has: "2"}, 3},
		{"files that are in the way", &project.ExistsError{}, 3},
		{"a symlink in the way", &project.FileError{Op: "write", Name: "Dockerfile", Err: project.ErrSymlink}, 3},
		{"a file that may not be written", &project.FileError{Op: "write", Name: "Dockerfile", Err: syscall.EACCES}, 1},
		{"rendered files that are out of date", errOutOfDate, 3},
		{"no engine", &engine.Error{Kind: engine.ErrNoEngine}, 4},
		{"no permission", &engine.Error{Kind: engine.ErrNoPermission}, 4},
		{"a frozen engine", &engine.Error{Kind: engine.ErrNotResponding}, 4},
		{"an old engine", &engine.Error{Kind: engine.ErrTooOld}, 4},
		{"a host that makes no sense", &engine.Error{Kind: engine.ErrBadHost}, 4},
		{"nothing runs", &session.NotRunningError{}, 5},
		{"a build that failed", &engine.Error{Kind: engine.ErrBuild}, 6},
		{"an image that is not there", &engine.Error{Kind: engine.ErrImageNotFound}, 6},
		{"a taken port", &engine.Error{Kind: engine.ErrPortTaken}, 7},
		{"a full disk of the engine", &engine.Error{Kind: engine.ErrDiskFull}, 8},
		{"a full disk of the project", &project.FileError{Op: "write", Name: "x", Err: syscall.ENOSPC}, 8},
		{"a service that crashed", session.ErrNotReady, 9},
		{"a lock that is not in step", &lockError{text: "x"}, 10},
		{"data of another version", &session.DataVersionError{}, 11},
		{"data whose password is lost", &session.PasswordLostError{}, 11},
		{"the status of a command", &statusError{42}, 42},
		{"Ctrl-C", &signalError{syscall.SIGINT}, 130},
		{"SIGTERM", &signalError{syscall.SIGTERM}, 143},
	}
	documented, err := os.ReadFile("../../docs/exit-codes.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.err
			if err != nil {
				err = wrap(err)
			}
			if got := codeOf(err); got != tt.code {
				t.Errorf("code %d, want %d", got, tt.code)
			}
			if tt.code <= exitData && !strings.Contains(string(documented), fmt.Sprintf("\n| %d |", tt.code)) {
				t.Errorf("code %d is not documented", tt.code)
			}
		})
	}
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+) \|`).FindAllStringSubmatch(string(documented), -1) {
		if !slices.ContainsFunc(tests, func(tt exitTest) bool { return strconv.Itoa(tt.code) == row[1] }) {
			t.Errorf("code %s is documented, and no error has it", row[1])
		}
	}
}

func TestAnErrorIsPrintedWithWhatLedToItAndARemedy(t *testing.T) {
	var stderr bytes.Buffer
	d := &deps{out: &stderr, err: &stderr, vars: map[string]string{}}
	code := exitCode(d, &engine.Error{Kind: engine.ErrBuild, Op: "build image \"x\"", Note: "RUN npm ci", Detail: []string{"npm error \x1b[31mred\x1b]52;c;x\x07"}, Remedy: "mend it"})
	want := "  npm error red\ndevbox: build image \"x\": build failed: RUN npm ci\nhint: mend it\n"
	if code != 6 || stderr.String() != want {
		t.Errorf("code %d, stderr:\n%q\nwant:\n%q", code, stderr.String(), want)
	}
}

// parse runs a command line up to the point where its command would run.
func parse(t *testing.T, args ...string) (ran string, err error) {
	t.Helper()
	d := &deps{out: &bytes.Buffer{}, err: &bytes.Buffer{}, vars: map[string]string{}}
	cmd := newRootCmd(d)
	say := func(format string, v ...any) { ran = fmt.Sprintf(format, v...) }
	for _, c := range cmd.Commands() {
		cmd.RemoveCommand(c)
	}
	cmd.AddCommand(
		newInitCmd(d, func(_ context.Context, o initOptions) error {
			say("init %s %s %v %d", o.dir, o.template, o.yes, o.choices.Port)
			return nil
		}),
		newUpCmd(d, func(_ context.Context, o upOptions) error {
			say("up %v %v %v %s", o.plain, o.json, o.detach, o.readyTime)
			return nil
		}),
		newRunCmd(d, func(_ context.Context, o oneOffOptions) error {
			say("run %q %q %v", o.service, o.command, o.noTTY)
			return nil
		}),
		newShellCmd(d, func(_ context.Context, o oneOffOptions) error { say("shell %q", o.service); return nil }),
		newLogsCmd(d, func(_ context.Context, o logsOptions) error {
			say("logs %q %v %d", o.services, o.follow, o.tail)
			return nil
		}),
		newAddCmd(d, func(_ context.Context, o packagesOptions) error {
			say("add %q %s exact=%v member=%q", o.change.Packages, o.change.Section, o.change.Exact, o.member)
			return nil
		}),
		newRemoveCmd(d, func(_ context.Context, o packagesOptions) error { say("remove %q", o.change.Packages); return nil }),
		newUpdateCmd(d, func(_ context.Context, o packagesOptions) error {
			say("update %q %v", o.change.Packages, o.change.Latest)
			return nil
		}),
		newRenderCmd(d, func(_ context.Context, o renderOptions) error { say("render %+v", o); return nil }),
	)
	wrapArgs(cmd)
	cmd.SetArgs(args)
	return ran, cmd.ExecuteContext(t.Context())
}

func TestCommandLines(t *testing.T) {
	tests := []struct {
		args string
		want string
	}{
		{"init --template chat --yes mychat", "init mychat chat true -1"},
		{"up", "up false false false 1m0s"},
		{"up -d --timeout 5s", "up false false true 5s"},
		{"run npm test", `run "" ["npm" "test"] false`},
		{"run -T npm test --watch -d", `run "" ["npm" "test" "--watch" "-d"] true`},
		{"run -- node -e 1", `run "" ["node" "-e" "1"] false`},
		{"run web -- npm test -- --grep x", `run "web" ["npm" "test" "--" "--grep" "x"] false`},
		{"shell web", `shell "web"`},
		{"logs -f -n 5 web", `logs ["web"] true 5`},
		{"add -D -E typescript @types/node@26", `add ["typescript" "@types/node@26"] devDependencies exact=true member=""`},
		{"add zod -w packages/api", `add ["zod"]  exact=false member="packages/api"`},
		{"add --yes owner/repository", `add ["owner/repository"]  exact=false member=""`},
		{"rm lodash", `remove ["lodash"]`},
		{"update", "update [] false"},
		{"update --latest a", `update ["a"] true`},
		{"render --check", "render {check:true diff:false force:false stdout:}"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			got, err := parse(t, strings.Fields(tt.args)...)
			if err != nil || got != tt.want {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestWrongCommandLines(t *testing.T) {
	tests := []struct{ args, words string }{
		{"run", "no command"},
		{"run web --", "no command"},
		{"up now", "unknown command"},
		{"up --jsn", "unknown flag"},
		{"up --plain --json", "exclude each other"},
		{"render --check --diff", "exclude each other"},
		{"shell a b", "at most 1 arg"},
		{"add", "at least 1 arg"},
		{"add -g x", "unknown shorthand"},
		{"add x -- --registry=http://127.0.0.1", "this is an option"},
		{"add --dev --peer x", "exclude each other"},
		{"add owner/repository", "git repository"},
		{"remove x@1", "not the name of a package"},
		{"update -- -g", "this is an option"},
		{"frobnicate", "unknown command"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			_, err := parse(t, strings.Fields(tt.args)...)
			if err == nil || !strings.Contains(err.Error(), tt.words) || codeOf(err) != exitUsage {
				t.Errorf("error %v (code %d), want code %d with %q", err, codeOf(err), exitUsage, tt.words)
			}
		})
	}
}

package docker

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	bk "github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/devbox-node/devbox/internal/engine"
)

const (
	install = digest.Digest("sha256:1111")
	compile = digest.Digest("sha256:2222")
)

var began = time.Date(2025, 11, 21, 2, 47, 0, 0, time.UTC)

// after is a moment of the build.
func after(d time.Duration) *time.Time {
	at := began.Add(d)
	return &at
}

func steps(list ...*bk.Vertex) *bk.SolveStatus { return &bk.SolveStatus{Vertexes: list} }

func printed(step digest.Digest, data string) *bk.SolveStatus {
	return &bk.SolveStatus{Logs: []*bk.VertexLog{{Vertex: step, Stream: 1, Data: []byte(data)}}}
}

// follow gives all updates to a new follower and returns what it told.
func follow(updates ...*bk.SolveStatus) (*buildFollower, []engine.Progress) {
	var told []engine.Progress
	f := newBuildFollower("web:dev", func(p engine.Progress) { told = append(told, p) })
	for _, s := range updates {
		f.on(s)
	}
	return f, told
}

func starts(text string) engine.Progress { return engine.Progress{What: "web:dev", Text: text} }
func ends(text string) engine.Progress {
	return engine.Progress{What: "web:dev", Text: text, Done: true}
}

func prints(text string) engine.Progress {
	return engine.Progress{What: "web:dev", Text: text, Log: true}
}

func TestBuildFollowerTellsStepsAsTheyGo(t *testing.T) {
	const name = "[2/3] RUN npm ci"
	tests := []struct {
		name    string
		updates []*bk.SolveStatus
		want    []engine.Progress
	}{
		{"an empty update", []*bk.SolveStatus{{}}, nil},
		{"a step that waits", []*bk.SolveStatus{steps(&bk.Vertex{Digest: install, Name: name})}, nil},
		{
			"a step that runs and ends",
			[]*bk.SolveStatus{
				steps(&bk.Vertex{Digest: install, Name: name}),
				steps(&bk.Vertex{Digest: install, Name: name, Started: after(0)}),
				steps(&bk.Vertex{Digest: install, Name: name, Started: after(0), Completed: after(12340 * time.Millisecond)}),
			},
			[]engine.Progress{starts(name), ends(name + ": 12.3s")},
		},
		{
			"updates that say the same again",
			[]*bk.SolveStatus{
				steps(&bk.Vertex{Digest: install, Name: name, Started: after(0)}),
				steps(&bk.Vertex{Digest: install, Name: name, Started: after(0)}),
				steps(&bk.Vertex{Digest: install, Name: name, Started: after(0), Completed: after(time.Second)}),
				steps(&bk.Vertex{Digest: install, Name: name, Started: after(0), Completed: after(time.Second)}),
			},
			[]engine.Progress{starts(name), ends(name + ": 1.0s")},
		},
		{
			"a cached step only ends",
			[]*bk.SolveStatus{steps(&bk.Vertex{Digest: install, Name: name, Started: after(0), Completed: after(0), Cached: true})},
			[]engine.Progress{ends(name + ": cached")},
		},
		{
			"a step that fails",
			[]*bk.SolveStatus{
				steps(&bk.Vertex{Digest: install, Name: name, Started: after(0)}),
				steps(&bk.Vertex{Digest: install, Name: name, Started: after(0), Completed: after(time.Second), Error: "exit code: 1"}),
			},
			[]engine.Progress{starts(name), ends(name + ": failed")},
		},
		{
			"a step that ends without having begun",
			[]*bk.SolveStatus{steps(&bk.Vertex{Digest: install, Name: name, Completed: after(time.Second)})},
			[]engine.Progress{ends(name)},
		},
		{
			"two steps at a time",
			[]*bk.SolveStatus{
				steps(&bk.Vertex{Digest: install, Name: name, Started: after(0)}, &bk.Vertex{Digest: compile, Name: "[3/3] RUN tsc", Started: after(0)}),
				steps(&bk.Vertex{Digest: compile, Name: "[3/3] RUN tsc", Started: after(0), Completed: after(500 * time.Millisecond)}),
				steps(&bk.Vertex{Digest: install, Name: name, Started: after(0), Completed: after(2 * time.Second)}),
			},
			[]engine.Progress{starts(name), starts("[3/3] RUN tsc"), ends("[3/3] RUN tsc: 0.5s"), ends(name + ": 2.0s")},
		},
		{
			"what BuildKit does for itself is not told",
			[]*bk.SolveStatus{
				steps(&bk.Vertex{Digest: install, Name: "[internal] load build definition from Dockerfile", Started: after(0)}),
				steps(&bk.Vertex{Digest: install, Name: "[internal] load build definition from Dockerfile", Started: after(0), Completed: after(time.Second)}),
			},
			nil,
		},
		{
			"mount flags are not part of the name",
			[]*bk.SolveStatus{steps(&bk.Vertex{
				Digest: install, Started: after(0),
				Name: "[deps 2/3] RUN --mount=type=cache,target=/root/.npm,sharing=locked --mount=type=secret,id=npmrc   npm ci",
			})},
			[]engine.Progress{starts("[deps 2/3] RUN npm ci")},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, got := follow(tt.updates...); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("\n got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestStepNameIsOneReadableLine(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"a plain step", "[1/2] FROM docker.io/library/node:26", "[1/2] FROM docker.io/library/node:26"},
		{"a cache mount", "[2/2] RUN --mount=type=cache,target=/root/.npm npm ci", "[2/2] RUN npm ci"},
		{"several mounts", "[2/2] RUN --mount=type=bind,target=/src --mount=type=secret,id=npmrc npm ci", "[2/2] RUN npm ci"},
		{"other flags stay", "[2/2] RUN --network=none --mount=type=tmpfs,target=/tmp npm test", "[2/2] RUN --network=none npm test"},
		{"a command over several lines", "[2/2] RUN apt-get update \t&&\n    apt-get install -y git", "[2/2] RUN apt-get update && apt-get install -y git"},
		{"a mount flag at the end", "[2/2] RUN --mount=type=cache,target=/root/.npm", "[2/2] RUN"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := stepName(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestBuildFollowerTellsWholeLines(t *testing.T) {
	tests := []struct {
		name    string
		updates []*bk.SolveStatus
		want    []engine.Progress
	}{
		{"two lines in one update", []*bk.SolveStatus{printed(install, "one\ntwo\n")}, []engine.Progress{prints("one"), prints("two")}},
		{"an empty line", []*bk.SolveStatus{printed(install, "one\n\ntwo\n")}, []engine.Progress{prints("one"), prints(""), prints("two")}},
		{"a line that has not ended", []*bk.SolveStatus{printed(install, "one\ntw")}, []engine.Progress{prints("one")}},
		{
			"a line over three updates",
			[]*bk.SolveStatus{printed(install, "added "), printed(install, "120 "), printed(install, "packages\nfound 0")},
			[]engine.Progress{prints("added 120 packages")},
		},
		{
			"an end of line that comes alone",
			[]*bk.SolveStatus{printed(install, "one"), printed(install, "\n")},
			[]engine.Progress{prints("one")},
		},
		{
			"lines of two steps are not mixed",
			[]*bk.SolveStatus{printed(install, "npm "), printed(compile, "tsc "), printed(install, "ci\n"), printed(compile, "-b\n")},
			[]engine.Progress{prints("npm ci"), prints("tsc -b")},
		},
		{
			"a character over two updates",
			[]*bk.SolveStatus{printed(install, "\xe2\x9c"), printed(install, "\x93 ok\n")},
			[]engine.Progress{prints("✓ ok")},
		},
		{
			"a step and its output in one update",
			[]*bk.SolveStatus{{
				Vertexes: []*bk.Vertex{{Digest: install, Name: "[2/2] RUN npm ci", Started: after(0)}},
				Logs:     []*bk.VertexLog{{Vertex: install, Data: []byte("added ")}, {Vertex: install, Data: []byte("1 package\n")}},
			}},
			[]engine.Progress{starts("[2/2] RUN npm ci"), prints("added 1 package")},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, got := follow(tt.updates...); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("\n got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestBuildFollowerBoundsALineWithoutAnEnd(t *testing.T) {
	const total, longest, piece = 1 << 20, 64 << 10, 1000
	var heard, widest int
	f := newBuildFollower("web:dev", func(p engine.Progress) {
		heard += len(p.Text)
		widest = max(widest, len(p.Text))
	})
	for sent := 0; sent < total; sent += piece {
		f.on(printed(install, strings.Repeat(".", piece)))
		if held := len(f.steps[install].partial); held > longest {
			t.Fatalf("%d bytes are held after %d", held, sent+piece)
		}
	}
	if widest > longest+piece {
		t.Errorf("a line of %d bytes was told", widest)
	}
	held := len(f.steps[install].partial)
	if want := (total + piece - 1) / piece * piece; heard+held != want {
		t.Errorf("%d bytes were told and %d held, want %d together", heard, held, want)
	}
}

func TestBuildFollowerWorksWithoutAListener(t *testing.T) {
	f := newBuildFollower("web:dev", nil)
	f.on(steps(&bk.Vertex{Digest: install, Name: "[2/2] RUN npm ci", Started: after(0), Completed: after(time.Second), Error: "exit code: 1"}))
	f.on(printed(install, "npm error\n"))
	if got, want := f.detail(), []string{"npm error"}; !reflect.DeepEqual(got, want) {
		t.Errorf("detail %q, want %q", got, want)
	}
}

func TestExplainShowsTheStepThatFailed(t *testing.T) {
	const op = `build image "web:dev"`
	exit1 := errors.New(`failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1`)
	run := func(step digest.Digest, name, fault string) *bk.SolveStatus {
		return steps(&bk.Vertex{Digest: step, Name: name, Started: after(0), Completed: after(time.Second), Error: fault})
	}
	tests := []struct {
		name    string
		updates []*bk.SolveStatus
		err     error
		kind    engine.Kind
		want    string
		detail  []string
	}{
		{
			"the failing step's output and not another one's",
			[]*bk.SolveStatus{
				run(install, "[2/3] RUN --mount=type=cache,target=/root/.npm npm ci", exit1.Error()),
				printed(compile, "tsc is fine\n"), printed(install, "npm error code ERESOLVE\nnpm error could not resolve\n"),
			},
			exit1, engine.ErrBuild, op + ": build failed: [2/3] RUN npm ci: exit code: 1",
			[]string{"npm error code ERESOLVE", "npm error could not resolve"},
		},
		{
			"a last line without an end",
			[]*bk.SolveStatus{run(install, "[2/3] RUN npm ci", exit1.Error()), printed(install, "npm error\nKilled")},
			exit1, engine.ErrBuild, op + ": build failed: [2/3] RUN npm ci: exit code: 1",
			[]string{"npm error", "Killed"},
		},
		{
			"a step that printed nothing",
			[]*bk.SolveStatus{run(install, "[2/3] RUN false", exit1.Error())},
			exit1, engine.ErrBuild, op + ": build failed: [2/3] RUN false: exit code: 1", nil,
		},
		{
			"the step that failed, not those that were stopped because of it",
			[]*bk.SolveStatus{
				run(install, "[2/3] RUN npm ci", exit1.Error()), printed(install, "npm error\n"),
				run(compile, "[3/3] RUN tsc", "process \"/bin/sh -c tsc\" did not complete successfully: context canceled"), printed(compile, "half\n"),
			},
			exit1, engine.ErrBuild, op + ": build failed: [2/3] RUN npm ci: exit code: 1",
			[]string{"npm error"},
		},
		{
			"a failure before any step",
			nil,
			errors.New("failed to solve: dockerfile parse error on line 3:\n  unknown instruction: RUNN"),
			engine.ErrBuild, op + ": build failed: dockerfile parse error on line 3: unknown instruction: RUNN", nil,
		},
		{
			"a full disk is a full disk, with the step's output",
			[]*bk.SolveStatus{run(install, "[2/3] RUN npm ci", "no space left on device"), printed(install, "npm error nospc\n")},
			errors.New("failed to solve: write /node_modules/a: no space left on device"),
			engine.ErrDiskFull, op + ": disk is full: failed to solve: write /node_modules/a: no space left on device",
			[]string{"npm error nospc"},
		},
		{
			"a base image that is missing",
			[]*bk.SolveStatus{run(install, "[internal] load metadata for docker.io/library/node:99", "not found")},
			errors.New("failed to solve: node:99: failed to resolve source metadata for docker.io/library/node:99: docker.io/library/node:99: not found"),
			engine.ErrImageNotFound, op + ": image not found: failed to solve: node:99: failed to resolve source metadata for docker.io/library/node:99: docker.io/library/node:99: not found", nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := follow(tt.updates...)
			err := f.explain(op, tt.err)
			own := wantKind(t, err, tt.kind)
			if err.Error() != tt.want {
				t.Errorf("message\n got %s\nwant %s", err, tt.want)
			}
			if !reflect.DeepEqual(own.Details(), tt.detail) {
				t.Errorf("detail %q, want %q", own.Details(), tt.detail)
			}
			if !errors.Is(err, tt.err) {
				t.Error("the cause is lost")
			}
		})
	}
}

func TestExplainKeepsTheFirstAndTheLastLines(t *testing.T) {
	f, _ := follow(steps(&bk.Vertex{Digest: install, Name: "[2/2] RUN npm ci", Started: after(0), Completed: after(time.Second), Error: "exit code: 1"}))
	var want []string
	for i := range 10 * keptLines {
		line := fmt.Sprintf("line %d", i)
		f.on(printed(install, line+"\n"))
		want = append(want, line)
	}
	want = slices.Concat(want[:keptLines], []string{"…"}, want[len(want)-keptLines:])
	own := wantKind(t, f.explain("build", errors.New("exit code: 1")), engine.ErrBuild)
	if !reflect.DeepEqual(own.Details(), want) {
		t.Errorf("detail %q, want %q", own.Details(), want)
	}
}

func TestExplainOfNoErrorIsNone(t *testing.T) {
	f, _ := follow(steps(&bk.Vertex{Digest: install, Name: "[2/2] RUN npm ci", Error: "exit code: 1"}))
	if err := f.explain("build", nil); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestExplainLetsTheCallersEndBeSeen(t *testing.T) {
	f, _ := follow()
	err := f.explain("build", fmt.Errorf("failed to solve: %w", context.Canceled))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v inside", err, context.Canceled)
	}
}

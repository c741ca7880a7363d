package docker

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	bk "github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/devbox-node/devbox/internal/engine"
)

// keptLines is how many lines of a step's output are kept for its failure, at
// its beginning and at its end: package managers say why first, and then a page
// about how they are used.
const keptLines = 15

// buildFollower turns BuildKit's status updates into lines of progress, and
// remembers what each step printed last.
type buildFollower struct {
	image    string
	progress func(engine.Progress)
	steps    map[digest.Digest]*buildStep
	failed   *buildStep
}

type buildStep struct {
	name    string
	started bool
	ended   bool
	partial []byte
	head    []string
	cut     bool
	tail    []string
}

func newBuildFollower(image string, progress func(engine.Progress)) *buildFollower {
	if progress == nil {
		progress = func(engine.Progress) {}
	}
	return &buildFollower{image: image, progress: progress, steps: map[digest.Digest]*buildStep{}}
}

func (f *buildFollower) on(s *bk.SolveStatus) {
	for _, v := range s.Vertexes {
		f.vertex(v)
	}
	for _, l := range s.Logs {
		f.log(l)
	}
}

func (f *buildFollower) vertex(v *bk.Vertex) {
	step := f.steps[v.Digest]
	if step == nil {
		step = &buildStep{name: stepName(v.Name)}
		f.steps[v.Digest] = step
	}
	internal := strings.HasPrefix(v.Name, "[internal]")
	if v.Started != nil && !step.started && !internal && !v.Cached {
		step.started = true
		f.progress(engine.Progress{What: f.image, Text: step.name})
	}
	if v.Completed != nil && !step.ended {
		step.ended = true
		if !internal {
			f.progress(engine.Progress{What: f.image, Text: ended(step.name, v), Done: true})
		}
	}
	if v.Error != "" && !strings.Contains(v.Error, "context canceled") {
		f.failed = step
	}
}

// ended names a step with what became of it.
func ended(name string, v *bk.Vertex) string {
	switch {
	case v.Error != "":
		return name + ": failed"
	case v.Cached:
		return name + ": cached"
	case v.Started != nil:
		return fmt.Sprintf("%s: %.1fs", name, v.Completed.Sub(*v.Started).Seconds())
	}
	return name
}

// mountFlags are noise to a reader: how a step gets its cache and its secrets.
var mountFlags = regexp.MustCompile(`--mount=\S+\s*`)

// stepName is a step as a person reads it.
func stepName(name string) string { return oneLine(mountFlags.ReplaceAllString(name, "")) }

func (f *buildFollower) log(l *bk.VertexLog) {
	step := f.steps[l.Vertex]
	if step == nil {
		step = &buildStep{}
		f.steps[l.Vertex] = step
	}
	step.partial = append(step.partial, l.Data...)
	for {
		line, rest, ok := bytes.Cut(step.partial, []byte("\n"))
		if !ok {
			break
		}
		step.partial = rest
		f.line(step, string(line))
	}
	const longest = 64 << 10
	if len(step.partial) > longest {
		f.line(step, string(step.partial))
		step.partial = nil
	}
}

func (f *buildFollower) line(step *buildStep, line string) {
	if len(step.head) < keptLines {
		step.head = append(step.head, line)
	} else {
		step.tail = append(step.tail, line)
	}
	if len(step.tail) > keptLines {
		step.tail = step.tail[1:]
		step.cut = true
	}
	f.progress(engine.Progress{What: f.image, Text: line, Log: true})
}

// explain turns the build's error into one that shows the step that failed.
func (f *buildFollower) explain(op string, err error) error {
	if err == nil {
		return nil
	}
	known := translate(op, err)
	var own *engine.Error
	if errors.As(known, &own) {
		own.Detail = f.detail()
		return known
	}
	if f.failed == nil {
		return &engine.Error{Kind: engine.ErrBuild, Op: op, Note: lastPart(err), Err: err}
	}
	return &engine.Error{
		Kind: engine.ErrBuild, Op: op, Note: f.failed.name + ": " + lastPart(err),
		Detail: f.detail(), Err: err,
	}
}

func (f *buildFollower) detail() []string {
	if f.failed == nil {
		return nil
	}
	lines := slices.Clone(f.failed.head)
	if f.failed.cut {
		lines = append(lines, "…")
	}
	lines = append(lines, f.failed.tail...)
	if len(f.failed.partial) > 0 {
		lines = append(lines, string(f.failed.partial))
	}
	return lines
}

// lastPart cuts BuildKit's chain of wrappers down to what happened.
func lastPart(err error) string {
	text := oneLine(err.Error())
	if i := strings.LastIndex(text, "did not complete successfully: "); i >= 0 {
		return text[i+len("did not complete successfully: "):]
	}
	return strings.TrimPrefix(text, "failed to solve: ")
}

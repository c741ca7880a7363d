package session

import (
	"context"
	"io"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// Engine is what a session needs of Docker.
type Engine interface {
	Details(ctx context.Context) (engine.Info, error)
	Ping(ctx context.Context) error

	Containers(ctx context.Context, project string) ([]engine.Container, error)
	Inspect(ctx context.Context, id string) (engine.Container, error)
	Publishers(ctx context.Context, port int) ([]engine.Container, error)
	OneOffs(ctx context.Context) ([]engine.Container, error)
	Remove(ctx context.Context, id string) error
	ReadFile(ctx context.Context, id, path string) (engine.File, error)

	ImageLabels(ctx context.Context, image string) (map[string]string, bool, error)
	Build(ctx context.Context, spec engine.BuildSpec, progress func(engine.Progress)) error

	Volumes(ctx context.Context, label string) ([]engine.Volume, error)
	VolumeFiles(ctx context.Context, name, image string, files ...string) (map[string][]byte, error)
	VolumeUsers(ctx context.Context, names ...string) ([]engine.Container, error)
	VolumeSizes(ctx context.Context) (map[string]int64, error)
	ReadTree(ctx context.Context, s engine.TreeSource, each func(engine.TreeEntry, io.Reader) error) error
	CreateVolume(ctx context.Context, name string, labels map[string]string) error
	RemoveVolume(ctx context.Context, name string) error
	RunTask(ctx context.Context, t engine.Task, out io.Writer) (int, error)

	RunsAsAsked(p *project.Compose, containers []engine.Container) bool
	Up(ctx context.Context, p *project.Compose, progress func(engine.Progress)) error
	Stop(ctx context.Context, name string, p *project.Compose, grace *time.Duration, progress func(engine.Progress)) error
	StopServices(ctx context.Context, name string, p *project.Compose, services []string, progress func(engine.Progress)) error
	Down(ctx context.Context, name string, p *project.Compose, volumes bool, progress func(engine.Progress)) error
	Restart(ctx context.Context, name string, p *project.Compose, services []string, progress func(engine.Progress)) error
	RunOneOff(ctx context.Context, p *project.Compose, o engine.OneOff) (int, error)

	Logs(ctx context.Context, id string, o engine.LogOptions, each func(engine.Chunk)) error
	Events(ctx context.Context, project string, since time.Time, each func(engine.Event)) error
	Usage(ctx context.Context, id string) (engine.Usage, error)
	Input(ctx context.Context, id string) (io.WriteCloser, error)
	Signal(ctx context.Context, id, signal string) error
}

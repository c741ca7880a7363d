package session

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/term"
	"github.com/devbox-node/devbox/internal/volumes"
)

// marked completes a task that fills a volume: in the end the marker is set.
func marked(t engine.Task, s volumes.Step) engine.Task {
	t.Finish = func(collected map[string][]byte) ([]engine.TaskFile, error) {
		var witness []byte
		for _, data := range collected {
			witness = data
		}
		return volumes.MarkerFiles(t, s.User, witness), nil
	}
	return t
}

// checked makes a task that goes on from another tree fail where it does not
// lead to the tree of the lock: then there is still the install from nothing.
func checked(t engine.Task, d Desired, s volumes.Step) engine.Task {
	finish := t.Finish
	t.Finish = func(collected map[string][]byte) ([]engine.TaskFile, error) {
		service, _ := d.Project.Model.Service(s.Service)
		for _, witness := range collected {
			if err := d.Project.PackageOf(service).CheckTree(service, witness, d.Info.Platform); err != nil {
				return nil, &engine.Error{Kind: engine.ErrBuild, Op: t.Name, Note: err.Error()}
			}
		}
		return finish(collected)
	}
	return t
}

// installTree are the files of the folder that an install with scripts of the
// project's own may read.
func installTree(d Desired, s volumes.Step, in project.Install) ([]engine.TaskFile, error) {
	if !in.WholeFolder {
		return nil, nil
	}
	tree, err := packageOf(d, s.Wanted).InstallTree()
	if err != nil {
		return nil, err
	}
	uid, gid := volumes.IDs(s.User)
	list := make([]engine.TaskFile, len(tree))
	for i, f := range tree {
		list[i] = engine.TaskFile{Path: path.Join(project.AppDir, f.Name), Mode: f.Mode, UID: uid, GID: gid, Data: []byte(f.Link)}
		if f.Mode.IsRegular() {
			list[i].Source = filepath.Join(d.Project.Dir, filepath.FromSlash(f.Name))
			const readable fs.FileMode = 0o600
			list[i].Mode |= readable
		}
	}
	return list, nil
}

// installVars gives an install the variables that its settings refer to, such as
// a registry's token, as the service has them or devbox itself, and those that
// keep it from waiting for minutes.
func (e *Environment) installVars(d Desired, service string, in project.Install) []string {
	env := slices.Clone(project.QuickRetries)
	for _, name := range in.Variables {
		if v := d.Compose.Services[service].Environment[name]; v != nil {
			env = append(env, name+"="+*v)
		} else if v, ok := e.Vars[name]; ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// runTask runs a task; each gets the lines that it prints. A status other than 0
// is an ErrBuild, or what its output says is the cause.
func (e *Environment) runTask(ctx context.Context, t engine.Task, each func(line string)) error {
	var out bytes.Buffer
	w := io.Writer(&out)
	if each != nil {
		lines := term.NewSplitter(func(_ term.Kind, line string) { each(line) })
		defer lines.Flush()
		w = io.MultiWriter(&out, lines)
	}
	if finish := t.Finish; finish != nil {
		t.Finish = func(collected map[string][]byte) ([]engine.TaskFile, error) {
			if lost := lostFiles(out.String()); lost != "" {
				return nil, taskError(t.Name, "it could not write every file", lost)
			}
			return finish(collected)
		}
	}
	code, err := e.Engine.RunTask(ctx, t, w)
	if err == nil && code != 0 {
		err = taskError(t.Name, fmt.Sprintf("exit status %d", code), strings.TrimSpace(out.String()))
	}
	return err
}

func (e *Environment) discard(ctx context.Context, names ...string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	for _, name := range names {
		_ = e.Engine.RemoveVolume(ctx, name)
	}
}

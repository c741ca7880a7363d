package session

import (
	"context"
	"errors"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// Where volumes are mounted in the container of a copy.
const (
	dataMount     = "/devbox-data"
	snapshotMount = "/devbox-snapshot"
)

// eachEntry is the part of the scripts that goes through the entries of a folder
// in any POSIX shell, devbox's own folders left out.
const eachEntry = `each() {
  for f in * .[!.]* ..?*; do
    case $f in .devbox-*) continue ;; esac
    if [ -e "$f" ] || [ -L "$f" ]; then "$@" "$f"; fi
  done
}
likewise() { chown "$(stat -c %u:%g "$1")" "$2"; chmod "$(stat -c %a "$1")" "$2"; }
`

// copyScript copies volumes, given in pairs of a folder and the folder for its
// copy, and says how much that is and what PostgreSQL notes of its version. What
// is there before is from a copy that did not come to its end.
const copyScript = eachEntry + `set -e
into() { cp -a "$2" "$1/"; }
top=$1
cd "$top"
each rm -rf
shift
while [ $# -gt 0 ]; do
  cd "$1"
  mkdir -p "$2"
  each into "$2"
  likewise "$1" "$2"
  if [ -f "$1/PG_VERSION" ]; then echo "version ${2##*/} $(cat "$1/PG_VERSION")"; fi
  shift 2
done
sync
echo "size $(du -sk "$top" | cut -f1)"`

// stageScript copies folders of a snapshot into volumes, beside what is in use
// there: as long as nothing is exchanged, a full disk does no harm.
const stageScript = `set -e
while [ $# -gt 0 ]; do
  cd "$2"
  rm -rf .devbox-new .devbox-old .devbox-moved
  mkdir .devbox-new
  cp -a "$1/." .devbox-new/
  shift 2
done
sync`

// unstageScript takes back what stageScript has done.
const unstageScript = `set -e
for v in "$@"; do rm -rf "$v/.devbox-new"; done
sync`

// exchangeScript makes what is staged the content of the volumes, by renaming.
// It can be ended at any moment and run again: .devbox-moved says that all of the
// old content is out of the way, and .devbox-new is gone when the new is in place.
const exchangeScript = eachEntry + `set -e
aside() { mv "$1" .devbox-old/; }
place() { mv "$1" ..; }
for v in "$@"; do
  cd "$v"
  if [ -d .devbox-new ]; then
    if [ ! -e .devbox-moved ]; then
      mkdir -p .devbox-old
      each aside
      sync
      : > .devbox-moved
      sync
    fi
    cd .devbox-new
    each place
    cd ..
    likewise .devbox-new .
    sync
    rmdir .devbox-new
  fi
  rm -rf .devbox-old
  rm -f .devbox-moved
done
sync`

// dataTask is a task with the data volumes mounted, and a snapshot's content if
// there is one. Its container's name is its lock, for all who use this engine.
func dataTask(project, name, image, script string, data []DataVolume, content string, args ...string) engine.Task {
	t := engine.Task{
		Name: name, Container: dataContainer(project), Image: image, User: "0:0", Dir: "/",
		Command: append([]string{"/bin/sh", "-c", script, "devbox-data"}, args...),
		// What root needs to read and write files of any owner.
		Capabilities: []string{"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"},
	}
	for _, v := range data {
		t.Mounts = append(t.Mounts, engine.Mount{Volume: v.Volume, Target: mountOf(v)})
	}
	if content != "" {
		t.Mounts = append(t.Mounts, engine.Mount{Volume: content, Target: snapshotMount})
	}
	return t
}

// dataContainer is the name of the container that works on data.
func dataContainer(project string) string { return "devbox-data-" + project }

func mountOf(v DataVolume) string { return path.Join(dataMount, v.Key) }

// copyTask fills the content of a snapshot.
func copyTask(project, image string, s Snapshot) engine.Task {
	args := []string{snapshotMount}
	for _, v := range s.Data {
		args = append(args, mountOf(v), path.Join(snapshotMount, v.Key))
	}
	t := dataTask(project, "copy the data", image, copyScript, s.Data, s.content, args...)
	for i := range s.Data {
		t.Mounts[i].ReadOnly = true
	}
	return t
}

// stageTask copies a snapshot's content beside the data in use.
func stageTask(project, image string, s Snapshot, data []DataVolume) engine.Task {
	var args []string
	for _, v := range data {
		args = append(args, path.Join(snapshotMount, v.Key), mountOf(v))
	}
	t := dataTask(project, "copy the snapshot", image, stageScript, data, s.content, args...)
	t.Mounts[len(t.Mounts)-1].ReadOnly = true
	return t
}

// mountsTask runs a script on the data volumes.
func mountsTask(project, name, image, script string, data []DataVolume) engine.Task {
	args := make([]string, len(data))
	for i, v := range data {
		args[i] = mountOf(v)
	}
	return dataTask(project, name, image, script, data, "", args...)
}

// helperImage is the image that copies run in: one that is there and has a shell.
// Those of apps have one; else the service's own has to do.
func (e *Environment) helperImage(ctx context.Context, d Desired, data []DataVolume) (string, error) {
	for _, s := range d.Project.Model.Services {
		image := d.Compose.Services[s.Name].Image
		if _, there, err := e.Engine.ImageLabels(ctx, image); err != nil || there {
			return image, err
		}
	}
	for _, v := range data {
		if _, there, err := e.Engine.ImageLabels(ctx, v.Image); err != nil || there {
			return v.Image, err
		}
	}
	return "", &engine.Error{Kind: engine.ErrImageNotFound, Op: "copy data", Note: "no image of this project is there", Remedy: "`devbox up` makes it"}
}

// copied is what a copy said of the data.
type copied struct {
	// size is in bytes.
	size     int64
	versions map[string]string
}

func readCopied(output string) copied {
	c := copied{versions: map[string]string{}}
	for line := range strings.Lines(output) {
		const forSize, forVersion, kilo = 2, 3, 1024
		switch f := strings.Fields(line); {
		case len(f) == forSize && f[0] == "size":
			n, _ := strconv.ParseInt(f[1], 10, 64)
			c.size = n * kilo
		case len(f) == forVersion && f[0] == "version":
			c.versions[f[1]] = f[2]
		}
	}
	return c
}

// errStep is the kind of a copy's failures that no other one fits.
const errStep engine.Kind = "it failed"

// runDataTask runs a task on data volumes, after any other that is at work: the
// engine has no two containers of one name. It returns what the task printed.
func (e *Environment) runDataTask(ctx context.Context, t engine.Task) (string, error) {
	const interval = 200 * time.Millisecond
	for {
		var out strings.Builder
		err := e.runTask(ctx, t, func(line string) { out.WriteString(line + "\n") })
		var failed *engine.Error
		switch {
		case errors.Is(err, engine.ErrConflict):
			if err := e.reap(ctx); err != nil {
				return "", err
			}
			pause(ctx, interval)
			if ctx.Err() != nil {
				return "", context.Cause(ctx)
			}
			continue
		case errors.As(err, &failed) && failed.Kind == engine.ErrBuild:
			failed.Kind, failed.Remedy = errStep, ""
		}
		return out.String(), err
	}
}

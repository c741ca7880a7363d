package volumes

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// donorPoint is where the volume that an install starts from is mounted.
const donorPoint = "/devbox-donor"

// installScript goes on from another tree where there is one, and installs. The
// marker is not its business: that comes when everything has been looked at.
const installScript = `set -e
cd "$1"
[ -z "$2" ] || cp -a "$2/." node_modules/
rm -f "node_modules/$4"
[ -z "$5" ] || [ ! -e "node_modules/$5" ] || touch "node_modules/$5"
eval "$3"
rm -f "node_modules/$4"
sync -f node_modules 2>/dev/null || sync`

// InstallTask is the task that carries a step out: an install in a container
// that has a copy of package.json, lock and settings, so that it cannot write
// those of the folder. donor is the volume that it starts from, or empty.
func InstallTask(s Step, in project.Install, cache, donor string, extra []engine.TaskFile, env []string) engine.Task {
	modules := path.Join(project.AppDir, "node_modules")
	command, from := in.Command, ""
	t := staged(s, in, cache, extra, env)
	t.Name, t.Container = "install packages into volume "+s.Name, "devbox-install-"+s.Name
	t.Mounts = append([]engine.Mount{{Volume: s.Name, Target: modules}}, t.Mounts...)
	if donor != "" {
		command, from = in.Onward, donorPoint
		t.Mounts = append(t.Mounts, engine.Mount{Volume: donor, Target: donorPoint, ReadOnly: true})
	}
	t.Command = []string{"/bin/sh", "-c", installScript, "devbox-install", project.AppDir, from, command, Marker, in.Witness}
	if in.Witness != "" {
		t.Collect = []string{path.Join(modules, in.Witness)}
	}
	return t
}

// LockContainer is the container of the tasks that write a checkout's lock: there
// is one at a time.
func LockContainer(checkout string) string { return "devbox-lock-" + checkout }

// LockTask is the task that brings the lock in step with package.json. The
// result is collected; the folder is not touched.
func LockTask(checkout string, s Step, in project.Install, cache string, extra []engine.TaskFile, env []string) engine.Task {
	t := staged(s, in, cache, extra, env)
	t.Name, t.Container = "bring "+in.Lock+" in step", LockContainer(checkout)
	t.Command = []string{"/bin/sh", "-c", `cd "$1" && eval "$2"`, "devbox-lock", project.AppDir, in.LockOnly}
	t.Collect = []string{path.Join(project.AppDir, in.Lock)}
	return t
}

// staged is a task with copies of what the package manager reads.
func staged(s Step, in project.Install, cache string, extra []engine.TaskFile, env []string) engine.Task {
	uid, gid := IDs(s.User)
	const own = fs.ModeDir | 0o755
	files := []engine.TaskFile{
		{Path: project.AppDir, Mode: own, UID: uid, GID: gid},
		{Path: path.Join(project.AppDir, "node_modules"), Mode: own, UID: uid, GID: gid},
		{Path: project.CacheDir, Mode: own, UID: uid, GID: gid},
	}
	files = append(files, extra...)
	const private = 0o600 // .npmrc holds tokens, and nobody else reads here
	for _, f := range in.Files {
		files = append(files, engine.TaskFile{Path: path.Join(project.AppDir, f.Name), Mode: private, UID: uid, GID: gid, Data: f.Data})
	}
	return engine.Task{
		Image: s.Image, User: s.User, Env: env, Network: true, Files: files,
		Mounts: []engine.Mount{{Volume: cache, Target: project.CacheDir}},
	}
}

// IDs are the numbers in uid:gid.
func IDs(user string) (uid, gid int) {
	u, g, _ := strings.Cut(user, ":")
	uid, _ = strconv.Atoi(u)
	gid, _ = strconv.Atoi(g)
	return uid, gid
}

// mountPoint is where a volume is mounted while it is being filled from an
// image: not at node_modules itself, so that the image's own tree can be read.
const mountPoint = "/devbox-node-modules"

// copyScript copies a tree and gives it to its owner. cp in a container takes
// 1.8 s for 40,000 files where the engine's own copy-up takes 7 to 12 s. A file
// owned by somebody else is rare, so only those change.
const copyScript = `set -e
cp -a "$1/." "$2/"
rm -f "$2/$4"
find "$2" ! -uid "${3%:*}" -exec chown -h "$3" {} +
chown "$3" "$2"
sync -f "$2" 2>/dev/null || sync`

// CopyTask fills a volume with a tree: with that of another volume, donor, or
// without one with that of the image.
func CopyTask(s Step, donor string) engine.Task {
	from := path.Join(project.AppDir, "node_modules")
	mounts := []engine.Mount{{Volume: s.Name, Target: mountPoint}}
	if donor != "" {
		from = donorPoint
		mounts = append(mounts, engine.Mount{Volume: donor, Target: donorPoint, ReadOnly: true})
	}
	return engine.Task{
		Name: "fill volume " + s.Name, Container: "devbox-install-" + s.Name, Image: s.Image,
		Command: []string{"/bin/sh", "-c", copyScript, "devbox-fill", from, mountPoint, s.User, Marker},
		User:    "0:0", Mounts: mounts, Capabilities: fileCapabilities,
	}
}

// ClearTask empties a volume that a container holds, so that it cannot be removed.
func ClearTask(s Step) engine.Task {
	return engine.Task{
		Name: "empty volume " + s.Name, Container: "devbox-install-" + s.Name, Image: s.Image,
		Command: []string{"/bin/sh", "-c", `find "$1" -mindepth 1 -delete`, "devbox-clear", mountPoint},
		User:    "0:0", Mounts: []engine.Mount{{Volume: s.Name, Target: mountPoint}}, Capabilities: fileCapabilities,
	}
}

// fileCapabilities let root do with files what root can do.
var fileCapabilities = []string{"CHOWN", "DAC_OVERRIDE", "FOWNER"}

// MarkerFiles are the marker as it is copied into the container of a task, and
// the folder that it is in, with a time before the install: npm trusts its own
// record of the tree only where that is newer than the folder, and else reads
// the packages themselves, which do not tell their checksums.
func MarkerFiles(t engine.Task, user string, witness []byte) []engine.TaskFile {
	uid, gid := IDs(user)
	const (
		readable = 0o644
		own      = fs.ModeDir | 0o755
	)
	dir := t.Mounts[0].Target
	return []engine.TaskFile{
		{Path: path.Join(dir, Marker), Mode: readable, UID: uid, GID: gid, Data: MarkerContent(witness)},
		{Path: dir, Mode: own, UID: uid, GID: gid, ModTime: time.Now().Add(-24 * time.Hour)},
	}
}

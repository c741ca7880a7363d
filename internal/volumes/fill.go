package volumes

import (
	"io/fs"
	"path"
	"strconv"
	"strings"

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
eval "$3"
rm -f "node_modules/$4"
sync -f node_modules 2>/dev/null || sync`

// InstallTask is the task that carries a step out: an install in a container
// that has a copy of package.json, lock and settings, so that it cannot write
// those of the folder. donor is the volume that it starts from, or empty.
func InstallTask(s Step, in project.Install, cache, donor string, extra []engine.TaskFile, env []string) engine.Task {
	modules := path.Join(project.AppDir, "node_modules")
	command, from := in.Command, ""
	mounts := []engine.Mount{{Volume: s.Name, Target: modules}, {Volume: cache, Target: project.CacheDir}}
	if donor != "" {
		command, from = in.Onward, donorPoint
		mounts = append(mounts, engine.Mount{Volume: donor, Target: donorPoint, ReadOnly: true})
	}
	uid, gid := IDs(s.User)
	const own = fs.ModeDir | 0o755
	files := []engine.TaskFile{
		{Path: project.AppDir, Mode: own, UID: uid, GID: gid},
		{Path: modules, Mode: own, UID: uid, GID: gid},
		{Path: project.CacheDir, Mode: own, UID: uid, GID: gid},
	}
	files = append(files, extra...)
	const private = 0o600 // .npmrc holds tokens, and nobody else reads here
	for _, f := range in.Files {
		files = append(files, engine.TaskFile{Path: path.Join(project.AppDir, f.Name), Mode: private, UID: uid, GID: gid, Data: f.Data})
	}
	t := engine.Task{
		Name: "install packages into volume " + s.Name, Container: "devbox-install-" + s.Name, Image: s.Image,
		Command: []string{"/bin/sh", "-c", installScript, "devbox-install", project.AppDir, from, command, Marker},
		User:    s.User, Env: env, Mounts: mounts, Network: true, Files: files,
	}
	if in.Witness != "" {
		t.Collect = []string{path.Join(modules, in.Witness)}
	}
	return t
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
		Name: "empty volume " + s.Name, Image: s.Image,
		Command: []string{"/bin/sh", "-c", `find "$1" -mindepth 1 -delete`, "devbox-clear", mountPoint},
		User:    "0:0", Mounts: []engine.Mount{{Volume: s.Name, Target: mountPoint}}, Capabilities: fileCapabilities,
	}
}

// fileCapabilities let root do with files what root can do.
var fileCapabilities = []string{"CHOWN", "DAC_OVERRIDE", "FOWNER"}

// MarkerFile is the marker as it is copied into the container of a task.
func MarkerFile(t engine.Task, user string, witness []byte) engine.TaskFile {
	uid, gid := IDs(user)
	const readable = 0o644
	return engine.TaskFile{Path: path.Join(t.Mounts[0].Target, Marker), Mode: readable, UID: uid, GID: gid, Data: MarkerContent(witness)}
}

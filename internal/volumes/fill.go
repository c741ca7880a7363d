package volumes

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
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
shift 5
while [ $# -gt 1 ]; do
  [ ! -d "$1" ] || cp -a "$1/." "$2/"
  shift 2
done
sync -f node_modules 2>/dev/null || sync`

// memberPoint is where a member's volume is mounted while its package is
// installed: beside the tree, because package managers remove and rename a
// member's node_modules, which a mount point withstands.
func memberPoint(i int) string { return fmt.Sprintf("/devbox-member-%d", i) }

// memberMounts are the volumes of a set but the first.
func (w Wanted) memberMounts() []engine.Mount {
	var list []engine.Mount
	for i, name := range w.Names()[1:] {
		list = append(list, engine.Mount{Volume: name, Target: memberPoint(i)})
	}
	return list
}

// InstallTask is the task that carries a step out: an install in a container
// that has a copy of package.json, lock and settings, so that it cannot write
// those of the folder. donor is the volume that it starts from, or empty.
func InstallTask(s Step, in project.Install, cache, donor string, extra []engine.TaskFile, env []string) engine.Task {
	modules := path.Join(in.Dir, modulesFolder)
	command, from := in.Command, ""
	t := staged(s, in, cache, extra, env)
	t.Name, t.Container = "install packages into volume "+s.Name, "devbox-install-"+s.Name
	members := s.memberMounts()
	t.Mounts = slices.Concat([]engine.Mount{{Volume: s.Name, Target: modules}}, t.Mounts, members)
	t.Files = append(t.Files, owned(s.User, members)...)
	if donor != "" {
		command, from = in.Onward, donorPoint
		t.Mounts = append(t.Mounts, engine.Mount{Volume: donor, Target: donorPoint, ReadOnly: true})
	}
	t.Command = []string{"/bin/sh", "-c", installScript, "devbox-install", in.Dir, from, command, Marker, in.Witness}
	for i, dir := range in.Members {
		t.Command = append(t.Command, path.Join(dir, modulesFolder), memberPoint(i))
	}
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
	t.Command = []string{"/bin/sh", "-c", `cd "$1" && eval "$2"`, "devbox-lock", in.Dir, in.LockOnly}
	t.Collect = []string{path.Join(in.Dir, in.Lock)}
	return t
}

// staged is a task with copies of what the package manager reads.
func staged(s Step, in project.Install, cache string, extra []engine.TaskFile, env []string) engine.Task {
	return engine.Task{
		Image: s.Image, User: s.User, Env: env, Network: true, Files: Copies(s.User, in, extra),
		Mounts: []engine.Mount{{Volume: cache, Target: project.CacheDir}},
	}
}

// Copies are the files of a container in which a package manager runs: folders
// that its user may write, those of the folder in tree, and over them the files
// of the install.
func Copies(user string, in project.Install, tree []engine.TaskFile) []engine.TaskFile {
	uid, gid := IDs(user)
	files := Folders(user, append([]string{path.Join(in.Dir, modulesFolder), project.CacheDir}, placesOf(in.Files)...)...)
	files = append(files, tree...)
	const private = 0o600 // .npmrc holds tokens, and nobody else reads here
	for _, f := range in.Files {
		files = append(files, engine.TaskFile{Path: path.Join(project.AppDir, f.Name), Mode: private, UID: uid, GID: gid, Data: f.Data})
	}
	return files
}

// CacheTask gives a new cache volume to its user.
func CacheTask(image, cache, user string) engine.Task {
	return engine.Task{
		Name: "make volume " + cache, Container: "devbox-install-" + cache, Image: image, User: user, Command: []string{"true"},
		Files: Folders(user, project.CacheDir), Mounts: []engine.Mount{{Volume: cache, Target: project.CacheDir}},
	}
}

func placesOf(files []project.File) []string {
	var list []string
	for _, f := range files {
		list = append(list, path.Join(project.AppDir, path.Dir(f.Name)))
	}
	return list
}

// Folders are folders in a container and those above them, each once, as their
// user's own.
func Folders(user string, paths ...string) []engine.TaskFile {
	uid, gid := IDs(user)
	const own = fs.ModeDir | 0o755
	seen := map[string]bool{}
	for _, p := range paths {
		for ; p != "/" && !seen[p]; p = path.Dir(p) {
			seen[p] = true
		}
	}
	var list []engine.TaskFile
	for _, p := range slices.Sorted(maps.Keys(seen)) {
		list = append(list, engine.TaskFile{Path: p, Mode: own, UID: uid, GID: gid})
	}
	return list
}

// owned gives the tops of volumes to a user.
func owned(user string, mounts []engine.Mount) []engine.TaskFile {
	var list []engine.TaskFile
	for _, m := range mounts {
		list = append(list, Folders(user, m.Target)...)
	}
	return list
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
user=$1 marker=$2
shift 2
cp -a "$1/." "$2/"
rm -f "$2/$marker"
while [ $# -gt 1 ]; do
  [ ! -d "$1" ] || cp -a "$1/." "$2/"
  find "$2" ! -uid "${user%:*}" -exec chown -h "$user" {} +
  chown "$user" "$2"
  sync -f "$2" 2>/dev/null || sync
  shift 2
done`

// CopyTask fills a set of volumes with trees: with those of another set, donor,
// or without one with those of the image.
func CopyTask(s Step, donor string) engine.Task {
	t := engine.Task{
		Name: "fill volume " + s.Name, Container: "devbox-install-" + s.Name, Image: s.Image,
		Command: []string{"/bin/sh", "-c", copyScript, "devbox-fill", s.User, Marker},
		User:    "0:0", Mounts: s.allMounts(), Capabilities: fileCapabilities,
	}
	to := t.Mounts
	for i, dir := range append([]string{s.Dir}, s.Members...) {
		from := path.Join(project.AppDir, dir, modulesFolder)
		if donor != "" {
			from = fmt.Sprintf("%s-%d", donorPoint, i)
			if name := s.donorVolume(donor, i); name != "" {
				t.Mounts = append(t.Mounts, engine.Mount{Volume: name, Target: from, ReadOnly: true})
			}
		}
		t.Command = append(t.Command, from, to[i].Target)
	}
	return t
}

// donorVolume is the volume that a donor's set has in some place, empty where it
// has none.
func (s Step) donorVolume(donor string, i int) string {
	name := s.set(donor)[i]
	if i > 0 && !slices.Contains(s.There, name) {
		return ""
	}
	return name
}

// allMounts are the volumes of a set beside the folders that they are for.
func (w Wanted) allMounts() []engine.Mount {
	return append([]engine.Mount{{Volume: w.Name, Target: mountPoint}}, w.memberMounts()...)
}

// ClearTask empties volumes that a container holds, so that they cannot be removed.
func ClearTask(s Step) engine.Task {
	t := engine.Task{
		Name: "empty volume " + s.Name, Container: "devbox-install-" + s.Name, Image: s.Image,
		Command: []string{"/bin/sh", "-c", `for at; do find "$at" -mindepth 1 -delete; done`, "devbox-clear"},
		User:    "0:0", Mounts: s.allMounts(), Capabilities: fileCapabilities,
	}
	for _, m := range t.Mounts {
		t.Command = append(t.Command, m.Target)
	}
	return t
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

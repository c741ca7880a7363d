package volumes

import (
	"path"
	"slices"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// shrinkwrapScript lets npm turn the lock into a shrinkwrap. Up to version 6 npm
// ran the three scripts of package.json about that by itself, since then it
// runs none; so they are run here, in npm 6's order and without the scripts
// before and after each that `npm run` would add.
const shrinkwrapScript = `set -e
cd "$1"
version=$(npm --version)
step() {
  [ "${version%%.*}" -lt 7 ] || npm run --silent --if-present --ignore-scripts "$1"
}
step preshrinkwrap
step shrinkwrap
npm shrinkwrap
step postshrinkwrap`

// ShrinkwrapTask is the task that makes npm-shrinkwrap.json of package-lock.json.
// Both and package.json are collected; the folder is not touched. modules is a
// volume whose packages the scripts may use, or empty.
func ShrinkwrapTask(checkout string, s Step, in project.Install, cache, modules string, extra []engine.TaskFile, env []string) engine.Task {
	t := staged(s, in, cache, extra, env)
	t.Name, t.Container = "turn "+in.Lock+" into a shrinkwrap", LockContainer(checkout)
	if modules != "" {
		at := path.Join(in.Dir, modulesFolder)
		t.Mounts = append(t.Mounts, engine.Mount{Volume: modules, Target: at, ReadOnly: true})
		t.Files = slices.DeleteFunc(t.Files, func(f engine.TaskFile) bool { return f.Path == at }) // nothing can be copied there
	}
	t.Env = append(t.Env, "NPM_CONFIG_CACHE="+project.CacheDir)
	t.Command = []string{"/bin/sh", "-c", shrinkwrapScript, "devbox-shrinkwrap", in.Dir}
	for _, name := range []string{project.Shrinkwrap, project.PackageLock, "package.json"} {
		t.Collect = append(t.Collect, path.Join(in.Dir, name))
	}
	return t
}

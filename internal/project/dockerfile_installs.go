package project

import (
	"fmt"
	"path"
	"slices"
)

// installs are the installs of one image.
type installs struct {
	// Dev and Prod are the commands; empty where there is nothing to install.
	Dev, Prod string
	// DevFiles and ProdFiles are what each needs of the folder.
	DevFiles, ProdFiles []string
	// Prune tells that Prod works on the tree that Dev installed.
	Prune bool
	// Mounts are what both have mounted.
	Mounts []string
	// Folders are the members' node_modules, which have to be there.
	Folders []string
}

// installPlan works out the installs from the lock policies and the folder.
func installPlan(m *Model, g image) installs {
	f := g.Facts
	if !f.PackageJSON {
		return installs{}
	}
	p := installs{Mounts: []string{
		fmt.Sprintf("type=cache,id=devbox-%s-%s,target=%s,uid=%d,gid=%d,sharing=%s", m.Name, g.Manager.Name, cacheDir, PlainUser, PlainUser, g.Rules.Sharing),
		fmt.Sprintf("type=secret,id=%s,target=%s/.npmrc,uid=%d,gid=%d", f.secret(), g.dir(), PlainUser, PlainUser),
	}}
	for _, dir := range f.modules()[1:] {
		p.Folders = append(p.Folders, path.Join(AppDir, dir))
	}
	p.Dev, p.DevFiles = g.install(m.Lock.Dev, f, false)
	p.Prod, p.ProdFiles = g.install(m.Lock.Prod, f, true)
	if g.Rules.ProdStrips {
		p.Prod += g.strip()
	}
	if f.WholeFolder && g.Rules.Prune != "" && (len(f.Members) == 0 || g.Manager.Name != "pnpm") {
		// Scripts of the project's own, such as `prepare`, often need a
		// development dependency, so they run once, where all are there.
		p.Prod, p.Prune = g.Rules.Prune+g.Rules.Cache, true
	}
	return p
}

// install is the command and the files of the folder that it needs.
func (g image) install(policy LockPolicy, f RenderFacts, prod bool) (command string, files []string) {
	locked := slices.Contains(lockFiles[g.Manager.Name], f.Lock) && policy != Ignore
	if !locked {
		policy = Ignore
	}
	if f.WholeFolder {
		return g.Rules.install(policy, prod, len(f.Members) > 0), []string{"."}
	}
	files = []string{"package.json"}
	if locked {
		files = append(files, f.Lock)
	}
	for _, name := range settingsFiles {
		if slices.Contains(f.Settings, name) {
			files = append(files, name)
		}
	}
	return g.Rules.install(policy, prod, len(f.Members) > 0), files
}

// npmrcSecret is the id of the build secret that holds .npmrc.
const npmrcSecret = "npmrc"

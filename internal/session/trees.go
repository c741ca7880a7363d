package session

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// Tree is one volume of a project that holds packages. Its JSON form is an
// element of `volumes ls --json`.
type Tree struct {
	Volume string `json:"volume"`
	// Kind is node_modules, or cache for a package manager's cache.
	Kind string `json:"kind"`
	Key  string `json:"key,omitempty"`
	// Size is in bytes; -1 where the engine does not tell.
	Size    int64     `json:"size"`
	Created time.Time `json:"created"`
	// LastUsed is when devbox last gave it to a container; nil where not known.
	LastUsed *time.Time `json:"last_used,omitempty"`
	// InUse says that a container has it, Wanted that the folder as it is asks for it.
	InUse  bool `json:"in_use"`
	Wanted bool `json:"wanted"`
}

// The kinds of trees.
const (
	KindModules = "node_modules"
	KindCache   = "cache"
)

// Trees lists the volumes of the project that hold packages, those that were
// used last first, and then the caches. It writes nothing.
func (e *Environment) Trees(ctx context.Context) ([]Tree, error) {
	listed, caches, err := e.listVolumes(ctx)
	if err != nil {
		return nil, err
	}
	sizes, err := e.Engine.VolumeSizes(ctx)
	if err != nil {
		return nil, err
	}
	size := func(name string) int64 {
		if n, ok := sizes[name]; ok {
			return n
		}
		return -1
	}
	volumes.SortListed(listed)
	var list []Tree
	for _, l := range listed {
		t := Tree{Volume: l.Name, Kind: KindModules, Key: l.Key, Size: size(l.Name), Created: l.Created, InUse: l.InUse, Wanted: l.Wanted}
		if !l.LastUsed.IsZero() {
			t.LastUsed = &l.LastUsed
		}
		list = append(list, t)
	}
	for _, c := range caches {
		list = append(list, Tree{Volume: c.Name, Kind: KindCache, Size: size(c.Name), Created: c.Created})
	}
	return list, nil
}

// listVolumes lists what carries this project's labels: node_modules volumes,
// and caches.
func (e *Environment) listVolumes(ctx context.Context) ([]volumes.Listed, []engine.Volume, error) {
	info, err := e.Engine.Details(ctx)
	if err != nil {
		return nil, nil, err
	}
	p, err := project.Open(e.Dir)
	if err != nil {
		return nil, nil, err
	}
	d := Desired{Mode: project.Dev, Project: p, Info: info}
	d.User = userOf(p, info)
	there, err := e.Engine.Volumes(ctx, engine.LabelProject+"="+p.Model.Name)
	if err != nil {
		return nil, nil, err
	}
	containers, err := e.ownContainers(ctx, p.Model.Name)
	if err != nil {
		return nil, nil, err
	}
	listed, caches := e.sortVolumes(there, containers, wantedVolumes(d))
	return listed, caches, nil
}

func (e *Environment) sortVolumes(there []engine.Volume, containers []engine.Container, wanted []volumes.Wanted) ([]volumes.Listed, []engine.Volume) {
	held := map[string]bool{}
	for _, c := range containers {
		for _, name := range c.Volumes {
			held[name] = true
		}
	}
	asked := map[string]bool{}
	for _, w := range wanted {
		asked[w.Name] = true
	}
	used := e.readUses()
	var listed []volumes.Listed
	var caches []engine.Volume
	for _, v := range there {
		switch {
		case !sameFolder(v.Labels[engine.LabelDir], e.Dir):
		case v.Labels[engine.LabelCache] != "":
			caches = append(caches, v)
		case v.Labels[engine.LabelKey] != "":
			listed = append(listed, volumes.Listed{
				Name: v.Name, Key: v.Labels[engine.LabelKey], Created: v.Created, LastUsed: used[v.Name], InUse: held[v.Name], Wanted: asked[v.Name],
			})
		}
	}
	return listed, caches
}

// PruneTrees removes the node_modules volumes of the project but those that are
// in use, wanted, or among the keep that were used last; and with caches also
// what package managers have downloaded. It returns what it removed.
func (e *Environment) PruneTrees(ctx context.Context, keep int, withCaches bool) (_ []string, err error) {
	// Between its filling and its first use a volume looks like one that nobody needs.
	lock, err := lockSetup(ctx, e.Dir, func() {})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	listed, caches, err := e.listVolumes(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, l := range volumes.Prune(listed, keep) {
		names = append(names, l.Name)
	}
	if withCaches {
		for _, c := range caches {
			names = append(names, c.Name)
		}
	}
	return e.removeVolumes(ctx, names)
}

// removeVolumes removes volumes; one that somebody began to use meanwhile stays.
func (e *Environment) removeVolumes(ctx context.Context, names []string) ([]string, error) {
	var removed []string
	for _, name := range names {
		err := e.Engine.RemoveVolume(ctx, name)
		if errors.Is(err, engine.ErrConflict) {
			continue
		}
		if err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}

// pruneAfter removes what a new volume has made one too many. That it cannot is
// no reason for `up` to fail: the next one tries again.
func (e *Environment) pruneAfter(ctx context.Context, d Desired) {
	there, err := e.Engine.Volumes(ctx, engine.LabelProject+"="+d.Project.Model.Name)
	if err != nil {
		return
	}
	containers, err := e.ownContainers(ctx, d.Project.Model.Name)
	if err != nil {
		return
	}
	listed, _ := e.sortVolumes(there, containers, d.Volumes)
	var names []string
	for _, l := range volumes.Prune(listed, d.Project.Model.KeptVolumes()) {
		names = append(names, l.Name)
	}
	_, _ = e.removeVolumes(ctx, names)
}

// usesFile notes when a volume was last given to a container. The engine does
// not know; without the file the time of its making has to do.
const usesFile = "volumes.json"

func (e *Environment) readUses() map[string]time.Time {
	uses := map[string]time.Time{}
	root, err := os.OpenRoot(e.Dir)
	if err != nil {
		return uses
	}
	defer root.Close()
	f, err := root.Open(project.StateDir + "/" + usesFile)
	if err != nil {
		return uses
	}
	defer f.Close()
	const limit = 1 << 20
	if data, err := io.ReadAll(io.LimitReader(f, limit)); err == nil {
		_ = json.Unmarshal(data, &uses)
	}
	return uses
}

// noteUses notes that volumes were given to containers now. Volumes that are
// gone are forgotten.
func (e *Environment) noteUses(d Desired, o Observed) {
	if len(d.Volumes) == 0 {
		return
	}
	const fine = time.Minute
	now := time.Now().UTC().Truncate(time.Second)
	old, uses := e.readUses(), map[string]time.Time{}
	for name, at := range old {
		if _, there := o.Volumes[name]; there {
			uses[name] = at
		}
	}
	news := len(uses) != len(old)
	for _, w := range d.Volumes {
		if now.Sub(uses[w.Name]) > fine {
			uses[w.Name], news = now, true
		}
	}
	if !news {
		return
	}
	root, err := os.OpenRoot(e.Dir)
	if err != nil {
		return
	}
	defer root.Close()
	if data, err := json.Marshal(uses); err == nil && project.EnsureStateDir(root) == nil {
		_ = project.WriteFile(root, project.StateDir+"/"+usesFile, append(data, '\n'))
	}
}

package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/devbox-node/devbox/internal/checkout"
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
	// Members are the volumes of a workspace's members, which belong to it.
	Members []string `json:"members,omitempty"`
	// Size is in bytes, those of the members included; -1 where the engine does not tell.
	Size    int64     `json:"size"`
	Created time.Time `json:"created"`
	// LastUsed is when devbox last gave it to a container; nil where not known.
	LastUsed *time.Time `json:"last_used,omitempty"`
	// InUse says that a container has it, Wanted that the folder as it is asks for it.
	InUse  bool `json:"in_use"`
	Wanted bool `json:"wanted"`
	// Shared says that another checkout of the project has it, or keeps it.
	Shared bool `json:"shared"`
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
	size := func(names ...string) int64 {
		var sum int64
		for _, name := range names {
			n, ok := sizes[name]
			if !ok {
				return -1
			}
			sum += n
		}
		return sum
	}
	volumes.SortListed(listed)
	var list []Tree
	for _, l := range listed {
		t := Tree{Volume: l.Name, Kind: KindModules, Key: l.Key, Members: l.Members, Size: size(append([]string{l.Name}, l.Members...)...), Created: l.Created, InUse: l.InUse, Wanted: l.Wanted, Shared: l.Others}
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

// listVolumes lists the node_modules volumes and caches of the project. All its
// checkouts share them.
func (e *Environment) listVolumes(ctx context.Context) ([]volumes.Listed, []engine.Volume, error) {
	info, err := e.Engine.Details(ctx)
	if err != nil {
		return nil, nil, err
	}
	p, err := e.Open(ctx)
	if err != nil {
		return nil, nil, err
	}
	d := Desired{Mode: project.Dev, Project: p, Info: info}
	d.User = userOf(p, info)
	return e.sharedVolumes(ctx, p.Model.Name, p.Name, wantedVolumes(d), p.Model.KeptVolumes())
}

// sharedVolumes lists the node_modules volumes of a project as one of its
// checkouts sees them, and the caches.
func (e *Environment) sharedVolumes(ctx context.Context, name, own string, wanted []volumes.Wanted, keep int) ([]volumes.Listed, []engine.Volume, error) {
	there, err := e.Engine.Volumes(ctx, engine.LabelProject+"="+name)
	if err != nil {
		return nil, nil, err
	}
	var caches []engine.Volume
	for _, v := range there {
		if v.Labels[engine.LabelCache] != "" {
			caches = append(caches, v)
		}
	}
	names, members := setsOf(there)
	users, err := e.Engine.VolumeUsers(ctx, names...)
	if err != nil {
		return nil, nil, err
	}
	elsewhere, err := e.keptElsewhere(ctx, name, keep)
	if err != nil {
		return nil, nil, err
	}
	held, asked, used := holders(users), map[string]bool{}, readUses(e.Dir)
	for _, w := range wanted {
		asked[w.Name] = true
	}
	var listed []volumes.Listed
	for _, v := range there {
		if !slices.Contains(names, v.Name) {
			continue
		}
		l := volumes.Listed{Name: v.Name, Key: v.Labels[engine.LabelKey], Members: members[v.Name], Created: v.Created, LastUsed: used[v.Name], Wanted: asked[v.Name]}
		for _, holder := range held[v.Name] {
			l.InUse, l.Others = l.InUse || holder == own, l.Others || holder != own
		}
		dir := v.Labels[engine.LabelDir] // from before checkouts shared them
		l.Others = l.Others || dir != "" && !sameFolder(dir, e.Dir) || elsewhere(v.Name, l.LastUsed)
		listed = append(listed, l)
	}
	return listed, caches, nil
}

// setsOf are the volumes that hold packages, and the others of each one's set. One
// whose first volume is gone is on its own.
func setsOf(there []engine.Volume) (names []string, members map[string][]string) {
	members = map[string][]string{}
	for _, v := range there {
		if v.Labels[engine.LabelKey] != "" && v.Labels[engine.LabelSet] == "" {
			names = append(names, v.Name)
		}
	}
	first := slices.Clone(names)
	for _, v := range there {
		switch set := v.Labels[engine.LabelSet]; {
		case set == "":
		case slices.Contains(first, set):
			members[set] = append(members[set], v.Name)
		default:
			names = append(names, v.Name)
		}
	}
	return names, members
}

// holders are the projects whose containers have volumes, by the volumes.
func holders(users []engine.Container) map[string][]string {
	held := map[string][]string{}
	for _, c := range users {
		for _, volume := range c.Volumes {
			held[volume] = append(held[volume], c.Project)
		}
	}
	return held
}

// others are the checkouts of a project in other folders that are there.
func (e *Environment) others(ctx context.Context, name string) ([]checkout.Checkout, error) {
	claims, err := e.claims(ctx, "")
	return slices.DeleteFunc(claims, func(c checkout.Checkout) bool {
		return c.Project != name || c.Dir == e.Dir || !isProject(c.Dir)
	}), err
}

// keptElsewhere finds out which volumes other checkouts keep: the ones that each
// has used last. Of one whose notes are not there, that may be any volume but
// those that this checkout has used.
func (e *Environment) keptElsewhere(ctx context.Context, name string, keep int) (func(volume string, used time.Time) bool, error) {
	others, err := e.others(ctx, name)
	if err != nil {
		return nil, err
	}
	kept, unknown := map[string]bool{}, false
	for _, c := range others {
		uses := readUses(c.Dir)
		unknown = unknown || len(uses) == 0
		for _, volume := range volumes.KeptOf(uses, keep) {
			kept[volume] = true
		}
	}
	return func(volume string, used time.Time) bool { return kept[volume] || unknown && used.IsZero() }, nil
}

// PruneTrees removes the node_modules volumes of the project but those that are
// in use, wanted, or among the keep that this or another checkout used last; and
// with caches also what package managers have downloaded. It returns what it removed.
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
	removed, err := e.removeSets(ctx, volumes.Prune(listed, keep))
	if err != nil || !withCaches {
		return removed, err
	}
	var names []string
	for _, c := range caches {
		names = append(names, c.Name)
	}
	more, err := e.removeVolumes(ctx, names)
	return append(removed, more...), err
}

// removeSets removes sets of volumes. The first of each goes first: without it the
// others count for nothing, and are found again as what is left of a set.
func (e *Environment) removeSets(ctx context.Context, sets []volumes.Listed) ([]string, error) {
	var removed []string
	for _, l := range sets {
		gone, err := e.removeVolumes(ctx, []string{l.Name})
		if removed = append(removed, gone...); err != nil {
			return removed, err
		}
		if len(gone) == 0 {
			continue // somebody began to use it
		}
		gone, err = e.removeVolumes(ctx, l.Members)
		if removed = append(removed, gone...); err != nil {
			return removed, err
		}
	}
	return removed, nil
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
	m := d.Project.Model
	listed, _, err := e.sharedVolumes(ctx, m.Name, d.Project.Name, d.Volumes, m.KeptVolumes())
	if err != nil {
		return
	}
	_, _ = e.removeSets(ctx, volumes.Prune(listed, m.KeptVolumes()))
}

// usesFile notes when a volume was last given to a container. The engine does
// not know; without the file the time of its making has to do.
const usesFile = project.StateDir + "/volumes.json"

func readUses(dir string) map[string]time.Time {
	uses := map[string]time.Time{}
	if !readNote(dir, usesFile, &uses) || uses == nil {
		return map[string]time.Time{}
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
	old, uses := readUses(e.Dir), map[string]time.Time{}
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
	if news {
		writeNote(e.Dir, usesFile, uses)
	}
}

package session

import (
	"context"
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

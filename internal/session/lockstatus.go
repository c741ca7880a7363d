package session

import (
	"context"
	"errors"
	"slices"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// LockStatus is what there is to say about a project's lock. It is the JSON form
// of `lock status`.
type LockStatus struct {
	lockfile.Governing
	// Folder is the package's, empty for the project's own.
	Folder string `json:"folder,omitempty"`
	// Format is npm, yarn classic, yarn berry, pnpm or bun; Version the
	// lockfileVersion as the lock has it.
	Format   lockfile.Format `json:"format,omitempty"`
	Version  string          `json:"version,omitempty"`
	Packages int             `json:"packages"`
	Dev      int             `json:"dev_packages"`
	// Policy is what installs do with the lock in both modes.
	Policy LockPolicies `json:"policy"`
	// InStep says that there is a lock and an exact install would take it.
	InStep bool `json:"in_step"`
	// Differences are those with package.json. One that is not refused changes
	// what is installed without an error.
	Differences []LockDifference `json:"differences"`
	// Trees are the volumes; Engine says why they are not known.
	Trees  []LockTree `json:"trees"`
	Engine string     `json:"engine,omitempty"`
}

// LockPolicies are the policies of both modes.
type LockPolicies struct {
	Dev  project.LockPolicy `json:"dev"`
	Prod project.LockPolicy `json:"prod"`
}

// LockDifference is a difference together with its sentence.
type LockDifference struct {
	lockfile.Difference
	Text string `json:"text"`
}

// LockTree is a volume with packages, and how it stands to the lock.
type LockTree struct {
	Service string `json:"service"`
	Volume  string `json:"volume"`
	// Running says that the service's running container has it, Current that it
	// is the one for the folder as it is.
	Running bool      `json:"running"`
	Current bool      `json:"current"`
	State   TreeState `json:"state"`
	// Differences are where npm's own notes of the tree are not what the lock gives.
	Differences []lockfile.TreeDifference `json:"differences,omitempty"`
}

// TreeState is how a tree stands to the lock.
type TreeState string

// The states of trees.
const (
	// TreeAbsent: there is no volume yet.
	TreeAbsent TreeState = "absent"
	// TreeUnfinished: its install did not end, or a command has removed what says so.
	TreeUnfinished TreeState = "unfinished"
	// TreeComplete: it is what the lock asks for.
	TreeComplete TreeState = "complete"
	// TreeChanged: somebody has installed something else into it since.
	TreeChanged TreeState = "changed"
	// TreeShort: its install could not get packages of the lock, which npm leaves out
	// where they are optional.
	TreeShort TreeState = "incomplete"
	// TreeOther: it was installed from another state of the lock.
	TreeOther TreeState = "other lock"
	// TreeUnknown: there is no image by which it could be looked into.
	TreeUnknown TreeState = "unknown"
)

// ReadLockStatus says what the folder alone tells of a package's lock. A lock that cannot be read
// is an error; that there is none is not.
func ReadLockStatus(p *project.Project, k *project.Package) (LockStatus, error) {
	st := LockStatus{
		Folder: k.Dir, Policy: LockPolicies{p.Model.Lock.Dev, p.Model.Lock.Prod}, Differences: []LockDifference{}, Trees: []LockTree{},
	}
	if k.Dependencies.Package == nil {
		return st, &NoLockError{NoPackage: true}
	}
	var files []string
	for _, f := range k.Facts.Locks {
		files = append(files, f.Name)
	}
	st.Governing = lockfile.Govern(files, k.Manager().Name)
	l, err := k.ParseLock()
	if err != nil || l == nil {
		return st, err
	}
	if err := k.CheckManagers(l); err != nil {
		return st, err
	}
	for _, w := range l.Warnings {
		st.Warnings = append(st.Warnings, w.String())
	}
	st.Format, st.Version, st.Packages = l.Format, l.Version, len(l.Packages)
	manifests, err := k.Manifests(l)
	if err != nil {
		return st, err
	}
	st.Dev = st.Packages - len(l.Production(manifests))
	differences := l.InStep(manifests)
	for _, d := range differences {
		st.Differences = append(st.Differences, LockDifference{d, d.String()})
	}
	st.InStep = len(lockfile.Refused(differences)) == 0
	return st, nil
}

// LockTrees looks how the volumes stand to the lock: the one that each service
// runs with, and the one that the folder as it is asks for. It writes nothing.
func (e *Environment) LockTrees(ctx context.Context, p *project.Project, k *project.Package) ([]LockTree, error) {
	info, err := e.Engine.Details(ctx)
	if err != nil {
		return nil, err
	}
	now, err := e.Open(ctx)
	if err != nil {
		return nil, err
	}
	p.Name, p.Ports = now.Name, now.Ports
	d := Desired{Mode: project.Dev, Project: p, Info: info}
	if err := e.desireResources(ctx, &d); err != nil {
		return nil, err
	}
	o, err := e.Observe(ctx, d)
	if err != nil {
		return nil, err
	}
	list := []LockTree{}
	for _, w := range d.Volumes {
		if packageOf(d, w) != k {
			continue
		}
		running := runningTree(o.Containers, w)
		if running != "" && running != w.Name {
			list = append(list, LockTree{Service: w.Service, Volume: running, Running: true, State: TreeOther})
		}
		t := LockTree{Service: w.Service, Volume: w.Name, Running: running == w.Name, Current: true, State: TreeAbsent}
		if _, there := o.Volumes[w.Name]; there {
			if err := e.lookIntoTree(ctx, d, o, w, &t); err != nil {
				return nil, err
			}
		}
		list = append(list, t)
	}
	return list, nil
}

// lookIntoTree finds out the state of a tree.
func (e *Environment) lookIntoTree(ctx context.Context, d Desired, o Observed, w volumes.Wanted, t *LockTree) error {
	in, err := installOf(d, w)
	if err != nil {
		return err
	}
	image := anyImage(o, w)
	if image == "" {
		t.State = TreeUnknown
		return nil
	}
	files := []string{volumes.Marker}
	if in.Witness != "" {
		files = append(files, in.Witness)
	}
	found, err := e.Engine.VolumeFiles(ctx, w.Name, image, files...)
	if errors.Is(err, engine.ErrImageNotFound) {
		t.State = TreeUnknown
		return nil
	}
	if err != nil {
		return err
	}
	marker, witness, compared := found[volumes.Marker], found[in.Witness], false
	if in.Manager == "npm" && in.Witness != "" {
		t.Differences, compared = npmDifferences(d, w, witness)
	}
	t.State = treeStateOf(marker, witness, compared, len(t.Differences) > 0)
	return nil
}

// treeStateOf tells how a tree stands to the lock by devbox's marker in it and the
// package manager's notes of it. compared says that the notes were compared with the
// lock, differs that they are not the same: who installs the tree of the lock by hand
// has the tree of the lock, whatever became of the marker.
func treeStateOf(marker, notes []byte, compared, differs bool) TreeState {
	switch {
	case differs && volumes.IsComplete(marker, notes):
		return TreeShort
	case differs:
		return TreeChanged
	case compared || volumes.IsComplete(marker, notes):
		return TreeComplete
	case marker == nil:
		return TreeUnfinished
	}
	return TreeChanged
}

// npmDifferences compares npm's notes of a tree with the lock. It is false where
// nothing can be compared: there are no notes that can be read, or development
// ignores the lock.
func npmDifferences(d Desired, w volumes.Wanted, notes []byte) (list []lockfile.TreeDifference, compared bool) {
	service, _ := d.Project.Model.Service(w.Service)
	k := d.Project.PackageOf(service)
	if len(notes) == 0 || d.Project.Model.Lock.Dev == project.Ignore || k.Dependencies.Lock == nil {
		return nil, false
	}
	list, err := k.TreeDifferences(service, notes, d.Info.Platform)
	return list, err == nil
}

// anyImage is an image that is there, which looking into a volume needs.
func anyImage(o Observed, w volumes.Wanted) string {
	if _, built := o.Built[w.Image]; built {
		return w.Image
	}
	i := slices.IndexFunc(o.Containers, func(c engine.Container) bool { return c.Image != "" })
	if i < 0 {
		return ""
	}
	return o.Containers[i].Image
}

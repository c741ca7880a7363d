package project

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Project is a project folder that was read: its model, and the facts that
// matter beside it.
type Project struct {
	// Dir is the folder, an absolute path.
	Dir   string
	Model *Model
	// Name is the name of this checkout's Compose project, and Ports are the ports
	// of the host that it has instead of the model's, by their variables. Open gives
	// it the model's name: which one it has, only the engine can tell.
	Name  string
	Ports map[string]int
	Facts *Facts
	// Packages are where the services have their packages from. There is one at
	// least.
	Packages []*Package
	// Warnings are about what devbox.yaml says without an effect.
	Warnings []Warning
	uid, gid int
	rendered []File
	// usedDockerfile is the Dockerfile that counts; it has a name where it is devbox's.
	usedDockerfile *File
}

// Dependencies are the inputs of an install, as they are in the folder.
type Dependencies struct {
	// Lock is the content of the lock file that governs, nil where there is none;
	// LockFile is its name.
	Lock     []byte
	LockFile string
	// Manifest is what package.json says about dependencies, canonical; Members is
	// what those of the members say.
	Manifest, Members []byte
	// Scripts are the scripts of package.json that an install runs, canonical.
	Scripts []byte
	// Settings are the other files that an install reads.
	Settings []File
	// Package is package.json as it is, nil where there is none.
	Package []byte
	// Nearby is the digest of what else of the folder an install is known to read;
	// empty where it reads no more than the files above. NearbyFiles are those
	// files and folders.
	Nearby      string
	NearbyFiles []string
	// local are the folders that package.json's dependencies name.
	local []string
}

// MissingError says that a folder is not a project of devbox.
type MissingError struct{ Dir string }

func (e *MissingError) Error() string {
	return fmt.Sprintf("there is no %s in %s", ModelFile, e.Dir)
}

// Hint says how to make one.
func (e *MissingError) Hint() string { return "make it a project: `devbox init`" }

// ProjectInvalid marks the errors that a file of the project causes.
func (e *MissingError) ProjectInvalid() bool { return true }

// Open reads a project folder. It changes nothing, other than that it brings a
// CommitFiles to its end that was killed.
func Open(dir string) (*Project, error) { return OpenStaged(dir, nil) }

// OpenStaged reads a project folder as it would be with other contents of some
// files.
func OpenStaged(dir string, files []File) (*Project, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	if _, err := root.Lstat(ModelFile); errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingError{dir}
	}
	if err := checkStateFormat(root); err != nil {
		return nil, err
	}
	if _, err := RecoverCommit(root); err != nil {
		return nil, err
	}
	p := &Project{Dir: dir}
	fsys := overlay{root.FS(), files}
	if p.Facts, err = Detect(fsys); err != nil {
		return nil, err
	}
	data, err := ReadFile(root, ModelFile)
	if err != nil {
		return nil, err
	}
	if p.Model, err = loadWith(data, filepath.Base(dir), p.Facts, p.Facts.folders(fsys)); err != nil {
		return nil, err
	}
	p.Name = p.Model.Name
	info, err := root.Stat(".")
	if err != nil {
		return nil, fileError("read", ".", err)
	}
	p.uid, p.gid, _ = ownerOf(info)
	if p.Packages, err = readPackages(fsys, p.Model, p.Facts); err != nil {
		return nil, err
	}
	for _, k := range p.Packages {
		k.root, k.staged = dir, k.inPackage(files)
	}
	if p.Warnings, err = p.lookAtWrites(data, fsys); err != nil {
		return nil, err
	}
	return p, nil
}

// User is who the app runs as, see Identity.
func (p *Project) User(rootless, desktop bool) (uid, gid int) {
	return Identity(p.uid, p.gid, rootless, desktop)
}

// OneOffUser is who one-off containers run as, as uid:gid. In a folder of
// root's that is root, since nobody else could write it; everywhere else it is
// the app's own user.
func (p *Project) OneOffUser(rootless, desktop bool) string {
	uid, gid := p.User(rootless, desktop)
	if p.uid == 0 && !rootless && !desktop {
		uid, gid = 0, 0
	}
	return fmt.Sprintf("%d:%d", uid, gid)
}

// Render makes the project's files, see the function Render. It does so once.
func (p *Project) Render() ([]File, error) {
	if p.rendered != nil {
		return p.rendered, nil
	}
	var err error
	if p.rendered, err = renderUnlike(p.Model, renderFacts(p.Packages), p.has); err != nil {
		// The model was checked when it was loaded; what is left is what a service
		// says in Compose's words.
		return nil, &ConfigError{File: ModelFile, Problems: []Problem{{Text: err.Error()}}}
	}
	return p.rendered, nil
}

// has tells whether a file is in the folder as it is.
func (p *Project) has(f File) bool {
	root, err := os.OpenRoot(p.Dir)
	if err != nil {
		return false
	}
	defer root.Close()
	data, err := ReadFile(root, f.Name)
	return err == nil && bytes.Equal(data, f.Data)
}

// Plan compares the rendered files with those in the folder.
func (p *Project) Plan() (WritePlan, error) {
	files, err := p.Render()
	if err != nil {
		return WritePlan{}, err
	}
	root, err := os.OpenRoot(p.Dir)
	if err != nil {
		return WritePlan{}, fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	there, err := Existing(root, files)
	if err != nil {
		return WritePlan{}, err
	}
	return PlanWrite(there, files), nil
}

// Write carries a plan out, makes sure of the mount points, and returns the
// names of the files that it wrote.
func (p *Project) Write(plan WritePlan) ([]string, error) {
	root, err := os.OpenRoot(p.Dir)
	if err != nil {
		return nil, fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	written, err := plan.Apply(root)
	if err != nil {
		return written, err
	}
	return written, EnsureMountPoints(root, p.mountPoints()...)
}

const nodeModules = "node_modules"

// ServiceNames lists the model's services and then what a Compose file adds,
// without those that run to their end before an app starts.
func (p *Project) ServiceNames(c *Compose) []string {
	names := p.Model.Names()
	steps := p.Model.OneOffServices()
	for _, b := range p.Model.Backing {
		if _, ok := c.Services[b.Name]; ok {
			names = append(names, b.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Services)) {
		if !slices.Contains(names, name) && !slices.Contains(steps, name) {
			names = append(names, name)
		}
	}
	return names
}

// Diff shows how the files that are there differ from the rendered ones.
func (p WritePlan) Diff() string {
	var b strings.Builder
	for _, f := range p.Files {
		if f.Action != KeepSame {
			b.WriteString(f.Diff())
		}
	}
	return b.String()
}

// Package session is one project's environment at work: it observes the folder
// and the engine, plans what differs, applies the plan, and supervises what
// runs. It knows no screen: what happens leaves it as typed events.
package session

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/devbox-node/devbox/internal/checkout"
	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/volumes"
)

// Environment is a project folder on an engine.
type Environment struct {
	// Dir is the project folder, an absolute path without symlinks.
	Dir    string
	Engine Engine
	// Vars are the variables of devbox's own environment, which Compose files may use.
	Vars map[string]string
	// Procfs is where /proc is.
	Procfs string
	// NoValues is set where nothing is started, so that env files, variables and
	// secrets need not be there.
	NoValues bool
	// LostPasswords is set where data are about to get other ones in their place, so
	// that their password need not be known.
	LostPasswords bool
	// Emit takes the events of an operation.
	Emit func(Event)
}

// Image is one image that the environment needs, and how it is built.
type Image struct {
	engine.BuildSpec
	// Services use it, in order.
	Services []string
	// Inputs is the digest of everything that it is built from; empty where that
	// cannot be told, and then BuildKit is asked every time.
	Inputs string
}

// Desired is what the folder asks for.
type Desired struct {
	Project *project.Project
	Compose *project.Compose
	Mode    project.Mode
	Images  []Image
	Volumes []volumes.Wanted
	// User is who the app runs as, as uid:gid.
	User string
	Info engine.Info
	// Data are the volumes of backing services on this engine, of other projects too.
	Data []engine.Volume
	// Passwords are those of the backing services, by the variables that give them
	// to Compose. They are never shown.
	Passwords map[string]string
	// Renamed are the names that the folder's environment had before its project
	// got another one.
	Renamed []string
	// Written are the rendered files that were out of date and have been written.
	Written []string
}

// Desire reads the folder, brings the rendered files up to date and works out
// what has to be there. Hand-edited files are kept, and said so by an event.
func (e *Environment) Desire(ctx context.Context, mode project.Mode) (Desired, error) {
	d := Desired{Mode: mode}
	var g errgroup.Group
	g.Go(func() error {
		info, err := e.Engine.Details(ctx)
		d.Info = info
		return err
	})
	var s checkout.Situation
	g.Go(func() (err error) {
		if d.Project, s, err = e.openProject(ctx); err != nil || len(d.Project.Model.Backing) == 0 {
			return err
		}
		d.Data, err = e.Engine.Volumes(ctx, project.LabelBacking)
		return err
	})
	if err := g.Wait(); err != nil {
		return d, err
	}
	if !d.Info.Local {
		return d, remoteError(d.Info.Host)
	}
	d.Renamed = s.Renamed()
	if err := e.settle(ctx, d.Project, s); err != nil {
		return d, err
	}
	written, err := e.render(d.Project)
	if err != nil {
		return d, err
	}
	d.Written = written
	if d.Passwords, err = e.passwords(ctx, &d); err != nil {
		return d, err
	}
	return d, e.desireResources(ctx, &d)
}

// DesireStaged works out what would have to be there if some files at the top of
// the folder had other contents. before is what is desired as they are; nothing
// is written.
func (e *Environment) DesireStaged(ctx context.Context, before Desired, files []project.File) (Desired, error) {
	d := Desired{Mode: before.Mode, Info: before.Info, Data: before.Data, Passwords: before.Passwords}
	var err error
	if d.Project, err = project.OpenStaged(e.Dir, files); err != nil {
		return d, err
	}
	d.Project.Name, d.Project.Ports = before.Project.Name, before.Project.Ports
	return d, e.desireResources(ctx, &d)
}

// userOf is who the app runs as, as uid:gid.
func userOf(p *project.Project, info engine.Info) string {
	uid, gid := p.User(info.Rootless, info.Desktop)
	return fmt.Sprintf("%d:%d", uid, gid)
}

// desireResources works out images, volumes and containers of the desired project.
func (e *Environment) desireResources(ctx context.Context, d *Desired) error {
	d.User = userOf(d.Project, d.Info)
	d.Volumes = wantedVolumes(*d)
	if err := e.checkEnvironment(*d); err != nil {
		return err
	}
	vars, err := e.composeVars(*d)
	if err != nil {
		return err
	}
	load := d.Project.LoadCompose
	if e.NoValues {
		load = d.Project.LoadComposeBare
	}
	c, err := load(ctx, d.Mode, vars)
	if err != nil {
		return err
	}
	markSecrets(c)
	var bare map[string]bool
	if d.Mode == project.Dev {
		c, bare = d.Project.UseBaseImages(d.Project.HideState(d.Project.HidePnP(c)))
	}
	d.Compose = c
	d.Images = neededImages(*d)
	for i, v := range d.Volumes {
		d.Volumes[i].Image, d.Volumes[i].FromImage = c.Services[v.Service].Image, !bare[v.Service]
	}
	return nil
}

// render writes the files that are out of date, and names them.
func (e *Environment) render(p *project.Project) ([]string, error) {
	plan, err := p.Plan()
	if err != nil {
		return nil, err
	}
	for _, w := range plan.Warnings() {
		e.Emit(Event{Kind: Warned, Text: w.Text, Hint: w.Hint})
	}
	written, err := p.Write(plan)
	if err != nil {
		return nil, err
	}
	if len(written) > 0 {
		e.Emit(Event{Kind: Rendered, Files: written})
	}
	return written, nil
}

// composeVars are the variables that the rendered files leave open.
func (e *Environment) composeVars(d Desired) (map[string]string, error) {
	vars, err := e.checkoutVars(checkout.Checkout{Name: d.Project.Name, Ports: d.Project.Ports})
	if err != nil {
		return nil, err
	}
	vars[project.VarUID], vars[project.VarGID], _ = strings.Cut(d.User, ":")
	for _, v := range d.Volumes {
		vars[project.VolumeVar(v.Service)] = v.Name
	}
	maps.Copy(vars, d.Passwords)
	if e.LostPasswords {
		d.Project.Model.StandIn(vars)
	}
	return vars, nil
}

// wantedVolumes names the node_modules volumes of every service.
func wantedVolumes(d Desired) []volumes.Wanted {
	if d.Mode != project.Dev {
		return nil
	}
	var list []volumes.Wanted
	for _, s := range d.Project.Model.Services {
		in, k := keyInputs(d, s), d.Project.PackageOf(s)
		key := in.Key()
		list = append(list, volumes.Wanted{
			Name: volumes.Name(d.Project.Model.Name, key), Service: s.Name, Key: key, Group: in.Group(), Sketch: volumes.Sketch(in.Lock), User: d.User,
			Dir: k.Dir, Members: k.MemberDirs(),
		})
	}
	return list
}

// keyInputs are what the tree of a service's packages depends on.
func keyInputs(d Desired, s project.Service) volumes.Inputs {
	deps, policy := d.Project.PackageOf(s).Dependencies, d.Project.Model.Lock.Dev
	in := volumes.Inputs{
		Lock: deps.Lock, Dependencies: deps.Manifest, Members: deps.Members, Manager: s.PackageManager.String(), Node: s.Node,
		Platform: d.Info.Platform, Image: project.BaseImage(s), User: d.User,
		Settings: []string{"scripts:" + string(deps.Scripts), "nearby:" + deps.Nearby, "dockerfile:" + d.Project.DockerfileDigest() + d.Project.OwnDockerfileDigest(s)},
	}
	if policy == project.Ignore {
		in.Lock = nil
	}
	if dir := d.Project.PackageOf(s).Dir; dir != "" {
		in.Settings = append(in.Settings, "dir:"+dir) // what is installed may name its place
	}
	for _, name := range slices.Concat(s.BuildPackages, s.SystemPackages) {
		in.Settings = append(in.Settings, "debian:"+name)
	}
	for _, f := range deps.Settings {
		in.Settings = append(in.Settings, "file:"+f.Name+":"+string(f.Data))
	}
	return in
}

// neededImages lists the images that services are built from, each once.
func neededImages(d Desired) []Image {
	byName := map[string]*Image{}
	for _, name := range slices.Sorted(maps.Keys(d.Compose.Services)) {
		s := d.Compose.Services[name]
		if s.Build == nil {
			continue
		}
		if img := byName[s.Image]; img != nil {
			img.Services = append(img.Services, name)
			continue
		}
		spec := engine.BuildSpec{Image: s.Image, Dir: s.Build.Context, Dockerfile: s.Build.Dockerfile, Target: s.Build.Target, Args: map[string]string{}, Secrets: map[string]string{}, Exclude: d.Project.KeptOut(s.Build.Context)}
		for k, v := range s.Build.Args {
			if v != nil {
				spec.Args[k] = *v
			}
		}
		for _, use := range s.Build.Secrets {
			if file := d.Compose.Secrets[use.Source].File; file != "" {
				spec.Secrets[use.Source] = file
			}
		}
		byName[s.Image] = &Image{BuildSpec: spec, Services: []string{name}, Inputs: imageInputs(d, spec)}
	}
	list := make([]Image, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		list = append(list, *byName[name])
	}
	return list
}

// imageInputs is the digest of what a development image depends on. It is empty
// where that cannot be told: it is somebody's own Dockerfile, or files of the
// folder come into the image.
func imageInputs(d Desired, spec engine.BuildSpec) string {
	stage, ok := d.Project.StageDigest(spec.Target)
	own := spec.Dockerfile == d.Project.Model.Files.Name(project.DockerFile)
	if d.Mode != project.Dev || !ok || !own || filepath.Clean(spec.Dir) != d.Project.Dir {
		return ""
	}
	in := volumes.Inputs{Platform: d.Info.Platform, Settings: []string{"stage:" + stage}}
	for _, k := range slices.Sorted(maps.Keys(spec.Args)) {
		in.Settings = append(in.Settings, "arg:"+k+"="+spec.Args[k])
	}
	return in.Key()
}

// remoteError says that bind mounts cannot work.
func remoteError(host string) error {
	return &engine.Error{
		Kind: engine.ErrBadHost, Note: "the engine at " + host + " is on another machine, so it cannot mount this folder",
		Remedy: "run devbox on that machine, or use a local engine: `docker context use default`, or unset DOCKER_HOST",
	}
}

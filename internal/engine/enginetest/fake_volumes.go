package enginetest

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// ImageLabels shows an image's labels.
func (f *Fake) ImageLabels(_ context.Context, image string) (map[string]string, bool, error) {
	err := f.begin("ImageLabels")
	defer f.mu.Unlock()
	labels, ok := f.images[image]
	return maps.Clone(labels), ok, err
}

// AddImage makes an image be there that nobody has to get.
func (f *Fake) AddImage(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.images[name] = map[string]string{}
}

// Build makes the image be there.
func (f *Fake) Build(_ context.Context, spec engine.BuildSpec, progress func(engine.Progress)) error {
	err := f.begin("Build")
	defer f.mu.Unlock()
	if err != nil {
		return err
	}
	progress(engine.Progress{What: spec.Image, Text: "RUN npm ci"})
	f.did = append(f.did, "build "+spec.Image)
	f.images[spec.Image] = maps.Clone(spec.Labels)
	return nil
}

// Volumes lists volumes by a label.
func (f *Fake) Volumes(_ context.Context, label string) ([]engine.Volume, error) {
	err := f.begin("Volumes")
	defer f.mu.Unlock()
	key, value, exact := strings.Cut(label, "=")
	var list []engine.Volume
	for _, name := range slices.Sorted(maps.Keys(f.volumes)) {
		v := f.volumes[name]
		if have, ok := v.Labels[key]; ok && (have == value || !exact) {
			list = append(list, v.Volume)
		}
	}
	return list, err
}

// VolumeUsers lists the containers that have one of the volumes.
func (f *Fake) VolumeUsers(_ context.Context, names ...string) ([]engine.Container, error) {
	err := f.begin("VolumeUsers")
	defer f.mu.Unlock()
	var list []engine.Container
	for _, c := range f.containers {
		for _, used := range c.Volumes {
			if slices.Contains(names, used) {
				list = append(list, c.Container)
				break
			}
		}
	}
	return list, err
}

// VolumeFiles reads files of a volume.
func (f *Fake) VolumeFiles(_ context.Context, name, _ string, files ...string) (map[string][]byte, error) {
	err := f.begin("VolumeFiles")
	defer f.mu.Unlock()
	found := map[string][]byte{}
	if v := f.volumes[name]; v != nil {
		for _, file := range files {
			if data, ok := v.files[file]; ok {
				found[file] = data
			}
		}
	}
	return found, err
}

// ReadTree gives the files at the top of a volume.
func (f *Fake) ReadTree(_ context.Context, s engine.TreeSource, each func(engine.TreeEntry, io.Reader) error) error {
	err := f.begin("ReadTree")
	defer f.mu.Unlock()
	v := f.volumes[s.Volume]
	if err != nil || v == nil {
		return either(err, &engine.Error{Kind: engine.ErrNotFound, Op: "read folder"})
	}
	for _, name := range slices.Sorted(maps.Keys(v.files)) {
		const mode = 0o644
		if err := each(engine.TreeEntry{Path: name, Mode: mode}, bytes.NewReader(v.files[name])); err != nil {
			return err
		}
	}
	return nil
}

// VolumeSizes counts the bytes of the files.
func (f *Fake) VolumeSizes(context.Context) (map[string]int64, error) {
	err := f.begin("VolumeSizes")
	defer f.mu.Unlock()
	sizes := map[string]int64{}
	for name, v := range f.volumes {
		for _, data := range v.files {
			sizes[name] += int64(len(data))
		}
	}
	return sizes, err
}

// CreateVolume makes an empty volume.
func (f *Fake) CreateVolume(_ context.Context, name string, labels map[string]string) error {
	err := f.begin("CreateVolume")
	defer f.mu.Unlock()
	if err == nil && f.volumes[name] == nil {
		f.did = append(f.did, "create volume "+name)
		f.count++
		f.volumes[name] = &volume{
			Volume: engine.Volume{Name: name, Labels: labels, Created: time.Unix(int64(1_000_000+f.count), 0)}, files: map[string][]byte{},
		}
	}
	return err
}

// RemoveVolume removes a volume that no running container uses.
func (f *Fake) RemoveVolume(_ context.Context, name string) error {
	err := f.begin("RemoveVolume")
	defer f.mu.Unlock()
	for _, c := range f.containers {
		for _, used := range c.Volumes {
			if used == name {
				return &engine.Error{Kind: engine.ErrConflict, Op: "remove volume"}
			}
		}
	}
	if err == nil && f.volumes[name] != nil {
		f.did = append(f.did, "remove volume "+name)
		delete(f.volumes, name)
	}
	return err
}

// Tasks are those that did their work, in order.
func (f *Fake) Tasks() []engine.Task {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.tasks)
}

// PutFile puts a file into a volume.
func (f *Fake) PutFile(volume, name string, data []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.volumes[volume].files[name] = data
}

// RunTask does as if the task had done its work, and finishes it: what that
// copies into a volume is there.
func (f *Fake) RunTask(_ context.Context, t engine.Task, _ io.Writer) (int, error) {
	err := f.begin("RunTask")
	defer f.mu.Unlock()
	if err == nil && f.OnTask != nil {
		f.mu.Unlock()
		err = f.OnTask(t)
		f.mu.Lock()
	}
	if err != nil {
		return 0, err
	}
	f.did, f.tasks = append(f.did, t.Name), append(f.tasks, t)
	if t.Finish == nil {
		return 0, nil
	}
	collected := map[string][]byte{}
	for _, path := range t.Collect {
		if data, ok := f.Collected[path]; ok {
			collected[path] = data
		}
	}
	files, err := t.Finish(collected)
	for _, file := range files {
		for _, m := range t.Mounts {
			if name, in := strings.CutPrefix(file.Path, m.Target+"/"); in && f.volumes[m.Volume] != nil {
				f.volumes[m.Volume].files[name] = file.Data
			}
		}
	}
	return 0, err
}

package session

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/devbox-node/devbox/internal/engine"
)

// recovered is what had to be done about an interrupted change of data.
type recovered struct {
	// finished says that a restore was finished: the data are others than before,
	// and stopped that services were stopped for it.
	finished, stopped bool
}

// RecoverData finishes or takes back what an interrupted change of data has left,
// before anything uses those data. The project's lock must be held. A project
// without services that keep data is not looked at.
func (e *Environment) RecoverData(ctx context.Context, d Desired) (r recovered, err error) {
	if len(dataVolumes(d)) == 0 {
		return r, nil
	}
	list, err := e.Engine.Volumes(ctx, engine.LabelData+"="+d.Compose.Name)
	if err != nil {
		return r, err
	}
	u := unfinishedIn(list)
	if u.intent != nil || u.commit != nil {
		if r, err = e.recoverRestore(ctx, d, u); err != nil {
			return r, err
		}
	}
	for _, name := range u.content {
		// One whose container is being removed right now goes with the next command.
		_ = e.Engine.RemoveVolume(ctx, name)
	}
	return r, nil
}

func (e *Environment) recoverRestore(ctx context.Context, d Desired, u unfinished) (r recovered, err error) {
	// A container that goes on copying, although its devbox has ended, must be gone.
	if err := e.reap(ctx); err != nil {
		return r, err
	}
	image, err := e.helperImage(ctx, d, dataVolumes(d))
	if err != nil {
		return r, err
	}
	if u.commit == nil {
		e.Emit(Event{Kind: Warned, Text: "restoring snapshot " + u.intent.Snapshot + " was interrupted before it had changed anything; the data are as they were"})
		return r, e.unstage(ctx, d.Compose.Name, image, *u.intent)
	}
	e.Emit(Event{Kind: Warned, Text: "restoring snapshot " + u.commit.Snapshot + " was interrupted; it is finished now"})
	c := dataChange{Environment: e, desired: d}
	if r.stopped, err = e.stopUsers(ctx, d, *u.commit); err != nil {
		return r, err
	}
	if err := c.finish(ctx, image, *u.commit, u.commit.dataIn(d)); err != nil {
		r.stopped = false
		return r, &unfinishedError{err}
	}
	r.finished = true
	return r, nil
}

// dataIn are the volumes that a restore is about.
func (r restoreRecord) dataIn(d Desired) []DataVolume {
	return slices.DeleteFunc(dataVolumes(d), func(v DataVolume) bool { return !slices.Contains(r.Volumes, v.Volume) })
}

// stopUsers stops what somebody else, such as plain Compose, started on data that
// are about to be exchanged.
func (e *Environment) stopUsers(ctx context.Context, d Desired, r restoreRecord) (stopped bool, err error) {
	list, err := e.ownContainers(ctx, d.Compose.Name)
	if err != nil {
		return false, err
	}
	var services []string
	for _, v := range r.data() {
		if runsWith(v.Volume, list) != "" {
			services = append(services, serviceOfVolume(list, v.Volume)...)
		}
	}
	if len(services) == 0 {
		return false, nil
	}
	return true, e.Engine.StopServices(ctx, d.Compose.Name, d.Compose, services, func(engine.Progress) {})
}

func serviceOfVolume(list []engine.Container, volume string) []string {
	var names []string
	for _, c := range list {
		for _, name := range c.Volumes {
			if name == volume && !c.OneOff {
				names = append(names, c.Service)
			}
		}
	}
	return names
}

func readRestore(v engine.Volume) *restoreRecord {
	var r restoreRecord
	// A record that cannot be read names no volumes: there is nothing to do for it.
	_ = json.Unmarshal([]byte(v.Labels[engine.LabelDataRecord]), &r)
	return &r
}

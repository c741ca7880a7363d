package session

import (
	"context"
	"fmt"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
)

// ownVolume names a volume that devbox makes for itself: what it is for, the
// Compose project, and of what in that. Compose makes none of such a name, and
// no two of these are one, since a project's name has no dots.
func ownVolume(what, project string, of ...string) string {
	return strings.Join(append([]string{"devbox", what, project}, of...), ".")
}

// TakenVolumeError says that a volume is there and is not what devbox made.
type TakenVolumeError struct{ Volume string }

func (e *TakenVolumeError) Error() string {
	return fmt.Sprintf("volume %s is there, and is not the one that devbox would make", e.Volume)
}

// Hint says how to find out more.
func (e *TakenVolumeError) Hint() string {
	return "`docker volume inspect " + e.Volume + "` shows whose it is"
}

// makeOwn makes a volume that devbox has for itself. The engine leaves one of that
// name as it is, so what is there then has to be one with the same labels; mark
// is the one to find it by. A folder may have moved since.
func (e *Environment) makeOwn(ctx context.Context, name, mark string, labels map[string]string) error {
	if err := e.Engine.CreateVolume(ctx, name, labels); err != nil {
		return err
	}
	there, err := e.Engine.Volumes(ctx, mark+"="+labels[mark])
	if err != nil {
		return err
	}
	for _, v := range there {
		if v.Name == name && sameLabels(v.Labels, labels) {
			return nil
		}
	}
	return &TakenVolumeError{name}
}

func sameLabels(have, want map[string]string) bool {
	for k, value := range want {
		if k != engine.LabelDir && have[k] != value {
			return false
		}
	}
	return true
}

// removeOwn removes a volume that devbox has for itself, if it carries its mark;
// another one of that name is somebody's.
func (e *Environment) removeOwn(ctx context.Context, name, mark, value string) error {
	there, err := e.Engine.Volumes(ctx, mark+"="+value)
	if err != nil {
		return err
	}
	for _, v := range there {
		if v.Name == name {
			return e.Engine.RemoveVolume(ctx, name)
		}
	}
	return nil
}

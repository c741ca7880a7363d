package session

import (
	"time"

	"github.com/devbox-node/devbox/internal/project"
)

// usesFile notes when a volume was last given to a container. The engine does
// not know; without the file the time of its making has to do.
const usesFile = project.StateDir + "/volumes.json"

func readUses(dir string) map[string]time.Time { return readNotes[time.Time](dir, usesFile) }

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

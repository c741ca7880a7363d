package session

import (
	"maps"
	"slices"
	"time"
)

// The limits of a restart loop: an app that writes a watched file whenever it
// starts would restart itself for ever. Nobody saves the same file so often, so
// soon after each start, with other content each time.
const (
	loopRestarts = 5
	loopWindow   = 3 * time.Second
)

// loopGuard notices files that the apps themselves write when they start. Such
// a file is passed over from then on, but only so soon after a start: a change
// of it at any other time is somebody's.
type loopGuard struct {
	// streak counts the restarts in a row that a file caused, each soon after a start.
	streak map[string]int
	broken map[string]bool
}

// sift takes the changed files and how long after an app's last start they
// changed. It returns those to act on, and those that have just been found to
// be in a loop.
func (g *loopGuard) sift(files []string, sinceStart time.Duration) (act, found []string) {
	if sinceStart < 0 || sinceStart > loopWindow {
		g.streak = nil
		return files, nil
	}
	if g.streak == nil {
		g.streak = map[string]int{}
	}
	maps.DeleteFunc(g.streak, func(f string, _ int) bool { return !slices.Contains(files, f) })
	for _, f := range files {
		if g.broken[f] {
			continue
		}
		g.streak[f]++
		if g.streak[f] <= loopRestarts {
			act = append(act, f)
			continue
		}
		if g.broken == nil {
			g.broken = map[string]bool{}
		}
		g.broken[f] = true
		found = append(found, f)
	}
	return act, found
}

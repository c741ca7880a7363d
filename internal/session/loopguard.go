package session

import (
	"maps"
	"slices"
	"time"
)

// loopGuard notices files that the apps themselves write when they start, which
// would restart them for ever. Nobody can tell who wrote a file, so a restart
// for such a file is put off and not dropped: for a little at first, and longer
// each time that it happens again. Any other change ends that.
type loopGuard struct {
	// streak counts the restarts in a row that a file caused, each as an app came up.
	streak map[string]int
	named  map[string]bool
	// held are the files whose restart is put off until due.
	held []string
	due  time.Time
	wait time.Duration
}

// The limits of a restart loop.
const (
	loopRestarts = 5
	loopWait     = 5 * time.Second
	loopMaxWait  = 5 * time.Minute
)

// sift takes changed files, and whether they changed while an app came up. It
// returns those to act on now, and those that are put off for the first time.
func (g *loopGuard) sift(files []string, starting bool, now time.Time) (act, found []string) {
	if !starting {
		files = slices.Concat(files, slices.DeleteFunc(g.held, func(f string) bool { return slices.Contains(files, f) }))
		g.streak, g.held, g.wait = nil, nil, 0
		return files, nil
	}
	maps.DeleteFunc(g.streak, func(f string, _ int) bool { return !slices.Contains(files, f) })
	if g.streak == nil {
		g.streak = map[string]int{}
	}
	var off []string
	for _, f := range files {
		if g.streak[f]++; g.streak[f] > loopRestarts {
			off = append(off, f)
		} else {
			act = append(act, f)
		}
	}
	// Who changes a held file again without a restart in between is no app that starts.
	if again := len(g.held) > 0; again || len(act) > 0 || len(off) == 0 {
		act = slices.Concat(act, off, slices.DeleteFunc(g.held, func(f string) bool { return slices.Contains(files, f) }))
		g.held = nil
		if again {
			g.streak, g.wait = nil, 0
		}
		return act, nil
	}
	g.wait = min(max(2*g.wait, loopWait), loopMaxWait)
	g.held, g.due = off, now.Add(g.wait)
	for _, f := range off {
		if !g.named[f] {
			found = append(found, f)
		}
	}
	if g.named == nil {
		g.named = map[string]bool{}
	}
	for _, f := range found {
		g.named[f] = true
	}
	return nil, found
}

// alarm tells when the files that are held are due; nil where there are none.
func (g *loopGuard) alarm(now time.Time) <-chan time.Time {
	if len(g.held) == 0 {
		return nil
	}
	return time.After(g.due.Sub(now))
}

// take returns the held files, whose time has come. They stay under suspicion.
func (g *loopGuard) take() []string {
	files := g.held
	g.held = nil
	return files
}

package watch

import "time"

// pace says how long to wait for more before changes are handed over.
//
// A single save is over after quiet. What touches several paths takes longer
// from one to the next, so each path adds a fifth of quiet, up to ten times
// quiet: a formatter's run over ten files is settled after 28 ms, a branch
// switch after 100 ms. The ceiling bounds the wait under writes that do not
// end; from burst paths on it is twenty times as high, since whoever rewrites
// that many files comes to an end, and the half of a branch switch is worth
// nothing.
type pace struct {
	quiet, ceiling time.Duration
}

// The defaults of Options.
const (
	defaultQuiet   = 10 * time.Millisecond
	defaultCeiling = 500 * time.Millisecond
	defaultPoll    = 500 * time.Millisecond
	maxPoll        = time.Second
)

// paceOf takes the pace from options, with defaults for what they leave open. A
// ceiling below the quiet time would cut every wait short.
func paceOf(o Options) pace {
	quiet := orDefault(o.Quiet, defaultQuiet)
	return pace{quiet, max(orDefault(o.Ceiling, defaultCeiling), quiet)}
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return fallback
}

// burst is the number of paths from which on changes are taken to be the work
// of a tool, not of a person.
const burst = 50

// graceFactor times quiet is the wait when a file is gone or empty: saves that
// remove or truncate first take a moment for the second half on a busy machine.
const graceFactor = 10

// settler follows the changes since the last batch was handed over.
type settler struct {
	pace
	first, last time.Time
	paths       int
	// held is how long the process did not run, in so many delays: such time is
	// no part of the ceiling.
	held   time.Duration
	delays int
}

// note records that events came, and how many paths are waiting now.
func (s *settler) note(first, last time.Time, paths int) {
	if s.first.IsZero() {
		s.first = first
	}
	if last.After(s.last) {
		s.last = last
	}
	s.paths = max(s.paths, paths)
}

// delay takes in that the process did not run for some time until now.
func (s *settler) delay(now time.Time, late time.Duration) {
	s.last = now
	s.held += late
	s.delays++
}

func (s *settler) idle() bool { return s.first.IsZero() }

func (s *settler) reset() { *s = settler{pace: s.pace} }

// due is when there was quiet for long enough.
func (s *settler) due() time.Time {
	wait := s.quiet + time.Duration(max(s.paths-1, 0))*s.quiet/5
	return s.within(s.last.Add(min(wait, 10*s.quiet)))
}

// graceDue is due for changes that look like half a save.
func (s *settler) graceDue() time.Time {
	due, grace := s.due(), s.within(s.last.Add(graceFactor*s.quiet))
	if grace.After(due) {
		return grace
	}
	return due
}

// pollAgain is the pause before another look at changes that were polled. A long
// quiet time is waited for once, not ten times.
func (s *settler) pollAgain() time.Duration {
	return max(s.quiet, min(graceFactor*s.quiet, maxPoll))
}

// within bounds a time by the ceiling.
func (s *settler) within(t time.Time) time.Time {
	if end := s.end(); t.After(end) {
		return end
	}
	return t
}

// end is when changes are handed over whatever still comes.
func (s *settler) end() time.Time {
	if s.paths >= burst {
		return s.lockEnd()
	}
	return s.first.Add(s.ceiling + s.held)
}

// lockEnd is the end while git is at work: it says so itself, by its lock.
func (s *settler) lockEnd() time.Time { return s.first.Add(20*s.ceiling + s.held) }

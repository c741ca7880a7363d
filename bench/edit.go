package main

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// pause is as between two saves, so that nobody profits from what the last
// restart has left warm. It is longer than a watcher's interval for bursts, and
// than devbox takes to make the next standby, which costs other sides time.
const pause = 700 * time.Millisecond

// editToAnswer measures what a developer waits for after each save: from the
// rename of the saved file to the first answer of the new code.
func (b *bench) editToAnswer() error {
	var ready []*side
	for _, s := range sides() {
		if s.missing != nil && s.missing() != "" {
			fmt.Fprintf(b.out, "skipped: %s: %s\n", s.name, s.missing())
			continue
		}
		p, err := s.up(b)
		if err != nil {
			return err
		}
		s.project = p
		if _, err := p.awaitAnswer("first", time.Now()); err != nil {
			return err
		}
		ready = append(ready, s)
	}
	for _, a := range apps() {
		if b.app != "" && a.name != b.app {
			continue
		}
		ready = slices.DeleteFunc(ready, func(s *side) bool { return s.gone })
		if err := b.editApp(a, ready); err != nil {
			return err
		}
	}
	return nil
}

// editApp measures one app on all sides in turn.
func (b *bench) editApp(a app, sides []*side) error {
	for _, s := range sides {
		if err := s.project.choose(a); err != nil {
			return err
		}
		if _, err := s.answer(a, "chosen"); err != nil {
			return err
		}
	}
	if err := warmUp(a, sides); err != nil {
		return err
	}
	starters := make([]*bareStarter, len(sides))
	for k, s := range sides {
		if s.peer {
			continue
		}
		starter, err := s.project.newBareStarter()
		if err != nil {
			return err
		}
		defer starter.close()
		starters[k] = starter
	}
	bares, times, err := rounds(b.rounds, a, starters, sides)
	if err != nil {
		return err
	}
	b.printEdits(a, sides, times, bares)
	for _, s := range sides {
		s.lost, s.saves = 0, 0
	}
	return nil
}

// printEdits shows the times of one app, in the order of the sides.
func (b *bench) printEdits(a app, sides []*side, times []series, bares []bare) {
	var rows []row
	for k, s := range sides {
		if !s.peer {
			rows = append(rows,
				row{"bare start of the app in the container of " + s.name + ": listening", bares[k].listening},
				row{"bare start of the app in the container of " + s.name + ": first answer", bares[k].answer})
		}
	}
	for k, s := range sides {
		name := s.name
		if s.lost > 0 {
			name += fmt.Sprintf(" (did not see %d of %d saves)", s.lost, s.saves)
		}
		if s.gone {
			name += fmt.Sprintf(" (sees none any more after %d)", len(times[k].times))
		}
		rows = append(rows, row{name, times[k]})
	}
	fmt.Fprintf(b.out, "\nedit to answer, %s, %d rounds in turn\n", a.name, b.rounds)
	printTable(b.out, rows, times[0])
	for k, s := range sides {
		if s.peer {
			continue
		}
		over := func(share, bareShare float64) int64 {
			return (times[k].at(share) - bares[k].answer.at(bareShare)).Milliseconds()
		}
		fmt.Fprintf(b.out, "%s over a bare start's first answer there: median %+d ms; p95 %+d ms over its median, %+d ms over its p95; share of the median: %.2f\n",
			s.name, over(middle, middle), over(high, middle), over(high, high), float64(times[k].at(middle))/float64(bares[k].answer.at(middle)))
	}
}

// rounds takes turns: on each side an edit, and before it, where there is a starter,
// a bare start of the app. The pause before each of them is the same, and the first
// bare start is none that counts.
func rounds(n int, a app, starters []*bareStarter, sides []*side) ([]bare, []series, error) {
	bares := make([]bare, len(sides))
	times := make([]series, len(sides))
	for i := range n + 1 {
		for k, s := range sides {
			if starters[k] != nil {
				time.Sleep(pause)
				if err := bares[k].add(starters[k], i > 0); err != nil {
					return nil, nil, err
				}
			}
			if i == 0 || s.gone {
				continue
			}
			time.Sleep(pause)
			took, err := s.answer(a, fmt.Sprint("edit ", i))
			if s.gone = s.peer && errors.Is(err, errNoAnswer); s.gone {
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			times[k].add(took)
		}
	}
	return bares, times, nil
}

// learned is when what a run uses is known: two seconds after its start the app's
// process notes that for the standby of the run after the next.
const learned = 2500 * time.Millisecond

// warmUp lets every side have one more edit, so that what any of them learns from
// a run is learned before the first edit that counts.
func warmUp(a app, sides []*side) error {
	time.Sleep(learned)
	for _, s := range sides {
		if _, err := s.answer(a, "warm"); err != nil {
			return err
		}
	}
	time.Sleep(learned)
	return nil
}

package main

import (
	"fmt"
	"time"
)

// pause is as between two saves, so that nobody profits from what the last
// restart has left warm. It is longer than a watcher's interval for bursts.
const pause = 400 * time.Millisecond

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
	// Bare starts take turns with the sides too, some at a time.
	var bare series
	some := (b.rounds + 2) / 3
	times := make([]series, len(sides))
	for i := range b.rounds {
		if i%some == 0 {
			if err := sides[0].project.bareStarts(some, &bare); err != nil {
				return err
			}
		}
		for k, s := range sides {
			time.Sleep(pause)
			took, err := s.answer(a, fmt.Sprint("edit ", i))
			if err != nil {
				return err
			}
			times[k].add(took)
		}
	}
	rows := []row{{"bare start of the app, no restarter", bare}}
	for k, s := range sides {
		name := s.name
		if s.lost > 0 {
			name += fmt.Sprintf(" (did not see %d of %d saves)", s.lost, b.rounds+1)
			s.lost = 0
		}
		rows = append(rows, row{name, times[k]})
	}
	fmt.Fprintf(b.out, "\nedit to answer, %s, %d rounds in turn\n", a.name, b.rounds)
	printTable(b.out, rows, times[0])
	over := func(share float64) time.Duration { return times[0].at(share) - bare.at(middle) }
	fmt.Fprintf(b.out, "devbox over a bare start: median %+d ms, p95 %+d ms\n", over(middle).Milliseconds(), over(high).Milliseconds())
	return nil
}

package main

import (
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// series are the times of one thing.
type series struct{ times []time.Duration }

func (s *series) add(d time.Duration) { s.times = append(s.times, d) }

// at is the time below which a share of the times lies: 0.5 is the median.
func (s series) at(share float64) time.Duration {
	sorted := slices.Clone(s.times)
	slices.Sort(sorted)
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

type row struct {
	name string
	series
}

// printTable prints medians, and how each compares with one of them.
func printTable(rows []row, to series) {
	const median, high = 0.5, 0.95
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "median\tp95\tmin\tratio\t  what")
	for _, r := range rows {
		if len(r.times) == 0 {
			fmt.Fprintf(w, "-\t-\t-\t-\t  %s: could not be run here\n", r.name)
			continue
		}
		ratio := float64(r.at(median)) / float64(to.at(median))
		fmt.Fprintf(w, "%d ms\t%d ms\t%d ms\t%.2f\t  %s\n", r.at(median).Milliseconds(), r.at(high).Milliseconds(), r.at(0).Milliseconds(), ratio, r.name)
	}
	w.Flush()
}

package main

import (
	"fmt"
	"io"
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

// The shares of the tables.
const middle, high = 0.5, 0.95

// printTable prints medians, and how each compares with one of them.
func printTable(out io.Writer, rows []row, to series) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "median\tp95\tmin\tratio\t  what")
	for _, r := range rows {
		if len(r.times) == 0 {
			fmt.Fprintf(w, "-\t-\t-\t-\t  %s: could not be run here\n", r.name)
			continue
		}
		ratio := float64(r.at(middle)) / float64(to.at(middle))
		fmt.Fprintf(w, "%d ms\t%d ms\t%d ms\t%.2f\t  %s\n", r.at(middle).Milliseconds(), r.at(high).Milliseconds(), r.at(0).Milliseconds(), ratio, r.name)
	}
	w.Flush()
}

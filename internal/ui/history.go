package ui

import (
	"fmt"
	"strconv"
)

// history is the last samples of a figure.
type history struct {
	values [24]float64
	n      int
}

func (h *history) add(v float64) {
	h.values[h.n%len(h.values)] = v
	h.n++
}

// graph draws the newest width samples. The scale is at least floor, so that an
// idle service shows a flat line and not noise.
func (h *history) graph(width int, floor float64, bars []rune) string {
	width = min(width, len(h.values))
	have := min(h.n, width)
	top := floor
	for i := range have {
		top = max(top, h.values[(h.n-1-i)%len(h.values)])
	}
	out := make([]rune, width)
	for i := range out {
		out[i] = bars[0]
		if back := width - 1 - i; back < have {
			v := h.values[(h.n-1-back)%len(h.values)]
			step := int(v / top * float64(len(bars)-1))
			if v > 0 && step == 0 && v >= top/float64(2*len(bars)) {
				step = 1
			}
			out[i] = bars[min(step, len(bars)-1)]
		}
	}
	return string(out)
}

// percent is a share of one core: 0.4 %, 12 %.
func percent(v float64) string {
	const small = 9.95
	if v > 0 && v < small {
		return fmt.Sprintf("%.1f %%", v)
	}
	return fmt.Sprintf("%.0f %%", v)
}

// bytes is a size in the unit that keeps it short: 84 MB, 1.2 GB.
func bytes(n uint64) string {
	const unit = 1000
	switch {
	case n < unit*unit:
		return fmt.Sprintf("%d kB", n/unit)
	case n < unit*unit*unit:
		return fmt.Sprintf("%d MB", n/unit/unit)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/unit/unit/unit)
}

func itoa(n int) string { return strconv.Itoa(n) }

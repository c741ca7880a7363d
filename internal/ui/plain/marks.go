package plain

// mark stands between a service's name and what devbox says about it, where
// lines of output have a bar.
type mark struct {
	symbol, ascii string
	colour        Colour
}

var (
	markNote  = mark{"·", "-", Faint}
	markGood  = mark{"✓", "+", Good}
	markBad   = mark{"✗", "x", Bad}
	markWarn  = mark{"!", "!", Caution}
	markAgain = mark{"↻", "~", Busy}
	markFetch = mark{"⇣", "v", Busy}
)

// show is the mark as a stream can show it.
func (m mark) show(s Stream) string {
	if s.ASCII {
		return s.paint(m.colour, m.ascii)
	}
	return s.paint(m.colour, m.symbol)
}

// dot separates what happened from its details.
func (s Stream) dot() string {
	if s.ASCII {
		return " - "
	}
	return " · "
}

// ellipsis marks where something was left out.
func (s Stream) ellipsis() string {
	if s.ASCII {
		return "..."
	}
	return "…"
}

package ui

// rect is a part of the screen, in cells.
type rect struct{ x, y, w, h int }

func (r rect) has(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// shape is how the panes are arranged.
type shape int

const (
	// shapeTiny has room for output alone.
	shapeTiny shape = iota
	// shapeCompact has services and output, without frames.
	shapeCompact
	// shapeStacked has framed services above framed output.
	shapeStacked
	// shapeWide has services and time line beside the output.
	shapeWide
)

// layout is where everything is. What has no room has no height.
type layout struct {
	shape                                                     shape
	w, h                                                      int
	header, services, timeline, progress, banner, logs, hints rect
}

// demand is what wants to be shown.
type demand struct {
	// services are the rows that all services need at their longest.
	services int
	// count is how many services there are.
	count int
	// banner and progress are the lines that they would like; 0 hides them.
	banner, progress int
	// zoom gives everything to the output.
	zoom bool
}

const (
	frame        = 2 // the lines, or columns, that a frame takes
	wideAt       = 100
	stackedAt    = 56
	framedHeight = 16
)

// arrange decides where everything is.
func arrange(w, h int, d demand) layout {
	l := layout{w: max(w, 0), h: max(h, 0)}
	const leastWidth, leastHeight = 20, 5
	switch {
	case w < leastWidth || h < leastHeight:
		l.logs = rect{0, 0, l.w, l.h}
		return l
	case h < framedHeight || w < stackedAt:
		l.shape = shapeCompact
	case w < wideAt:
		l.shape = shapeStacked
	default:
		l.shape = shapeWide
	}
	l.header = rect{0, 0, w, 1}
	l.hints = rect{0, h - 1, w, 1}
	body := rect{0, 1, w, h - 2}
	switch {
	case l.shape == shapeWide && !d.zoom:
		body = l.sideColumn(body, d)
	case !d.zoom:
		body = l.topRows(body, d)
	}
	l.main(body, d)
	return l
}

// sideColumn gives the left of the body to services and time line and returns
// the rest.
func (l *layout) sideColumn(body rect, d demand) rect {
	const (
		least, most   = 38, 52
		share, whole  = 33, 100
		leastTimeline = 6
	)
	side := min(max(l.w*share/whole, least), most)
	rows := min(d.services, body.h-leastTimeline-frame)
	l.services = rect{body.x, body.y, side, max(rows, 1) + frame}
	l.timeline = rect{body.x, body.y + l.services.h, side, body.h - l.services.h}
	return rect{body.x + side, body.y, body.w - side, body.h}
}

// topRows gives the top of the body to services, a line each.
func (l *layout) topRows(body rect, d demand) rect {
	const part = 3
	border := frame
	if l.shape == shapeCompact {
		border = 0
	}
	rows := max(1, min(d.count, body.h/part-border))
	l.services = rect{body.x, body.y, body.w, rows + border}
	return rect{body.x, body.y + l.services.h, body.w, body.h - l.services.h}
}

// main divides what is left between progress, output and the banner.
func (l *layout) main(body rect, d demand) {
	border := frame
	if l.shape == shapeCompact {
		border = 0
	}
	const leastLogs, half = 3, 2
	if d.banner > 0 {
		rows := max(1, min(d.banner, body.h/half-border))
		if room := body.h - rows - border; room >= leastLogs {
			l.banner = rect{body.x, body.y + room, body.w, rows + border}
			body.h = room
		}
	}
	if d.progress > 0 {
		rows := min(d.progress, body.h/half-border)
		if rows > 0 {
			l.progress = rect{body.x, body.y, body.w, rows + border}
			body.y, body.h = body.y+l.progress.h, body.h-l.progress.h
		}
	}
	l.logs = body
}

// inner is the part of a pane inside of its frame, or below its title where
// there are no frames.
func (l *layout) inner(r rect) rect {
	if l.shape == shapeStacked || l.shape == shapeWide {
		return rect{r.x + 1, r.y + 1, max(r.w-frame, 0), max(r.h-frame, 0)}
	}
	return r
}

// logRows is the part of the output's pane that holds lines.
func (l *layout) logRows() rect {
	r := l.inner(l.logs)
	if l.shape == shapeCompact && r.h > 1 {
		return rect{r.x, r.y + 1, r.w, r.h - 1}
	}
	return r
}

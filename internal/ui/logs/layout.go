package logs

import (
	"unicode/utf8"

	"github.com/devbox-node/devbox/internal/term"
)

// tabStop is how far apart tabs stop, in cells.
const tabStop = 8

// layout puts text on rows. It draws each character where a terminal does: tabs
// go to the next stop, wide characters take two cells and are never split.
type layout struct {
	width int // of a row, in cells; above 0
	wrap  bool
	skip  int // how many cells are left out at the left, where rows do not wrap
	mark  string

	rows [][]Span
	row  []Span
	col  int // where the next character goes, from the left of the line
	used int // cells of the row
}

// lay lays a line out on rows, at least on one.
func (l *layout) lay(line shown) [][]Span {
	l.rows, l.row, l.col, l.used = nil, nil, 0, 0
	for _, p := range pieces(line) {
		if !l.piece(p) {
			break
		}
	}
	l.rows = append(l.rows, l.row)
	return l.rows
}

// piece lays out text of one meaning. It reports false where the row is full and
// nothing more of the line is shown.
func (l *layout) piece(s Span) bool {
	for text := s.Text; text != ""; {
		if n := min(ascii(text, l.skip-l.col), l.skip-l.col); n > 0 {
			l.col += n
			text = text[n:]
			continue
		}
		if n := l.run(text); n > 0 {
			l.put(s, text[:n], n)
			text = text[n:]
			continue
		}
		var done bool
		if text, done = l.clusters(s, text); done {
			return false
		}
	}
	return true
}

// run is how much of a text is ASCII that fits on the row.
func (l *layout) run(text string) int {
	if l.col < l.skip {
		return 0
	}
	return min(ascii(text, l.width-l.used), l.width-l.used)
}

// ascii is how many bytes of a text take one cell each, looked at up to one more
// than most. The last byte before anything else may be the base of a mark, and
// does not count.
func ascii(text string, most int) int {
	n := 0
	for n < len(text) && n <= most && text[n] >= ' ' && text[n] < 0x7F {
		n++
	}
	if n < len(text) && text[n] >= 0x7F {
		n--
	}
	return max(0, n)
}

// clusters lays out characters one by one, up to where ASCII goes on. It returns
// what is left, and true where nothing more is shown.
func (l *layout) clusters(s Span, text string) (rest string, done bool) {
	left := text
	for cluster, width := range term.Clusters(text) {
		left = left[len(cluster):]
		times := 1
		if cluster == "\t" {
			cluster, width, times = " ", 1, l.tab()
		}
		for range times {
			if !l.cluster(s, cluster, width) {
				return "", true
			}
		}
		if len(left) > 1 && left[0] < utf8.RuneSelf && left[1] < utf8.RuneSelf && left[0] != '\t' && l.col >= l.skip && l.used < l.width {
			break
		}
	}
	return left, false
}

// tab is how many blanks a tab is. On a full row it is one, on the next.
func (l *layout) tab() int {
	n := tabStop - l.col%tabStop
	if l.wrap {
		n = min(n, max(1, l.width-l.used))
	}
	return n
}

// cluster puts one character, on the next row where this one is full.
func (l *layout) cluster(s Span, cluster string, width int) bool {
	if l.col < l.skip {
		l.skipped(s, width)
		return true
	}
	if width > l.width {
		cluster, width = l.mark, 1
	}
	if l.used+width > l.width {
		if !l.wrap {
			l.cutShort()
			return false
		}
		l.rows = append(l.rows, l.row)
		l.row, l.used, l.col = nil, 0, 0
	}
	l.put(s, cluster, width)
	return true
}

// skipped goes over a character left of the view. Of one that is half in it, the
// visible half is blank.
func (l *layout) skipped(s Span, width int) {
	over := l.col + width - l.skip
	l.col += width
	if over > 0 {
		l.col -= over
		for range min(over, l.width) {
			l.put(s, " ", 1)
		}
	}
}

func (l *layout) put(s Span, text string, width int) {
	l.col += width
	l.used += width
	if n := len(l.row); n > 0 && sameMeaning(l.row[n-1], s) {
		l.row[n-1].Text += text
		return
	}
	s.Text = text
	l.row = append(l.row, s)
}

func sameMeaning(a, b Span) bool {
	return a.Role == b.Role && a.Match == b.Match && a.SGR == b.SGR && a.File == b.File
}

// cutShort puts the mark at the end of a full row.
func (l *layout) cutShort() {
	for l.used > l.width-1 && len(l.row) > 0 {
		last := &l.row[len(l.row)-1]
		w := term.Width(last.Text)
		keep := max(0, w-(l.used-(l.width-1)))
		last.Text = term.Cut(last.Text, keep, "")
		l.used += term.Width(last.Text) - w
		if last.Text == "" {
			l.row = l.row[:len(l.row)-1]
		}
	}
	l.row = append(l.row, Span{Text: l.mark, Role: RoleMore})
	l.used++
}

// pieces takes a line apart where its meaning changes.
func pieces(line shown) []Span {
	var spans []Span
	roles, colours := cursor[Role]{line.roles}, cursor[string]{line.colours}
	files, matches := cursor[*Location]{line.files}, cursor[Match]{line.matches}
	for at := 0; at < len(line.text); {
		s := Span{}
		end := len(line.text)
		s.Role, end = roles.at(at, end)
		s.SGR, end = colours.at(at, end)
		s.File, end = files.at(at, end)
		s.Match, end = matches.at(at, end)
		if s.File != nil {
			s.Role = RoleFile
		}
		s.Text = line.text[at:end]
		spans = append(spans, s)
		at = end
	}
	return spans
}

// cursor goes through runs, which are in order and do not overlap.
type cursor[T any] struct{ runs []run[T] }

// at is what is known of the text at a place, and up to where.
func (c *cursor[T]) at(place, end int) (T, int) {
	for len(c.runs) > 0 && c.runs[0].end <= place {
		c.runs = c.runs[1:]
	}
	var none T
	switch {
	case len(c.runs) == 0:
		return none, end
	case c.runs[0].begin > place:
		return none, min(end, c.runs[0].begin)
	}
	return c.runs[0].value, min(end, c.runs[0].end)
}

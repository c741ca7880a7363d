package ui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// screen is the frame that is being put together: rows of exactly its width.
type screen struct {
	s    *styles
	w, h int
	rows [][]placed
}

// placed is a row of a pane and where it begins.
type placed struct {
	x    int
	w    int
	text string
}

func newScreen(s *styles, w, h int) *screen {
	return &screen{s: s, w: w, h: h, rows: make([][]placed, h)}
}

// put places rows into a rectangle. What is too long is cut, what is missing is
// blank. Panes are put from left to right.
func (c *screen) put(r rect, rows []string) {
	for i := range r.h {
		y := r.y + i
		if y < 0 || y >= c.h || r.w <= 0 {
			continue
		}
		text := ""
		if i < len(rows) {
			text = rows[i]
		}
		c.rows[y] = append(c.rows[y], placed{r.x, r.w, c.s.fit(text, r.w)})
	}
}

// over lays rows over what is there, as a dialog does.
func (c *screen) over(r rect, rows []string) {
	for i := range min(r.h, len(rows)) {
		y := r.y + i
		if y < 0 || y >= c.h {
			continue
		}
		under := c.s.fit(c.line(y), c.w)
		line := c.s.slice(under, 0, r.x) + c.s.fit(rows[i], r.w) + c.s.slice(under, r.x+r.w, c.w)
		c.rows[y] = []placed{{0, c.w, line}}
	}
}

func (c *screen) line(y int) string {
	var b strings.Builder
	at := 0
	for _, p := range c.rows[y] {
		if p.x > at {
			b.WriteString(strings.Repeat(" ", p.x-at))
		}
		b.WriteString(p.text)
		at = p.x + p.w
	}
	return b.String()
}

func (c *screen) String() string {
	lines := make([]string, c.h)
	for y := range lines {
		lines[y] = c.line(y)
	}
	out := strings.Join(lines, "\n")
	if c.s.ascii {
		out = onlyASCII(asciiGlyphs.Replace(out))
	}
	return out
}

// onlyASCII puts as many question marks as it has cells in the place of each
// character that a terminal without UTF-8 cannot show: to such a terminal its
// bytes may be control characters.
func onlyASCII(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Repeat("?", ansi.StringWidthWc(string(r))))
	}
	return b.String()
}

// box frames rows, with a title on the left and one on the right.
type box struct {
	title, right string
	active       bool
	tone         tone // of the frame, where it is not plain
}

func (s *styles) box(b box, r rect, rows []string) []string {
	if r.w < frame || r.h < frame {
		return nil
	}
	edge := s.border
	switch {
	case b.tone == toneBad || b.tone == toneWarn:
		edge = s.tone(b.tone).Bold(false)
	case b.active:
		edge = s.borderActive
	}
	inner := r.w - frame
	out := make([]string, 0, r.h)
	out = append(out, edge.Render("╭")+s.rule(edge.Render, b.title, b.right, inner)+edge.Render("╮"))
	side := edge.Render("│")
	for i := range r.h - frame {
		text := ""
		if i < len(rows) {
			text = rows[i]
		}
		out = append(out, side+s.fit(text, inner)+side)
	}
	return append(out, edge.Render("╰"+strings.Repeat("─", inner)+"╯"))
}

// rule is a line with a title in it, and another one at its right end if there
// is room for both.
func (s *styles) rule(line func(...string) string, title, right string, width int) string {
	const margin = 2 // a blank on either side of a title
	used := 0
	left := ""
	if title != "" && width > margin+2 {
		title = s.cut(title, width-margin-2)
		left = line("─") + " " + title + " "
		used = 1 + margin + s.width(title)
	}
	end := ""
	if right != "" && used+s.width(right)+margin+2 <= width {
		end = " " + right + " " + line("─")
		used += s.width(right) + margin + 1
	}
	return left + line(strings.Repeat("─", max(0, width-used))) + end
}

// between puts one text at the left and one at the right of a line. The right
// one goes when both have no room.
func (s *styles) between(left, right string, width int) string {
	room := width - s.width(left) - s.width(right)
	if room < 1 {
		return s.fit(left, width)
	}
	return left + strings.Repeat(" ", room) + right
}

package plain

import (
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/term"
)

// Table aligns rows of cells by their width on a terminal. It has no lines, and
// no blanks at the ends of its rows, so that it can be read by other programs.
type Table struct {
	header []string
	rows   [][]string
	right  map[int]bool
	paint  map[int]func(string) Colour
}

// columnGap is between columns.
const columnGap = "  "

// NewTable makes a table with a header.
func NewTable(header ...string) *Table {
	return &Table{header: header, right: map[int]bool{}, paint: map[int]func(string) Colour{}}
}

// Row adds a row. Missing cells are empty.
func (t *Table) Row(cells ...string) { t.rows = append(t.rows, cells) }

// Right aligns columns to the right: numbers and sizes.
func (t *Table) Right(columns ...int) {
	for _, c := range columns {
		t.right[c] = true
	}
}

// Paint lets a column's cells choose their colours, on a stream that has any.
func (t *Table) Paint(column int, choose func(cell string) Colour) { t.paint[column] = choose }

// Write prints the table in one write. Without rows it prints nothing: that
// there is nothing to show is better said in words.
func (t *Table) Write(s Stream) error {
	if len(t.rows) == 0 {
		return nil
	}
	rows := [][]string{t.clean(s, t.header)}
	for _, row := range t.rows {
		rows = append(rows, t.clean(s, row))
	}
	widths := columnWidths(rows)
	var b strings.Builder
	for i, row := range rows {
		t.format(&b, s, row, widths, i == 0)
	}
	_, err := s.W.Write([]byte(b.String()))
	return err
}

func (t *Table) clean(s Stream, cells []string) []string {
	clean := make([]string, len(cells))
	for i, c := range cells {
		clean[i] = strings.TrimRight(s.clean(c), " ")
	}
	return clean
}

// columnWidths are the widths of the widest cells.
func columnWidths(rows [][]string) []int {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], term.Width(cell))
		}
	}
	return widths
}

// format writes a row, up to its last cell that is not empty.
func (t *Table) format(b *strings.Builder, s Stream, row []string, widths []int, header bool) {
	for len(row) > 0 && row[len(row)-1] == "" {
		row = row[:len(row)-1]
	}
	for i, cell := range row {
		if i > 0 {
			b.WriteString(columnGap)
		}
		blanks := strings.Repeat(" ", widths[i]-term.Width(cell))
		if choose := t.paint[i]; choose != nil && !header {
			cell = s.paint(choose(cell), cell)
		}
		switch {
		case t.right[i]:
			b.WriteString(blanks + cell)
		case i == len(row)-1:
			b.WriteString(cell)
		default:
			b.WriteString(cell + blanks)
		}
	}
	b.WriteByte('\n')
}

// StateColour is the colour of a state, for Paint. Its first word decides:
// `crashed (1)` is crashed.
func StateColour(state string) Colour {
	state, _, _ = strings.Cut(state, " ")
	switch {
	case slices.Contains([]string{"running", "listening", "healthy", "ready", "ok"}, state):
		return Good
	case slices.Contains([]string{"crashed", "unhealthy", "dead", "failed", "exited", "wrong"}, state):
		return Bad
	case slices.Contains([]string{"starting", "restarting", "building", "installing"}, state):
		return Busy
	}
	return ""
}

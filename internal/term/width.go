package term

import (
	"iter"
	"strings"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/mattn/go-runewidth"
)

// cells measures by grapheme clusters. It is our own and not the package's
// default one, which looks the locale up in the environment.
var cells = &runewidth.Condition{StrictEmojiNeutral: true}

// Width is how many cells of a terminal a text takes that Line or Clean has made
// harmless, without colours. A tab counts as none.
func Width(s string) int { return cells.StringWidth(s) }

// Clusters are the characters of a text as a reader sees them, each with the
// cells that it takes: the sum of them is the text's Width.
func Clusters(s string) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for g := graphemes.FromString(s); g.Next(); {
			if !yield(g.Value(), cells.StringWidth(g.Value())) {
				return
			}
		}
	}
}

// Pad fills a text up to a width with blanks.
func Pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-Width(s)))
}

// Cut shortens a text to a width and puts mark where its end is missing.
func Cut(s string, width int, mark string) string {
	if Width(s) <= width {
		return s
	}
	return cells.Truncate(s, width, mark)
}

// CutLeft shortens a text to a width and puts mark where its beginning is
// missing: of a path, the end says more.
func CutLeft(s string, width int, mark string) string {
	w := Width(s)
	if w <= width {
		return s
	}
	// Half of a wide character is left as a blank.
	return mark + strings.TrimLeft(cells.TruncateLeft(s, w-max(0, width-Width(mark)), ""), " ")
}

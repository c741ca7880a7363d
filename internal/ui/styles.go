package ui

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// styles are how things look, named by what they mean. Colours are reduced to
// what the terminal has when they are written; with none, marks, words, bold and
// reverse still say everything.
type styles struct {
	// wide says that the terminal joins characters as Unicode says; others
	// count each by itself.
	wide  bool
	ascii bool

	plain, quiet, faint, strong, key   lipgloss.Style
	good, busy, warn, bad              lipgloss.Style
	brand, title, border, borderActive lipgloss.Style
	selected, match, matchHere, input  lipgloss.Style
	bannerWarn, bannerBad              lipgloss.Style
	jsonKey, link                      lipgloss.Style
	services                           []lipgloss.Style
}

// shade is one colour for each kind of terminal. The 16 colours are those of
// the user's theme.
type shade struct {
	basic       color.Color
	dark, light string
}

func newStyles(dark bool, profile colorprofile.Profile, asciiOnly bool) styles {
	pick := func(s shade) lipgloss.Style {
		st := lipgloss.NewStyle()
		switch {
		case profile <= colorprofile.ANSI && s.basic != nil:
			return st.Foreground(s.basic)
		case profile <= colorprofile.ANSI:
			return st
		case dark:
			return st.Foreground(lipgloss.Color(s.dark))
		}
		return st.Foreground(lipgloss.Color(s.light))
	}
	var (
		text   = shade{nil, "#d7dae0", "#24292f"}
		quiet  = shade{nil, "#9aa3b0", "#57606a"}
		faint  = shade{lipgloss.BrightBlack, "#667080", "#868e99"}
		line   = shade{lipgloss.BrightBlack, "#3c4452", "#c4cad2"}
		green  = shade{lipgloss.Green, "#7ec97e", "#1a7f37"}
		cyan   = shade{lipgloss.Cyan, "#6cc7d6", "#0b6e83"}
		yellow = shade{lipgloss.Yellow, "#e3b860", "#8a5a00"}
		red    = shade{lipgloss.Red, "#f07a78", "#cf222e"}
		violet = shade{lipgloss.Magenta, "#b9a0f0", "#6f42c1"}
		blue   = shade{lipgloss.Blue, "#7cb0f5", "#0550ae"}
	)
	s := styles{
		ascii: asciiOnly,
		plain: pick(text), quiet: pick(quiet), faint: pick(faint), strong: pick(text).Bold(true),
		key:  pick(cyan).Bold(true),
		good: pick(green), busy: pick(cyan), warn: pick(yellow), bad: pick(red).Bold(true),
		brand: pick(green).Bold(true), title: pick(text).Bold(true), border: pick(line), borderActive: pick(cyan),
		selected: pick(text).Bold(true), match: pick(yellow).Reverse(true), matchHere: pick(cyan).Reverse(true).Bold(true),
		input: pick(cyan), bannerWarn: pick(yellow), bannerBad: pick(red).Bold(true),
		jsonKey: pick(quiet), link: pick(blue).Underline(true),
	}
	for _, c := range []shade{cyan, violet, blue, green, yellow, {lipgloss.BrightCyan, "#8fd3c8", "#1b7c6b"}, {lipgloss.BrightMagenta, "#e59ac8", "#a0307a"}} {
		s.services = append(s.services, pick(c))
	}
	return s
}

// tone is the style of a tone.
func (s *styles) tone(t tone) lipgloss.Style {
	return [...]lipgloss.Style{toneQuiet: s.quiet, tonePlain: s.plain, toneBusy: s.busy, toneGood: s.good, toneWarn: s.warn, toneBad: s.bad}[t]
}

// width is how many cells a text takes on this terminal.
func (s *styles) width(text string) int {
	if s.wide {
		return ansi.StringWidth(text)
	}
	return ansi.StringWidthWc(text)
}

// cut shortens a text, with colours or without, to a width.
func (s *styles) cut(text string, width int) string {
	if width <= 0 {
		return ""
	}
	if s.width(text) <= width {
		return text
	}
	mark := "…"
	if s.ascii {
		mark = "~"
	}
	if s.wide {
		return ansi.Truncate(text, width, mark)
	}
	return ansi.TruncateWc(text, width, mark)
}

// fit makes a text exactly as wide as it is told.
func (s *styles) fit(text string, width int) string {
	text = s.cut(text, width)
	return text + strings.Repeat(" ", max(0, width-s.width(text)))
}

// slice is the part of a text between two columns.
func (s *styles) slice(text string, left, right int) string {
	if s.wide {
		return ansi.TruncateLeft(ansi.Truncate(text, right, ""), left, "")
	}
	return ansi.TruncateLeftWc(ansi.TruncateWc(text, right, ""), left, "")
}

// asciiGlyphs are what stands for the signs that need Unicode.
var asciiGlyphs = strings.NewReplacer(
	"╭", "+", "╮", "+", "╰", "+", "╯", "+", "│", "|", "─", "-", "├", "+", "┤", "+",
	"●", "*", "○", "o", "↻", "~", "✓", "+", "✗", "x", "■", "#", "⇣", "v", "▣", "#", "▌", ">", "·", "-", "…", "~",
	"▁", "_", "▂", "_", "▃", "-", "▄", "-", "▅", "=", "▆", "=", "▇", "#", "█", "#", "↑", "^", "↓", "v", "→", ">", "⚡", "!", "×", "x", "–", "-", "≥", ">",
	"⠋", "|", "⠙", "/", "⠹", "-", "⠸", "\\", "⠼", "|", "⠴", "/", "⠦", "-", "⠧", "\\", "⠇", "|", "⠏", "/",
)

var bars = []rune("▁▂▃▄▅▆▇█")

// spinner turns once a second.
const spinner = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"

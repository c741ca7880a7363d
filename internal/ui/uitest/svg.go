package uitest

import (
	"fmt"
	"html"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
)

// The size of a cell in a picture, and the colours of one that says nothing.
const (
	cellWidth, cellHeight = 8.4, 18.0
	pictureMargin         = 14
	background            = "#16191f"
	foreground            = "#d7dae0"
)

// SVG draws the screen. Lines and bars are drawn as shapes, so that they join
// whatever font the viewer has.
func (t *Terminal) SVG() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	size := t.emu.Bounds()
	w, h := float64(size.Dx())*cellWidth+2*pictureMargin, float64(size.Dy())*cellHeight+2*pictureMargin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">`+"\n", w, h, w, h)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", background)
	for y := range size.Dy() {
		t.drawRow(&b, y, size.Dx())
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// run is text of one style.
type run struct {
	x     int
	cells int
	text  string
	style uv.Style
}

func (t *Terminal) drawRow(b *strings.Builder, y, width int) {
	var now run
	flush := func() {
		if strings.TrimSpace(now.text) != "" || now.style.Bg != nil || now.style.Attrs&uv.AttrReverse != 0 {
			drawRun(b, now, y)
		}
		now = run{}
	}
	for x := 0; x < width; x++ {
		c := t.emu.CellAt(x, y)
		if c == nil || c.Content == "" {
			c = &uv.Cell{Content: " ", Width: 1}
		}
		if shape := shapeOf(c, x, y); shape != "" {
			flush()
			b.WriteString(shape)
			continue
		}
		if now.cells == 0 || !now.style.Equal(&c.Style) {
			flush()
			now = run{x: x, style: c.Style}
		}
		now.text += c.Content
		now.cells += max(c.Width, 1)
		x += max(c.Width, 1) - 1
	}
	flush()
}

func place(x, y int) (left, top float64) {
	return pictureMargin + float64(x)*cellWidth, pictureMargin + float64(y)*cellHeight
}

func drawRun(b *strings.Builder, r run, y int) {
	left, top := place(r.x, y)
	fg, bg := hex(r.style.Fg, foreground), hex(r.style.Bg, "")
	if r.style.Attrs&uv.AttrReverse != 0 {
		fg, bg = orElse(bg, background), fg
	}
	if bg != "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, left, top, float64(r.cells)*cellWidth, cellHeight, bg)
	}
	// Blanks at the ends say nothing, and viewers differ in what they make of them.
	text := strings.TrimLeft(r.text, " ")
	left += float64(len(r.text)-len(text)) * cellWidth
	cells := r.cells - (len(r.text) - len(text))
	trimmed := strings.TrimRight(text, " ")
	cells -= len(text) - len(trimmed)
	if trimmed == "" {
		return
	}
	attrs := ""
	if r.style.Attrs&uv.AttrBold != 0 {
		attrs += ` font-weight="bold"`
	}
	if r.style.Attrs&uv.AttrFaint != 0 {
		attrs += ` opacity="0.6"`
	}
	if r.style.Underline != 0 {
		attrs += ` text-decoration="underline"`
	}
	const baseline = 13.2
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" fill="%s" textLength="%.1f" lengthAdjust="spacingAndGlyphs" xml:space="preserve"%s>%s</text>`+"\n",
		left, top+baseline, fg, float64(cells)*cellWidth, attrs, html.EscapeString(trimmed))
}

// shapeOf draws a character that is a line or a bar.
func shapeOf(c *uv.Cell, x, y int) string {
	left, top := place(x, y)
	const half, radius = 2, 4.0
	mx, my, right, bottom := left+cellWidth/half, top+cellHeight/half, left+cellWidth, top+cellHeight
	line := func(d string) string {
		return fmt.Sprintf(`<path d="%s" fill="none" stroke="%s" stroke-width="1.2"/>`, d, hex(c.Style.Fg, foreground))
	}
	block := func(x, y, w, h float64) string {
		return fmt.Sprintf(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, x, y, w, h, hex(c.Style.Fg, foreground))
	}
	switch c.Content {
	case "─":
		return line(fmt.Sprintf("M%.1f %.1fH%.1f", left, my, right))
	case "│":
		return line(fmt.Sprintf("M%.1f %.1fV%.1f", mx, top, bottom))
	case "╭":
		return line(fmt.Sprintf("M%.1f %.1fV%.1fQ%.1f %.1f %.1f %.1fH%.1f", mx, bottom, my+radius, mx, my, mx+radius, my, right))
	case "╮":
		return line(fmt.Sprintf("M%.1f %.1fV%.1fQ%.1f %.1f %.1f %.1fH%.1f", mx, bottom, my+radius, mx, my, mx-radius, my, left))
	case "╰":
		return line(fmt.Sprintf("M%.1f %.1fV%.1fQ%.1f %.1f %.1f %.1fH%.1f", mx, top, my-radius, mx, my, mx+radius, my, right))
	case "╯":
		return line(fmt.Sprintf("M%.1f %.1fV%.1fQ%.1f %.1f %.1f %.1fH%.1f", mx, top, my-radius, mx, my, mx-radius, my, left))
	case "▌":
		return block(left, top, cellWidth/half, cellHeight)
	}
	const lowest, steps = '▁', 8
	if r := []rune(c.Content); len(r) == 1 && r[0] >= lowest && r[0] < lowest+steps {
		const room = 13.0
		h := room * float64(r[0]-lowest+1) / steps
		return block(left, bottom-3-h, cellWidth-1, h)
	}
	return ""
}

func hex(c color.Color, otherwise string) string {
	if c == nil {
		return otherwise
	}
	r, g, b, _ := c.RGBA()
	const shift = 8
	return fmt.Sprintf("#%02x%02x%02x", r>>shift, g>>shift, b>>shift)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

package term

import "strconv"

// colour is a colour as SGR can name it: none, one of 16, one of 256, or RGB.
type colour struct {
	kind    uint8 // colourNone and so on
	r, g, b uint8 // an index is in r
}

const (
	colourNone uint8 = iota
	colour16
	colour256
	colourRGB
)

// attribute is a set of the attributes that are kept. Blinking and hidden text
// are not among them.
type attribute uint8

const (
	bold attribute = 1 << iota
	dim
	italic
	underline
	inverse
	strike
)

// style is how text looks. The zero value is the terminal's own.
type style struct {
	fg, bg colour
	attr   attribute
}

// attributeCodes are in the order in which they are written.
var attributeCodes = [...]struct {
	code int
	attr attribute
}{{1, bold}, {2, dim}, {3, italic}, {4, underline}, {7, inverse}, {9, strike}}

// appendTo writes the sequence that turns whatever was before into s.
func (s style) appendTo(dst []byte, fromReset bool) []byte {
	if s == (style{}) {
		return append(dst, "\x1b[0m"...)
	}
	dst = append(dst, "\x1b["...)
	if !fromReset {
		dst = append(dst, "0;"...)
	}
	for _, a := range attributeCodes {
		if s.attr&a.attr != 0 {
			dst = append(strconv.AppendInt(dst, int64(a.code), 10), ';')
		}
	}
	dst = s.fg.appendTo(dst, 30)
	dst = s.bg.appendTo(dst, 40)
	dst[len(dst)-1] = 'm'
	return dst
}

// appendTo writes the parameters of a colour, each with a semicolon behind it.
func (c colour) appendTo(dst []byte, base int) []byte {
	switch c.kind {
	case colour16:
		n := base + int(c.r)
		if c.r >= 8 {
			n += 60 - 8
		}
		return append(strconv.AppendInt(dst, int64(n), 10), ';')
	case colour256:
		dst = append(strconv.AppendInt(dst, int64(base+8), 10), ";5;"...)
		return append(strconv.AppendInt(dst, int64(c.r), 10), ';')
	case colourRGB:
		dst = append(strconv.AppendInt(dst, int64(base+8), 10), ";2;"...)
		for _, v := range [...]uint8{c.r, c.g, c.b} {
			dst = append(strconv.AppendInt(dst, int64(v), 10), ';')
		}
	}
	return dst
}

// apply takes in the parameters of an SGR sequence, the bytes between `ESC [`
// and `m`. What is not known is skipped.
func (s *style) apply(b []byte) {
	for p := (params{b, true}); p.more; {
		g := p.next()
		code := g.v[0]
		switch {
		case code != 38 && code != 48:
			s.applyCode(code, g.n > 1 && g.v[1] == 0)
		case g.n > 1:
			s.setColour(code, g.colour())
		default:
			s.setColour(code, p.colour())
		}
	}
}

// applyCode takes in one parameter. off tells of the form `4:0`: no underline.
func (s *style) applyCode(code int, off bool) {
	switch {
	case code == 0:
		*s = style{}
	case code == 4 && off, code == 24:
		s.attr &^= underline
	case code == 21: // double underline; no terminal needs to know
		s.attr |= underline
	case code == 22:
		s.attr &^= bold | dim
	case code == 23:
		s.attr &^= italic
	case code == 27:
		s.attr &^= inverse
	case code == 29:
		s.attr &^= strike
	case code < 10:
		for _, a := range attributeCodes {
			if a.code == code {
				s.attr |= a.attr
			}
		}
	default:
		s.applyColour(code)
	}
}

// applyColour takes in a parameter that names one of the 16 colours, or none.
func (s *style) applyColour(code int) {
	switch {
	case code >= 30 && code <= 37:
		s.fg = colour{kind: colour16, r: uint8(code - 30)}
	case code == 39:
		s.fg = colour{}
	case code >= 40 && code <= 47:
		s.bg = colour{kind: colour16, r: uint8(code - 40)}
	case code == 49:
		s.bg = colour{}
	case code >= 90 && code <= 97:
		s.fg = colour{kind: colour16, r: uint8(code - 90 + 8)}
	case code >= 100 && code <= 107:
		s.bg = colour{kind: colour16, r: uint8(code - 100 + 8)}
	}
}

func (s *style) setColour(code int, c colour) {
	if c.kind == colourNone {
		return
	}
	if code == 38 {
		s.fg = c
	} else {
		s.bg = c
	}
}

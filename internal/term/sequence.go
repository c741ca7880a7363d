package term

import "unicode/utf8"

func (z *Sanitizer) begin(s state, eight bool) {
	z.state, z.eight = s, eight
	z.seq, z.params = z.seq[:0], 0
}

// restart gives up a string in which an ESC was not its end, and takes that ESC
// as the beginning of the next sequence.
func (z *Sanitizer) restart() {
	z.giveUp()
	z.begin(afterESC, false)
}

// giveUp shows a sequence that is none as text.
func (z *Sanitizer) giveUp() {
	z.state = inText
	lead := rune(esc)
	if z.eight {
		lead = utf8.RuneError
	}
	z.show(lead)
	for p := z.seq; len(p) > 0; {
		r, n := utf8.DecodeRune(p)
		z.show(r)
		p = p[n:]
	}
}

// giveUpAt gives up before r, which is then read as text.
func (z *Sanitizer) giveUpAt(r rune) {
	z.giveUp()
	z.text(r)
}

// escape takes a character behind ESC.
func (z *Sanitizer) escape(r rune) {
	switch {
	case r == can, r == sub:
		z.state = inText
	case r < 0x20, r >= del, len(z.seq) >= maxEscape:
		z.giveUpAt(r)
	case r < 0x30:
		z.state = inEscape
		z.seq = append(z.seq, byte(r))
	case z.state == inEscape:
		z.state = inText
	default:
		z.introduce(r)
	}
}

// introduce takes the character that says what a sequence is.
func (z *Sanitizer) introduce(r rune) {
	z.seq = append(z.seq, byte(r))
	switch r {
	case '[':
		z.state, z.params = inCSI, len(z.seq)
	case ']', 'k': // k: the title, in screen and tmux
		z.state, z.belEnds = inString, true
	case 'P', 'X', '^', '_':
		z.state, z.belEnds = inString, false
	default:
		z.state = inText
	}
}

// control takes a character of a CSI sequence.
func (z *Sanitizer) control(r rune) {
	switch {
	case r == can, r == sub:
		z.state = inText
	case r < 0x20, r >= del, len(z.seq) >= maxCSI:
		z.giveUpAt(r)
	case r < 0x40:
		z.seq = append(z.seq, byte(r))
	default:
		z.state = inText
		z.act(r, z.seq[z.params:])
	}
}

// act does what a complete CSI sequence asks for, where it is let.
func (z *Sanitizer) act(final rune, params []byte) {
	switch {
	case final == 'm' && z.o.KeepColour && isSGR(params):
		z.want.apply(params)
	case z.mode == modeValue:
	case final == 'K' && string(params) == "2", final == 'G' && isFirstColumn(params):
		// Erasing the line and going to its first column: what progress bars do
		// that do not use a carriage return.
		z.cr = true
	}
}

// isSGR tells apart what only shares its final letter with SGR.
func isSGR(params []byte) bool {
	for _, b := range params {
		if b > ';' || b < '0' {
			return false
		}
	}
	return true
}

func isFirstColumn(params []byte) bool {
	return len(params) == 0 || len(params) == 1 && (params[0] == '0' || params[0] == '1')
}

// str takes a character of a string: of something for the terminal itself.
func (z *Sanitizer) str(r rune) {
	const st = 0x9C
	switch {
	case r == esc:
		z.state = inStringESC
	case r == st, r == can, r == sub, r == bel && z.belEnds:
		z.state = inText
	case r == '\n', len(z.seq) >= maxString:
		z.giveUpAt(r)
	default:
		z.seq = utf8.AppendRune(z.seq, r)
	}
}

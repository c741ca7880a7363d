package logs

import "bytes"

// finder finds a pattern's literal again and again in one text.
type finder struct {
	p    *pattern
	text []byte
	at   int
	// lower and upper are where the rare byte is next, in either case.
	lower, upper int
}

// literal is where the literal is next.
func (f *finder) literal() int {
	p := f.p
	if len(p.literal) == 0 {
		return -1
	}
	if !p.fold {
		if i := bytes.Index(f.text[f.at:], p.literal); i >= 0 {
			return f.at + i
		}
		return -1
	}
	b := p.literal[p.rare]
	for from := f.at; ; {
		f.lower = ahead(f.text, f.lower, from+p.rare, b)
		hit := f.lower
		if isLetter(b) {
			f.upper = ahead(f.text, f.upper, from+p.rare, b&^0x20)
			hit = min(hit, f.upper)
		}
		i := hit - p.rare
		if i+len(p.literal) > len(f.text) {
			return -1
		}
		if equalFold(f.text[i:i+len(p.literal)], p.literal) {
			return i
		}
		from = i + 1
	}
}

// ahead is where b is next from a place on; known is where it was found last.
func ahead(text []byte, known, from int, b byte) int {
	if known >= from && known > 0 {
		return known
	}
	if from < len(text) {
		if i := bytes.IndexByte(text[from:], b); i >= 0 {
			return from + i
		}
	}
	return len(text)
}

// equalFold compares a text with one in lower case.
func equalFold(text, lower []byte) bool {
	for i, b := range text {
		if b >= 'A' && b <= 'Z' {
			b |= 0x20
		}
		if b != lower[i] {
			return false
		}
	}
	return true
}

package term

import "bytes"

// params are the parameters of a sequence that were not read yet.
type params struct {
	b    []byte
	more bool
}

// group is one parameter with its subparameters: numbers with colons between
// them, of which an empty one is 0.
type group struct {
	v [8]int
	n int
}

// next reads up to the next semicolon.
func (p *params) next() group {
	var part []byte
	part, p.b, p.more = bytes.Cut(p.b, []byte(";"))
	g := group{n: 1}
	for _, b := range part {
		switch {
		case b == ':' && g.n < len(g.v):
			g.n++
		case b >= '0' && b <= '9':
			const most = 1 << 16
			g.v[g.n-1] = min(g.v[g.n-1]*10+int(b-'0'), most)
		}
	}
	return g
}

// colour reads the parameters behind `38;`: `5;N` or `2;R;G;B`.
func (p *params) colour() colour {
	switch p.next().v[0] {
	case 5:
		return indexed(p.next().v[0])
	case 2:
		r, g, b := p.next(), p.next(), p.next()
		return rgb(r.v[0], g.v[0], b.v[0])
	}
	return colour{}
}

// colour reads `38:5:N`, `38:2:R:G:B` and `38:2:SPACE:R:G:B`.
func (g group) colour() colour {
	switch {
	case g.v[1] == 5 && g.n >= 3:
		return indexed(g.v[2])
	case g.v[1] == 2 && g.n == 5:
		return rgb(g.v[2], g.v[3], g.v[4])
	case g.v[1] == 2 && g.n >= 6:
		return rgb(g.v[3], g.v[4], g.v[5])
	}
	return colour{}
}

func indexed(n int) colour {
	if n > 255 {
		return colour{}
	}
	return colour{kind: colour256, r: uint8(n)}
}

func rgb(r, g, b int) colour {
	if r > 255 || g > 255 || b > 255 {
		return colour{}
	}
	return colour{colourRGB, uint8(r), uint8(g), uint8(b)}
}

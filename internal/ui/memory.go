package ui

import "runtime/debug"

// memory chooses how much garbage may lie about. A store with many lines is most
// of the heap and has no pointers: there collecting often costs little and
// halves what the process takes. With few lines it would only cost.
type memory struct{ before int }

const (
	manyBytes   = 16 << 20
	littleWaste = 20
)

// look is called now and then with how much text is held.
func (m *memory) look(held int) {
	switch {
	case held > manyBytes && m.before == 0:
		m.before = debug.SetGCPercent(littleWaste)
	case held <= manyBytes:
		m.reset()
	}
}

// reset is the default again.
func (m *memory) reset() {
	if m.before != 0 {
		debug.SetGCPercent(m.before)
		m.before = 0
	}
}

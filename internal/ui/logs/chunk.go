package logs

import (
	"math"
	"time"
)

// record is what is known of an entry besides its text. A million of them are
// held, so it is 16 bytes and has no pointers.
type record struct {
	end     uint32 // where its text ends in the chunk; it begins where the one before ends
	ms      int32  // its time, since the chunk's base; noTime where it has none
	service uint16
	// prev and next are how many entries away the neighbours within the same
	// stack trace are; 0 where there is none.
	prev, next uint16
	kind       Kind
	flags      flags
}

type flags uint8

const (
	isJSON   flags = 1 << iota // looks like a JSON object
	coloured                   // has SGR sequences
	levelSet                   // the level is known
	// levelShift is where the level is.
	levelShift = 4
)

const noTime = math.MinInt32

// chunk is a piece of the ring: text without anything between the lines, and
// the records of its lines.
type chunk struct {
	first   Seq // of its first record
	base    time.Time
	text    []byte
	records []record
}

func (c *chunk) begin(i int) uint32 {
	if i == 0 {
		return 0
	}
	return c.records[i-1].end
}

// line is the text of an entry. It is only valid while the store is locked.
func (c *chunk) line(i int) []byte { return c.text[c.begin(i):c.records[i].end] }

func (c *chunk) time(i int) time.Time {
	if ms := c.records[i].ms; ms != noTime {
		return c.base.Add(time.Duration(ms) * time.Millisecond)
	}
	return time.Time{}
}

// offset is a time as a record holds it. It reports false where the time is too
// far from the chunk's base, which is that of its first line.
func (c *chunk) offset(t time.Time) (int32, bool) {
	if t.IsZero() {
		return noTime, true
	}
	if c.base.IsZero() {
		c.base = t.Truncate(time.Millisecond)
	}
	ms := t.Sub(c.base).Milliseconds()
	return int32(ms), ms > noTime && ms <= math.MaxInt32
}

// clip gives back room that a full chunk does not need.
func (c *chunk) clip() {
	if cap(c.text) > len(c.text)+len(c.text)/8 {
		c.text = append(make([]byte, 0, len(c.text)), c.text...)
	}
	if cap(c.records) > len(c.records)+len(c.records)/16 {
		c.records = append(make([]record, 0, len(c.records)), c.records...)
	}
}

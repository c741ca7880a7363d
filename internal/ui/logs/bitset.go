package logs

import "math/bits"

// bitset is a set of small numbers.
type bitset []uint64

func (b bitset) has(i int) bool { return i>>6 < len(b) && b[i>>6]&(1<<(i&63)) != 0 }

func (b *bitset) add(i int) {
	for len(*b) <= i>>6 {
		*b = append(*b, 0)
	}
	(*b)[i>>6] |= 1 << (i & 63)
}

func (b bitset) remove(i int) {
	if b.has(i) {
		b[i>>6] &^= 1 << (i & 63)
	}
}

// both counts the numbers below n that are in two sets.
func (b bitset) both(other bitset, n int) int {
	count := 0
	for i := 0; i < min(len(b), len(other), (n+63)>>6); i++ {
		w := b[i] & other[i]
		if n < (i+1)<<6 {
			w &= 1<<(n&63) - 1
		}
		count += bits.OnesCount64(w)
	}
	return count
}

// word is 64 numbers of a set, from w*64 on.
func (b bitset) word(w int) uint64 {
	if w >= len(b) {
		return 0
	}
	return b[w]
}

// next is the first number from i on, below n, that is in two sets; -1 where
// there is none.
func (b bitset) next(other bitset, i, n int) int {
	for i < n && i>>6 < len(b) {
		if w := b[i>>6] & other.word(i>>6) >> (i & 63) << (i & 63); w != 0 {
			if i = i>>6<<6 + bits.TrailingZeros64(w); i < n {
				return i
			}
			return -1
		}
		i = (i>>6 + 1) << 6
	}
	return -1
}

// prev is the last number up to i that is in two sets; -1 where there is none.
func (b bitset) prev(other bitset, i int) int {
	for i = min(i, len(b)<<6-1); i >= 0; i = i>>6<<6 - 1 {
		if w := b[i>>6] & other.word(i>>6) << (63 - i&63) >> (63 - i&63); w != 0 {
			return i>>6<<6 + 63 - bits.LeadingZeros64(w)
		}
	}
	return -1
}

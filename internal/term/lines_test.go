package term

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// split feeds pieces and returns what was delivered, records in angle brackets.
func split(pieces ...string) []string {
	var got []string
	s := NewSplitter(func(k Kind, text string) {
		if k == Record {
			text = "<" + text + ">"
		}
		got = append(got, text)
	})
	for _, p := range pieces {
		s.Write([]byte(p))
	}
	s.Flush()
	return got
}

func TestOutputIsSplitIntoLinesAndRecords(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"nothing is no line", "", nil},
		{"lines end at line breaks", "a\nb\n", []string{"a", "b"}},
		{"empty lines count", "\na\n\n", []string{"", "a", ""}},
		{"the last partial line counts", "a\nb", []string{"a", "b"}},
		{"a carriage return before a line break goes", "a\r\n\r\nb\r", []string{"a", "", "b"}},
		{"other carriage returns stay", "a\rb\r\r\n", []string{"a\rb\r"}},
		{"a record is no line", "a\n\x1e{\"x\":1}\nb\n", []string{"a", `<{"x":1}>`, "b"}},
		{"a record may end with CRLF", "\x1e{}\r\n", []string{"<{}>"}},
		{"a record ends a partial line", "List\x1e{}\nening\n", []string{"List", "<{}>", "ening"}},
		{"records follow one another", "\x1e{1}\n\x1e{2}\n", []string{"<{1}>", "<{2}>"}},
		{"a record that another one cuts short is a line", "\x1e{1\x1e{2}\n", []string{"{1", "<{2}>"}},
		{"a record without its end is a line", "\x1e{1", []string{"{1"}},
		{"a separator before something else is text", "a\x1eb\x1e\n\x1e", []string{"a\x1eb\x1e", "\x1e"}},
		{"two separators are text and a record", "\x1e\x1e{}\n", []string{"\x1e", "<{}>"}},
		{"a separator in a record is text of it", "\x1e{\x1e}\n", []string{"<{\x1e}>"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := split(tt.in); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			for i := range tt.in {
				if got := split(tt.in[:i], tt.in[i:]); !slices.Equal(got, tt.want) {
					t.Errorf("cut at %d: got %q, want %q", i, got, tt.want)
				}
			}
			if got := split(strings.Split(tt.in, "")...); !slices.Equal(got, tt.want) {
				t.Errorf("byte by byte: got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLongLinesAreCutAndCounted(t *testing.T) {
	full := strings.Repeat("x", MaxLine)
	tests := []struct {
		name, in string
		want     []string
	}{
		{"a line of the maximum stays whole", full + "\nEND\n", []string{full, "END"}},
		{"its CRLF is not counted", full + "\r\nEND\n", []string{full, "END"}},
		{"10 MiB are cut", strings.Repeat("x", 10<<20) + "\nEND\n", []string{full + " … 10,420,224 bytes cut", "END"}},
		{"the line break of a cut line is not counted", full + "yz\r\n", []string{full + " … 2 bytes cut"}},
		{"a partial line is cut", full + "yz", []string{full + " … 2 bytes cut"}},
		{"a character is not cut in two", full[2:] + "日本\n", []string{full[2:] + " … 6 bytes cut"}},
		{"a whole character before the cut stays", full[3:] + "日本\n", []string{full[3:] + "日 … 3 bytes cut"}},
		{"a record that is too long is a line", "\x1e{" + full + "}\n", []string{"{" + full[1:] + " … 2 bytes cut"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{len(tt.in), 32 << 10, 4097} {
				var pieces []string
				for p := range slices.Chunk([]byte(tt.in), size) {
					pieces = append(pieces, string(p))
				}
				if got := split(pieces...); !slices.Equal(got, tt.want) {
					t.Errorf("in pieces of %d: got %d lines, want %d", size, len(got), len(tt.want))
				}
			}
		})
	}
}

func TestAnEndlessLineTakesBoundedMemory(t *testing.T) {
	s := NewSplitter(func(Kind, string) { t.Error("a line was delivered") })
	chunk := []byte(strings.Repeat("A", 32<<10))
	for range 1000 {
		s.Write(chunk)
	}
	if cap(s.buf) > 2*MaxLine {
		t.Errorf("%d bytes are held", cap(s.buf))
	}
}

func TestThePiecesOfAStreamDoNotMatter(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	alphabet := "ab\n\n\r\x1e{}"
	for range 2000 {
		in := make([]byte, rnd.IntN(40))
		for i := range in {
			in[i] = alphabet[rnd.IntN(len(alphabet))]
		}
		want := split(string(in))
		i := rnd.IntN(len(in) + 1)
		j := i + rnd.IntN(len(in)-i+1)
		if got := split(string(in[:i]), string(in[i:j]), string(in[j:])); !slices.Equal(got, want) {
			t.Fatalf("%q cut at %d and %d: got %q, want %q", in, i, j, got, want)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 10420224: "10,420,224", -1234: "-1,234", -123: "-123"} {
		if got := Thousands(n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

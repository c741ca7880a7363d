package docker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

const at1, at2 = "2025-11-21T02:47:05.000000001Z", "2025-11-21T02:47:06.5Z"

// said is a chunk in a form that compares.
type said struct{ at, stream, data string }

func hear(list *[]said) func(engine.Chunk) {
	return func(c engine.Chunk) {
		at := ""
		if !c.Time.IsZero() {
			at = c.Time.UTC().Format(time.RFC3339Nano)
		}
		*list = append(*list, said{at, c.Stream, string(c.Data)})
	}
}

// frame is one message as the engine multiplexes it.
func frame(stream byte, data string) string {
	head := binary.BigEndian.AppendUint32([]byte{stream, 0, 0, 0}, uint32(len(data)))
	return string(head) + data
}

func TestFramesTakesTheStreamApart(t *testing.T) {
	piece := strings.Repeat("x", 16<<10)
	big := strings.Repeat("y", 1<<20)
	tests := []struct {
		name string
		in   []string
		want []said
	}{
		{"an empty log", nil, nil},
		{
			"stdout and stderr in the order they were written",
			[]string{frame(1, at1+" out\n"), frame(2, at2+" err\n"), frame(1, at2+" out again\n")},
			[]said{{at1, "stdout", "out\n"}, {at2, "stderr", "err\n"}, {at2, "stdout", "out again\n"}},
		},
		{
			"stream 0 is output too",
			[]string{frame(0, at1+" in\n")},
			[]said{{at1, "stdout", "in\n"}},
		},
		{
			"a long line in several frames keeps no stamp inside",
			[]string{frame(1, at1+" "+piece), frame(1, at1+" "+piece), frame(1, at1+" end\n")},
			[]said{{at1, "stdout", piece}, {at1, "stdout", piece}, {at1, "stdout", "end\n"}},
		},
		{
			"a short frame after a long one holds nothing of it",
			[]string{frame(1, at1+" "+big), frame(2, at2+" z\n")},
			[]said{{at1, "stdout", big}, {at2, "stderr", "z\n"}},
		},
		{
			"an empty line",
			[]string{frame(1, at1+" \n")},
			[]said{{at1, "stdout", "\n"}},
		},
		{
			"a time stamp in the program's own text",
			[]string{frame(1, at1+" "+at2+" GET /\n")},
			[]said{{at1, "stdout", at2 + " GET /\n"}},
		},
		{
			"a message without a stamp",
			[]string{frame(1, "plain text\n")},
			[]said{{"", "stdout", "plain text\n"}},
		},
		{
			"an empty frame",
			[]string{frame(1, ""), frame(1, at1+" next\n")},
			[]said{{"", "stdout", ""}, {at1, "stdout", "next\n"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := strings.Join(tt.in, "")
			readers := map[string]io.Reader{
				"at once":        strings.NewReader(in),
				"in halves":      iotest.HalfReader(strings.NewReader(in)),
				"byte by byte":   iotest.OneByteReader(strings.NewReader(in)),
				"EOF with bytes": iotest.DataErrReader(strings.NewReader(in)),
			}
			for how, r := range readers {
				var got []said
				if err := frames(r, hear(&got)); err != nil {
					t.Fatalf("%s: %v", how, err)
				}
				if !reflect.DeepEqual(got, tt.want) {
					t.Errorf("%s:\n got %.300q\nwant %.300q", how, got, tt.want)
				}
			}
		})
	}
}

func TestFramesHandsOnWhatCameBeforeAFailure(t *testing.T) {
	good := frame(1, at1+" good\n")
	reset := errors.New("connection reset by peer")
	tests := []struct {
		name string
		in   io.Reader
		is   error
		text string
	}{
		{"the end comes inside a header", strings.NewReader(good + frame(1, at1+" cut\n")[:5]), io.ErrUnexpectedEOF, ""},
		{"the end comes inside a message", strings.NewReader(good + frame(1, at1+" cut\n")[:20]), io.ErrUnexpectedEOF, ""},
		{"the connection breaks", io.MultiReader(strings.NewReader(good), iotest.ErrReader(reset)), reset, ""},
		{"text where a header should be", strings.NewReader(good + "listening on :3000\n"), nil, "broken log frame (stream 108, "},
		{"a size that no message has", strings.NewReader(good + "\x01\x00\x00\x00\x7f\xff\xff\xff"), nil, "broken log frame (stream 1, 2147483647 bytes)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []said
			err := frames(tt.in, hear(&got))
			if err == nil || !strings.Contains(err.Error(), tt.text) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v, want %v%s", err, tt.is, tt.text)
			}
			if want := []said{{at1, "stdout", "good\n"}}; !reflect.DeepEqual(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestStampIsCutOffOnlyWhereThereIsOne(t *testing.T) {
	tests := []struct{ name, in, at, data string }{
		{"nanoseconds", "2025-11-21T02:47:05.123456789Z hello", "2025-11-21T02:47:05.123456789Z", "hello"},
		{"whole seconds", "2025-11-21T02:47:05Z hello", "2025-11-21T02:47:05Z", "hello"},
		{"a zone other than UTC", "2025-11-21T04:47:05.000000001+02:00 hello", at1, "hello"},
		{"only the first blank goes", at1 + "   indented", at1, "  indented"},
		{"nothing after the stamp", at1 + " ", at1, ""},
		{"a stamp without a blank is text", at1, "", at1},
		{"a first word that is no time", "GET / 200", "", "GET / 200"},
		{"a day without a time", "2025-11-21 hello", "", "2025-11-21 hello"},
		{"a first word that is longer than any stamp", strings.Repeat("w", 50) + " hello", "", strings.Repeat("w", 50) + " hello"},
		{"a leading blank", " " + at1 + " hello", "", " " + at1 + " hello"},
		{"nothing", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at, data := stamp([]byte(tt.in))
			var got []said
			hear(&got)(engine.Chunk{Time: at, Data: data})
			if want := (said{tt.at, "", tt.data}); got[0] != want {
				t.Errorf("got %q, want %q", got[0], want)
			}
		})
	}
}

func TestRawChunksSplitsATerminalsStreamIntoLines(t *testing.T) {
	tests := []struct {
		name  string
		reads []string
		want  []said
	}{
		{"nothing", nil, nil},
		{
			"lines of one read",
			[]string{at1 + " one\r\n" + at2 + " two\r\n"},
			[]said{{at1, "stdout", "one\r\n"}, {at2, "stdout", "two\r\n"}},
		},
		{
			"a line whose rest comes with the next read",
			[]string{at1 + " lis", "tening\r\n" + at2 + " ready\r\n"},
			[]said{{at1, "stdout", "lis"}, {"", "stdout", "tening\r\n"}, {at2, "stdout", "ready\r\n"}},
		},
		{
			"a rest that looks like a stamp is text",
			[]string{at1 + " now: ", at2 + " it is\r\n"},
			[]said{{at1, "stdout", "now: "}, {"", "stdout", at2 + " it is\r\n"}},
		},
		{
			"a read that ends with a line",
			[]string{at1 + " one\r\n", at2 + " two\r\n"},
			[]said{{at1, "stdout", "one\r\n"}, {at2, "stdout", "two\r\n"}},
		},
		{
			"a prompt without an end of line",
			[]string{at1 + " > "},
			[]said{{at1, "stdout", "> "}},
		},
		{
			"escape sequences stay",
			[]string{at1 + " \x1b[32mok\x1b[0m\r\n"},
			[]said{{at1, "stdout", "\x1b[32mok\x1b[0m\r\n"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var parts []io.Reader
			for _, s := range tt.reads {
				parts = append(parts, strings.NewReader(s))
			}
			var got []said
			if err := rawChunks(io.MultiReader(parts...), hear(&got)); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("\n got %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestRawChunksHandsOnWhatCameWithAnError(t *testing.T) {
	reset := errors.New("connection reset by peer")
	var got []said
	err := rawChunks(io.MultiReader(bytes.NewReader([]byte(at1+" last\r\n")), iotest.ErrReader(reset)), hear(&got))
	if !errors.Is(err, reset) {
		t.Errorf("error %v, want %v", err, reset)
	}
	if want := []said{{at1, "stdout", "last\r\n"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

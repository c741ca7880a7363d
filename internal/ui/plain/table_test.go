package plain

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestTablesAreAligned(t *testing.T) {
	tests := []struct {
		name  string
		table func() *Table
		want  []string
	}{
		{"columns fit their widest cell", func() *Table {
			t := NewTable("SERVICE", "STATE", "URL")
			t.Row("web", "listening", "http://127.0.0.1:3000")
			t.Row("worker", "running")
			return t
		}, []string{
			"SERVICE  STATE      URL",
			"web      listening  http://127.0.0.1:3000",
			"worker   running",
		}},
		{"numbers stand to the right", func() *Table {
			t := NewTable("KEY", "SIZE")
			t.Right(1)
			t.Row("a1b2c3", "84 MB")
			t.Row("d4e5f6", "1.2 GB")
			return t
		}, []string{
			"KEY       SIZE",
			"a1b2c3   84 MB",
			"d4e5f6  1.2 GB",
		}},
		{"cells are measured in cells", func() *Table {
			t := NewTable("名前", "B")
			t.Row("日本語", "x")
			t.Row("Zürich", "y")
			return t
		}, []string{
			"名前    B",
			"日本語  x",
			"Zürich  y",
		}},
		{"empty cells at the end leave no blanks", func() *Table {
			t := NewTable("A", "B", "C")
			t.Row("a", "", "")
			t.Row("", "", "c ")
			return t
		}, []string{"A  B  C", "a", "      c"}},
		{"a cell cannot make a row", func() *Table {
			t := NewTable("A")
			t.Row("a\nb\tc")
			return t
		}, []string{"A", "a␊b␉c"}},
		{"no rows are no table", func() *Table { return NewTable("A") }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := tt.table().Write(Stream{W: &out}); err != nil {
				t.Fatal(err)
			}
			want := strings.Join(tt.want, "\n")
			if want != "" {
				want += "\n"
			}
			if out.String() != want {
				t.Errorf("got\n%swant\n%s", out.String(), want)
			}
		})
	}
}

func TestPaintedCellsStayAligned(t *testing.T) {
	table := NewTable("STATE", "N")
	table.Paint(0, StateColour)
	table.Row("crashed (1)", "1")
	table.Row("ok", "2")
	var out bytes.Buffer
	_ = table.Write(Stream{W: &out, Colour: true})
	want := "STATE        N\n\x1b[31mcrashed (1)\x1b[0m  1\n\x1b[32mok\x1b[0m           2\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestLogsArePrintedWithWhatWasAskedFor(t *testing.T) {
	at := time.Date(2026, 11, 20, 12, 4, 31, 118_000_000, time.UTC)
	lines := []LogLine{{at, "web", "\x1b[32mGET / 200\x1b[0m"}, {at, "worker", "10%\r100%"}, {time.Time{}, "db", ""}}
	services := []string{"web", "worker"}
	tests := []struct {
		name   string
		opts   LogOptions
		colour bool
		want   string
	}{
		{"names stand in front", LogOptions{Services: services}, false, "web    | GET / 200\nworker | 100%\ndb     | \n"},
		{"without names", LogOptions{NoPrefix: true}, false, "GET / 200\n100%\n\n"},
		{
			"times come first",
			LogOptions{Services: services, Timestamps: true},
			false,
			"2026-11-20T12:04:31.118Z web    | GET / 200\n2026-11-20T12:04:31.118Z worker | 100%\ndb     | \n",
		},
		{
			"colours on a terminal",
			LogOptions{Services: services},
			true,
			"\x1b[36mweb\x1b[0m    \x1b[36m|\x1b[0m \x1b[32mGET / 200\x1b[0m\n" +
				"\x1b[35mworker\x1b[0m \x1b[35m|\x1b[0m 100%\n\x1b[34mdb\x1b[0m     \x1b[34m|\x1b[0m \n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			p := NewLogPrinter(Stream{W: &out, Terminal: tt.colour, Colour: tt.colour}, tt.opts)
			if err := p.Print(lines...); err != nil || out.String() != tt.want {
				t.Errorf("got %q, %v; want %q", out.String(), err, tt.want)
			}
		})
	}
}

package plain

import (
	"strings"
	"testing"
)

func TestDurationsAreShort(t *testing.T) {
	for ms, want := range map[int64]string{
		0: "0 ms", 38: "38 ms", 999: "999 ms", 1000: "1.0 s", 1900: "1.9 s", 12_345: "12 s", 59_999: "59 s", 125_000: "2 min 5 s", 3_600_000: "60 min 0 s",
	} {
		if got := duration(ms); got != want {
			t.Errorf("%d: got %s, want %s", ms, got, want)
		}
	}
	for ms, want := range map[int64]string{1: "0.1 s", 400: "0.4 s", 1234: "1.2 s", 34_000: "34 s"} {
		if got := seconds(ms); got != want {
			t.Errorf("%d roughly: got %s, want %s", ms, got, want)
		}
	}
}

func TestListsOfFilesAreCut(t *testing.T) {
	many := make([]string, 1235)
	for i := range many {
		many[i] = "src/a.js"
	}
	tests := []struct {
		name  string
		files []string
		want  string
	}{
		{"one", []string{"src/a.js"}, "src/a.js"},
		{"two", []string{"src/a.js", "b.js"}, "src/a.js and b.js"},
		{"three", []string{"src/a.js", "b.js", "c.js"}, "src/a.js, b.js and c.js"},
		{"more", []string{"src/a.js", "b.js", "c.js", "d.js"}, "src/a.js and 3 more"},
		{"a branch", many, "src/a.js and 1,234 more"},
		{"none", nil, ""},
		{"a name with a line break", []string{"a\nb.js"}, "a␊b.js"},
		{"a long path", []string{"packages/" + strings.Repeat("x/", 50) + "index.js"}, "…" + strings.Repeat("/x", 31) + "/index.js"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (Stream{}).fileList(tt.files, 3); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAVolumeIsNamedByItsKey(t *testing.T) {
	for volume, want := range map[string]string{
		"chat_web_node_modules_a1b2c3d4e5f6": "node_modules a1b2c3",
		"chat_web_node_modules_a1":           "node_modules a1",
		"chat_web_node_modules":              "node_modules chat_web_node_modules",
		"":                                   "node_modules",
	} {
		if got := treeName(volume); got != want {
			t.Errorf("%s: got %q, want %q", volume, got, want)
		}
	}
}

func TestStreamsShowWhatTheOtherEndCan(t *testing.T) {
	tests := []struct {
		name          string
		terminal      bool
		env           map[string]string
		colour, ascii bool
	}{
		{"a terminal has colours", true, map[string]string{"TERM": "xterm-256color", "LANG": "en_US.UTF-8"}, true, false},
		{"a pipe has none", false, map[string]string{"TERM": "xterm-256color"}, false, false},
		{"NO_COLOR takes them away", true, map[string]string{"NO_COLOR": "1"}, false, false},
		{"an empty NO_COLOR does not", true, map[string]string{"NO_COLOR": ""}, true, false},
		{"a dumb terminal has none", true, map[string]string{"TERM": "dumb"}, false, false},
		{"the C locale is ASCII", true, map[string]string{"LANG": "C"}, true, true},
		{"LC_ALL comes first", true, map[string]string{"LC_ALL": "C.utf8", "LANG": "C"}, true, false},
		{"LC_CTYPE comes before LANG", false, map[string]string{"LC_CTYPE": "de_DE.ISO-8859-1", "LANG": "de_DE.UTF-8"}, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewStream(nil, tt.terminal, func(name string) string { return tt.env[name] })
			if s.Colour != tt.colour || s.ASCII != tt.ascii {
				t.Errorf("colour %v, ASCII %v", s.Colour, s.ASCII)
			}
		})
	}
}

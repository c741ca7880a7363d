package project

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// hostile are values that break out of files that are put together carelessly.
var hostile = []string{
	"a\nRUN id", "a\r\nRUN id\r\n", "x\"\n  privileged: true", "x\"]\nUSER root\nCMD [\"y", "${HOME}", "$HOME", "$$", "$(id)", "`id`",
	"a: b # c", "# c", "*a", "&a b", "!!x", "!!binary aGk=", "yes", "no", "null", "~", "1e3", "0x10", "0o7", "1_000", "12:30:45", "2020-01-01",
	".inf", "--x", "- x", "? x", "| x", "> x", "% x", "@x", "[", "{", "[a]", "{a: b}", "\"", "'", "''", "\\", "\\\\", "a\\", "a \\\nb", "\t", " a ", "",
	"../../x", "/etc/passwd", strings.Repeat("x", 300), strings.Repeat("x y ", 300), strings.Repeat("\n", 40), "\u202egpj.exe", "\u2028\u2029\u0085", "\ufeffx",
	"é ü 漢字", "🚀🧨", "\x1b[31mred", "\x07\x08\x7f", "@scope/name", "<<EOF\nx\nEOF", "<<EOF", "a <<-\"EOF\" b", "&& id || :", "; id", "# syntax=evil/frontend", "---\nservices: {}", "...", "<<: *x",
}

// hostileModel has the value in every place that text can be in.
func hostileModel(v string) *Model {
	return withWeb(func(s *Service) {
		s.Dev, s.Build, s.Prod = Command{"node", v}, Command{v, "build"}, Command{v}
		s.Environment = map[string]string{"VALUE": v, "A": v + v}
	})
}

// FuzzRender runs over the hostile values in every plain `go test`.
func FuzzRender(f *testing.F) {
	for _, v := range hostile {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		if !holdable(v) {
			if _, err := Render(hostileModel(v), npmLocked); err == nil {
				t.Errorf("%q was rendered", v)
			}
			return
		}
		checkRoundTrip(t, v)
	})
}

// checkRoundTrip renders a value and reads it back as Compose and BuildKit do.
func checkRoundTrip(t *testing.T, v string) {
	t.Helper()
	m := hostileModel(v)
	files, err := Render(m, npmLocked)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		want := m.Services[0]
		switch f.Name {
		case ComposeFile:
			checkCompose(t, f, want.Dev, want.Environment)
		case ComposeProdFile:
			checkCompose(t, f, want.Prod, want.Environment)
		case DockerFile:
			checkDockerfile(t, f.Data, want)
		}
	}
}

func checkCompose(t *testing.T, f File, command Command, env map[string]string) {
	t.Helper()
	c, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir: "/", ConfigFiles: []types.ConfigFile{{Filename: f.Name, Content: f.Data}},
		// Nothing of this may come into a value.
		Environment: types.Mapping{"HOME": "/home/somebody", "id": "x", "a": "x"},
	})
	if err != nil {
		t.Fatalf("%s: %v\n%s", f.Name, err, f.Data)
	}
	s := c.Services["web"]
	if len(c.Services) != 1 || s.Privileged || !slices.Equal(s.Command, types.ShellCommand(command)) {
		t.Errorf("%s has %d services, and the command %q, want %q", f.Name, len(c.Services), s.Command, command)
	}
	for k, want := range env {
		if got := s.Environment[k]; got == nil || *got != want {
			t.Errorf("%s sets %s to %v, want %q", f.Name, k, got, want)
		}
	}
}

// checkDockerfile compares the instructions with those of a model that means no harm.
func checkDockerfile(t *testing.T, data []byte, want Service) {
	t.Helper()
	got, again := parseDockerfile(t, data), parseDockerfile(t, harmless())
	if len(got) != len(again) {
		t.Fatalf("there are %d instructions, want %d:\n%s", len(got), len(again), data)
	}
	var commands, builds [][]string
	for i, in := range got {
		if in.name != again[i].name || in.exec != again[i].exec {
			t.Errorf("instruction %d is %v, want one like %v", i, in, again[i])
		}
		switch {
		case in.exec && in.name == "cmd":
			commands = append(commands, in.words)
		case in.exec && in.name == "run":
			builds = append(builds, in.words)
		case !slices.Equal(in.words, again[i].words):
			t.Errorf("instruction %d is %v, want %v", i, in, again[i])
		}
	}
	if w := [][]string{want.Dev, want.Prod}; !reflect.DeepEqual(commands, w) {
		t.Errorf("the commands are %q, want %q", commands, w)
	}
	if w := [][]string{want.Build}; !reflect.DeepEqual(builds, w) {
		t.Errorf("the builds are %q, want %q", builds, w)
	}
}

// harmless is the Dockerfile of a model that means no harm.
var harmless = sync.OnceValue(func() []byte {
	files, err := Render(hostileModel("index.js"), npmLocked)
	if err != nil {
		panic(err)
	}
	return files[0].Data
})

// instruction is one of a Dockerfile, as BuildKit reads it.
type instruction struct {
	name  string
	exec  bool // written as a JSON array
	words []string
}

func parseDockerfile(t *testing.T, data []byte) []instruction {
	t.Helper()
	if d, _, _, is := parser.DetectSyntax(data); is {
		t.Errorf("the Dockerfile asks for the frontend %q", d)
	}
	ast, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	var list []instruction
	for _, n := range ast.AST.Children {
		in := instruction{name: strings.ToLower(n.Value), exec: n.Attributes["json"]}
		if len(n.Heredocs) > 0 {
			t.Errorf("line %d is read as a here-document", n.StartLine)
		}
		for w := n.Next; w != nil; w = w.Next {
			in.words = append(in.words, w.Value)
		}
		list = append(list, in)
	}
	return list
}

func TestQuoteIsJSONThatCanBeSeen(t *testing.T) {
	for _, v := range append(slices.Clone(hostile), "a&&b <c>") {
		q := quote(v)
		var back string
		if err := json.Unmarshal([]byte(q), &back); err != nil || back != v {
			t.Errorf("%q is written %s, which reads as %q, %v", v, q, back, err)
		}
	}
	for v, want := range map[string]string{"a && b": `"a && b"`, "\u202ex": `"\u202ex"`, "\U000e0001": `"\udb40\udc01"`, "\x7f": `"\u007f"`} {
		if got := quote(v); got != want {
			t.Errorf("%q is written %s, want %s", v, got, want)
		}
	}
}

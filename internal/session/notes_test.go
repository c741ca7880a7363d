package session

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/project"
)

func TestNotesThatCannotBeReadAreNone(t *testing.T) {
	for name, prepare := range map[string]func(dir, file string) error{
		"no folder":     func(dir, _ string) error { return os.RemoveAll(dir) },
		"no file":       func(string, string) error { return nil },
		"half a file":   func(_, file string) error { return os.WriteFile(file, []byte(`{"modules": "20`), 0o600) },
		"null":          func(_, file string) error { return os.WriteFile(file, []byte("null\n"), 0o600) },
		"a folder":      func(_, file string) error { return os.Mkdir(file, 0o700) },
		"a link astray": func(_, file string) error { return os.Symlink("/etc/passwd", file) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "app")
			for _, file := range []string{usesFile, givenFile} {
				if err := os.MkdirAll(filepath.Join(dir, project.StateDir), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := prepare(dir, filepath.Join(dir, file)); err != nil {
					t.Fatal(err)
				}
			}
			uses, notes := readUses(dir), readGiven(dir)
			if uses == nil || len(uses) > 0 || notes == nil || len(notes) > 0 {
				t.Errorf("%#v, %#v, want maps with nothing in them", uses, notes)
			}
		})
	}
}

func TestNotesAreReadAsTheyWereWritten(t *testing.T) {
	dir := t.TempDir()
	at := time.Unix(1000, 0).UTC()
	writeNote(dir, usesFile, map[string]time.Time{"modules": at})
	if got := readUses(dir)["modules"]; !got.Equal(at) {
		t.Errorf("read %s, want %s", got, at)
	}
	writeNote(filepath.Join(dir, "none"), usesFile, map[string]time.Time{}) // nobody is told
}

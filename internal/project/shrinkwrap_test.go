package project

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestAShrinkwrapTakesTheLocksPlace(t *testing.T) {
	tests := []struct {
		name  string
		there map[string]string
		err   error
		want  map[string]string
	}{
		{"as it should be", map[string]string{PackageLock: "old"}, nil, map[string]string{Shrinkwrap: "new", PackageLock: ""}},
		{"the lock was edited meanwhile", map[string]string{PackageLock: "edited"}, ErrChanged, map[string]string{Shrinkwrap: "", PackageLock: "edited"}},
		{"somebody made a shrinkwrap meanwhile", map[string]string{PackageLock: "old", Shrinkwrap: "theirs"}, ErrChanged, map[string]string{Shrinkwrap: "theirs", PackageLock: "old"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &Package{root: t.TempDir()}
			writeAll(t, p.root, tt.there)
			if err := p.ReplaceLock([]byte("old"), []byte("new")); !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			wantAll(t, p.root, tt.want)
		})
	}
}

func TestALockBesideItsOwnShrinkwrapIsRemoved(t *testing.T) {
	tests := []struct {
		name    string
		there   map[string]string
		removed bool
		want    map[string]string
	}{
		{"the same", map[string]string{PackageLock: "x", Shrinkwrap: "x"}, true, map[string]string{Shrinkwrap: "x", PackageLock: ""}},
		{"another", map[string]string{PackageLock: "x", Shrinkwrap: "y"}, false, map[string]string{Shrinkwrap: "y", PackageLock: "x"}},
		{"only the lock", map[string]string{PackageLock: "x"}, false, map[string]string{PackageLock: "x"}},
		{"only the shrinkwrap", map[string]string{Shrinkwrap: "x"}, false, map[string]string{Shrinkwrap: "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &Package{root: t.TempDir()}
			writeAll(t, p.root, tt.there)
			if removed, err := p.RemoveDoubleLock(); removed != tt.removed || err != nil {
				t.Errorf("removed %v, %v, want %v", removed, err, tt.removed)
			}
			wantAll(t, p.root, tt.want)
		})
	}
}

func writeAll(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// wantAll compares files; an empty content is a file that is not there.
func wantAll(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, want := range files {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if want == "" && errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil || string(data) != want {
			t.Errorf("%s holds %q, %v, want %q", name, data, err, want)
		}
	}
}

package session

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/project"
)

func TestWhatTheFolderAloneTellsOfTheLock(t *testing.T) {
	tests := []struct {
		name     string
		files    map[string]string // an empty one is removed
		file     string
		inStep   bool
		packages int
		words    string // among differences and warnings
	}{
		{"in step", nil, "package-lock.json", true, 1, ""},
		{"package.json asks for more", map[string]string{"package.json": `{"name":"chat","dependencies":{"express":"^5.0.0","qs":"^6"}}`}, "package-lock.json", false, 1, "qs"},
		{"a shrinkwrap beside it", map[string]string{"npm-shrinkwrap.json": lock}, "npm-shrinkwrap.json", true, 1, "both there"},
		{"another manager's lock beside it", map[string]string{
			"yarn.lock": "# yarn lockfile v1\n", "package.json": `{"name":"chat","packageManager":"npm@11.21.2","dependencies":{"express":"^5.0.0"}}`,
		}, "package-lock.json", true, 1, "yarn.lock is yarn's"},
		{"no lock", map[string]string{"package-lock.json": ""}, "", false, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.writeFiles(tt.files)
			p, err := project.Open(s.dir)
			if err != nil {
				t.Fatal(err)
			}
			st, err := ReadLockStatus(p, p.Main())
			if err != nil {
				t.Fatal(err)
			}
			if st.File != tt.file || st.InStep != tt.inStep || st.Packages != tt.packages {
				t.Errorf("lock %q, in step %v, %d packages; want %q, %v, %d", st.File, st.InStep, st.Packages, tt.file, tt.inStep, tt.packages)
			}
			words := strings.Join(st.Warnings, "\n")
			for _, d := range st.Differences {
				words += d.Text
			}
			if (words == "") != (tt.words == "") || !strings.Contains(words, tt.words) {
				t.Errorf("it says %q, want %q", words, tt.words)
			}
		})
	}
}

func TestALockThatCannotBeReadIsAnErrorWithItsLine(t *testing.T) {
	tests := []struct {
		name, file, content string
		kind                error
		words               string
	}{
		{"merge markers", "package-lock.json", "{\n<<<<<<< HEAD\n}\n", lockfile.ErrConflict, "package-lock.json:2:1"},
		{"empty", "package-lock.json", "\n", lockfile.ErrEmpty, "is empty"},
		{"cut off", "package-lock.json", lock[:len(lock)/2], lockfile.ErrSyntax, "package-lock.json:"},
		{"a newer format", "package-lock.json", `{"lockfileVersion":4}`, lockfile.ErrNewer, "lockfileVersion 4"},
		{"no package.json", "package.json", "", nil, "no package.json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.writeFiles(map[string]string{tt.file: tt.content})
			p, err := project.Open(s.dir)
			if err != nil {
				t.Fatal(err)
			}
			_, err = ReadLockStatus(p, p.Main())
			var invalid interface{ ProjectInvalid() bool }
			if !errors.As(err, &invalid) || !invalid.ProjectInvalid() || tt.kind != nil && !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.words) {
				t.Errorf("error %v, want %v with %q", err, tt.kind, tt.words)
			}
			env := s.env()
			if _, err := env.VerifyLock(t.Context(), false); err == nil || !strings.Contains(err.Error(), tt.words) {
				t.Errorf("verify: %v", err)
			}
			if _, err := env.Shrinkwrap(t.Context(), "web"); err == nil || !strings.Contains(err.Error(), tt.words) {
				t.Errorf("shrinkwrap: %v", err)
			}
			if did := s.fake.Did(); len(did) != 0 {
				t.Errorf("the engine was changed: %q", did)
			}
		})
	}
}

// Whatever becomes of a verification, its volume is gone afterwards.
func TestAVerificationLeavesNoVolume(t *testing.T) {
	for name, op := range map[string]string{"it succeeds": "", "the install fails": "RunTask", "the tree cannot be read": "ReadTree"} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			want := errors.New("no")
			if op != "" {
				s.fake.Fail(op, want)
			}
			env := s.env()
			v, err := env.VerifyLock(t.Context(), false)
			if op == "" && (err != nil || !v.Same || v.Packages != 1) || op != "" && !errors.Is(err, want) {
				t.Errorf("it ends with %+v, %v", v, err)
			}
			did := s.fake.Did()
			made := slices.IndexFunc(did, func(d string) bool { return strings.HasPrefix(d, "create volume chat_node_modules_verify_") })
			if made < 0 || !slices.Contains(did, strings.Replace(did[made], "create", "remove", 1)) {
				t.Errorf("the engine did %q", did)
			}
		})
	}
}

func TestWhatAKilledVerificationLeftIsRemoved(t *testing.T) {
	s := newScene(t)
	gone := Self("/proc")
	gone.Start += "1"
	for name, owner := range map[string]string{"left": gone.String(), "at_work": Self("/proc").String(), "kept": ""} {
		err := s.fake.CreateVolume(t.Context(), name, map[string]string{engine.LabelProject: "chat", engine.LabelDir: s.dir, engine.LabelOwner: owner})
		if err != nil {
			t.Fatal(err)
		}
	}
	env := s.env()
	if _, err := env.VerifyLock(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	did := s.fake.Did()
	for name, want := range map[string]bool{"left": true, "at_work": false, "kept": false} {
		if got := slices.Contains(did, "remove volume "+name); got != want {
			t.Errorf("%s is removed: %v, want %v", name, got, want)
		}
	}
}

// writeFiles writes files; those without content are removed.
func (s *scene) writeFiles(files map[string]string) {
	s.t.Helper()
	for name, content := range files {
		if content != "" {
			s.write(name, content)
		} else if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
			s.t.Fatal(err)
		}
	}
}

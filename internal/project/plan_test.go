package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	oldRendered = seal([]byte("FROM node:24.0.0-bookworm-slim\n"))
	newRendered = seal([]byte("FROM node:26.10.0-bookworm-slim\n"))
	editedFile  = append(slices.Clone(oldRendered), "USER root\n"...)
	foreignFile = []byte("FROM scratch\n")
)

func TestPlanWrite(t *testing.T) {
	for _, test := range []struct {
		name     string
		existing []byte // nil: not there
		want     string
	}{
		{"a file that is not there is created", nil, "create     Dockerfile\n"},
		{"a file as rendered stays", newRendered, "unchanged  Dockerfile\n"},
		{"line ends changed by git are no change", []byte(strings.ReplaceAll(string(newRendered), "\n", "\r\n")), "unchanged  Dockerfile\n"},
		{"an older rendering is updated", oldRendered, "update     Dockerfile\n"},
		{"an edited file is kept", editedFile, "kept       Dockerfile\n"},
		{"an edit that makes it as rendered is taken over", []byte(headerText + bodyDigest(nil) + "\n\nFROM node:26.10.0-bookworm-slim\n"), "update     Dockerfile\n"},
		{"somebody else's file is kept", foreignFile, "foreign    Dockerfile\n"},
		{"an empty file is somebody else's", []byte{}, "foreign    Dockerfile\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			existing := map[string][]byte{}
			if test.existing != nil {
				existing[DockerFile] = test.existing
			}
			p := PlanWrite(existing, []File{{DockerFile, newRendered}})
			if diff := cmp.Diff(test.want, p.String()); diff != "" {
				t.Error(diff)
			}
			if p.Clean() != strings.HasPrefix(test.want, "unchanged") {
				t.Errorf("clean is %t", p.Clean())
			}
		})
	}
}

func TestWarningsNameTheFilesThatAreKept(t *testing.T) {
	p := PlanWrite(map[string][]byte{DockerFile: editedFile, ComposeFile: foreignFile, IgnoreFile: oldRendered},
		[]File{{DockerFile, newRendered}, {ComposeFile, newRendered}, {IgnoreFile, newRendered}, {ComposeProdFile, newRendered}})
	var texts []string
	for _, w := range p.Warnings() {
		texts = append(texts, w.Text)
		if !strings.Contains(w.Hint, "devbox render --diff") {
			t.Errorf("the hint is %q", w.Hint)
		}
	}
	want := []string{"Dockerfile was edited by hand, so it is kept as it is", "compose.yaml was not made by devbox, so it is kept as it is"}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Error(diff)
	}
	own := PlanWrite(map[string][]byte{IgnoreFile: foreignFile}, []File{{IgnoreFile, newRendered}})
	if got := own.Warnings(); len(got) > 0 {
		t.Errorf("a %s of one's own is no reason to warn: %v", IgnoreFile, got)
	}
}

func TestDiffOfAnEditedFileShowsTheEdit(t *testing.T) {
	p := PlanWrite(map[string][]byte{DockerFile: editedFile}, []File{{DockerFile, oldRendered}})
	golden(t, "edited.diff", p.Files[0].Diff())
	p = PlanWrite(map[string][]byte{DockerFile: foreignFile}, []File{{DockerFile, newRendered}})
	golden(t, "foreign.diff", p.Files[0].Diff())
	p = PlanWrite(nil, []File{{DockerFile, newRendered}})
	golden(t, "new.diff", p.Files[0].Diff())
	p = PlanWrite(map[string][]byte{DockerFile: newRendered}, []File{{DockerFile, newRendered}})
	if d := p.Files[0].Diff(); d != "" {
		t.Errorf("a file as rendered differs:\n%s", d)
	}
}

// folderWith makes a folder with files and opens it.
func folderWith(t *testing.T, files map[string]string) *os.Root {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

// tree lists the files of a folder with what is in them.
func tree(t *testing.T, root *os.Root) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := root.ReadFile(name)
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func planFor(t *testing.T, root *os.Root) WritePlan {
	t.Helper()
	files := []File{{DockerFile, newRendered}, {IgnoreFile, newRendered}, {ComposeFile, newRendered}, {ComposeProdFile, newRendered}}
	there, err := Existing(root, files)
	if err != nil {
		t.Fatal(err)
	}
	return PlanWrite(there, files)
}

func TestApplyKeepsWhatIsNotDevboxs(t *testing.T) {
	root := folderWith(t, map[string]string{DockerFile: string(foreignFile), IgnoreFile: string(editedFile), ComposeFile: string(oldRendered)})
	written, err := planFor(t, root).Apply(root)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{ComposeFile, ComposeProdFile}, written); diff != "" {
		t.Error(diff)
	}
	want := map[string]string{
		DockerFile: string(foreignFile), IgnoreFile: string(editedFile), ComposeFile: string(newRendered), ComposeProdFile: string(newRendered),
	}
	if diff := cmp.Diff(want, tree(t, root)); diff != "" {
		t.Error(diff)
	}
}

func TestForcedApplyKeepsBackups(t *testing.T) {
	root := folderWith(t, map[string]string{DockerFile: "first\n"})
	if err := os.Chmod(filepath.Join(root.Name(), DockerFile), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, own := range []string{"first\n", "second\n"} {
		if err := root.WriteFile(DockerFile, []byte(own), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := planFor(t, root).Forced().Apply(root); err != nil {
			t.Fatal(err)
		}
	}
	files := tree(t, root)
	got := []string{files["Dockerfile.devbox-backup"], files["Dockerfile.devbox-backup-2"], files[DockerFile]}
	if diff := cmp.Diff([]string{"first\n", "second\n", string(newRendered)}, got); diff != "" {
		t.Error(diff)
	}
	if info, err := root.Stat("Dockerfile.devbox-backup"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup of a private file has the mode %v, %v", info.Mode(), err)
	}
}

// TestApplyDoesNothingWhenAFileChangedMeanwhile: also not to the other files.
func TestApplyDoesNothingWhenAFileChangedMeanwhile(t *testing.T) {
	for _, test := range []struct {
		name   string
		before map[string]string
		change func(root *os.Root) error
	}{
		{"it came", nil, func(root *os.Root) error { return root.WriteFile(ComposeFile, foreignFile, 0o644) }},
		{"it changed", map[string]string{ComposeFile: string(oldRendered)}, func(root *os.Root) error { return root.WriteFile(ComposeFile, editedFile, 0o644) }},
		{"it went", map[string]string{ComposeFile: string(oldRendered)}, func(root *os.Root) error { return root.Remove(ComposeFile) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := folderWith(t, test.before)
			p := planFor(t, root)
			if err := test.change(root); err != nil {
				t.Fatal(err)
			}
			want := tree(t, root)
			if _, err := p.Apply(root); !errors.Is(err, ErrChanged) || err.Error() != `write "compose.yaml": it was changed by somebody else at the same time` {
				t.Errorf("got %v", err)
			}
			if diff := cmp.Diff(want, tree(t, root)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

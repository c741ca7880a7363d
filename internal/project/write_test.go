package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteFileReplacesAFileWhole(t *testing.T) {
	root := folderWith(t, map[string]string{"a": "old"})
	if err := root.Chmod("a", 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(root.Name(), "a"), filepath.Join(root.Name(), "hardlink")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		if err := WriteFile(root, name, []byte("new")); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]string{"a": "new", "b": "new", "hardlink": "old"}, tree(t, root)); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]fs.FileMode{"a": 0o640, "b": 0o644} {
		if info, err := root.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v, want %v, %v", name, info.Mode(), want, err)
		}
	}
}

// inTheWay are things that a file cannot be written over.
var inTheWay = []struct {
	name string
	make func(path, outside string) error
	want error
	text string
}{
	{"a symlink to a file outside", func(path, outside string) error { return os.Symlink(outside, path) }, ErrSymlink, "it is a symbolic link, which devbox does not follow"},
	{"a symlink to nothing", func(path, _ string) error { return os.Symlink("nothing", path) }, ErrSymlink, "it is a symbolic link, which devbox does not follow"},
	{"a folder", func(path, _ string) error { return os.Mkdir(path, 0o755) }, ErrFolder, "it is a folder"},
	{"a pipe", func(path, _ string) error { return syscall.Mkfifo(path, 0o644) }, ErrSpecial, "it is not a regular file"},
}

func TestWriteFileDoesNotWriteOverWhatIsInTheWay(t *testing.T) {
	for _, test := range inTheWay {
		t.Run(test.name, func(t *testing.T) {
			outside := filepath.Join(t.TempDir(), "outside")
			if err := os.WriteFile(outside, []byte("mine"), 0o644); err != nil {
				t.Fatal(err)
			}
			root := folderWith(t, nil)
			if err := test.make(filepath.Join(root.Name(), DockerFile), outside); err != nil {
				t.Fatal(err)
			}
			err := WriteFile(root, DockerFile, []byte("x"))
			checkFileError(t, err, test.want, `write "Dockerfile": `+test.text, "move Dockerfile away")
			_, err = Existing(root, []File{{Name: DockerFile}})
			checkFileError(t, err, test.want, `read "Dockerfile": `+test.text, "move Dockerfile away")
			if data, err := os.ReadFile(outside); string(data) != "mine" {
				t.Errorf("the file outside holds %q, %v", data, err)
			}
			if left, err := os.ReadDir(root.Name()); len(left) != 1 {
				t.Errorf("the folder holds %v, %v", left, err)
			}
		})
	}
}

func checkFileError(t *testing.T, err, kind error, text, hint string) {
	t.Helper()
	var known *FileError
	if !errors.Is(err, kind) || !errors.As(err, &known) || err.Error() != text {
		t.Errorf("got %v, want %s", err, text)
		return
	}
	if !strings.Contains(known.Hint(), hint) {
		t.Errorf("the hint is %q, want %q in it", known.Hint(), hint)
	}
}

func TestNothingIsWrittenOutsideTheFolder(t *testing.T) {
	outside := t.TempDir()
	root := folderWith(t, nil)
	if err := os.Symlink(outside, filepath.Join(root.Name(), "link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../x", "/x", "a/../../x", "link/x", ""} {
		if err := WriteFile(root, name, []byte("x")); err == nil {
			t.Errorf("%q was written", name)
		}
		if err := EnsureDir(root, name); err == nil {
			t.Errorf("the folder %q was made", name)
		}
	}
	if left, err := os.ReadDir(outside); len(left) > 0 || err != nil {
		t.Errorf("outside there are %v, %v", left, err)
	}
}

func TestReadFileRefusesWhatIsTooLarge(t *testing.T) {
	root := folderWith(t, map[string]string{"a": strings.Repeat("x", maxFile), "b": strings.Repeat("x", maxFile+1)})
	if _, err := ReadFile(root, "a"); err != nil {
		t.Error(err)
	}
	_, err := ReadFile(root, "b")
	checkFileError(t, err, ErrTooLarge, `read "b": it is too large`, "")
	_, err = ReadFile(root, "c")
	checkFileError(t, err, fs.ErrNotExist, `read "c": no such file or directory`, "")
}

func TestErrorsOfTheFileSystemHaveAHint(t *testing.T) {
	for cause, hint := range map[error]string{
		syscall.EACCES: "who owns the project folder", syscall.EROFS: "read-only", syscall.ENOSPC: "make room", ErrChanged: "again",
	} {
		err := fileError("write", "a", &fs.PathError{Op: "openat", Path: ".a.tmp", Err: cause})
		checkFileError(t, err, cause, `write "a": `+cause.Error(), hint)
	}
}

func TestLeftTemporaryFilesAreSweptUp(t *testing.T) {
	root := folderWith(t, map[string]string{
		".Dockerfile.devbox-OLD.tmp": "", ".Dockerfile.devbox-YOUNG.tmp": "", "Dockerfile.devbox-backup": "", ".mine.tmp": "",
	})
	old := time.Now().Add(-time.Hour)
	for _, name := range []string{".Dockerfile.devbox-OLD.tmp", "Dockerfile.devbox-backup", ".mine.tmp"} {
		if err := root.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteFile(root, "a", nil); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a": "", ".Dockerfile.devbox-YOUNG.tmp": "", "Dockerfile.devbox-backup": "", ".mine.tmp": ""}
	if diff := cmp.Diff(want, tree(t, root)); diff != "" {
		t.Error(diff)
	}
}

func TestEnsureStateDirIgnoresItself(t *testing.T) {
	root := folderWith(t, nil)
	for range 2 {
		if err := EnsureStateDir(root); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]string{".devbox/.gitignore": "*\n"}, tree(t, root)); diff != "" {
		t.Error(diff)
	}
}

func TestEnsureStateDirRefusesWhatIsInTheWay(t *testing.T) {
	outside := t.TempDir()
	root := folderWith(t, nil)
	if err := os.Symlink(outside, filepath.Join(root.Name(), StateDir)); err != nil {
		t.Fatal(err)
	}
	checkFileError(t, EnsureStateDir(root), ErrSymlink, `make ".devbox": it is a symbolic link, which devbox does not follow`, "move .devbox away")
	root = folderWith(t, map[string]string{StateDir: ""})
	if err := EnsureStateDir(root); err == nil || err.Error() != `make ".devbox": a file has that name` {
		t.Errorf("got %v", err)
	}
}

// TestFilesBelongToTheOwnerOfTheFolder needs root, who alone can give files away.
func TestFilesBelongToTheOwnerOfTheFolder(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const uid, gid, other = 1234, 567, 4321
	root := folderWith(t, map[string]string{"theirs": ""})
	for name, owner := range map[string]int{".": uid, "theirs": other} {
		if err := root.Chown(name, owner, gid); err != nil {
			t.Fatal(err)
		}
	}
	// As the engine makes it when it mounts a volume there.
	if err := root.Mkdir("node_modules", 0o755); err != nil {
		t.Fatal(err)
	}
	err := errors.Join(WriteFile(root, "new", nil), WriteFile(root, "theirs", nil), EnsureStateDir(root),
		EnsureMountPoints(root, "node_modules", "packages/a/node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{
		"new": uid, "theirs": other, ".devbox": uid, ".devbox/.gitignore": uid, "node_modules": uid,
		"packages": uid, "packages/a": uid, "packages/a/node_modules": uid,
	} {
		info, err := root.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, group, _ := ownerOf(info); got != want || group != gid {
			t.Errorf("%s belongs to %d:%d, want %d:%d", name, got, group, want, gid)
		}
	}
}

// TestAMountPointWithFilesKeepsItsOwner: root put them there, not the engine.
func TestAMountPointWithFilesKeepsItsOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	root := folderWith(t, map[string]string{"node_modules/x": ""})
	if err := root.Chown(".", 1234, 1234); err != nil {
		t.Fatal(err)
	}
	if err := EnsureMountPoints(root, "node_modules"); err != nil {
		t.Fatal(err)
	}
	if info, err := root.Stat("node_modules"); err != nil {
		t.Error(err)
	} else if uid, _, _ := ownerOf(info); uid != 0 {
		t.Errorf("it belongs to %d", uid)
	}
}

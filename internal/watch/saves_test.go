package watch

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// TestSaves goes through the ways in which editors and tools save a file. Each
// save must be one batch with that one file, each time.
func TestSaves(t *testing.T) {
	saves := []struct {
		name string
		save func(r *rig, content string)
	}{
		{name: "written in place", save: func(r *rig, content string) { r.write("src/f.js", content) }},
		{name: "moved over from a hidden file", save: func(r *rig, content string) {
			r.write("src/.f.js.tmp", content)
			r.move("src/.f.js.tmp", "src/f.js")
		}},
		{name: "removed and written", save: func(r *rig, content string) {
			r.remove("src/f.js")
			r.write("src/f.js", content)
		}},
		{name: "vim with backupcopy=no", save: saveLikeVim},
		{name: "vim with backupcopy=yes", save: func(r *rig, content string) {
			r.write("src/.f.js.swp", "swap")
			r.write("src/f.js~", "backup")
			r.write("src/f.js", content)
			r.remove("src/f.js~")
			r.remove("src/.f.js.swp")
		}},
		{name: "JetBrains", save: func(r *rig, content string) {
			r.write("src/f.js___jb_tmp___", content)
			r.move("src/f.js", "src/f.js___jb_old___")
			r.move("src/f.js___jb_tmp___", "src/f.js")
			r.remove("src/f.js___jb_old___")
		}},
		{name: "emacs with a lock and a backup", save: func(r *rig, content string) {
			r.symlink("user@host.1:1", "src/.#f.js")
			r.write("src/#f.js#", "auto-save")
			r.move("src/f.js", "src/f.js~")
			r.write("src/f.js", content)
			r.remove("src/#f.js#")
			r.remove("src/.#f.js")
		}},
		{name: "sed -i", save: func(r *rig, content string) {
			r.run("sed", "-i", "s/.*/"+content+"/", r.path("src/f.js"))
		}},
		{name: "a link over the file", save: func(r *rig, content string) {
			r.write("../new", content)
			r.move("../new", "src/f.js")
		}},
		{name: "same size and old times", save: func(r *rig, content string) {
			r.write("src/f.js", content)
			old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
			r.must(os.Chtimes(r.path("src/f.js"), old, old))
		}},
	}
	rounds := 10
	if testing.Short() {
		rounds = 2
	}
	for _, s := range saves {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			r := watched(t, "src/f.js", "src/other.js")
			for i := range rounds {
				s.save(r, fmt.Sprintf("content %03d", i))
				r.wantsOne("modified src/f.js")
			}
		})
	}
}

func saveLikeVim(r *rig, content string) {
	r.write("src/.f.js.swp", "swap")
	r.write("src/4913", "")
	r.remove("src/4913")
	r.move("src/f.js", "src/f.js~")
	r.write("src/f.js", content)
	r.remove("src/f.js~")
	r.remove("src/.f.js.swp")
}

// run runs a program in the tree and returns what it printed.
func (r *rig) run(name string, args ...string) string {
	r.t.Helper()
	defer r.touch()()
	cmd := exec.Command(name, args...)
	cmd.Dir = r.root
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "HOME="+r.outside)
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// TestRealVim saves with the editor itself where there is one.
func TestRealVim(t *testing.T) {
	vim, err := exec.LookPath("vim")
	if err != nil {
		t.Skip("no vim on this machine")
	}
	for _, backup := range []string{"no", "yes", "auto"} {
		t.Run("backupcopy="+backup, func(t *testing.T) {
			t.Parallel()
			r := watched(t, "src/f.js")
			for i := range 3 {
				r.run(vim, "-es", "-u", "NONE", "-c", "set backup writebackup backupcopy="+backup,
					"-c", fmt.Sprintf("%%s/.*/round %d/", i), "-c", "wq", r.path("src/f.js"))
				r.wantsOne("modified src/f.js")
			}
		})
	}
}

// TestSameContent does what changes everything about a file but its content.
func TestSameContent(t *testing.T) {
	const path, content = "src/f.js", "content of src/f.js"
	for name, change := range map[string]func(r *rig){
		"touch": func(r *rig) {
			r.must(os.Chtimes(r.path(path), time.Now(), time.Now()))
		},
		"touch -d 2001": func(r *rig) {
			old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
			r.must(os.Chtimes(r.path(path), old, old))
		},
		"chmod":              func(r *rig) { r.must(os.Chmod(r.path(path), 0o755)) },
		"same bytes again":   func(r *rig) { r.write(path, content) },
		"atomic save":        func(r *rig) { r.write("src/f.js.tmp", content); r.move("src/f.js.tmp", path) },
		"moved and back":     func(r *rig) { r.move(path, "src/g.js"); r.move("src/g.js", path) },
		"folder and back":    func(r *rig) { r.move("src", "lib"); r.move("lib", "src") },
		"removed and back":   func(r *rig) { r.remove(path); r.write(path, content) },
		"changed and back":   func(r *rig) { r.write(path, "other"); r.write(path, content) },
		"made and removed":   func(r *rig) { r.write("src/new/f.js", "x"); r.remove("src/new") },
		"hard link and back": func(r *rig) { r.must(os.Link(r.path(path), r.path("../l"))); r.remove("../l") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := watched(t, path, "src/sub/g.js")
			for range 5 {
				change(r)
				r.wants()
			}
			r.write(path, "at last")
			r.wantsOne("modified " + path)
		})
	}
}

// TestEditsAtOnce writes the same number of bytes as fast as it can, so that
// edits share a file time. What the watcher has in the end is checked by the rig.
func TestEditsAtOnce(t *testing.T) {
	r := watched(t, "f.js")
	for i := range 1000 {
		r.write("f.js", fmt.Sprintf("%08d", i))
	}
	r.settle()
	if r.reported()["f.js"] != Modified {
		t.Error("the edits were not reported")
	}
}

// TestLastEditIsSeen checks after each edit that the batch came after it: the
// file on disk when the batch is taken is the last.
func TestLastEditIsSeen(t *testing.T) {
	r := watched(t, "f.js")
	for i := range 150 {
		r.write("f.js", fmt.Sprintf("%08d", i))
		r.keep(r.next())
	}
	if n := len(r.batches); n != 150 {
		t.Errorf("%d batches for 150 edits", n)
	}
}

// TestOddNames uses names that are no good text.
func TestOddNames(t *testing.T) {
	for _, name := range []string{"two\nlines", "\xff\xfe not utf-8", " space ", "tab\t", "quote\"'", "-n", "*", "[a", "back\\slash", "…", "a\r"} {
		t.Run(fmt.Sprintf("%q", name), func(t *testing.T) {
			t.Parallel()
			r := watched(t)
			r.write(name+"/"+name, "x")
			r.wants("created "+name+"/", "created "+name+"/"+name)
			r.write(name+"/"+name, "changed")
			r.wantsOne("modified " + name + "/" + name)
			r.remove(name)
			r.wants("removed "+name+"/", "removed "+name+"/"+name)
		})
	}
}

// TestTouchedFilesAreNoChange saves what is there already, in several ways.
func TestTouchedFilesAreNoChange(t *testing.T) {
	const content = "content of src/f.js"
	saves := map[string]func(r *rig){
		"touched":         func(r *rig) { r.must(os.Chtimes(r.path("src/f.js"), time.Now(), time.Now())) },
		"written":         func(r *rig) { r.write("src/f.js", content) },
		"moved over":      func(r *rig) { r.write("../new", content); r.move("../new", "src/f.js") },
		"vim":             func(r *rig) { saveLikeVim(r, content) },
		"there and back":  func(r *rig) { r.write("src/f.js", "other"); r.write("src/f.js", content) },
		"beside an edit":  func(r *rig) { r.write("src/f.js", content); r.write("src/other.js", rand.Text()) },
		"by another mode": func(r *rig) { r.must(os.Chmod(r.path("src/f.js"), 0o600)) },
	}
	for name, save := range saves {
		for _, poll := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", polling ", poll), func(t *testing.T) {
				t.Parallel()
				o := quickly
				o.ForcePoll = poll
				r := newTree(t, "src/f.js", "src/other.js").watch(o, patientSystem())
				save(r)
				for !r.touchedAlone("src/f.js") {
					save(r)
				}
			})
		}
	}
}

// touchedAlone waits until a path is reported as touched, and not as changed. It
// is false where the machine was too busy to tell.
func (r *rig) touchedAlone(path string) bool {
	r.t.Helper()
	defer r.forget()
	for {
		b := r.next()
		if slices.Contains(b.Touched, path) {
			return true
		}
		for _, c := range b.Changes {
			if c.Path != path {
				continue
			}
			if !r.interrupted() {
				r.t.Fatalf("reported %v", c)
			}
			return false
		}
	}
}

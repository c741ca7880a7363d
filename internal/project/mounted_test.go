package project

import (
	"os"
	"path/filepath"
	"testing"
)

// A container keeps the folder that it has mounted, so another one in its place is
// another container.
func TestAFolderThatIsMadeAnewIsAnotherOne(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "chat")
	data := dir + "-data" // Docker makes it
	mkdir := func() {
		t.Helper()
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	label := func() string {
		c := &Compose{Services: map[string]ComposeService{"web": {Volumes: []ComposeMount{
			{Type: "bind", Source: dir, Target: AppDir}, {Type: "volume", Source: "x", Target: "/x"}, {Type: "bind", Source: data, Target: "/data"},
		}}}}
		return Supervise(c, []Service{{Name: "web"}}, nil).Services["web"].Labels[LabelMounted]
	}
	mkdir()
	before := label()
	if before == "" || before != label() {
		t.Fatalf("the labels of one folder are %q and %q", before, label())
	}
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if now := label(); now != before {
		t.Errorf("the label of the same folder is %q, and was %q", now, before)
	}
	held, err := os.Open(dir) // as a mount holds it: else its number could be given away again
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	mkdir()
	if after := label(); after == before {
		t.Errorf("the new folder has the label %q of the old one", after)
	}
}

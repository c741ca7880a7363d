package volumes_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/volumes"
)

// chownFailing is a chown that notes what it is asked, and fails so many times.
func chownFailing(t *testing.T, times int) (bin, notes string) {
	t.Helper()
	bin, notes = t.TempDir(), filepath.Join(t.TempDir(), "notes")
	script := fmt.Sprintf("#!/bin/sh\necho \"$*\" >>%s\n[ $(wc -l <%s) -gt %d ]\n", notes, notes, times)
	if err := os.WriteFile(filepath.Join(bin, "chown"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return bin, notes
}

func TestAFileThatGoesMeanwhileIsNoFailure(t *testing.T) {
	for name, tt := range map[string]struct {
		fails int
		ends  bool
	}{
		"nothing goes":         {0, true},
		"one goes, and one":    {2, true},
		"it is never possible": {9, false},
	} {
		t.Run(name, func(t *testing.T) {
			bin, notes := chownFailing(t, tt.fails)
			at := t.TempDir()
			command := volumes.GiveTask("image", "12345:6", []string{"one"}).Command
			cmd := exec.Command(command[0], append(slices.Clone(command[1:len(command)-1]), at)...)
			cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
			out, err := cmd.CombinedOutput()
			if (err == nil) != tt.ends {
				t.Errorf("error %v: %s", err, out)
			}
			asked, err := os.ReadFile(notes)
			if err != nil || !strings.HasPrefix(string(asked), "-h 12345:6 "+at+"\n") {
				t.Errorf("it was asked %q, %v", asked, err)
			}
		})
	}
}

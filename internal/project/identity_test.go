package project

import "testing"

func TestIdentity(t *testing.T) {
	for _, test := range []struct {
		name              string
		uid, gid          int
		rootless, desktop bool
		wantUID, wantGID  int
	}{
		{"the owner of the folder", 1234, 567, false, false, 1234, 567},
		{"an owner in root's group", 1234, 0, false, false, 1234, 0},
		{"a folder of root's has the plain user", 0, 0, false, false, 1000, 1000},
		{"an unknown owner has the plain user", -1, -1, false, false, 1000, 1000},
		{"a rootless engine maps its root to the host's user", 1234, 567, true, false, 0, 0},
		{"Docker Desktop maps owners itself", 501, 20, false, true, 1000, 1000},
	} {
		t.Run(test.name, func(t *testing.T) {
			uid, gid := Identity(test.uid, test.gid, test.rootless, test.desktop)
			if uid != test.wantUID || gid != test.wantGID {
				t.Errorf("got %d:%d, want %d:%d", uid, gid, test.wantUID, test.wantGID)
			}
		})
	}
}

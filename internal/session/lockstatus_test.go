package session

import (
	"testing"

	"github.com/devbox-node/devbox/internal/volumes"
)

func TestHowATreeStandsToItsLock(t *testing.T) {
	notes := []byte("what is installed")
	marker := volumes.MarkerContent(notes)
	tests := map[string]struct {
		marker, notes     []byte
		compared, differs bool
		want              TreeState
	}{
		"as its install left it":                          {marker, notes, true, false, TreeComplete},
		"as its install left it, nothing to compare":      {marker, notes, false, false, TreeComplete},
		"as its install left it, which had no notes":      {volumes.MarkerContent(nil), nil, false, false, TreeComplete},
		"as its install left it, which could not get all": {marker, notes, true, true, TreeShort},
		"another package by a command":                    {marker, []byte("more"), true, true, TreeChanged},
		"the notes written anew by a command":             {marker, []byte("in other words"), true, false, TreeComplete},
		"the notes written anew, nothing to compare":      {marker, []byte("more"), false, false, TreeChanged},
		"the lock's by `npm ci`, which removes all":       {nil, notes, true, false, TreeComplete},
		"another package by what removes all":             {nil, notes, true, true, TreeChanged},
		"no marker, nothing to compare":                   {nil, notes, false, false, TreeUnfinished},
		"an install that was cut off before it had notes": {nil, nil, false, false, TreeUnfinished},
	}
	for name, test := range tests {
		if got := treeStateOf(test.marker, test.notes, test.compared, test.differs); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

package watch

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Op is what happened to a path between two batches, whatever the way it
// happened: a file that was removed and written again with other content is
// Modified.
type Op uint8

// The three things that can happen to a path.
const (
	Created Op = iota + 1
	Modified
	Removed
)

func (o Op) String() string {
	switch o {
	case Created:
		return "created"
	case Modified:
		return "modified"
	case Removed:
		return "removed"
	default:
		return fmt.Sprintf("Op(%d)", uint8(o))
	}
}

// Change is one path that is not what it was.
type Change struct {
	// Path is relative to the root, with forward slashes. It is the name's
	// bytes as the file system has them: not always UTF-8, not always one line.
	Path string
	Op   Op
	// Dir says that the path is a folder, or was one before it was removed.
	Dir bool
}

func (c Change) String() string {
	if c.Dir {
		return fmt.Sprintf("%s %s/", c.Op, c.Path)
	}
	return fmt.Sprintf("%s %s", c.Op, c.Path)
}

// Batch is what changed since the batch before it.
type Batch struct {
	// Changes are sorted by path. There may be none where there are touched files.
	Changes []Change
	// Touched are the paths of files that were written and are what they were,
	// sorted: saved again, or changed and changed back. And a path that was told of
	// early and is no change.
	Touched []string
	// Stamps are those of all these paths, and of what came and went.
	Stamps Tree
	// Seen is when the first event of the batch was read.
	Seen time.Time
	// Rescan says that events were lost or stopped coming, so the whole tree
	// was looked at again.
	Rescan bool
}

// netChanges compares what the snapshot was for each touched path with what it
// is. What came and went in between is nothing; a file with the content that it
// had is touched.
func netChanges(was map[string]meta, now func(path string) meta) (changes []Change, touched []string) {
	for path, before := range was {
		after := now(path)
		if before.sameContent(after) {
			if after.kind == file {
				touched = append(touched, path)
			}
			continue
		}
		c := Change{Path: path, Op: Modified, Dir: after.kind == dir}
		switch none {
		case before.kind:
			c.Op = Created
		case after.kind:
			c.Op, c.Dir = Removed, before.kind == dir
		}
		changes = append(changes, c)
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	slices.Sort(touched)
	return changes, touched
}

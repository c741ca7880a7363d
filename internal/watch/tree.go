package watch

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
)

// Stamp is what a file or symlink is known by from one watcher to the next: a
// digest of its size and times. What two watchers give the same Stamp was not
// written in between.
type Stamp uint64

const (
	// Gone is the stamp of a path that is not there, or is a folder.
	Gone Stamp = iota
	// Unsure is the stamp of a file that was written so lately, on a file system
	// that counts time in seconds, that its times prove nothing.
	Unsure
)

// Tree is the source at one time: the stamps of its files by their paths.
type Tree map[string]Stamp

// Changed lists the paths that may be others now, sorted.
func (t Tree) Changed(now Tree) []string {
	var paths []string
	for path, stamp := range t {
		if is := now[path]; is != stamp || is == Unsure {
			paths = append(paths, path)
		}
	}
	for path := range now {
		if _, known := t[path]; !known {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// Apply takes in what the stamps of some paths are now.
func (t Tree) Apply(news Tree) {
	for path, stamp := range news {
		if stamp == Gone {
			delete(t, path)
			continue
		}
		t[path] = stamp
	}
}

func (m meta) stamp(coarse bool) Stamp {
	switch {
	case m.kind != file && m.kind != link:
		return Gone
	case m.tick(coarse) == coarseTick && m.fresh(coarse):
		return Unsure
	}
	const fields = 4
	var b [8 * fields]byte
	for i, v := range [fields]int64{int64(m.kind), m.size, m.mtime, m.ctime} {
		binary.LittleEndian.PutUint64(b[8*i:], uint64(v))
	}
	h := fnv.New64a()
	_, _ = h.Write(b[:])
	return max(Stamp(h.Sum64()), Unsure+1)
}

// tree is the whole snapshot.
func (s *snapshot) tree() Tree {
	t := make(Tree, s.files)
	s.top.each(func(n *node) {
		if stamp := n.stamp(s.coarse); stamp != Gone {
			t[n.path()] = stamp
		}
	})
	return t
}

// stamps are those of the paths that were touched since the last batch.
func (s *snapshot) stamps() Tree {
	t := make(Tree, len(s.was))
	for path, before := range s.was {
		now := s.current(path)
		if before.kind != dir || now.kind != dir {
			t[path] = now.stamp(s.coarse)
		}
	}
	return t
}

package watch

import (
	"io/fs"
	"strings"
	"time"
)

// kind is what a path is, as far as the watcher cares. Sockets, pipes and
// devices are nothing: they have no content to compare.
type kind uint8

const (
	none kind = iota
	file
	dir
	link
)

// fileID is a file's device and inode.
type fileID struct{ dev, ino uint64 }

// clockTick is longer than the time that file systems' clocks take to step on
// any kernel (10 ms at 100 Hz); coarseTick is for those that count in seconds.
const (
	clockTick  = 20 * time.Millisecond
	coarseTick = 2100 * time.Millisecond
)

// meta is what the snapshot knows of a path. Times are nanoseconds since 1970.
type meta struct {
	kind         kind
	size         int64
	mtime, ctime int64
	id           fileID
	seen         int64  // when it was looked at
	sum          uint64 // of the content, or of a symlink's target
	summed       bool
}

func metaOf(info fs.FileInfo, now time.Time) meta {
	m := meta{size: info.Size(), mtime: info.ModTime().UnixNano(), seen: now.UnixNano()}
	m.id, m.ctime = identity(info)
	switch mode := info.Mode(); {
	case mode.IsRegular():
		m.kind = file
	case mode.IsDir():
		m.kind = dir
	case mode&fs.ModeSymlink != 0:
		m.kind = link
	}
	return m
}

// sameStat reports whether nothing that stat shows has changed.
func (m meta) sameStat(o meta) bool {
	return m.kind == o.kind && m.size == o.size && m.mtime == o.mtime && m.ctime == o.ctime && m.id == o.id
}

// fresh reports whether the file was changed so shortly before it was looked at
// that a later change may carry the same time. Only then is an equal stat no
// proof of equal content.
func (m meta) fresh(coarse bool) bool {
	return m.seen-m.ctime < int64(m.tick(coarse))
}

func (m meta) tick(coarse bool) time.Duration {
	if coarse || m.ctime%int64(time.Second) == 0 {
		return coarseTick
	}
	return clockTick
}

// sameContent reports whether going from m to o is known to be no change.
func (m meta) sameContent(o meta) bool {
	switch {
	case m.kind != o.kind:
		return false
	case m.kind == file || m.kind == link:
		return m.size == o.size && m.summed && o.summed && m.sum == o.sum || m.sameStat(o)
	default:
		return true
	}
}

// node is one path of the snapshot. A folder's children are the paths in it
// that are not ignored.
type node struct {
	meta
	name     string
	parent   *node
	children map[string]*node
	// hidden folders are ignored themselves; something below them is not.
	hidden  bool
	watched bool
}

// path is relative to the root, with forward slashes; the root's is empty.
func (n *node) path() string {
	if n.parent == nil {
		return ""
	}
	if n.parent.parent == nil {
		return n.name
	}
	return n.parent.path() + "/" + n.name
}

// find returns the node at a path below n, or nil.
func (n *node) find(path string) *node {
	for path != "" && n != nil {
		name, rest, _ := strings.Cut(path, "/")
		n, path = n.children[name], rest
	}
	return n
}

// each calls f for n and everything below it, folders before their content.
func (n *node) each(f func(*node)) {
	f(n)
	for _, child := range n.children {
		child.each(f)
	}
}

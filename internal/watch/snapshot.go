package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// snapshot is the source tree as it was last looked at, and what has changed in
// it since the consumer last took a batch. One goroutine owns it.
type snapshot struct {
	root    string
	matcher Ignorer
	top     *node
	watches *watchSet // nil while polling
	// was holds, for each path touched since the last batch was taken, what the
	// consumer knows of it.
	was map[string]meta
	// skipped are the folders that could not be looked at, or not at all that
	// is in them, with the reason.
	skipped map[string]error
	list    func(path string) ([]string, error)
	// unsummed are files whose content shall be read when there is time.
	unsummed []*node
	// ruleDirs are folders in which an ignore file changed.
	ruleDirs map[string]bool
	// refilter is so while the rules that have changed are applied: what is
	// known is asked about again.
	refilter bool
	// coarse says to trust no file time that is younger than two seconds.
	coarse bool
	// starting is so during the first walk, before anybody was promised anything.
	starting    bool
	dirs, files int
	touches     int // counts noted changes
	// failed is why there is nothing left to look at.
	failed error
	memo   map[string]bool // answers of wanted
}

// maxSum is the size above which content is not compared: any rewrite of such a
// file counts as a change.
const maxSum = 8 << 20

func newSnapshot(root string, matcher Ignorer) *snapshot {
	return &snapshot{
		root: root, matcher: matcher, list: list,
		top:  &node{meta: meta{kind: dir}},
		dirs: 1,
		was:  map[string]meta{}, skipped: map[string]error{},
		ruleDirs: map[string]bool{}, memo: map[string]bool{},
	}
}

func (s *snapshot) abs(path string) string {
	return filepath.Join(s.root, filepath.FromSlash(path))
}

// lookAll looks at the whole tree again and asks for every watch again, since
// any of them may be gone.
func (s *snapshot) lookAll() {
	if !s.checkRoot() {
		return
	}
	s.walk(s.top, true)
	if s.starting {
		clear(s.ruleDirs) // the matcher has just read them
	}
	s.followRules()
}

// look goes after hints. moved says of a path that something by that name came
// or went: if it is a folder, nothing of what is known of it holds.
func (s *snapshot) look(hints map[string]bool) {
	if !s.checkRoot() {
		return
	}
	var walked pathCover
	for _, path := range slices.Sorted(maps.Keys(hints)) {
		if walked.covers(path) {
			continue // looked at after this hint came
		}
		if s.lookAt(path, hints[path]) {
			walked.add(path)
		}
	}
	s.followRules()
}

// lookAt compares one path and reports whether it walked everything below it.
func (s *snapshot) lookAt(path string, moved bool) bool {
	if path == "" {
		s.retry(s.top)
		return false
	}
	folder, _ := split(path)
	parent := s.top.find(folder)
	if parent == nil || parent.kind != dir {
		return false // a name from before a folder above it was moved
	}
	return s.compare(parent, path, s.lstat(path), lookOptions{hinted: true, moved: moved})
}

// checkRoot makes sure that the root is the folder it was.
func (s *snapshot) checkRoot() bool {
	info, err := os.Lstat(s.root)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDir) {
			s.failed = &RootGoneError{Root: s.root}
		}
		return s.failed == nil
	}
	now := metaOf(info, time.Now())
	// An inode number is proof of another folder only where events work; on
	// network file systems it may change by itself.
	replaced := s.watches != nil && s.top.id != (fileID{}) && now.id != s.top.id
	if now.kind != dir || replaced {
		s.failed = &RootGoneError{Root: s.root, Replaced: true}
		return false
	}
	s.top.meta = now
	return true
}

// lstat returns what a path is now; none if it cannot be told.
func (s *snapshot) lstat(path string) meta {
	now := time.Now()
	info, err := os.Lstat(s.abs(path))
	if err != nil {
		return meta{seen: now.UnixNano()}
	}
	return metaOf(info, now)
}

// current is the snapshot's own knowledge of a path. What is ignored is nothing.
func (s *snapshot) current(path string) meta {
	n := s.top.find(path)
	if n == nil || n.hidden {
		return meta{}
	}
	return n.meta
}

// note remembers what the consumer knows of a path before it is changed here.
func (s *snapshot) note(n *node, before meta) {
	if n.hidden {
		return
	}
	s.touch(n, before)
	s.noteRules(n.path(), n)
}

// touch is note for a file that was written with the content that it had.
func (s *snapshot) touch(n *node, before meta) {
	if n.hidden {
		return
	}
	s.touches++
	path := n.path()
	if _, ok := s.was[path]; !ok {
		s.was[path] = before
	}
}

// taken forgets what was handed to the consumer.
func (s *snapshot) taken() { clear(s.was) }

// changes are the changes since the last batch, and the files that were touched.
func (s *snapshot) changes() (changes []Change, touched []string) {
	return netChanges(s.was, s.current)
}

// unsettled reports whether a change looks like the first half of a save: the
// file is gone, or it is empty. The other half then follows at once.
func (s *snapshot) unsettled() bool {
	for path, before := range s.was {
		after := s.current(path)
		gone := after.kind == none && before.kind != none
		empty := after.kind == file && after.size == 0 && !before.sameContent(after)
		if gone || empty {
			return true
		}
	}
	return false
}

// skippedPaths lists what could not be looked at, for people.
func (s *snapshot) skippedPaths() []string {
	var list []string
	for _, path := range slices.Sorted(maps.Keys(s.skipped)) {
		list = append(list, fmt.Sprintf("%s: %v", path, s.skipped[path]))
	}
	return list
}

// pathCover remembers the last of a sorted sequence of paths that was walked.
type pathCover struct {
	path string
	set  bool
}

func (c *pathCover) add(path string) { c.path, c.set = path, true }

func (c *pathCover) covers(path string) bool {
	return c.set && (c.path == "" || inside(c.path, path))
}

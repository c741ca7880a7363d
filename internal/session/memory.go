package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/watch"
)

// memoryFile holds the source that the apps which run were started with. A
// session that finds the apps running knows by it what was edited while nobody
// watched. It is written as a whole when a session begins with another source,
// and then added to, so that an edit costs no more than its own line.
const (
	memoryFile   = project.StateDir + "/started-with"
	memoryHeader = "devbox source 1\n"
	// memoryMost is where it is given up in bytes: the next session then restarts
	// the apps once, and begins a new one.
	memoryMost = 32 << 20
)

// memory is what a session has still to write there.
type memory struct {
	dir string
	// whole is the source that the session began with, nil once it is written.
	whole watch.Tree
	// news are later stamps. They are not taken for granted before the apps have
	// them.
	news watch.Tree
}

// note takes in what has changed.
func (m *memory) note(news watch.Tree) {
	if m.news == nil {
		m.news = watch.Tree{}
	}
	for path, stamp := range news {
		m.news[path] = stamp
	}
}

// write writes what there is to write. That it cannot is no harm now: the next
// session restarts apps that it need not.
func (m *memory) write() {
	if m.whole == nil && len(m.news) == 0 {
		return
	}
	root, err := os.OpenRoot(m.dir)
	if err != nil {
		return
	}
	defer root.Close()
	if m.whole != nil {
		m.whole.Apply(m.news)
		if project.EnsureStateDir(root) == nil {
			_ = project.WriteFile(root, memoryFile, append([]byte(memoryHeader), encodeTree(m.whole)...))
		}
	} else {
		appendMemory(root, encodeTree(m.news))
	}
	m.whole, m.news = nil, nil
}

// appendMemory adds to the file at its end, as another session may do. One that is
// gone stays that: a part of the source would pass for the whole.
func appendMemory(root *os.Root, lines []byte) {
	f, err := root.OpenFile(memoryFile, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() && info.Size()+int64(len(lines)) <= memoryMost {
		if _, err = f.Write(lines); err == nil {
			return
		}
	}
	_ = root.Remove(memoryFile)
}

// encodeTree makes an entry of each path: its stamp, a blank, and the path, which
// may have any bytes but the NUL at the end.
func encodeTree(t watch.Tree) []byte {
	const usual = 64
	b := make([]byte, 0, usual*len(t))
	for path, stamp := range t {
		b = strconv.AppendUint(b, uint64(stamp), 16)
		b = append(b, ' ')
		b = append(b, path...)
		b = append(b, 0)
	}
	return b
}

// errNoMemory says that nobody knows what the apps were started with.
var errNoMemory = errors.New("no record of the source")

// readMemory reads the file. long says that it has outgrown what it tells.
func readMemory(dir string) (t watch.Tree, long bool, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, false, fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	info, err := root.Lstat(memoryFile)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil, false, errNoMemory
	}
	f, err := root.Open(memoryFile)
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", memoryFile, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, memoryMost+1))
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", memoryFile, err)
	}
	return decodeMemory(data)
}

func decodeMemory(data []byte) (t watch.Tree, long bool, err error) {
	data, ours := bytes.CutPrefix(data, []byte(memoryHeader))
	if !ours || len(data) > memoryMost {
		return nil, false, errNoMemory
	}
	t = watch.Tree{}
	entries := 0
	for {
		entry, rest, whole := bytes.Cut(data, []byte{0})
		if !whole {
			break // the end, or an entry that a crash has cut off
		}
		data = rest
		stamp, path, _ := bytes.Cut(entry, []byte{' '})
		n, err := strconv.ParseUint(string(stamp), 16, 64)
		if err != nil {
			return nil, false, errNoMemory
		}
		entries++
		t.Apply(watch.Tree{string(path): watch.Stamp(n)})
	}
	const some = 1000
	return t, entries > 2*len(t)+some || len(data) > 0, nil
}

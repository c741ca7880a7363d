package watch

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxIgnoreFile bounds what is read of one ignore file.
const maxIgnoreFile = 1 << 20

// outerRules are rules from outside the watched root: of a .gitignore in a
// folder above it, or of the repository's info/exclude.
type outerRules struct {
	prefix []string // from the rules' folder down to the root
	rules  ruleList
}

// readOuterRules reads them, nearest first. Where the root is in no git
// repository there are none.
func readOuterRules(root string) []outerRules {
	top, gitDir := findRepository(root)
	if gitDir == "" {
		return nil
	}
	var found []outerRules
	for dir := root; dir != top; {
		dir = filepath.Dir(dir)
		found = append(found, outerRules{
			prefix: below(dir, root),
			rules:  parseRules(readIgnoreFile(filepath.Join(dir, ".gitignore"))),
		})
	}
	return append(found, outerRules{
		prefix: below(top, root),
		rules:  parseRules(readIgnoreFile(filepath.Join(commonDir(gitDir), "info", "exclude"))),
	})
}

func below(dir, root string) []string {
	rel, err := filepath.Rel(dir, root)
	if err != nil || rel == "." {
		return nil
	}
	return strings.Split(filepath.ToSlash(rel), "/")
}

// findRepository returns the work tree that root is in and its git directory,
// or empty strings. In a linked work tree .git is a file that names it.
func findRepository(root string) (top, gitDir string) {
	for dir := root; ; dir = filepath.Dir(dir) {
		dotGit := filepath.Join(dir, ".git")
		if info, err := os.Lstat(dotGit); err == nil {
			if info.IsDir() {
				return dir, dotGit
			}
			if named, ok := strings.CutPrefix(string(readIgnoreFile(dotGit)), "gitdir: "); ok {
				return dir, absolute(dir, strings.TrimSpace(named))
			}
		}
		if dir == filepath.Dir(dir) {
			return "", ""
		}
	}
}

// commonDir is where a linked work tree's repository keeps what it shares.
func commonDir(gitDir string) string {
	named := bytes.TrimSpace(readIgnoreFile(filepath.Join(gitDir, "commondir")))
	if len(named) == 0 {
		return gitDir
	}
	return absolute(gitDir, string(named))
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// readIgnoreFile returns the content of a small regular file, nothing where
// there is none. Like git it does not follow a symlink.
func readIgnoreFile(path string) []byte {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := openFile(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxIgnoreFile))
	if err != nil {
		return nil
	}
	return text
}

// gitLock is the lock that git holds while it rewrites the work tree.
type gitLock struct{ path string }

// lockSlack is how long git may have held its lock before the first file
// changed. An older one is not about these changes: it was left by a git that
// died, or git waits for an editor.
const lockSlack = 10 * time.Second

func newGitLock(root string) gitLock {
	_, gitDir := findRepository(root)
	if gitDir == "" {
		return gitLock{}
	}
	return gitLock{path: filepath.Join(gitDir, "index.lock")}
}

// heldSince reports whether a git that took its lock before first, the time of
// a first change, still holds it.
func (l gitLock) heldSince(first time.Time) bool {
	if l.path == "" {
		return false
	}
	info, err := os.Lstat(l.path)
	if err != nil {
		return false
	}
	age := first.Sub(info.ModTime())
	return age >= -clockTick && age < lockSlack
}

// held reports whether any git holds the lock.
func (l gitLock) held() bool {
	if l.path == "" {
		return false
	}
	_, err := os.Lstat(l.path)
	return err == nil
}

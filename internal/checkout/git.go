package checkout

import (
	"io"
	"os"
	"path/filepath"
	"strings"
)

// gitDir is what git keeps beside a main worktree.
const gitDir = ".git"

// readGitLink looks for git at the top of a folder. In a linked worktree and in a
// submodule that is a file that names a folder, see gitrepository-layout(5); link
// is empty where it is the folder itself.
func readGitLink(dir string) (link string, found bool) {
	name := filepath.Join(dir, gitDir)
	info, err := os.Stat(name)
	if err != nil {
		return "", false
	}
	if !info.Mode().IsRegular() {
		return "", true
	}
	path, ok := strings.CutPrefix(firstLine(name), "gitdir:")
	if path = strings.TrimSpace(path); !ok || path == "" {
		return "", true
	}
	return absolute(dir, path), true
}

// commonDir is the folder that all worktrees of a repository share, empty where
// gitdir is not that of a linked worktree.
func commonDir(gitdir string) string {
	line := strings.TrimSpace(firstLine(filepath.Join(gitdir, "commondir")))
	if line == "" {
		return ""
	}
	return absolute(gitdir, line)
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

func firstLine(name string) string {
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	const limit = 8 << 10 // twice the longest path
	data, _ := io.ReadAll(io.LimitReader(f, limit))
	line, _, _ := strings.Cut(string(data), "\n")
	return line
}

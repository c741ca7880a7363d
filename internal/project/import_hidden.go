package project

import (
	"io/fs"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// hiddenFiles lists the files that an install reads and that the user's own
// .dockerignore keeps out of a build.
func hiddenFiles(fsys fs.FS, f *Facts) []string {
	if f == nil || f.Package == nil {
		return nil
	}
	content := peek(fsys, IgnoreFile)
	if content == "" || author([]byte(content)) != foreign {
		return nil
	}
	lines, err := ignorefile.ReadAll(strings.NewReader(content))
	if err != nil {
		return nil
	}
	rules, err := patternmatcher.New(lines)
	if err != nil {
		return nil
	}
	names := append([]string{packageFile}, f.Settings...)
	if lock := f.Lock(); lock != "" {
		names = append(names, lock)
	}
	if f.Entry.File != "" {
		names = append(names, f.Entry.File)
	}
	var hidden []string
	for _, name := range names {
		if out, err := rules.MatchesOrParentMatches(name); err == nil && out {
			hidden = append(hidden, name)
		}
	}
	return hidden
}

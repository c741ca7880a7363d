package watch

import (
	"bytes"
	"path"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// dockerRules are the rules of a .dockerignore file. Such a file says what the
// image has no use for, and people write it with the image in mind. So it is
// followed for the watcher only as far as that is also true of development:
//   - files that decide how the project is built or run are watched all the same
//     (alwaysSource);
//   - a list of what may go in ("*" or "**", then exceptions) says nothing about
//     the rest of the folder, which the app sees in its bind mount, and is not
//     followed at all;
//   - what is left out there and still matters is brought back by a pattern with
//     ! in devbox.yaml.
type dockerRules struct {
	matcher *patternmatcher.PatternMatcher
	// kept are the patterns with !, split: what they may name is looked for
	// below folders that are left out.
	kept [][]string
}

// parseDockerRules returns nil where the text has no rule to follow, which is
// also so for a text that Docker itself would refuse.
func parseDockerRules(text []byte) *dockerRules {
	lines, err := ignorefile.ReadAll(bytes.NewReader(text))
	if err != nil || len(lines) == 0 || allowList(lines) {
		return nil
	}
	matcher, err := patternmatcher.New(lines)
	if err != nil {
		return nil
	}
	d := &dockerRules{matcher: matcher}
	for _, line := range lines {
		if rest, ok := strings.CutPrefix(line, "!"); ok {
			d.kept = append(d.kept, strings.Split(rest, "/"))
		}
	}
	return d
}

// allowList reports whether a file leaves everything out before it lets
// something in.
func allowList(lines []string) bool {
	for _, line := range lines {
		switch path.Clean(line) {
		case ".", "*", "**", "**/*", "*/**", "**/**":
			return true
		}
	}
	return false
}

// match reports whether path is left out. above is what match returned for its
// folder; the zero value stands for the top.
func (d *dockerRules) match(path string, above patternmatcher.MatchInfo) (bool, patternmatcher.MatchInfo) {
	if d == nil {
		return false, above
	}
	out, info, err := d.matcher.MatchesUsingParentResults(path, above)
	return err == nil && out, info
}

// reopens reports whether a pattern with ! can match below dir.
func (d *dockerRules) reopens(dir []string) bool {
	if d == nil {
		return false
	}
	for _, pattern := range d.kept {
		if reaches(pattern, dir) {
			return true
		}
	}
	return false
}

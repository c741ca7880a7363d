package watch

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"
)

// Rules say where a Matcher's rules come from besides its defaults.
type Rules struct {
	// Extra are patterns in .gitignore's form, relative to the root. They
	// outrank everything else: "fixtures/big/" leaves a folder out, and
	// "!dist/" watches what would be left out, as does "!data/seed.json" below
	// a folder that is left out.
	Extra []string
	// NoGitignore and NoDockerignore leave those files unread.
	NoGitignore, NoDockerignore bool
}

// Matcher decides which paths of a tree are source. By rank, the first that has
// something to say decides:
//
//  1. Rules.Extra
//  2. what is never source: installed packages, version control, editors'
//     temporary files
//  3. what always is: package.json, lock files, .env, Dockerfile and the like
//  4. .gitignore in any folder, in folders above the root up to the git
//     repository's top, and the repository's info/exclude; .dockerignore at the
//     root (see dockerRules for how far)
//  5. what tools are known to write: dist, coverage, .next, *.log
//
// It reads ignore files when it first needs them. It is safe for use by several
// goroutines.
type Matcher struct {
	root                         string
	rules                        Rules
	extra, never, always, output ruleList

	mu     sync.Mutex
	outer  []outerRules
	nested map[string]ruleList // by folder
	docker *dockerRules
	states map[string]state // of folders; empty after each change of the rules
}

// state is what is known of one path once its folders were looked at.
type state struct {
	ignored bool
	// byDocker: .dockerignore alone leaves it out, so something below it may
	// be wanted again.
	byDocker bool
	// forced: a rule of Rules.Extra brought it or a folder above it back, so
	// .dockerignore is not asked any more.
	forced bool
	docker patternmatcher.MatchInfo
}

// NewMatcher returns the matcher of the folder root, which must be absolute.
func NewMatcher(root string, rules Rules) (*Matcher, error) {
	if !filepath.IsAbs(root) {
		return nil, fmt.Errorf("match files of %q: path is not absolute", root)
	}
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real // git, too, goes by the real path to find a repository
	}
	m := &Matcher{
		root:   root,
		rules:  rules,
		extra:  parseRules([]byte(strings.Join(rules.Extra, "\n"))),
		never:  parseRules([]byte(neverSource)),
		always: parseRules([]byte(alwaysSource)),
		output: parseRules([]byte(outputs)),
	}
	m.forget()
	return m, nil
}

// Ignored reports whether a change of the path, which is relative to the root
// and has forward slashes, is none. The root itself is never ignored.
func (m *Matcher) Ignored(path string, dir bool) bool {
	if path == "" || path == "." {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stateOf(path, dir).ignored
}

// Pruned reports whether nothing below the folder dir can be wanted, so that
// there is no need to look inside.
func (m *Matcher) Pruned(dir string) bool {
	if dir == "" || dir == "." {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	st := m.stateOf(dir, true)
	if !st.ignored {
		return false
	}
	segments := strings.Split(dir, "/")
	return !m.extra.reopens(segments) && !(st.byDocker && m.docker.reopens(segments))
}

// Reload forgets what was read of the ignore files in the folder dir.
func (m *Matcher) Reload(dir string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.nested, dir)
	if dir == "" {
		m.readDocker()
	}
	clear(m.states)
}

// forget drops everything that was read.
func (m *Matcher) forget() {
	m.nested = map[string]ruleList{}
	m.states = map[string]state{}
	if !m.rules.NoGitignore {
		m.outer = readOuterRules(m.root)
	}
	m.readDocker()
}

func (m *Matcher) readDocker() {
	m.docker = nil
	if !m.rules.NoDockerignore {
		m.docker = parseDockerRules(readIgnoreFile(filepath.Join(m.root, ".dockerignore")))
	}
}

// maxStates bounds what is kept of folders that come and go.
const maxStates = 1 << 16

// stateOf decides on a path from the top down: what a folder is, its content
// inherits.
func (m *Matcher) stateOf(name string, dir bool) state {
	if dir {
		if st, ok := m.states[name]; ok {
			return st
		}
	}
	above := state{}
	folder := ""
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		folder = name[:i]
		above = m.stateOf(folder, true)
	}
	st := m.decide(name, folder, dir, above)
	if dir {
		if len(m.states) >= maxStates {
			clear(m.states)
			clear(m.nested)
		}
		m.states[name] = st
	}
	return st
}

// decide applies the ranks to one path, given what its folder is.
func (m *Matcher) decide(name, folder string, dir bool, above state) state {
	segments := strings.Split(name, "/")
	st := state{forced: above.forced}
	byDocker := false
	if !st.forced {
		byDocker, st.docker = m.docker.match(name, above.docker)
	}
	extra := m.extra.verdict(segments, dir)
	switch {
	case extra == keep:
		st.forced = true
	case extra == ignore, above.ignored && !above.byDocker, m.neverSource(segments, dir):
		st.ignored = true
	case !above.ignored && !dir && m.always.verdict(segments, dir) == ignore:
	default:
		listed := m.gitVerdict(segments, folder, dir)
		if listed == silent {
			listed = m.output.verdict(segments, dir)
		}
		st.byDocker = byDocker && listed != ignore
		st.ignored = byDocker || listed == ignore
	}
	return st
}

func (m *Matcher) neverSource(segments []string, dir bool) bool {
	if !dir && temporaryFile(segments[len(segments)-1]) {
		return true
	}
	return m.never.verdict(segments, dir) == ignore
}

// gitVerdict asks the .gitignore files from the path's own folder upwards.
func (m *Matcher) gitVerdict(segments []string, folder string, dir bool) verdict {
	if m.rules.NoGitignore {
		return silent
	}
	depth := len(segments) - 1
	for {
		if v := m.rulesIn(folder).verdict(segments[depth:], dir); v != silent {
			return v
		}
		if depth == 0 {
			break
		}
		depth--
		if folder = path.Dir(folder); folder == "." {
			folder = ""
		}
	}
	for _, o := range m.outer {
		if v := o.rules.verdict(append(o.prefix[:len(o.prefix):len(o.prefix)], segments...), dir); v != silent {
			return v
		}
	}
	return silent
}

// rulesIn returns the rules of the .gitignore in a folder below the root.
func (m *Matcher) rulesIn(folder string) ruleList {
	list, ok := m.nested[folder]
	if !ok {
		list = parseRules(readIgnoreFile(filepath.Join(m.root, filepath.FromSlash(folder), ".gitignore")))
		m.nested[folder] = list
	}
	return list
}

package watch

import (
	"maps"
	"slices"
)

// noteRules remembers that an ignore file has changed.
func (s *snapshot) noteRules(path string, n *node) {
	if n.name == ".gitignore" || path == ".dockerignore" {
		folder, _ := split(path)
		s.ruleDirs[folder] = true
	}
}

// followRules applies ignore files that have changed: what they now leave out
// is dropped, what they let in is found.
func (s *snapshot) followRules() {
	// Walking can find more ignore files, each deeper than the one before it,
	// so this ends; the bound is for a tree that is rewritten meanwhile.
	s.refilter = true
	defer func() { s.refilter = false }()
	for range 100 {
		if len(s.ruleDirs) == 0 {
			return
		}
		changed := slices.Sorted(maps.Keys(s.ruleDirs))
		clear(s.ruleDirs)
		clear(s.memo)
		for _, path := range changed {
			s.matcher.Reload(path)
		}
		for _, path := range changed {
			if n := s.top.find(path); n != nil && n.kind == dir {
				s.walk(n, true)
			}
		}
	}
}

// wanted reports whether an event for a path is worth a look. Its answers are
// kept, as a log file that is written all the time asks the same all the time.
func (s *snapshot) wanted(path string) bool {
	if path == "" || s.top.find(path) != nil {
		return true
	}
	answer, ok := s.memo[path]
	if !ok {
		answer = !s.matcher.Ignored(path, false) || !s.matcher.Ignored(path, true) || !s.matcher.Pruned(path)
		if len(s.memo) >= 4096 {
			clear(s.memo)
		}
		s.memo[path] = answer
	}
	return answer
}

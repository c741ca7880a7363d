package watch

import "testing"

// unionOf is a union of matchers with a pattern list each.
func (r *rig) unionOf(lists ...[]string) Ignorer {
	r.t.Helper()
	var matchers []*Matcher
	for _, list := range lists {
		m, err := NewMatcher(r.root, Rules{Extra: list})
		r.must(err)
		matchers = append(matchers, m)
	}
	return Union(matchers...)
}

// TestUnion: what one service leaves out, another one may need.
func TestUnion(t *testing.T) {
	r := newTree(t)
	r.write(".gitignore", "tmp/\n")
	u := r.unionOf([]string{"api/", "shared/"}, []string{"web/", "shared/", "!dist/"})
	for path, ignored := range map[string]bool{
		"api/a.js": false, "web/a.js": false, "shared/a.js": true, "tmp/a.js": true,
		"dist/a.js": false, "build/a.js": true, "node_modules/a.js": true,
	} {
		if got := u.Ignored(path, false); got != ignored {
			t.Errorf("%s: ignored %t, want %t", path, got, ignored)
		}
	}
	for dir, pruned := range map[string]bool{"api": false, "web": false, "shared": true, "tmp": true, "dist": false, "build": true} {
		if got := u.Pruned(dir); got != pruned {
			t.Errorf("%s: pruned %t, want %t", dir, got, pruned)
		}
	}
}

// TestUnionIsWatched: every matcher hears of ignore files that change.
func TestUnionIsWatched(t *testing.T) {
	t.Parallel()
	r := newTree(t, "api/a.js", "web/a.js", "shared/a.js", "gen/a.js")
	r.watch(Options{Ignore: r.unionOf([]string{"api/", "shared/"}, []string{"web/", "shared/"})}, patientSystem())
	r.wantWatches(4)
	r.write("api/a.js", "edited")
	r.write("web/a.js", "edited")
	r.write("shared/a.js", "edited")
	r.wants("modified api/a.js", "modified web/a.js")
	r.write(".gitignore", "gen/\n")
	r.wants("created .gitignore")
	r.write("gen/a.js", "edited")
	r.wants()
	r.wantWatches(3)
}

func TestPatterns(t *testing.T) {
	tests := []struct {
		name         string
		lines        []string
		named, other []string
	}{
		{"a folder and all in it", []string{"api/"}, []string{"api/a.js", "api/x/y.js"}, []string{"web/a.js", "api"}},
		{"a folder at any depth", []string{"api"}, []string{"api/a.js", "x/api/a.js"}, []string{"apis/a.js"}},
		{"a path from the top", []string{"/packages/shared"}, []string{"packages/shared/a.js"}, []string{"x/packages/shared/a.js"}},
		{"files by their ending", []string{"*.ts"}, []string{"a.ts", "x/a.ts"}, []string{"a.js"}},
		{"an exception", []string{"api/", "!api/fixtures/"}, []string{"api/a.js"}, []string{"api/fixtures/a.js"}},
		{"the last pattern decides", []string{"!api/", "api/"}, []string{"api/a.js"}, nil},
		{"no pattern names nothing", nil, nil, []string{"a.js"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := ParsePatterns(tt.lines)
			for _, path := range tt.named {
				if !p.Match(path) {
					t.Errorf("%q does not name %q", tt.lines, path)
				}
			}
			for _, path := range tt.other {
				if p.Match(path) {
					t.Errorf("%q names %q", tt.lines, path)
				}
			}
		})
	}
}

package watch

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestMatcher asks for paths with and without a slash at the end; one that
// starts with ! must be wanted.
func TestMatcher(t *testing.T) {
	cases := []struct {
		name   string
		files  map[string]string // ignore files
		rules  Rules
		expect string
	}{
		{
			name: "defaults: what is never source",
			expect: `node_modules/ node_modules/x/index.js packages/a/node_modules/ .git/ .git .git/HEAD .hg/ .devbox/ .devbox/state
				.idea/modules.xml .vscode/ .DS_Store a/.DS_Store .yarn/cache/ !.yarn/releases/yarn.cjs .pnpm-store/`,
		},
		{
			name: "defaults: editors' temporary files",
			expect: `.f.js.swp a/.f.js.swo .f.js.swx 4913 f.js~ .#f.js #f.js# f.js___jb_tmp___ f.js___jb_old___ .f.js.kate-swp
				.goutputstream-AB12 sedAb12Cd a/sedAb12Cd x-go-tmp-umask f.js.tmp f.js.tmp.123.456
				!sedatives/ !sed !sed.js !sed-AAAAA !f.swp.js !49130 !#f.js !f.tmp.js !swp`,
		},
		{
			name:   "defaults: settings that tools compile",
			expect: `vite.config.ts.timestamp-1795259970397-bc15ef5b4db9e.mjs a/tsup.config.bundled_ab1.mjs !vite.config.mjs !a.timestamp.mjs !timestamp-1.ts`,
		},
		{
			name: "defaults: outputs",
			expect: `dist/ dist/main.js packages/a/dist/ build/ coverage/lcov.info .next/ .nuxt/ .cache/ .turbo/ debug.log a/npm-debug.log
				tsconfig.tsbuildinfo app.db-journal
				!src/build/ !src/build/x.js !packages/a/src/deep/dist/ !build !dist !src/coverage/ !builds/ !src/ !index.js !public/`,
		},
		{
			name:   "a .gitignore brings an output back",
			files:  map[string]string{".gitignore": "!/build/\n"},
			expect: `!build/ !build/webpack.js packages/a/build/ dist/`,
		},
		{
			name:   "a .gitignore does not bring back what is never source",
			files:  map[string]string{".gitignore": "!node_modules\n!.git\n!*~\n"},
			expect: `node_modules/ node_modules/x.js .git/ f.js~`,
		},
		{
			name:   "anchors",
			files:  map[string]string{".gitignore": "/top\nany\nin/side\nonly-dir/\n/a/*.js\n"},
			expect: `top !sub/top any sub/any in/side !sub/in/side only-dir/ sub/only-dir/ !only-dir a/x.js !a/b/x.js !b/a/x.js any/below/it`,
		},
		{
			name:   "two stars",
			files:  map[string]string{".gitignore": "**/deep\na/**/b\nc/**\nd/**/\n**/e/f\nx**y\n"},
			expect: `deep u/v/deep a/b a/u/b a/u/v/b !u/a/b c/u c/u/v !c/ e/f u/e/f d/u/ !d/u xy xaay !x/y d/u/v !g/d/u/`,
		},
		{
			name:   "negation",
			files:  map[string]string{".gitignore": "*.json\n!keep.json\n/data/\n!/data/x\n/half/*\n!/half/this\n"},
			expect: `a.json !keep.json sub/b.json !sub/keep.json data/ data/x half/that !half/this !half/ !half/this/deep`,
		},
		{
			name:   "escapes, comments, spaces and classes",
			files:  map[string]string{".gitignore": "#no\n\\#yes\n\\!bang\nsp\\ \ntrail   \n[ab]c\n[!x]z\n[[:digit:]]d\n[a-\nq\\?\nw\\\n\r\ncr\r\n"},
			expect: `!#no #yes !bang2 "sp " !sp trail ac bc !cc yz !xz 5d !dd q? !qq !w cr ![a-`,
		},
		{
			name: "nested files",
			files: map[string]string{
				".gitignore":       "*.gen.js\n/only-top\n",
				"sub/.gitignore":   "!keep.gen.js\n/here\nlocal\n",
				"sub/2/.gitignore": "!local\n",
			},
			expect: `a.gen.js sub/a.gen.js !sub/keep.gen.js keep.gen.js sub/here !here !sub/2/here sub/local !local !sub/2/local only-top !sub/only-top`,
		},
		{
			name:   "what is always source",
			files:  map[string]string{".gitignore": ".env*\n*.lock\npackage-lock.json\nsecret/\n", ".dockerignore": "**/package.json\nDockerfile*\ncompose*\n.*\n"},
			expect: `!.env !.env.local !yarn.lock !package-lock.json !packages/a/package.json !Dockerfile !Dockerfile.dev !compose.yaml !compose.dev.yaml !.npmrc !.gitignore other.lock secret/ secret/.env .env.swp .other node_modules/x/package.json`,
		},
		{
			name:   "a .dockerignore",
			files:  map[string]string{".dockerignore": "# comment\ndocs\n!docs/api\n*.md\n**/*.spec.js\n/scripts/\n../x\n"},
			expect: `docs/ docs/x.txt !docs/api/ !docs/api/x.txt README.md !sub/README.md a.spec.js sub/a.spec.js scripts/ scripts/x !sub/scripts/`,
		},
		{
			name:   "a .dockerignore that says what may go in",
			files:  map[string]string{".dockerignore": "*\n!src\n!package.json\n"},
			expect: `!config/dev.json !test/ !src/index.js`,
		},
		{
			name:   "unread files",
			files:  map[string]string{".dockerignore": "a\n", ".gitignore": "b\n"},
			rules:  Rules{NoGitignore: true, NoDockerignore: true},
			expect: `!a !b`,
		},
		{
			name:   "extra patterns outrank all",
			files:  map[string]string{".gitignore": "data/\nlocal.js\n", ".dockerignore": "config\n"},
			rules:  Rules{Extra: []string{"!dist/", "!/data/seed.json", "!local.js", "!config", "fixtures/big/", ".env", "!node_modules/my-lib/"}},
			expect: `!dist/ !dist/main.js !data/seed.json data/ data/other.json !local.js !config/ !config/dev.json fixtures/big/ fixtures/big/x .env !node_modules/my-lib/ !node_modules/my-lib/index.js node_modules/express/ node_modules/my-lib/node_modules/`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newTree(t)
			for path, text := range c.files {
				r.write(path, text)
			}
			m, err := NewMatcher(r.root, c.rules)
			r.must(err)
			for _, path := range fields(c.expect) {
				path, wanted := strings.CutPrefix(path, "!")
				name, isDir := strings.CutSuffix(path, "/")
				if got := m.Ignored(name, isDir); got == wanted {
					t.Errorf("Ignored(%q, %t) = %t", name, isDir, got)
				}
			}
		})
	}
}

// fields splits at spaces outside quotes.
func fields(s string) []string {
	var out []string
	for i, part := range strings.Split(s, `"`) {
		if i%2 == 1 {
			out = append(out, part)
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}

func TestPruned(t *testing.T) {
	r := newTree(t)
	r.write(".gitignore", "data/\nlogs/*\n")
	r.write(".dockerignore", "docs\n!docs/api/v1\ntest\n")
	m, err := NewMatcher(r.root, Rules{Extra: []string{"!data/seed/one.json", "!*.md", "!**/x"}})
	r.must(err)
	for path, want := range map[string]bool{
		"node_modules": true, "src": false, "": false, "logs": false, "logs/old": true,
		"data": false, "data/seed": false, "data/other": true, // a file below is wanted
		"docs": false, "docs/api": false, "docs/guide": true, "test": true,
	} {
		if got := m.Pruned(path); got != want {
			t.Errorf("Pruned(%q) = %t", path, got)
		}
	}
}

func TestMatcherNeedsAnAbsoluteRoot(t *testing.T) {
	if _, err := NewMatcher("src", Rules{}); err == nil || err.Error() != `match files of "src": path is not absolute` {
		t.Errorf("got %v", err)
	}
}

// TestRulesAboveTheRoot: the root may be a folder of a larger repository.
func TestRulesAboveTheRoot(t *testing.T) {
	repo := newTree(t, ".git/HEAD")
	repo.write(".git/info/exclude", "mine\n")
	repo.write(".gitignore", "/packages/web/gen\n*.bak.js\nout\n")
	repo.write("packages/.gitignore", "!web/kept.bak.js\n/web/private\n")
	repo.write("packages/web/.gitignore", "!out\n")
	m, err := NewMatcher(repo.path("packages/web"), Rules{})
	repo.must(err)
	for path, want := range map[string]bool{
		"gen": true, "a.bak.js": true, "kept.bak.js": false, "private": true, "src/private": false, "out": false, "mine": true, "src/mine": true,
	} {
		if got := m.Ignored(path, false); got != want {
			t.Errorf("Ignored(%q) = %t", path, got)
		}
	}
}

// TestAgainstGit compares the rules with git's own idea of them.
func TestAgainstGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git on this machine")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	word := func() string {
		w := ""
		for range 1 + rnd.IntN(3) {
			w += pick("a", "b", "c", "*", "?", "[ab]", "[!a]", "[^b-c]", "[[:alpha:]]", "\\a", "\\*", "[a", "]", "-", " ", "\\ ", "é", "\xff")
		}
		return w
	}
	pattern := func() string {
		p := pick("", "", "", "!", "/", "**/", "!/", "#", "\\!")
		for i := range 1 + rnd.IntN(3) {
			if i > 0 {
				p += "/"
			}
			// Not a**: git takes what follows a plain prefix for a segment.
			p += pick(word(), word(), word(), "**", "***")
		}
		return p + pick("", "", "", "/", "/**", "/*", " ", "  ", "\r", "\\")
	}
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	for range rounds {
		compareWithGit(t, rnd, pattern)
	}
}

func compareWithGit(t *testing.T, rnd *rand.Rand, pattern func() string) {
	t.Helper()
	r := newTree(t)
	r.run("git", "init", "-q")
	files := map[string]string{}
	for _, folder := range []string{"", "a/", "a/b/"} {
		var text strings.Builder
		for range rnd.IntN(4) + 1 {
			fmt.Fprintf(&text, "%s\n", pattern())
		}
		files[folder+".gitignore"] = text.String()
	}
	names := []string{"a", "b", "c", "ab", "aab", "*", "é", "\xff", "a ", "-", "a]"}
	var paths []string
	for range 60 {
		path := ""
		for range 1 + rnd.IntN(4) {
			path = join(path, names[rnd.IntN(len(names))])
		}
		if os.MkdirAll(r.path(folderOf(path)), 0o777) == nil {
			if f, err := os.OpenFile(r.path(path), os.O_CREATE, 0o666); err == nil {
				f.Close()
			}
			paths = append(paths, path)
		}
	}
	for path, text := range files {
		_ = os.MkdirAll(r.path(folderOf(path)), 0o777)
		if err := os.WriteFile(r.path(path), []byte(text), 0o666); err != nil {
			delete(files, path)
		}
	}
	ignored := gitIgnored(t, r, paths)
	// Only what is in .gitignore files is compared: no defaults.
	m := &Matcher{root: r.root, rules: Rules{NoDockerignore: true}}
	m.forget()
	for _, path := range paths {
		info, err := os.Lstat(r.path(path))
		if err != nil {
			continue
		}
		if got := m.Ignored(path, info.IsDir()); got != ignored[path] {
			t.Errorf("Ignored(%q, %t) = %t, git says %t, with %q", path, info.IsDir(), got, ignored[path], files)
		}
	}
}

func folderOf(path string) string {
	folder, _ := split(path)
	return folder
}

func gitIgnored(t *testing.T, r *rig, paths []string) map[string]bool {
	t.Helper()
	cmd := exec.Command("git", "check-ignore", "--no-index", "-z", "--stdin")
	cmd.Dir = r.root
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "HOME="+r.outside)
	cmd.Stdin = strings.NewReader(strings.Join(paths, "\x00") + "\x00")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, io.Discard
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Fatal(err)
	}
	ignored := map[string]bool{}
	for path := range strings.SplitSeq(out.String(), "\x00") {
		ignored[path] = true
	}
	return ignored
}

func FuzzRules(f *testing.F) {
	f.Add("a/**/b\n!c/\n[a-z]*\n", "a/x/b")
	f.Add("**/**/**/[", "a/a/a/a")
	f.Fuzz(func(_ *testing.T, rules, path string) {
		segments := strings.Split(path, "/")
		parseRules([]byte(rules)).verdict(segments, true)
		parseRules([]byte(rules)).reopens(segments)
		if d := parseDockerRules([]byte(rules)); d != nil {
			d.reopens(segments)
		}
	})
}

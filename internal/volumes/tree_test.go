package volumes

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
)

// treeOf makes a tree of lines: `path content`, `path -> target`, `path = same`,
// `path/`, and with ! in front of the path for a file that can be executed.
func treeOf(t *testing.T, lines ...string) *ModuleTree {
	t.Helper()
	tree := NewModuleTree()
	for _, line := range lines {
		name, content, _ := strings.Cut(line, " ")
		e := engine.TreeEntry{Path: name, Mode: 0o644}
		switch {
		case strings.HasPrefix(name, "!"):
			e.Path, e.Mode = name[1:], 0o755
		case strings.HasSuffix(name, "/"):
			e.Path, e.Mode = strings.TrimSuffix(name, "/"), fs.ModeDir|0o755
		case strings.HasPrefix(content, "-> "):
			e.Mode, e.Link = fs.ModeSymlink|0o777, content[3:]
		case strings.HasPrefix(content, "= "):
			e.Same = content[2:]
		}
		if err := tree.Add(e, strings.NewReader(content)); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

func said(list []TreeDifference) []string {
	var lines []string
	for _, d := range list {
		line := string(d.Change) + " " + d.Path
		if d.Package != "" {
			line += " of " + d.Package
		}
		if d.Built {
			line += ", built"
		}
		lines = append(lines, line)
	}
	return lines
}

var clean = []string{
	".bin/", ".bin/a -> ../a/cli.js", "a/", `a/package.json {"name":"a","version":"1.0.0"}`, "!a/cli.js run", "a/twin = a/cli.js",
	"@s/", "@s/b/", `@s/b/package.json {"name":"@s/b","version":"2.0.0"}`, "@s/b/build/b.node machine",
	"a/node_modules/", "a/node_modules/c/", `a/node_modules/c/package.json {"name":"c","version":"3.0.0"}`,
}

func TestTreesAreComparedByAllThatAnInstallMakes(t *testing.T) {
	with := func(old, now string) []string {
		lines := slices.Clone(clean)
		i := slices.Index(lines, old)
		switch {
		case old == "":
			return append(lines, now)
		case now == "":
			return slices.Delete(lines, i, i+1)
		}
		lines[i] = now
		return lines
	}
	tests := []struct {
		name string
		have []string
		want []string
	}{
		{"the same", clean, nil},
		{"another content", with("!a/cli.js run", "!a/cli.js runs"), []string{"content a/cli.js of a@1.0.0", "content a/twin of a@1.0.0"}},
		{"not executable", with("!a/cli.js run", "a/cli.js run"), []string{"mode a/cli.js of a@1.0.0", "mode a/twin of a@1.0.0"}},
		{"a link elsewhere", with(".bin/a -> ../a/cli.js", ".bin/a -> ../evil"), []string{"target .bin/a"}},
		{"a copy in place of a link", with(".bin/a -> ../a/cli.js", "!.bin/a run"), []string{"type .bin/a"}},
		{"two names for one file, as two files", with("a/twin = a/cli.js", "!a/twin run"), nil},
		{"a file less", with(".bin/a -> ../a/cli.js", ""), []string{"missing .bin/a"}},
		{"a file more", with("", "a/node_modules/c/x y"), []string{"extra a/node_modules/c/x of c@3.0.0"}},
		{"what a compiler made", with("@s/b/build/b.node machine", "@s/b/build/b.node other"), []string{"content @s/b/build/b.node of @s/b@2.0.0, built"}},
		{"an empty folder", with("", "a/node_modules/d/"), nil},
		{"notes and caches", with("", ".cache/x y"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want, have := treeOf(t, clean...), treeOf(t, tt.have...)
			if got := said(CompareTrees(want, have)); !slices.Equal(got, tt.want) {
				t.Errorf("differences %q, want %q", got, tt.want)
			}
			if (want.Digest() == have.Digest()) != (len(tt.want) == 0) {
				t.Errorf("the digests %s and %s tell something else", want.Digest(), have.Digest())
			}
		})
	}
}

func TestADeviceIsNoFile(t *testing.T) {
	have := NewModuleTree()
	if err := have.Add(engine.TreeEntry{Path: "x", Mode: fs.ModeDevice}, nil); err != nil {
		t.Fatal(err)
	}
	if got := said(CompareTrees(treeOf(t, "x y"), have)); !slices.Equal(got, []string{"type x"}) {
		t.Errorf("differences %q", got)
	}
}

func TestOnlyPackagesAndTheirLinksCount(t *testing.T) {
	tests := []struct {
		name     string
		volatile bool
	}{
		{".package-lock.json", true},
		{".devbox-complete", true},
		{".cache", true},
		{".cache/babel/x", true},
		{".vite/deps/a.js", true},
		{".yarn-integrity", true},
		{".modules.yaml", true},
		{".pnpm-workspace-state-v1.json", true},
		{".pnpm/lock.yaml", true},
		{"a/node_modules/.cache/x", true},
		{".pnpm/a@1.0.0/node_modules/a/node_modules/.cache/x", true},
		{".bin/a", false},
		{".pnpm/a@1.0.0/node_modules/a/index.js", false},
		{".pnpm/node_modules/a", false},
		{"a/.eslintrc", false},
		{"a/.github/x.yaml", false},
		{"a/node_modules/.bin/b", false},
		{".store/a/package/index.js", false},
	}
	for _, tt := range tests {
		if got := isVolatile(tt.name); got != tt.volatile {
			t.Errorf("%s is left out: %v, want %v", tt.name, got, tt.volatile)
		}
	}
}

func TestThePackageOfAPathIsItsNearestFolder(t *testing.T) {
	for name, want := range map[string]string{
		"a": "a", "a/lib/x.js": "a", "@s": "", "@s/b": "@s/b", "@s/b/x": "@s/b", ".bin/a": "",
		"a/node_modules": "a", "a/node_modules/c/x": "a/node_modules/c", "a/node_modules/.bin/c": "", "a/node_modules/@s": "",
		".pnpm/a@1.0.0/node_modules/a/x": ".pnpm/a@1.0.0/node_modules/a",
	} {
		if got := packageFolder(name); got != want {
			t.Errorf("%s belongs to %q, want %q", name, got, want)
		}
	}
}

func TestProductionIsComparedPackageByPackage(t *testing.T) {
	roles := Roles{
		Production:  map[string]bool{"a@1.0.0": true, "@s/b@2.0.0": true, "optional@1.0.0": true},
		Development: map[string]bool{"dev@1.0.0": true},
	}
	development := append(slices.Clone(clean), "dev/", `dev/package.json {"name":"dev","version":"1.0.0"}`)
	tests := []struct {
		name string
		have []string
		want []string
	}{
		{"without development", clean, nil},
		{"arranged in another way", []string{
			`.pnpm/a@1.0.0/node_modules/a/package.json {"name":"a","version":"1.0.0"}`, "!.pnpm/a@1.0.0/node_modules/a/cli.js run",
			".pnpm/a@1.0.0/node_modules/a/twin = .pnpm/a@1.0.0/node_modules/a/cli.js",
			`@s/b/package.json {"name":"@s/b","version":"2.0.0"}`, "@s/b/build/b.node machine",
		}, nil},
		{"with development", development, []string{"extra dev of dev@1.0.0"}},
		{"another version", []string{`a/package.json {"name":"a","version":"1.0.1"}`, `@s/b/package.json {"name":"@s/b","version":"2.0.0"}`, "@s/b/build/b.node machine"}, []string{
			"missing a of a@1.0.0", "extra a of a@1.0.1",
		}},
		{"another content", []string{`a/package.json {"name":"a","version":"1.0.0"}`, "!a/cli.js evil", "!a/twin run"}, []string{
			"missing @s/b of @s/b@2.0.0", "content a/cli.js of a@1.0.0",
		}},
		{"nothing at all", nil, []string{"missing @s/b of @s/b@2.0.0", "missing a of a@1.0.0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := said(CompareProduction(treeOf(t, development...), treeOf(t, tt.have...), roles))
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("differences %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWhatIsInAFolderThatIsGoneIsNotRepeated(t *testing.T) {
	got := said(Topmost([]TreeDifference{
		{Path: "a", Change: Missing},
		{Path: "a/x", Change: Missing},
		{Path: "a/y/z", Change: Missing},
		{Path: "ab", Change: Missing},
		{Path: "c/build/c.node", Change: OtherContent, Built: true},
		{Path: "d/index.js", Change: OtherContent},
		{Path: "e", Change: Extra},
		{Path: "e/x", Change: Extra},
	}))
	want := []string{"content d/index.js", "extra e", "missing a", "missing ab", "content c/build/c.node, built"}
	if !slices.Equal(got, want) {
		t.Errorf("shown %q, want %q", got, want)
	}
}

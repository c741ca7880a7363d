package project

import "testing"

func TestWhatPackagesAreFor(t *testing.T) {
	for name, want := range map[string]bool{
		"@esbuild/linux-x64": true, "@esbuild/linux-arm64": false, "@esbuild/darwin-x64": false, "@rollup/rollup-linux-x64-gnu": true,
		"@rollup/rollup-linux-x64-musl": false, "@img/sharp-linuxmusl-x64": false, "@nx/nx-win32-x64-msvc": false, "left-pad": true,
	} {
		if got := isFor(name, "x64"); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestLockGap(t *testing.T) {
	p := projectOf(t, map[string]string{
		"package.json": `{"dependencies":{"esbuild":"1.0.0","rollup":"1.0.0"}}`,
		"package-lock.json": `{"lockfileVersion":3,"packages":{"":{"dependencies":{"esbuild":"1.0.0","rollup":"1.0.0"}},
			"node_modules/esbuild":{"version":"1.0.0","optionalDependencies":{"@esbuild/darwin-arm64":"1.0.0"}},
			"node_modules/rollup":{"version":"1.0.0","optionalDependencies":{"@rollup/rollup-darwin-x64":"1.0.0","@rollup/rollup-linux-x64-gnu":"1.0.0"}}}}`,
		ModelFile: "services:\n  web: {node: 26.10.0, dev: node x.js}\n",
	})
	k := p.Packages[0]
	for _, tt := range []struct {
		names []string
		want  string
	}{
		{nil, "@rollup/rollup-linux-x64-gnu"},
		{[]string{"rollup"}, "@rollup/rollup-linux-x64-gnu"},
		{[]string{"@rollup/rollup-linux-x64-gnu"}, "@rollup/rollup-linux-x64-gnu"},
		{[]string{"esbuild"}, ""},
		{[]string{"other"}, ""},
	} {
		if gap, ok := k.LockGap("linux/amd64", tt.names...); gap.Wanted != tt.want || ok != (tt.want != "") {
			t.Errorf("%v: %+v, %v, want %q", tt.names, gap, ok, tt.want)
		}
	}
	if gap, ok := k.LockGap("linux/arm64"); ok {
		t.Errorf("on another processor: %+v", gap)
	}
}

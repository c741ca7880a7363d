package lockfile

import (
	"strings"
	"testing"
)

// line is a package as the tests compare it.
func line(p *Package) string {
	words := []string{p.ID, p.String(), string(p.Source.Kind)}
	if p.Source.URL != "" {
		words = append(words, p.Source.URL)
	}
	for _, flag := range []struct {
		set  bool
		name string
	}{
		{p.Dev, "dev"},
		{p.Optional, "optional"},
		{p.DevOptional, "devOptional"},
		{p.Peer, "peer"},
		{p.Bundled, "bundled"},
		{p.InstallScript, "script"},
		{p.patch != "", "patched"},
	} {
		if flag.set {
			words = append(words, flag.name)
		}
	}
	return strings.Join(words, " | ")
}

func TestEachFormatReadsItsForms(t *testing.T) {
	for _, test := range []struct {
		name, file, text string
		want             []string
	}{
		{"npm 1", "package-lock.json", `{"lockfileVersion": 1, "dependencies": {
			"a": {"version": "1.0.0", "resolved": "https://registry.example.com/a/-/a-1.0.0.tgz", "dev": true, "requires": {"b": "^2"},
				"dependencies": {"b": {"version": "2.0.0", "bundled": true}}},
			"c": {"version": "npm:@s/real@3.0.0", "optional": true},
			"d": {"version": "git+ssh://git@github.com/x/d.git#0123456789012345678901234567890123456789"},
			"e": {"version": "file:../e"}, "f": {"version": "file:f-1.0.0.tgz"}}}`, []string{
			"node_modules/a | a@1.0.0 | registry | https://registry.example.com/a/-/a-1.0.0.tgz | dev",
			"node_modules/a/node_modules/b | b@2.0.0 | bundled | bundled",
			"node_modules/c | c (@s/real@3.0.0) | registry | optional",
			"node_modules/d | d | git | git+ssh://git@github.com/x/d.git#0123456789012345678901234567890123456789",
			"node_modules/e | e | link | ../e",
			"node_modules/f | f | file | file:f-1.0.0.tgz",
		}},
		{"an ancient shrinkwrap", "npm-shrinkwrap.json", `{"name": "app", "dependencies": {"a": {"version": "1.0.0", "from": "a@^1", "resolved": "https://github.com/x/a/tarball/v1"}}}`, []string{
			"node_modules/a | a@1.0.0 | tarball | https://github.com/x/a/tarball/v1",
		}},
		{"npm 2: packages count", "package-lock.json", `{"lockfileVersion": 2, "dependencies": {"z": {"version": "1.0.0"}}, "packages": {
			"node_modules/a": {"version": "1.0.0", "hasInstallScript": true, "devOptional": true, "peer": true}}, "dependencies": {"y": {"version": "1.0.0"}}}`, []string{
			"node_modules/a | a@1.0.0 | registry | devOptional | peer | script",
		}},
		{"npm 3", "package-lock.json", `{"lockfileVersion": 3, "packages": {
			"": {"name": "app"}, "lib": {"name": "@app/lib", "version": "1.0.0"},
			"node_modules/@app/lib": {"resolved": "lib", "link": true},
			"node_modules/al": {"name": "real", "version": "2.0.0"},
			"node_modules/t": {"version": "1.0.0", "resolved": "https://user:secret@example.com/t.tgz?token=secret&x=1"},
			"node_modules/g": {"version": "1.0.0", "resolved": "git+https://token@example.com/g.git#abc"},
			"node_modules/b/node_modules/c": {"version": "1.0.0", "inBundle": true}}}`, []string{
			"node_modules/@app/lib | @app/lib | link | lib",
			"node_modules/al | al (real@2.0.0) | registry",
			"node_modules/b/node_modules/c | c@1.0.0 | bundled | bundled",
			"node_modules/g | g@1.0.0 | git | git+https://***@example.com/g.git#abc",
			"node_modules/t | t@1.0.0 | tarball | https://***@example.com/t.tgz?token=***&x=***",
		}},
		{"yarn 1", "yarn.lock", `# yarn lockfile v1

"@s/a@^1.0.0", "@s/a@^1.1.0":
  version "1.2.0"
  resolved "https://registry.example.com/@s/a/-/a-1.2.0.tgz#0123456789"
  integrity sha512-YQ==
  dependencies:
    b "^2.0.0"
  optionalDependencies:
    c "~3.0.0"

al@npm:real@^1.0.0:
  version "1.0.0"

g@x/g#main:
  version "1.0.0"
  resolved "https://codeload.github.com/x/g/tar.gz/0123456789"
`, []string{
			"@s/a@^1.0.0, @s/a@^1.1.0 | @s/a@1.2.0 | registry | https://registry.example.com/@s/a/-/a-1.2.0.tgz#0123456789",
			"al@npm:real@^1.0.0 | al (real@1.0.0) | registry",
			"g@x/g#main | g@1.0.0 | tarball | https://codeload.github.com/x/g/tar.gz/0123456789",
		}},
		{"yarn 4", "yarn.lock", `__metadata:
  version: 8
  cacheKey: 10c0

"a@npm:^1.0.0, a@npm:^1.1.0":
  version: 1.2.0
  resolution: "a@npm:1.2.0"
  conditions: (os=darwin | os=linux) & cpu=arm64 & libc=glibc
  checksum: 10c0/00

"al@npm:real@^1.0.0":
  version: 1.0.0
  resolution: "real@npm:1.0.0"

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    a: "npm:^1.0.0"
    o: "npm:^1.0.0"
    p: "npm:^1.0.0"
  dependenciesMeta:
    o:
      optional: true
  linkType: soft

"g@https://github.com/x/g.git#main":
  version: 1.0.0
  resolution: "g@https://github.com/x/g.git#commit=0123"

"o@npm:^1.0.0":
  version: 1.0.0
  resolution: "o@npm:1.0.0"

"p@patch:p@npm%3A^1.0.0#./p.patch::locator=app%40workspace%3A.":
  version: 1.0.0
  resolution: "p@patch:p@npm%3A1.0.0#./p.patch::version=1.0.0&hash=00&locator=app%40workspace%3A."
`, []string{
			"a@npm:^1.0.0, a@npm:^1.1.0 | a@1.2.0 | registry",
			"al@npm:real@^1.0.0 | al (real@1.0.0) | registry",
			"g@https://github.com/x/g.git#main | g@1.0.0 | git | https://github.com/x/g.git#commit=0123",
			"o@npm:^1.0.0 | o@1.0.0 | registry | optional",
			"p@patch:p@npm%3A^1.0.0#./p.patch::locator=app%40workspace%3A. | p@1.0.0 | registry | patched",
		}},
		{"pnpm 7", "pnpm-lock.yaml", `lockfileVersion: 5.4
specifiers:
  '@s/a': ^1.0.0
  b: ^2.0.0
dependencies:
  '@s/a': 1.2.0_b@2.0.0
devDependencies:
  b: 2.0.0
packages:
  /@s/a/1.2.0_b@2.0.0:
    resolution: {integrity: sha512-YQ==}
    requiresBuild: true
  /b/2.0.0:
    resolution: {integrity: sha512-Yg==}
    dev: true
  github.com/x/g/0123:
    resolution: {tarball: https://codeload.github.com/x/g/tar.gz/0123}
    name: g
    version: 3.0.0
`, []string{
			"/@s/a/1.2.0_b@2.0.0 | @s/a@1.2.0 | registry | script",
			"/b/2.0.0 | b@2.0.0 | registry | dev",
			"github.com/x/g/0123 | g@3.0.0 | tarball | https://codeload.github.com/x/g/tar.gz/0123",
		}},
		{"pnpm 10", "pnpm-lock.yaml", `lockfileVersion: '9.0'
overrides:
  b: 2.0.0
importers:
  .:
    dependencies:
      a:
        specifier: 'catalog:'
        version: 1.2.0(b@2.0.0)
    devDependencies:
      g:
        specifier: x/g
        version: https://codeload.github.com/x/g/tar.gz/0123
packages:
  a@1.2.0:
    resolution: {integrity: sha512-YQ==}
  b@2.0.0:
    resolution: {integrity: sha512-Yg==}
  g@https://codeload.github.com/x/g/tar.gz/0123:
    resolution: {gitHosted: true, tarball: https://codeload.github.com/x/g/tar.gz/0123}
    version: 3.0.0
  p@1.0.0:
    resolution: {integrity: sha512-cA==}
snapshots:
  a@1.2.0(b@2.0.0):
    dependencies:
      b: 2.0.0
  b@2.0.0: {}
  g@https://codeload.github.com/x/g/tar.gz/0123: {}
  p@1.0.0(patch_hash=00):
    optional: true
`, []string{
			"a@1.2.0(b@2.0.0) | a@1.2.0 | registry",
			"b@2.0.0 | b@2.0.0 | registry",
			"g@https://codeload.github.com/x/g/tar.gz/0123 | g@3.0.0 | git | https://codeload.github.com/x/g/tar.gz/0123 | dev",
			"p@1.0.0(patch_hash=00) | p@1.0.0 | registry | optional | patched",
		}},
		{"bun", "bun.lock", `{
			"lockfileVersion": 1,
			"workspaces": {"": {"name": "app", "dependencies": {"a": "^1.0.0"}, "devDependencies": {"g": "x/g"}}, "lib": {"name": "@app/lib"}},
			"packages": {
				"@app/lib": ["@app/lib@workspace:lib"],
				"a": ["a@1.2.0", "", {"dependencies": {"@s/b": "^1.0.0"}}, "sha512-YQ=="],
				"al": ["real@2.0.0", "https://registry.example.com/real/-/real-2.0.0.tgz", {}, "sha512-cg=="],
				"f": ["f@file:f", {}],
				"g": ["g@github:x/g#0123", {}, "x-g-0123"],
				"t": ["t@https://example.com/t.tgz", {}, "sha512-dA=="],
				"a/@s/b": ["@s/b@1.0.0", "", {"os": "linux"}, "sha512-Yg=="],
			},
		}`, []string{
			"@app/lib | @app/lib | link | lib",
			"a | a@1.2.0 | registry",
			"a/@s/b | @s/b@1.0.0 | registry",
			"al | al (real@2.0.0) | registry | https://registry.example.com/real/-/real-2.0.0.tgz",
			"f | f | file | file:f",
			"g | g | git | github:x/g#0123 | dev",
			"t | t | tarball | https://example.com/t.tgz",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			lock := mustParse(t, test.file, test.text)
			var got []string
			for i := range lock.Packages {
				got = append(got, line(&lock.Packages[i]))
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("read as\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
			if lock.Importer(".") == nil {
				t.Error("the root is missing")
			}
		})
	}
}

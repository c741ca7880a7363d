package project

import (
	"errors"
	"strings"
	"testing"
)

func TestParsePackageSpec(t *testing.T) {
	tests := []struct {
		arg  string
		kind SpecKind
		name string
		from string
	}{
		{"express", SpecRegistry, "express", ""},
		{"express@4", SpecRegistry, "express", "4"},
		{"express@^4.1.0 || >=5 <6", SpecRegistry, "express", "^4.1.0 || >=5 <6"},
		{"express@latest", SpecRegistry, "express", "latest"},
		{"express@*", SpecRegistry, "express", "*"},
		{"pkg@1.0.0-rc.1+build_5", SpecRegistry, "pkg", "1.0.0-rc.1+build_5"},
		{"@types/node", SpecRegistry, "@types/node", ""},
		{"@types/node@26", SpecRegistry, "@types/node", "26"},
		{"JSONStream", SpecRegistry, "JSONStream", ""},
		{"lodash.merge", SpecRegistry, "lodash.merge", ""},
		{"lodash4@npm:lodash@4", SpecAlias, "lodash4", "npm:lodash@4"},
		{"mine@npm:@scope/theirs", SpecAlias, "mine", "npm:@scope/theirs"},
		{"member@workspace:*", SpecMember, "member", "workspace:*"},
		{"owner/repository", SpecGit, "", "owner/repository"},
		{"owner/repository#v1", SpecGit, "", "owner/repository#v1"},
		{"github:owner/repository", SpecGit, "", "github:owner/repository"},
		{"name@github:owner/repository", SpecGit, "name", "github:owner/repository"},
		{"name@owner/repository", SpecGit, "name", "owner/repository"},
		{"git+ssh://git@host/x.git#semver:^1", SpecGit, "", "git+ssh://git@host/x.git#semver:^1"},
		{"git@github.com:owner/repository.git", SpecGit, "", "git@github.com:owner/repository.git"},
		{"https://github.com/owner/repository", SpecGit, "", "https://github.com/owner/repository"},
		{"https://example.com/x.git", SpecGit, "", "https://example.com/x.git"},
		{"https://example.com/x.tgz", SpecURL, "", "https://example.com/x.tgz"},
		{"name@https://example.com/x.tgz", SpecURL, "name", "https://example.com/x.tgz"},
		{"./package.tgz", SpecFile, "", "./package.tgz"},
		{"package.tgz", SpecFile, "", "package.tgz"},
		{"file:packages/a", SpecFile, "", "file:packages/a"},
		{"a@file:./packages/a", SpecFile, "a", "file:./packages/a"},
		{"a@link:packages/a", SpecFile, "a", "link:packages/a"},
		{"./packages/../a", SpecFile, "", "./packages/../a"},
	}
	for _, tt := range tests {
		t.Run(tt.arg, func(t *testing.T) {
			got, err := ParsePackageSpec(tt.arg)
			want := PackageSpec{Text: tt.arg, Kind: tt.kind, Name: tt.name, From: tt.from}
			if err != nil || got != want {
				t.Errorf("got %+v, %v; want %+v", got, err, want)
			}
			asks := tt.kind == SpecGit || tt.kind == SpecURL || tt.kind == SpecFile
			if (got.Asks() != "") != asks {
				t.Errorf("it asks %q", got.Asks())
			}
		})
	}
}

func TestPackageArgumentsThatAreRefused(t *testing.T) {
	tests := []struct{ arg, words string }{
		{"", "empty"},
		{"-g", "an option"},
		{"--registry=http://evil", "an option"},
		{"x --ignore-scripts", "not the name"},
		{"x@1 --ignore-scripts; rm", "a space"},
		{"x@$(id)", "neither"},
		{"x@`id`", "neither"},
		{"x@-1", "neither"},
		{"x\ny", "U+000A"},
		{"x\x00", "U+0000"},
		{"x\x1b[31m", "U+001B"},
		{"expreß", "U+00DF"},
		{"_private", "not the name"},
		{".hidden", "neither"},
		{"@scope", "neither"},
		{"@scope/", "neither"},
		{"@/x", "neither"},
		{"@a b/c", "not the name of a scope"},
		{"@scope/-x", "not the name"},
		{"a/b/c", "neither"},
		{"node_modules", "no package"},
		{strings.Repeat("x", 215), "at most 214"},
		{"x@" + strings.Repeat("1", 2100), "longer than"},
		{"file:../../x", "not in the project"},
		{"file:/etc", "not in the project"},
		{"../x.tgz", "not in the project"},
		{"~/x", "not in the project"},
		{".", "not in the project"},
		{"..", "not in the project"},
		{"a@link:..", "not in the project"},
		{"npm:lodash", "behind a name"},
		{"a@npm:", "followed by"},
		{"a@npm:-g", "followed by"},
		{"a@npm:git+ssh://x", "followed by"},
		{"a@exec:./run.js", "nothing is known"},
		{"javascript:alert(1)", "nothing is known"},
		{"x@1 .tgz/../../y", "a space"},
	}
	for _, tt := range tests {
		t.Run(tt.arg, func(t *testing.T) {
			got, err := ParsePackageSpec(tt.arg)
			var spec *SpecError
			if !errors.As(err, &spec) || !strings.Contains(err.Error(), tt.words) {
				t.Errorf("got %+v, %v; want an error with %q", got, err, tt.words)
			}
		})
	}
}

func TestCheckPackageName(t *testing.T) {
	for arg, ok := range map[string]bool{
		"express": true, "@types/node": true, "JSONStream": true,
		"express@4": false, "express@": false, "-g": false, "": false, "owner/repository": false, "./x": false, "a b": false, "*": false,
	} {
		if err := CheckPackageName(arg); (err == nil) != ok {
			t.Errorf("%q: %v", arg, err)
		}
	}
}

func FuzzParsePackageSpec(f *testing.F) {
	for _, arg := range []string{"a@npm:b@1", "@a/b@>=1 <2", "file:./x/../y.tgz", "git+ssh://git@h/x", "-x", "a@link:~"} {
		f.Add(arg)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		s, err := ParsePackageSpec(arg)
		if err != nil {
			return
		}
		if s.Text != arg || arg[0] == '-' || strings.ContainsAny(arg, "\x00\n\r\t\x1b") {
			t.Errorf("%q is taken as %+v", arg, s)
		}
		if s.Kind == SpecRegistry && strings.ContainsAny(arg, ";&$`\\\"'()") {
			t.Errorf("%q is taken for a package of the registry", arg)
		}
	})
}

package project

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestDependencyChanges(t *testing.T) {
	was := []byte("\uFEFF" + `{"dependencies": {"a": "1", "b": "1"}, "devDependencies": {"c": "1"}, "peerDependencies": null}`)
	now := []byte(`{"dependencies": {"a": "2"}, "devDependencies": {"b": "1", "c": "1"}, "optionalDependencies": {"o": ""}}`)
	var lines []string
	for _, c := range DependencyChanges("x/package.json", was, now) {
		lines = append(lines, c.String())
	}
	want := "~ a 1 -> 2 in dependencies of x/package.json|- b 1 in dependencies of x/package.json|+ b 1 in devDependencies of x/package.json"
	if got := strings.Join(lines, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if list := DependencyChanges("x", was, was); len(list) > 0 {
		t.Errorf("nothing changed, and it tells %v", list)
	}
}

func TestCheckAsked(t *testing.T) {
	added := func(names ...string) (list []DependencyChange) {
		for _, n := range names {
			list = append(list, DependencyChange{Name: n, Section: "dependencies", To: "1"})
		}
		return list
	}
	gone := []DependencyChange{{Name: "z", From: "1"}}
	tests := []struct {
		name    string
		change  PackageChange
		changes []DependencyChange
		ok      bool
	}{
		{"what was asked for", PackageChange{Verb: AddPackages, Packages: []string{"a@1", "@s/b"}}, added("a", "@s/b"), true},
		{"nothing", PackageChange{Verb: AddPackages, Packages: []string{"a"}}, nil, true},
		{"an alias", PackageChange{Verb: AddPackages, Packages: []string{"a@npm:b@1"}}, added("a"), true},
		{"another one", PackageChange{Verb: AddPackages, Packages: []string{"a"}}, added("a", "b"), false},
		{"one whose name only it tells", PackageChange{Verb: AddPackages, Packages: []string{"owner/repository"}}, added("b"), true},
		{"two where one was asked for", PackageChange{Verb: AddPackages, Packages: []string{"owner/repository"}}, added("b", "c"), false},
		{"one that is gone", PackageChange{Verb: AddPackages, Packages: []string{"owner/repository"}}, gone, false},
		{"removed", PackageChange{Verb: RemovePackages, Packages: []string{"z"}}, gone, true},
		{"another one removed", PackageChange{Verb: RemovePackages, Packages: []string{"y"}}, gone, false},
		{"all are updated", PackageChange{Verb: UpdatePackages}, added("a", "b"), true},
		{"one is updated", PackageChange{Verb: UpdatePackages, Packages: []string{"a"}}, added("b"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckAsked("npm@11", tt.change, tt.changes)
			var unasked *UnaskedError
			if (err == nil) != tt.ok || err != nil && !errors.As(err, &unasked) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestMember(t *testing.T) {
	root := folderWith(t, map[string]string{
		"package.json": `{"name": "root"}`, "packages/a/package.json": `{"name": "@x/a"}`, "packages/b/package.json": `{"name": "twice"}`,
		"apps/b/package.json": `{"name": "twice"}`, "broken/package.json": `{`, "node_modules/lib/package.json": `{"name": "lib"}`,
	})
	if err := os.Symlink("/etc", root.Name()+"/link"); err != nil {
		t.Fatal(err)
	}
	p := &Package{root: root.Name()}
	for name, want := range map[string]string{"": "", "packages/a": "packages/a", "./packages/a/": "packages/a", "@x/a": "packages/a"} {
		if got, err := p.Member(name); got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", name, got, err, want)
		}
	}
	for name, words := range map[string]string{"lib": "no workspace member", "root": "no workspace member", "..": "no workspace member", "link": "no workspace member", "twice": "several folders"} {
		var spec *SpecError
		if got, err := p.Member(name); !errors.As(err, &spec) || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %q, %v; want %q", name, got, err, words)
		}
	}
}

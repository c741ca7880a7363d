package project

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// The command lines of all package managers, as a table to read.
func TestPackageCommands(t *testing.T) {
	changes := []struct {
		name   string
		change PackageChange
	}{
		{"add", PackageChange{Verb: AddPackages, Packages: []string{"express", "@types/node@26"}}},
		{"add for development, exact", PackageChange{Verb: AddPackages, Packages: []string{"a"}, Section: "devDependencies", Exact: true}},
		{"add, optional", PackageChange{Verb: AddPackages, Packages: []string{"a"}, Section: "optionalDependencies"}},
		{"add, peer", PackageChange{Verb: AddPackages, Packages: []string{"a"}, Section: "peerDependencies"}},
		{"add to the root of workspaces", PackageChange{Verb: AddPackages, Packages: []string{"a"}, Workspaces: true}},
		{"add to a member", PackageChange{Verb: AddPackages, Packages: []string{"a"}, Workspaces: true, Member: "packages/a"}},
		{"add to the tree", PackageChange{Verb: AddPackages, Packages: []string{"a"}, Tree: true}},
		{"add from the cache", PackageChange{Verb: AddPackages, Packages: []string{"a"}, Offline: true}},
		{"remove", PackageChange{Verb: RemovePackages, Packages: []string{"a", "b"}}},
		{"remove from a member", PackageChange{Verb: RemovePackages, Packages: []string{"a"}, Workspaces: true, Member: "packages/a"}},
		{"update all", PackageChange{Verb: UpdatePackages}},
		{"update one", PackageChange{Verb: UpdatePackages, Packages: []string{"a"}}},
		{"update one to the latest", PackageChange{Verb: UpdatePackages, Packages: []string{"a"}, Latest: true}},
		{"update all to the latest", PackageChange{Verb: UpdatePackages, Latest: true}},
	}
	var b strings.Builder
	for _, m := range []PackageManager{{"npm", "11.21.2"}, {"yarn", "1.22.22"}, {"yarn", "4.18.1"}, {"pnpm", "10.34.8"}, {"bun", "1.4.5"}} {
		fmt.Fprintf(&b, "%s\n", m)
		for _, c := range changes {
			call, err := m.PackageCommand(c.change)
			line := strings.Join(append(call.Env, call.Args...), " ")
			if call.Dir != AppDir {
				line = "(in " + call.Dir + ") " + line
			}
			if errors.Is(err, ErrNoLatest) {
				line = "-"
			} else if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "  %s:\n    %s\n", c.name, line)
		}
	}
	golden(t, "commands.txt", b.String())
}

func TestEveryPackageManagerKnowsHowToAdd(t *testing.T) {
	for name := range managers {
		r, ok := packageManagers[name]
		if !ok || len(r.verbs) != 3 || len(r.sections) != 3 || r.exact == "" || len(r.lockOnly) == 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if _, err := (PackageManager{Name: "deno"}).PackageCommand(PackageChange{}); err == nil {
		t.Error("an unknown package manager is called")
	}
}

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/volumes"
)

func TestLockStatusInWords(t *testing.T) {
	governed := session.LockStatus{
		Governing: lockfile.Governing{File: "package-lock.json", Manager: "npm"}, Format: lockfile.NPM, Version: "3",
		Packages: 1, InStep: true, Policy: session.LockPolicies{Dev: "update", Prod: "frozen"},
	}
	outOfStep := governed
	outOfStep.InStep = false
	outOfStep.Differences = []session.LockDifference{
		{Difference: lockfile.Difference{Refused: true}, Text: "a: the lock has nothing for ^1"}, {Text: "b: the lock has more"},
	}
	outOfStep.Warnings = []string{"yarn.lock counts for nothing"}
	installed := governed
	installed.Trees = []session.LockTree{
		{Service: "web", Volume: "v1", Running: true, State: session.TreeOther},
		{Service: "web", Volume: "v2", Current: true, State: session.TreeChanged, Differences: []lockfile.TreeDifference{
			{Mismatch: lockfile.Extra, Location: "node_modules/c", Name: "c", Found: "1.0.0"},
		}},
	}
	tests := []struct {
		name string
		st   session.LockStatus
		want string
		code int
	}{
		{"in step", governed, `lock:    package-lock.json (npm, format version 3): 1 package, 0 of them only for development
policy:  dev update, prod frozen
in step: yes`, 0},
		{"out of step", outOfStep, `lock:    package-lock.json (npm, format version 3): 1 package, 0 of them only for development
policy:  dev update, prod frozen
in step: no, package.json asks for something else
  a: the lock has nothing for ^1
  b: the lock has more (an install goes on with that)
warning: yarn.lock counts for nothing`, 10},
		{"with volumes", installed, `lock:    package-lock.json (npm, format version 3): 1 package, 0 of them only for development
policy:  dev update, prod frozen
in step: yes
volume:  web: v1 (running): the tree of another state of the folder
volume:  web: v2: a command has changed it since its install; ` + "`devbox up`" + ` makes it anew
  node_modules/c: 1.0.0 is installed, the lock does not have it`, 0},
		{"no lock", session.LockStatus{Governing: lockfile.Governing{Manager: "yarn"}, Policy: governed.Policy}, `lock:    none of yarn
policy:  dev update, prod frozen`, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(lockLines(tt.st), "\n"); got != tt.want {
				t.Errorf("it says\n%s\nwant\n%s", got, tt.want)
			}
			if code := codeOf(lockVerdict(tt.st)); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
		})
	}
}

func TestATreeThatLacksPackagesSaysHowToTryAgain(t *testing.T) {
	if got := treeWords(session.LockTree{Volume: "v", State: session.TreeShort}); !strings.Contains(got, "could not get all of the lock") || !strings.Contains(got, "docker volume rm v") {
		t.Error(got)
	}
}

func TestATreeThatRunsIsMadeAnewOnlyAfterItsEnd(t *testing.T) {
	for state, words := range map[session.TreeState]string{
		session.TreeChanged: "a command has changed it", session.TreeUnfinished: "an install did not end, or a command has changed it",
	} {
		if got := treeWords(session.LockTree{Volume: "v", Running: true, State: state}); !strings.Contains(got, words) || !strings.Contains(got, "`devbox down`, then `devbox up`") {
			t.Errorf("%s: %s", state, got)
		}
		if got := treeWords(session.LockTree{Volume: "v", State: state}); !strings.Contains(got, "`devbox up`") || strings.Contains(got, "down") {
			t.Errorf("%s, not running: %s", state, got)
		}
	}
}

func TestLockVerifyInWords(t *testing.T) {
	many := make([]volumes.TreeDifference, mostShown+3)
	for i := range many {
		many[i] = volumes.TreeDifference{Path: strings.Repeat("x", i+1), Change: volumes.Extra}
	}
	check := func(kind string, current bool, differences ...volumes.TreeDifference) session.Verification {
		return session.Verification{Lock: "yarn.lock", Trees: []session.TreeCheck{
			{Service: "web", Kind: kind, Name: "n", Current: current, Same: len(differences) == 0, Differences: differences},
		}}
	}
	built := volumes.TreeDifference{Path: "a/build/a.node", Change: volumes.OtherContent, Package: "a@1.0.0", Built: true}
	absent := check(session.CheckVolume, true)
	absent.Trees[0].Skipped = "there is none yet"
	tests := []struct {
		name string
		v    session.Verification
		want []string // words of its lines
		hint string
	}{
		{"agreement", check(session.CheckRunning, true), []string{"web: the running volume n agrees with yarn.lock"}, ""},
		{"nothing to compare", absent, []string{"web: the volume n: there is none yet, nothing to compare"}, ""},
		{"a tree that was changed", check(session.CheckVolume, true, built), []string{
			"web: the volume n differs from yarn.lock in 1 path:", "  a/build/a.node has another content (a@1.0.0)", "  1 of them look like the output of a compiler",
		}, "docker volume rm n"},
		{"the tree of another lock", check(session.CheckRunning, false, built), nil, "`devbox up`"},
		{"an image", check(session.CheckImage, false, built), nil, "`devbox prod build`"},
		{"more than fit", check(session.CheckImage, false, many...), append(slices.Repeat([]string{""}, mostShown+1), "  and 3 more; --json lists all"), "prod build"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := verifyLines(tt.v)
			for i, want := range tt.want {
				if i >= len(got) || !strings.HasPrefix(got[i], want) {
					t.Fatalf("lines\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
				}
			}
			if hint := verifyHint(tt.v); (hint == "") != (tt.hint == "") || !strings.Contains(hint, tt.hint) {
				t.Errorf("hint %q, want %q", hint, tt.hint)
			}
		})
	}
}

func TestTheLocksOfTheManagerAreLookedForFirst(t *testing.T) {
	got := lockNames("pnpm")
	if got[0] != "pnpm-lock.yaml" || len(got) != len(lockfile.Names()) {
		t.Errorf("names %q", got)
	}
	if got := lockNames("npm"); got[0] != "npm-shrinkwrap.json" || got[1] != "package-lock.json" {
		t.Errorf("names %q", got)
	}
}

package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keysPage is the page that has the table of keys between two marks.
var keysPage = filepath.Join("..", "..", "docs", "dashboard.md")

const (
	keysBegin = "<!-- keys: written by `go test ./internal/ui -update` -->\n"
	keysEnd   = "<!-- end of keys -->\n"
)

// TestTheDocumentedKeysAreTheKeyMap compares the table in the documentation with
// the actions that the dashboard has.
func TestTheDocumentedKeysAreTheKeyMap(t *testing.T) {
	data, err := os.ReadFile(keysPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), keysBegin)
	table, after, ok2 := strings.Cut(rest, keysEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table of keys", keysPage)
	}
	want := keyTable()
	if *update && table != want {
		if err := os.WriteFile(keysPage, []byte(before+keysBegin+want+keysEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		table = want
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("%s (-key map +page; -update writes it anew):\n%s", keysPage, diff)
	}
}

// documentedPanels are those that cmd wires in.
var documentedPanels = []Panel{
	{Title: "lock status", Key: "l"}, {Title: "what has changed in the lock", Key: "d"}, {Title: "node_modules volumes", Key: "v"},
}

func keyTable() string {
	var b strings.Builder
	group := ""
	for _, a := range allActions(documentedPanels) {
		if a.keys() == "" {
			continue
		}
		if a.group != group {
			group = a.group
			fmt.Fprintf(&b, "\n| %s | |\n|---|---|\n", group)
		}
		keys := make([]string, 0, len(a.binding.Keys()))
		for _, k := range a.binding.Keys() {
			keys = append(keys, "`"+keyName(k)+"`")
		}
		fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(keys, " "), strings.ReplaceAll(a.title(), "|", "\\|"))
	}
	b.WriteString("\n")
	return b.String()
}

func TestNoKeyMeansTwoThings(t *testing.T) {
	owner := map[string]string{}
	for _, a := range allActions(documentedPanels) {
		for _, k := range a.binding.Keys() {
			if k != "" && owner[k] != "" {
				t.Errorf("%q is for %q and for %q", k, owner[k], a.title())
			}
			owner[k] = a.title()
		}
	}
}

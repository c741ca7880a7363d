package semver

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
)

// TestItAgreesWithNodeSemver compares with the verdicts of node-semver 7 (loose,
// as npm calls it) on ranges and versions that testdata/verdicts.mjs made up.
func TestItAgreesWithNodeSemver(t *testing.T) {
	file, err := os.Open("testdata/TestItAgreesWithNodeSemver/verdicts.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	rows := 0
	for lines.Scan() {
		var row [3]string
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatalf("row %d: %v", rows+1, err)
		}
		rows++
		got := "none"
		if in, known := Satisfies(row[1], row[0]); known {
			got = map[bool]string{true: "in", false: "out"}[in]
		}
		if got != row[2] {
			t.Errorf("%q in %q is %s, node-semver says %s", row[1], row[0], got, row[2])
		}
	}
	if err := lines.Err(); err != nil || rows < 1000 {
		t.Fatalf("%d rows read: %v", rows, err)
	}
}

func TestSatisfies(t *testing.T) {
	for _, test := range []struct {
		name, version, ranged string
		in, known             bool
	}{
		{"a pre-release of the named version", "1.2.3-rc.2", "^1.2.3-rc.1", true, true},
		{"a pre-release of another version", "1.3.0-rc.1", "^1.2.3-rc.1", false, true},
		{"a pre-release where none is named", "2.0.0-rc.1", ">=1.0.0", false, true},
		{"a pre-release is not in a star", "1.0.0-rc.1", "*", false, true},
		{"the end of a caret keeps its pre-releases out", "2.0.0-rc.1", "^1.0.0 || ^2.0.0", false, true},
		{"a caret below 1 holds the minor number", "0.3.0", "^0.2.1", false, true},
		{"a caret below 0.1 holds the patch number", "0.0.4", "^0.0.3", false, true},
		{"a tilde holds the minor number", "1.2.9", "~1.2.3", true, true},
		{"a short hyphen range ends with its number", "2.3.9", "1.2.3 - 2.3", true, true},
		{"an x-range", "1.9.0", "1.x", true, true},
		{"one of two lists", "3.0.1", "1.x || >=2.5.0 <2.9.0 || 3.0.x", true, true},
		{"an operator apart from its version", "1.2.0", ">= 1.2", true, true},
		{"nothing asks for nothing", "7.0.0", "", true, true},
		{"build metadata does not count", "1.2.3+b7", "1.2.3", true, true},
		{"a tag is no range", "1.0.0", "latest", false, false},
		{"an address is no version", "git+ssh://x", "*", false, false},
		{"a number that JavaScript cannot hold", "9007199254740993.0.0", "*", false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			in, known := Satisfies(test.version, test.ranged)
			if in != test.in || known != test.known {
				t.Errorf("%q in %q is %v (known %v), want %v (%v)", test.version, test.ranged, in, known, test.in, test.known)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	order := []string{"0.0.1-0", "0.0.1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.10.0", "10.0.0"}
	for i, a := range order {
		for j, b := range order {
			v, okV := Parse(a)
			w, okW := Parse(b)
			if !okV || !okW {
				t.Fatalf("%q or %q is not read", a, b)
			}
			if c := v.Compare(w); (c < 0) != (i < j) || (c > 0) != (i > j) {
				t.Errorf("%s compared with %s is %d", a, b, c)
			}
			if v.String() != a {
				t.Errorf("%q reads as %q", a, v)
			}
		}
	}
}

func FuzzParseRange(f *testing.F) {
	for _, seed := range []string{"^1.2.3", "1.x || >=2", "1 - 2", "~> 1", "latest", "> *", "v1", "1.2.3-a.b+c", "||"} {
		f.Add(seed, "1.2.3")
	}
	f.Fuzz(func(t *testing.T, ranged, version string) {
		r, ok := ParseRange(ranged)
		if v, valid := Parse(version); ok && valid {
			r.Has(v)
			if again, same := Parse(v.String()); !same || again.Compare(v) != 0 {
				t.Errorf("%q reads back as %v", version, again)
			}
		}
	})
}

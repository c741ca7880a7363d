package project

import (
	"strings"
	"testing"
	"time"
)

func TestPrescanYAML(t *testing.T) {
	for _, test := range []struct {
		name, data string
		want       string // part of the error; empty: it may be parsed
	}{
		{"nothing", "", ""},
		{"two documents", "a: 1\n---\nb: [2]\n", ""},
		{"anchors, tags and a reset", "a: &x {b: !reset null}\nc: *x\nd:\n  <<: *x\n", ""},
		{"99 levels", strings.Repeat("[", 99) + strings.Repeat("]", 99), ""},
		{"a value that is nested deep as text", "a: '" + strings.Repeat("[", 500) + "'\n", ""},
		{"9,000 levels", strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "exceeded max depth of 100"},
		{"levels that look closed", strings.Repeat(`[ "]",`, 9000), "exceeded max depth of 100"},
		{"levels of a block", strings.Repeat("- ", 5000) + "x", "exceeded max depth of 100"},
		{"levels that never close", strings.Repeat("{", 500000), "exceeded max depth of 100"},
		{"levels in the second document", "a: 1\n---\n" + strings.Repeat("[", 9000), "exceeded max depth of 100"},
		{"too large", "a: " + strings.Repeat("x", maxYAMLSize), "it is too large: more than 1048576 bytes"},
		{"a zero byte", "a: \x00", "control characters are not allowed"},
		{"broken", "a: [1\nb: 2\n", "L2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			started := time.Now()
			err := prescanYAML([]byte(test.data))
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
			if took := time.Since(started); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

package project

import (
	"testing"

	"go.yaml.in/yaml/v4"
)

func TestPlainWordsAreWrittenAsYAMLWouldWriteThem(t *testing.T) {
	for _, word := range []string{"command", "read_only", "a-b", "yes", "no", "on", "off", "null", "true", "false", "y", "n", "", "12", "inf", "nan", "e", "a:", "a #b"} {
		if !isPlainWord(word) {
			continue
		}
		got, err := yaml.Marshal(plainNode(word))
		if err != nil {
			t.Fatal(err)
		}
		want, err := yaml.Marshal(word)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%q is written as %q, and YAML writes %q", word, got, want)
		}
	}
}

func TestWordsThatYAMLTakesForSomethingElseAreNoPlainOnes(t *testing.T) {
	for _, word := range []string{"", "yes", "no", "on", "off", "null", "true", "false", "y", "n", "1", "1e3", "~", "a: b", "a #b", "-", "Yes", "é"} {
		if isPlainWord(word) {
			t.Errorf("%q is taken for a plain word", word)
		}
	}
}

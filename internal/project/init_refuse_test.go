package project

import (
	"testing"
)

func TestInitRefusesAnImpossibleNodeVersion(t *testing.T) {
	for name, files := range map[string]map[string]string{
		".nvmrc: there is no Node.js 99; the newest line that devbox knows is 26; mend the file, or choose one with `devbox init --node 26`":                     {".nvmrc": "99"},
		".node-version: there is no Node.js 99.1.0; the newest line that devbox knows is 26; mend the file, or choose one with `devbox init --node 26`":          {".node-version": "99.1.0"},
		"package.json engines.node: there is no Node.js ^99; the newest line that devbox knows is 26; mend the file, or choose one with `devbox init --node 26`": {"package.json": `{"engines":{"node":"^99"}}`},
	} {
		facts, err := DetectAll(folder(files))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := InitModel(facts, nothing); err == nil || err.Error() != name {
			t.Errorf("got  %v\nwant %s", err, name)
		}
		choices := nothing
		choices.Node = "24"
		if m, _, err := InitModel(facts, choices); err != nil || m.Services[0].Node != "24.21.0" {
			t.Errorf("with a choice: got %v", err)
		}
	}
}

package lockfile

import (
	"strings"
	"testing"
)

func TestInStepOfNPMNamesWhatDiffers(t *testing.T) {
	for _, test := range []struct {
		name, manifest string
		want           []string // refused ones begin with !
	}{
		{"the same specs", `{"dependencies": {"a": "^1.0.0", "b": "^2.0.0"}}`, nil},
		{"a spec that the locked version meets as well", `{"dependencies": {"a": "^1.1.0", "b": "^2.0.0"}}`, []string{
			"a: package.json asks for ^1.1.0, the lock was made for ^1.0.0",
		}},
		{"a spec that it does not meet", `{"dependencies": {"a": "^1.3.0", "b": "^2.0.0"}}`, []string{
			"!a: package.json asks for ^1.3.0, the lock has 1.2.0",
		}},
		{"a package in two sections", `{"dependencies": {"a": "^1.0.0", "b": "^2.0.0"}, "devDependencies": {"a": "^1.0.0"}}`, nil},
		{"one more", `{"dependencies": {"a": "^1.0.0", "b": "^2.0.0"}, "devDependencies": {"c": "1"}}`, []string{
			"!c: package.json asks for 1, the lock does not have it",
		}},
		{"one less", `{"dependencies": {"a": "^1.0.0"}}`, []string{
			"b: the lock has it, package.json does not ask for it",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			lock := mustParse(t, "package-lock.json", starter)
			var got []string
			for _, d := range lock.InStep([]*Manifest{mustManifest(t, ".", test.manifest)}) {
				line := d.String()
				if d.Refused {
					line = "!" + line
				}
				got = append(got, line)
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("reported:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

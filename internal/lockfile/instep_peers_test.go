package lockfile

import "testing"

func TestAPeerThatPnpmInstallsIsRecordedOnce(t *testing.T) {
	const lock = "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n  excludeLinksFromLockfile: false\n\nimporters:\n\n  .:\n    "
	entry := func(section string) string {
		return section + ":\n      a:\n        specifier: ^1.0.0\n        version: 1.0.0\n\npackages:\n\n  a@1.0.0:\n    resolution: {integrity: sha512-AA==}\n\nsnapshots:\n\n  a@1.0.0: {}\n"
	}
	for name, test := range map[string]struct {
		section, manifest string
		inStep            bool
	}{
		"a peer":                               {"dependencies", `{"peerDependencies": {"a": "^1.0.0"}}`, true},
		"a peer that development has as well":  {"devDependencies", `{"devDependencies": {"a": "^1.0.0"}, "peerDependencies": {"a": "^1.0.0"}}`, true},
		"a peer that was made one in addition": {"dependencies", `{"devDependencies": {"a": "^1.0.0"}, "peerDependencies": {"a": "^1.0.0"}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := mustParse(t, "pnpm-lock.yaml", lock+entry(test.section)).Check([]*Manifest{mustManifest(t, ".", test.manifest)})
			if (err == nil) != test.inStep {
				t.Errorf("got %v, want in step: %t", err, test.inStep)
			}
		})
	}
}

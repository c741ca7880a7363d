package lockfile

import (
	"strings"
	"testing"
)

func TestInstalledTellsWhatNpmHasPutElsewise(t *testing.T) {
	const lock = `{"lockfileVersion":3,"packages":{"":{"dependencies":{"a":"^1.0.0","b":"^1.0.0"}},
"node_modules/a":{"version":"1.0.0","integrity":"sha512-YQ=="},
"node_modules/b":{"version":"1.2.0","integrity":"sha512-Yg=="},
"node_modules/other-platform":{"version":"2.0.0","optional":true,"os":["win32"]}}}`
	tests := []struct{ name, notes, want string }{
		{"the tree of the lock", `"node_modules/a":{"version":"1.0.0","integrity":"sha512-YQ=="},"node_modules/b":{"version":"1.2.0","integrity":"sha512-Yg=="}`, ""},
		{"another version", `"node_modules/a":{"version":"1.0.1","integrity":"sha512-YQ=="},"node_modules/b":{"version":"1.2.0","integrity":"sha512-Yg=="}`, "a 1.0.0 -> 1.0.1"},
		{"one less", `"node_modules/a":{"version":"1.0.0","integrity":"sha512-YQ=="}`, "- b 1.2.0"},
		{"one more", `"node_modules/a":{"version":"1.0.0","integrity":"sha512-YQ=="},"node_modules/b":{"version":"1.2.0","integrity":"sha512-Yg=="},"node_modules/c":{"version":"3.0.0"}`, "+ c 3.0.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := Parse("package-lock.json", []byte(lock))
			if err != nil {
				t.Fatal(err)
			}
			notes, err := Parse("package-lock.json", []byte(`{"lockfileVersion":3,"packages":{`+tt.notes+`}}`))
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, c := range Installed(l, notes) {
				lines = append(lines, c.String())
			}
			got := strings.Join(lines, "\n")
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("differences %q, want %q", got, tt.want)
			}
		})
	}
}

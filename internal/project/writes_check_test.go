package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFoldersWithoutAnEffectAreNamedWithTheirLine(t *testing.T) {
	tests := []struct{ name, writes, want, hint string }{
		{"folders of its own and one that stays", `[dist, gen, "!apps/web/.next"]`, "", ""},
		{"a folder that devbox knows", `[apps/web/.next]`, "", ""},
		{"a typo that is taken back", `["!apps/web/.nxt"]`, `devbox.yaml:5:14: writes of service "web" takes back "apps/web/.nxt", which nothing puts there`, `did you mean "!apps/web/.next"?`},
		{"what no tool writes", `[dist, "!typo"]`, `devbox.yaml:5:20: writes of service "web" takes back "typo", which nothing puts there`, "the tools of the service write .turbo, apps/web/.next"},
		{"with and without", `[dist, "!dist"]`, `writes of service "web" has "dist" with ! and without`, "take one of the two out"},
		{"taken back from the service's folder", `["!.next"]`, `takes back ".next"`, `did you mean "!apps/web/.next"? It is relative to the project`},
		{"named from the service's folder", `[.next]`, `names ".next", where there is nothing`, `did you mean "apps/web/.next"? It is relative to the project`},
		{"named from the service's folder, where it is full", `[generated]`, `names "generated", where there is nothing`, `did you mean "apps/web/generated"?`},
		{"a typo of what a tool writes", `[apps/web/.nxt]`, `names "apps/web/.nxt", where there is nothing`, `did you mean "apps/web/.next"?`},
		{"nearly a tool's, and on purpose", `[apps/web/.next-test]`, "", ""},
		{"nearly a tool's, with files in it", `[.turbi]`, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := projectOf(t, map[string]string{
				"package.json": `{"workspaces":["apps/*"],"devDependencies":{"turbo":"2"}}`, "package-lock.json": "{}",
				"apps/web/package.json": `{"name":"web","dependencies":{"next":"15"}}`, "apps/web/generated/x": "", ".turbi/x": "",
				ModelFile: "services:\n  web:\n    dir: apps/web\n    dev: next dev\n    writes: " + tt.writes + "\n",
			})
			if tt.want == "" {
				if len(p.Warnings) > 0 {
					t.Errorf("warned of %+v", p.Warnings)
				}
				return
			}
			if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0].Text, tt.want) || !strings.Contains(p.Warnings[0].Hint, tt.hint) {
				t.Errorf("warned of %+v, want %q with %q", p.Warnings, tt.want, tt.hint)
			}
		})
	}
}

func TestNoVolumeIsMountedOnAFile(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"package.json": "{}", "data.json": "{}", ModelFile: "services:\n  web: {dev: node x.js, writes: [data.json]}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Open(dir)
	if want := `devbox.yaml:2:34: writes of service "web" names "data.json", which is a file; name the folder that it is in`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

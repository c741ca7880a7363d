package lockfile

import (
	"strings"
	"testing"
)

func TestGovern(t *testing.T) {
	for _, test := range []struct {
		name, files, manager string
		file, chosen         string
		warning              string
	}{
		{"npm's lock", "package-lock.json package.json", "npm", "package-lock.json", "npm", ""},
		{"a shrinkwrap comes first", "package-lock.json npm-shrinkwrap.json", "npm", "npm-shrinkwrap.json", "npm", "npm reads npm-shrinkwrap.json only"},
		{"bun's text lock comes first", "bun.lockb bun.lock", "bun", "bun.lock", "bun", "bun reads bun.lock"},
		{"bun's binary lock", "bun.lockb", "bun", "bun.lockb", "bun", "bun install --save-text-lockfile"},
		{"the manager decides", "package-lock.json pnpm-lock.yaml", "pnpm", "pnpm-lock.yaml", "pnpm", "package-lock.json is npm's and does not count: the package manager is pnpm, so pnpm-lock.yaml does"},
		{"nobody decides", "yarn.lock package-lock.json", "", "package-lock.json", "npm", "yarn.lock is yarn's and does not count beside package-lock.json: set packageManager"},
		{"only another manager's", "yarn.lock", "npm", "", "npm", "npm, which has no lock file here"},
		{"none", "package.json", "npm", "", "npm", ""},
		{"nothing at all", "", "", "", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := Govern(strings.Fields(test.files), test.manager)
			if g.File != test.file || g.Manager != test.chosen {
				t.Errorf("%q of %q governs, want %q of %q", g.File, g.Manager, test.file, test.chosen)
			}
			if got := strings.Join(g.Warnings, "\n"); test.warning == "" && got != "" || !strings.Contains(got, test.warning) {
				t.Errorf("warnings %q, want %q", got, test.warning)
			}
		})
	}
}

func TestALockThatThePackageManagerDoesNotRead(t *testing.T) {
	for _, test := range []struct {
		file, text, manager, want string
	}{
		{"package-lock.json", `{"lockfileVersion": 3, "packages": {}}`, "6.14.18", "package-lock.json: npm 6.14.18 does not read a lock of npm 3: it takes npm 7 or newer"},
		{"package-lock.json", `{"lockfileVersion": 3, "packages": {}}`, "11.0.0-pre.1", ""},
		{"package-lock.json", `{"lockfileVersion": 2, "packages": {}}`, "6.14.18", ""},
		{"pnpm-lock.yaml", "lockfileVersion: '9.0'\n", "8.15.9", "it takes pnpm 9 or newer"},
		{"pnpm-lock.yaml", "lockfileVersion: '6.0'\n", "10.1.0", "it takes pnpm 8 or 9"},
		{"pnpm-lock.yaml", "lockfileVersion: '9.0'\n", "12.21.0", ""},
		{"yarn.lock", "__metadata:\n  version: 8\n", "1.22.22", "yarn 2 or newer"},
		{"yarn.lock", "# yarn lockfile v1\n", "4.9.0", "it takes yarn 1"},
		{"bun.lock", `{"lockfileVersion": 1,}`, "1.0.0", "bun 1.1.39 or newer"},
		{"bun.lock", `{"lockfileVersion": 1,}`, "canary", ""},
	} {
		got := ""
		if err := mustParse(t, test.file, test.text).CheckManager(test.manager); err != nil {
			got = err.Error()
		}
		if test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s with %s: %q, want %q", test.file, test.manager, got, test.want)
		}
	}
}

package lockfile

import (
	"encoding/json"
	"strings"
	"testing"
)

func npmLock(entries ...string) string {
	return `{"lockfileVersion": 3, "packages": {` + strings.Join(entries, ",") + `}}`
}

func TestDiffIsInPeoplesTerms(t *testing.T) {
	root := `"": {"name": "app", "dependencies": {"a": "^1.0.0"}, "devDependencies": {"d": "*"}}`
	a := `"node_modules/a": {"version": "1.0.0", "integrity": "sha512-YQ=="}`
	for _, test := range []struct {
		name     string
		old, now string
		want     string
	}{
		{"nothing", npmLock(root, a), npmLock(root, a), "package-lock.json: no package changed\n"},
		{
			"up, down, new and gone",
			npmLock(root, a, `"node_modules/b": {"version": "2.0.0"}`, `"node_modules/c": {"version": "1.0.0"}`, `"node_modules/d": {"version": "1.0.0", "dev": true}`),
			npmLock(root, `"node_modules/a": {"version": "1.1.0"}`, `"node_modules/b": {"version": "1.9.0"}`, `"node_modules/d": {"version": "2.0.0", "dev": true}`, `"node_modules/e": {"version": "0.1.0"}`),
			`package-lock.json: 1 added, 1 removed, 2 upgraded, 1 downgraded
  ^ a 1.0.0 -> 1.1.0 (direct)
  ^ d 1.0.0 -> 2.0.0 (direct, dev)
  v b 2.0.0 -> 1.9.0
  - c 1.0.0
  + e 0.1.0
`,
		},
		{
			"the same version with other content",
			npmLock(root, a), npmLock(root, `"node_modules/a": {"version": "1.0.0", "integrity": "sha512-Yg=="}`),
			`package-lock.json: 1 replaced
  ! = a 1.0.0 (direct): the same version has other content, its integrity changed
`,
		},
		{
			"a checksum of another algorithm is no change",
			npmLock(root, `"node_modules/a": {"version": "1.0.0", "integrity": "sha1-YQ=="}`), npmLock(root, a), "package-lock.json: no package changed\n",
		},
		{
			"a checksum that is gone",
			npmLock(root, a), npmLock(root, `"node_modules/a": {"version": "1.0.0"}`),
			"package-lock.json: 1 replaced\n  ! = a 1.0.0 (direct): the same version has other content, its integrity changed\n",
		},
		{
			"from the registry to git, with a password that nobody sees",
			npmLock(root, a), npmLock(root, `"node_modules/a": {"version": "1.0.0", "resolved": "git+https://me:secret@example.com/a.git#0123"}`),
			"package-lock.json: 1 replaced\n  ! = a 1.0.0 (direct): comes from git git+https://***@example.com/a.git#0123, before from the registry\n",
		},
		{
			"from one registry to another",
			npmLock(root, `"node_modules/a": {"version": "1.0.0", "integrity": "sha512-YQ==", "resolved": "https://one.example.com/a/-/a-1.0.0.tgz"}`),
			npmLock(root, `"node_modules/a": {"version": "1.0.0", "integrity": "sha512-YQ==", "resolved": "https://two.example.com/a/-/a-1.0.0.tgz"}`),
			"package-lock.json: 1 replaced\n  ! = a 1.0.0 (direct): comes from the registry two.example.com, before from the registry one.example.com\n",
		},
		{
			"a new script",
			npmLock(root, a), npmLock(root, `"node_modules/a": {"version": "1.0.1", "hasInstallScript": true}`, `"node_modules/s": {"version": "1.0.0", "hasInstallScript": true}`),
			`package-lock.json: 1 added, 1 upgraded
  ! ^ a 1.0.0 -> 1.0.1 (direct): runs a script when it is installed
  ! + s 1.0.0: runs a script when it is installed
`,
		},
		{
			"several versions of one package",
			npmLock(root, `"node_modules/b": {"version": "1.0.0"}`, `"node_modules/a/node_modules/b": {"version": "2.0.0"}`, `"node_modules/c/node_modules/b": {"version": "2.0.0"}`),
			npmLock(root, `"node_modules/b": {"version": "1.0.5"}`, `"node_modules/a/node_modules/b": {"version": "2.1.0"}`, `"node_modules/d/node_modules/b": {"version": "3.0.0"}`),
			"package-lock.json: 1 added, 2 upgraded\n  + b 3.0.0\n  ^ b 1.0.0 -> 1.0.5\n  ^ b 2.0.0 -> 2.1.0\n",
		},
		{
			"moved to another place only",
			npmLock(root, `"node_modules/b": {"version": "1.0.0"}`), npmLock(root, `"node_modules/a/node_modules/b": {"version": "1.0.0"}`), "package-lock.json: no package changed\n",
		},
		{
			"in a workspace member",
			npmLock(`"": {"workspaces": ["*"]}`, `"lib": {"dependencies": {"b": "^1"}}`, `"node_modules/lib": {"resolved": "lib", "link": true}`, `"node_modules/b": {"version": "1.0.0"}`),
			npmLock(`"": {"workspaces": ["*"], "dependencies": {"b": "*"}}`, `"lib": {"dependencies": {"b": "^1"}}`, `"node_modules/lib": {"resolved": "lib", "link": true}`, `"node_modules/b": {"version": "1.0.1"}`),
			"package-lock.json: 1 upgraded\n  ^ b 1.0.0 -> 1.0.1 (direct in the root, lib)\n",
		},
		{
			"control characters in a version",
			npmLock(root), npmLock(root, `"node_modules/b": {"version": "1.0.0\u001b[2J"}`),
			"package-lock.json: 1 added\n  + b \"1.0.0\\x1b[2J\"\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			changes := Diff(mustParse(t, "package-lock.json", test.old), mustParse(t, "package-lock.json", test.now))
			if got := changes.String(); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
			if changes.Empty() != strings.Contains(test.want, "no package changed") && len(changes.Specs) == 0 {
				t.Errorf("empty is %v", changes.Empty())
			}
		})
	}
}

func TestDiffWithoutALockOnOneSide(t *testing.T) {
	lock := mustParse(t, "package-lock.json", starter)
	if got := Diff(nil, lock).Summary(); got != "package-lock.json: 3 added" {
		t.Errorf("from nothing: %s", got)
	}
	if got := Diff(lock, nil).Summary(); got != "package-lock.json: 3 removed" {
		t.Errorf("to nothing: %s", got)
	}
}

func TestDiffShowsSpecsFormatsAndSettings(t *testing.T) {
	old := mustParse(t, "package-lock.json", starter)
	now := mustParse(t, "package-lock.json", strings.Replace(strings.Replace(starter, `"a": "^1.0.0", `, `"a": "^1.1.0", "n": "*", `, 1), `"lockfileVersion": 3`, `"lockfileVersion": 2`, 1))
	data, err := json.Marshal(Diff(old, now))
	want := `{"file":"package-lock.json","oldFormat":"npm 3","newFormat":"npm 2","packages":null,"specs":[` +
		`{"importer":".","name":"a","kind":"dependencies","from":"^1.0.0","to":"^1.1.0"},{"importer":".","name":"n","kind":"dependencies","to":"*"}]}`
	if err != nil || string(data) != want {
		t.Errorf("%s (%v), want %s", data, err, want)
	}
	pnpm := "lockfileVersion: '9.0'\noverrides:\n  b: 2.0.0\n"
	changes := Diff(mustParse(t, "pnpm-lock.yaml", pnpm), mustParse(t, "pnpm-lock.yaml", strings.Replace(pnpm, "2.0.0", "2.1.0", 1)))
	if got := changes.String(); got != "pnpm-lock.yaml: no package changed\n  setting overrides.b changed\n" {
		t.Errorf("settings: %s", got)
	}
}

func TestDigest(t *testing.T) {
	base := mustParse(t, "package-lock.json", starter).Digest()
	for _, test := range []struct {
		name, old, now string
		same           bool
	}{
		{"another version of the app", `"name": "app", "version": "1.0.0", "dep`, `"name": "app", "version": "2.0.0", "dep`, true},
		{"other white space", `": {"`, `" :  { "`, true},
		{"what is for people", `"node_modules/b": {`, `"node_modules/b": {"license": "MIT", "funding": {"url": "x"}, "deprecated": "no", `, true},
		{"keys in another order", `"version": "2.0.0", "integrity": "sha512-YjI="`, `"integrity": "sha512-YjI=", "version": "2.0.0"`, true},
		{"another mirror of the registry", `"integrity": "sha512-YjI="`, `"integrity": "sha512-YjI=", "resolved": "https://mirror.example.com/b/-/b-2.0.0.tgz"`, true},
		{"another version", `"version": "2.0.0"`, `"version": "2.0.1"`, false},
		{"another checksum", `sha512-YjI=`, `sha512-YjM=`, false},
		{"another source", `"integrity": "sha512-YjI="`, `"integrity": "sha512-YjI=", "resolved": "https://example.com/b.tgz"`, false},
		{"another place", `node_modules/a/node_modules/b`, `node_modules/c/node_modules/b`, false},
		{"only for development", `"integrity": "sha512-YjI="`, `"integrity": "sha512-YjI=", "dev": true`, false},
		{"for another platform", `"integrity": "sha512-YjI="`, `"integrity": "sha512-YjI=", "os": ["win32"]`, false},
		{"another wish", `"b": "^2.0.0"`, `"b": "^2.0.0 || ^3.0.0"`, false},
		{"another format", `"lockfileVersion": 3`, `"lockfileVersion": 2`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(starter, test.old, test.now, 1)
			if test.name == "other white space" {
				text = strings.ReplaceAll(starter, test.old, test.now)
			}
			if text == starter {
				t.Fatal("the case changes nothing")
			}
			if same := mustParse(t, "package-lock.json", text).Digest() == base; same != test.same {
				t.Errorf("the same digest: %v, want %v", same, test.same)
			}
		})
	}
}

package lockfile

import (
	"errors"
	"strings"
	"testing"
)

func TestWhatIsNoLockSaysWhereAndWhatToDo(t *testing.T) {
	entry := `{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1.0.0"}}}`
	for _, test := range []struct {
		name, file, text string
		kind             error
		want, hint       string
	}{
		{"empty", "package-lock.json", " \r\n", ErrEmpty, "package-lock.json: the file is empty", "git checkout"},
		{"only a byte order mark", "package-lock.json", "\uFEFF", ErrEmpty, "the file is empty", ""},
		{"cut off in a text", "package-lock.json", entry[:50], ErrSyntax, "package-lock.json:1:37: not JSON: the file ends within this text: it was cut off", "devbox run npm install"},
		{"cut off in an object", "package-lock.json", entry[:len(entry)-2], ErrSyntax, ":1:75: not JSON: the file ends where a comma or } must follow: it was cut off", ""},
		{"more after the end", "package-lock.json", entry + "}", ErrSyntax, "'}' where the end of the file must stand", ""},
		{"a comma at the end", "package-lock.json", "{\"lockfileVersion\": 3,\r\n}", ErrSyntax, ":2:1: not JSON: '}' where a key", ""},
		{"no JSON", "package-lock.json", "lockfileVersion: 3", ErrSyntax, ":1:1: not JSON: 'l' where an object must stand", ""},
		{"a list", "package-lock.json", "[]", ErrContent, ":1:1: the lock must be an object, not a list", ""},
		{"packages is text", "package-lock.json", `{"packages": "x"}`, ErrContent, `:1:14: "packages" must be an object, not text`, ""},
		{"an entry is a list", "package-lock.json", `{"packages": {"node_modules/a": []}}`, ErrContent, `packages."node_modules/a" must be an object, not a list`, ""},
		{"a newer format", "package-lock.json", `{"lockfileVersion": 4}`, ErrNewer, ":1:21: lockfileVersion 4 is newer than 3", "newer devbox"},
		{"a huge number", "package-lock.json", `{"lockfileVersion": 1e999}`, ErrContent, `lockfileVersion "1e999" is none that npm has`, ""},
		{"a version that is text", "package-lock.json", `{"lockfileVersion": "3"}`, ErrContent, `"lockfileVersion" must be a number, not text`, ""},
		{"a location that leaves the project", "package-lock.json", `{"packages": {"node_modules/../../x": {}}}`, ErrContent, "does not name a folder", ""},
		{"an absolute location", "package-lock.json", `{"packages": {"/etc/node_modules/x": {}}}`, ErrContent, "is absolute", ""},
		{"an old name that is a path", "package-lock.json", `{"lockfileVersion": 1, "dependencies": {"../x": {}}}`, ErrContent, `"../x" is no name of a package`, ""},
		{"deep nesting", "package-lock.json", `{"x": ` + strings.Repeat("[", 100_000), ErrSyntax, "nested deeper than 500 levels", ""},
		{"deep nesting of old packages", "package-lock.json", strings.Repeat(`{"dependencies": {"a": `, 100_000), ErrSyntax, "nested deeper than 500 levels", ""},
		{"a merge conflict", "package-lock.json", "{\n<<<<<<< HEAD\n  \"a\": 1\n=======\n", ErrConflict, "package-lock.json:2:1: <<<<<<< is left from a merge conflict", "`devbox run npm install` resolves this one"},
		{"a merge conflict with CRLF", "yarn.lock", "# yarn lockfile v1\r\n\r\n<<<<<<< HEAD\r\n", ErrConflict, "yarn.lock:3:1:", "devbox run yarn install"},
		{"a merge conflict in bun's", "bun.lock", "{\n>>>>>>> main\n", ErrConflict, "bun.lock:2:1:", "git checkout --theirs -- bun.lock"},
		{"UTF-16", "package-lock.json", "\xff\xfe{\x00}\x00", ErrEncoding, "this is UTF-16", "UTF-8"},
		{"NUL bytes", "yarn.lock", "a@1:\n\x00\x00", ErrEncoding, "yarn.lock:2:1: a NUL byte", ""},
		{"broken UTF-8", "pnpm-lock.yaml", "lockfileVersion: '9.0'\na: \xff\n", ErrEncoding, "pnpm-lock.yaml:2:4: the byte 0xFF is not UTF-8", ""},
		{"bun's binary lock", "bun.lockb", "#!/usr/bin/env bun\n", ErrBinary, "bun.lockb is binary", "--save-text-lockfile"},
		{"another file", "composer.lock", "{}", ErrUnknown, `"composer.lock" is no lock file that devbox knows`, ""},
		{"classic: cut off in quotes", "yarn.lock", "a@1:\n  version \"1.0", ErrSyntax, "yarn.lock:2:11: not a yarn.lock: these quotes have no end", ""},
		{"classic: cut off after a key", "yarn.lock", "a@1:\n  version", ErrSyntax, "yarn.lock:2:10: not a yarn.lock: a colon or a value must stand here", ""},
		{"classic: odd indentation", "yarn.lock", "a@1:\n   version \"1\"\n", ErrSyntax, "yarn.lock:2:4: this line's indentation fits no entry", ""},
		{"classic: twice", "yarn.lock", "a@1:\n  version \"1\"\na@1:\n  version \"1\"\n", ErrDuplicate, `yarn.lock:3:1: "a@1" is there twice`, ""},
		{"berry: no version", "yarn.lock", "__metadata:\n  cacheKey: 8\n", ErrContent, "__metadata.version", ""},
		{"berry: an entry without resolution", "yarn.lock", "__metadata:\n  version: 8\n\n\"a@npm:1\":\n  version: 1\n", ErrContent, `yarn.lock:4:1: "a@npm:1" has no resolution`, ""},
		{"pnpm: no YAML", "pnpm-lock.yaml", "lockfileVersion: '9.0\n", ErrSyntax, "pnpm-lock.yaml:", "devbox run pnpm install"},
		{"pnpm: a newer format", "pnpm-lock.yaml", "lockfileVersion: '10.0'\n", ErrNewer, "pnpm-lock.yaml:1:18: lockfileVersion 10.0 is newer than 9", ""},
		{"pnpm: an ancient format", "pnpm-lock.yaml", "lockfileVersion: 4\n", ErrContent, `"4" is none that devbox reads`, ""},
		{"pnpm: no version", "pnpm-lock.yaml", "packages: {}\n", ErrContent, "lockfileVersion is missing", ""},
		{"pnpm: a list", "pnpm-lock.yaml", "- a\n", ErrContent, "the lock must be a mapping", ""},
		{"pnpm: only a comment", "pnpm-lock.yaml", "# nothing\n", ErrEmpty, "the file is empty", ""},
		{"pnpm: twice", "pnpm-lock.yaml", "lockfileVersion: '9.0'\npackages:\n  a@1: {}\n  a@1: {}\n", ErrDuplicate, `pnpm-lock.yaml:4:3: "a@1" is there twice`, ""},
		{"pnpm: an alias", "pnpm-lock.yaml", "lockfileVersion: '9.0'\na: &x 1\nb: *x\n", ErrContent, "pnpm-lock.yaml:3:4: an alias", ""},
		{"pnpm: deep nesting", "pnpm-lock.yaml", "a: " + strings.Repeat("[", 20_000), ErrSyntax, "nested deeper", ""},
		{"bun: no version", "bun.lock", "{}", ErrContent, "lockfileVersion is missing", ""},
		{"bun: an entry without resolution", "bun.lock", `{"lockfileVersion": 1, "packages": {"a": []}}`, ErrContent, `packages."a" has no resolution`, ""},
		{"bun: a comment without end", "bun.lock", `{/* x`, ErrSyntax, "this comment has no end", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(test.file, []byte(test.text))
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, test.kind) {
				t.Fatalf("%v, want an *Error of the kind %q", err, test.kind)
			}
			if !strings.Contains(e.Error(), test.want) || !strings.Contains(e.Hint(), test.hint) {
				t.Errorf("%q, hint %q; want %q, hint %q", e.Error(), e.Hint(), test.want, test.hint)
			}
			if !e.ProjectInvalid() {
				t.Error("the file of the project is not to blame")
			}
		})
	}
}

func TestWhatEditorsAndGitDoToALockIsAccepted(t *testing.T) {
	for file, text := range map[string]string{
		"package-lock.json": starter,
		"yarn.lock":         "# yarn lockfile v1\n\n\na@^1.0.0, \"a@npm:a@^1.1.0\":\n  version \"1.2.0\"\n  dependencies:\n    b \"^1.0.0\"\n",
		"pnpm-lock.yaml":    "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        version: 1.2.0\nsnapshots:\n  a@1.2.0: {}\n",
		"bun.lock":          "{\n  \"lockfileVersion\": 1, // text\n  \"packages\": {\n    \"a\": [\"a@1.2.0\", \"\", {}, \"sha512-YQ==\"],\n  },\n}\n",
	} {
		want := mustParse(t, file, text).Digest()
		for name, changed := range map[string]string{
			"a byte order mark":     "\uFEFF" + text,
			"CRLF":                  strings.ReplaceAll(text, "\n", "\r\n"),
			"no newline at the end": strings.TrimRight(text, "\n"),
		} {
			if got := mustParse(t, file, changed).Digest(); got != want {
				t.Errorf("%s with %s has the digest %s, without %s", file, name, got, want)
			}
		}
	}
}

func TestKeysThatAreThereTwiceAreRemarkedAndTheLastCounts(t *testing.T) {
	lock := mustParse(t, "package-lock.json", `{"lockfileVersion": 3, "packages": {
  "node_modules/a": {"version": "1.0.0"},
  "__proto__": {"version": "0.0.1"},
  "node_modules/a": {"version": "2.0.0", "version": "3.0.0"}}}`)
	if p := lock.Package("node_modules/a"); p == nil || p.Version != "3.0.0" || len(lock.Packages) != 1 {
		t.Errorf("the lock has %v", lock.Packages)
	}
	if len(lock.Warnings) != 2 || !strings.Contains(lock.Warnings[0].String(), `package-lock.json:4:3: "node_modules/a" is there twice`) {
		t.Errorf("warnings: %v", lock.Warnings)
	}
}

package project

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// folder is a file system of texts.
func folder(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return fsys
}

func TestDetectReadsAFolder(t *testing.T) {
	fsys := folder(map[string]string{
		"package.json": `{
			"name": "@acme/chat", "version": "1.2.3", "private": true, "main": "./lib", "type": "module",
			"scripts": {"start": "node lib/index.js", "postinstall": "x"},
			"engines": {"node": ">=20", "npm": ">=9"}, "volta": {"node": "22.1.0", "extends": {"a": 1}},
			"packageManager": "pnpm@10.1.0+sha512.abc",
			"dependencies": {"express": "^5", "local": "file:../local"}, "devDependencies": {"vite": "7"},
			"workspaces": ["packages/*"], "unknown": {"anything": [1, null]}
		}`,
		".nvmrc":              "# ours\nv22\n",
		".node-version":       "22.2.0\n",
		".tool-versions":      "python 3.12\nnodejs 22.3.0 # x\n",
		"package-lock.json":   "{}",
		"npm-shrinkwrap.json": "{}",
		"pnpm-lock.yaml":      "lockfileVersion: '9.0'\n",
		".npmrc":              "//x/:_authToken=secret",
		".env":                "SECRET=x\nexport PORT=4000 # ours\n",
		"Dockerfile":          "ARG V=20.1\nFROM --platform=$BUILDPLATFORM docker.io/library/node:${V}-alpine AS x\nEXPOSE 8080/tcp\nFROM node:18\n",
		"lib/index.js":        "import x from './x.js'\nconst port = process.env.PORT || 3001\napp.listen(port)\n",
		"compose.yml":         "services: {}",
		"nodemon.json":        "{}",
		"pnpm-workspace.yaml": "packages: [x]",
	})
	fsys[".dockerignore"] = &fstest.MapFile{Mode: fs.ModeSymlink | 0o777, Data: []byte("/etc/passwd")}
	fsys["compose.yaml"] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
	got, err := Detect(fsys)
	if err != nil {
		t.Fatal(err)
	}
	want := &Facts{
		Package: &PackageJSON{
			Name: "@acme/chat", Version: "1.2.3", Main: "./lib", Type: "module", Private: true, Manager: "pnpm@10.1.0+sha512.abc",
			Scripts:         map[string]string{"start": "node lib/index.js", "postinstall": "x"},
			Engines:         map[string]string{"node": ">=20", "npm": ">=9"},
			Volta:           map[string]string{"node": "22.1.0"},
			Dependencies:    map[string]string{"express": "^5", "local": "file:../local"},
			DevDependencies: map[string]string{"vite": "7"},
			Workspaces:      true,
		},
		Node: []Fact{
			{"v22", ".nvmrc"},
			{"22.2.0", ".node-version"},
			{"22.3.0", ".tool-versions"},
			{"22.1.0", "package.json volta.node"},
			{">=20", "package.json engines.node"},
			{"20.1", "Dockerfile FROM"},
		},
		Locks: []LockFile{
			{"npm-shrinkwrap.json", "npm", ""}, {"package-lock.json", "npm", ""}, {"pnpm-lock.yaml", "pnpm", "9.0"},
		},
		Npmrc: true, Settings: []string{"pnpm-workspace.yaml"}, NodemonConfig: true,
		EnvPort: Fact{"4000", ".env PORT"}, ExposedPort: Fact{"8080", "Dockerfile EXPOSE"},
		Entry: Entry{Main: "lib/index.js", Port: Fact{"3001", "lib/index.js"}, Listens: true},
		Files: []FoundFile{
			{"Dockerfile", RegularFile, false}, {".dockerignore", Symlink, false}, {"compose.yaml", Directory, false}, {"compose.yml", RegularFile, false},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(PackageJSON{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(RenderFacts{
		PackageJSON: true, Lock: "pnpm-lock.yaml", Settings: []string{"pnpm-workspace.yaml"}, Pinned: "pnpm@10.1.0+sha512.abc", Npmrc: true, WholeFolder: true,
	}, got.RenderFacts()); diff != "" {
		t.Errorf("facts for rendering (-want +got):\n%s", diff)
	}
	if kind, there := got.File("compose.yaml"); !there || kind != Directory {
		t.Errorf("compose.yaml is %q, %v", kind, there)
	}
	if _, there := got.File(ModelFile); there {
		t.Error("a devbox.yaml is seen that is not there")
	}
}

func TestDetectOfAnEmptyFolderFindsNothing(t *testing.T) {
	got, err := Detect(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Facts{}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPackageJSONSaysWhatIsWrongAndWhere(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"a comma too many", "{\n  \"name\": \"x\",\n}", `package.json:3:1: not JSON: invalid character '}' looking for beginning of object key string`},
		{"a comma too few", "{\n  \"a\": 1\n  \"b\": 2\n}", `package.json:3:3: not JSON: invalid character '"' after object key:value pair`},
		{"a comment", "{\n  // x\n}", `package.json:2:3: not JSON: invalid character '/' looking for beginning of object key string`},
		{"a file that was cut", "{\n  \"a\": [1,", `package.json:2:11: not JSON: unexpected end of JSON input`},
		{"two documents", "{}\n{}", `package.json:2:1: not JSON: invalid character '{' after top-level value`},
		{"nothing", "\n", `package.json: the file is empty; an empty object is {}`},
		{"a list", "[]", `package.json:1:1: it must be an object, not a list`},
		{"null", "null", `package.json:1:1: it must be an object, not null`},
		{"scripts that are a number", "{\n  \"scripts\": 3\n}", `package.json:2:14: "scripts" must be an object of texts, not a number`},
		{"a script that is a list", `{"scripts": {"start": ["node"]}}`, `package.json:1:23: "start" in "scripts" must be text, not a list`},
		{"a name that is a number", `{"name": 3}`, `package.json:1:10: "name" must be text, not a number`},
		{"a main that is an object", `{"main": {}}`, `package.json:1:10: "main" must be text, not an object`},
		{"private as a number", `{"private": 1}`, `package.json:1:13: "private" must be true or false, not a number`},
		{"dependencies that are a list", `{"dependencies": ["x"]}`, `package.json:1:18: "dependencies" must be an object of texts, not a list`},
		{"a key that is there twice", "{\"name\": \"a\",\n\"name\": \"b\"}", `package.json:2:1: key "name" comes twice in the file, first on line 1`},
		{"a script that is there twice", "{\"scripts\": {\"é\": \"a\", \"é\": \"b\"}}", `package.json:1:24: key "é" comes twice in "scripts", first on line 1`},
		{"several at once", `{"name": 1, "main": 2}`, "package.json:1:10: \"name\" must be text, not a number\npackage.json:1:21: \"main\" must be text, not a number"},
		{"a merge conflict", "{\n<<<<<<< HEAD\n", `package.json:2:1: <<<<<<< is left from a merge conflict; resolve the conflict first`},
		{"UTF-16", "\xff\xfe{\x00}\x00", `package.json: this is UTF-16; save the file as UTF-8`},
		{"UTF-16 without a mark", "{\x00}\x00", `package.json: this is UTF-16; save the file as UTF-8`},
		{"NUL", "{\"name\": \"\x00\"}", `package.json:1:11: a NUL byte; this is no text file`},
		{"Latin-1", "{\"name\": \"\xe9\"}", `package.json:1:11: the byte 0xE9 is not UTF-8; save the file as UTF-8`},
		{"100,000 brackets", strings.Repeat("[", 100_000), `package.json:1:101: nested deeper than 100 levels`},
		{"6 MB", `"` + strings.Repeat("x", 6<<20) + `"`, `package.json: larger than the 5 MB that devbox reads`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			_, err := Detect(folder(map[string]string{"package.json": c.text}))
			var problem *ConfigError
			if err == nil || err.Error() != c.want || !errors.As(err, &problem) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestDetectRefusesAPackageJSONThatIsNoFile(t *testing.T) {
	for want, mode := range map[string]fs.FileMode{
		`read "package.json": it is a folder`:                                      fs.ModeDir | 0o755,
		`read "package.json": it is not a regular file`:                            fs.ModeNamedPipe | 0o644,
		`read "package.json": it is a symbolic link, which devbox does not follow`: fs.ModeSymlink | 0o777,
	} {
		_, err := Detect(fstest.MapFS{"package.json": {Mode: mode, Data: []byte("x.json")}})
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestDetectPassesOverWhatIsNotForIt(t *testing.T) {
	fsys := folder(map[string]string{
		"package.json": "\ufeff{\"name\": \"bom\", \"main\": \"../../etc/passwd\", \"volta\": null, \"scripts\": null, \"workspaces\": []}",
		"Dockerfile":   string(seal([]byte("FROM node:18.1.0\nEXPOSE 1\n"))),
	})
	fsys[".env"] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
	fsys[".nvmrc"] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
	fsys["yarn.lock"] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
	got, err := Detect(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if got.Package.Name != "bom" || got.Node != nil || got.Locks != nil || got.ExposedPort != (Fact{}) || got.Entry != (Entry{}) || got.RenderFacts().WholeFolder {
		t.Errorf("got %+v", got)
	}
}

func TestVersionFilesThatAreNoText(t *testing.T) {
	_, err := Detect(folder(map[string]string{".nvmrc": "2\x002\x00"}))
	if want := ".nvmrc: this is UTF-16; save the file as UTF-8"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestLockFormats(t *testing.T) {
	cases := []struct{ file, text, manager, format string }{
		{"yarn.lock", "# yarn lockfile v1\n", "yarn", "classic"},
		{"yarn.lock", "# x\n\n__metadata:\n  version: 8\n  cacheKey: 10c0\n", "yarn", "berry 8."},
		{"yarn.lock", "# x\n\n__metadata:\n  version: 4\n  cacheKey: 7\n", "yarn", "berry 4.7"},
		{"pnpm-lock.yaml", "lockfileVersion: 5.4\n", "pnpm", "5.4"},
		{"pnpm-lock.yaml", "lockfileVersion: '6.0'\n", "pnpm", "6.0"},
		{"bun.lock", "{}", "bun", ""},
		{"npm-shrinkwrap.json", "{}", "npm", ""},
	}
	for _, c := range cases {
		f, err := Detect(folder(map[string]string{c.file: c.text}))
		if err != nil {
			t.Fatal(err)
		}
		if want := []LockFile{{c.file, c.manager, c.format}}; !cmp.Equal(f.Locks, want) || f.Lock() != c.file {
			t.Errorf("%s %q: got %v, governing %q", c.file, c.text, f.Locks, f.Lock())
		}
	}
}

func TestPortsInCode(t *testing.T) {
	cases := []struct{ name, text, port string }{
		{"a default after ||", "const p = process.env.PORT || 3001", "3001"},
		{"a default after ??", `const p = process.env["PORT"] ?? "3002"`, "3002"},
		{"a default of a parsed number", "parseInt(process.env.PORT, 10) || 3003", "3003"},
		{"a default of Number", "Number(process.env.PORT) || 3004", "3004"},
		{"the express generator", "normalizePort(process.env.PORT || '3005')", "3005"},
		{"listen", "app.listen(3006, cb)", "3006"},
		{"listen with options", "app.listen({ host: '0.0.0.0', port: 3007 })", "3007"},
		{"a constant", "const PORT = 3008\napp.listen(PORT)", "3008"},
		{"hapi", "Hapi.server({ host: '0.0.0.0',\n port: 3009 })", "3009"},
		{"a database is not meant", "new Pool({ host: 'db', port: 5432 })", ""},
		{"a comment is not meant", "// app.listen(3010)\n", ""},
		{"no port is that high", "app.listen(70000)", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f, err := Detect(folder(map[string]string{"index.js": c.text}))
			if err != nil || f.Entry.Port.Text != c.port {
				t.Errorf("got %q, %v; want %q", f.Entry.Port.Text, err, c.port)
			}
		})
	}
}

func TestDockerfilesOfTheUser(t *testing.T) {
	cases := []struct{ text, node string }{
		{"FROM node:20.11.1-alpine", "20.11.1"},
		{"from node:20", "20"},
		{"FROM node:lts", ""},
		{"FROM mirror.local:5000/library/node:22.1@sha256:abc", "22.1"},
		{"ARG NODE_VERSION=20.1.0\nFROM node:${NODE_VERSION}-slim", "20.1.0"},
		{"FROM node:${NODE_VERSION:-18.2}-slim", "18.2"},
		{"FROM node:${NODE_VERSION}", ""},
		{"FROM nginx:1.27", ""},
		{"FROM my-node:20", ""},
	}
	for _, c := range cases {
		f, err := Detect(folder(map[string]string{"Dockerfile": c.text}))
		got := ""
		if len(f.Node) > 0 {
			got = f.Node[0].Text
		}
		if err != nil || got != c.node {
			t.Errorf("%q asks for %q, %v; want %q", c.text, got, err, c.node)
		}
	}
}

func FuzzParsePackageJSON(f *testing.F) {
	for _, s := range []string{
		`{"name":"x","scripts":{"a":"b"},"engines":{"node":">=1"},"volta":{"node":1}}`, `{"a":{"a":[{"a":1}]},"a":1}`, "[", "\ufeff{}",
		`{"scripts":3,"main":null,"private":1,"workspaces":{"packages":[]}}`, "{\"\\u0000\":\"\\ud800\"}", `{"name":"\n${}$()"}`, `"x`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePackageJSON(data)
		if (p == nil) == (err == nil) {
			t.Fatalf("%q gives %v and %v", data, p, err)
		}
		if err != nil {
			var problem *ConfigError
			if !errors.As(err, &problem) || len(problem.Problems) == 0 {
				t.Fatalf("%q gives %v", data, err)
			}
			return
		}
		files := fstest.MapFS{"package.json": {Data: data}}
		if _, err := Detect(files); err != nil {
			t.Fatalf("%q: %v", data, err)
		}
	})
}

func FuzzDetect(f *testing.F) {
	f.Add("20", "nodejs 1", "FROM node:1\nEXPOSE 1", "PORT=1", "app.listen(1)", "lockfileVersion: 1")
	f.Fuzz(func(t *testing.T, nvmrc, asdf, docker, env, code, lock string) {
		facts, err := Detect(folder(map[string]string{
			".nvmrc": nvmrc, ".tool-versions": asdf, "Dockerfile": docker, ".env": env, "index.js": code, "pnpm-lock.yaml": lock,
		}))
		if err != nil {
			return
		}
		m, _, err := InitModel(facts, Choices{Port: -1})
		if err != nil {
			t.Fatal(err)
		}
		if err := checkRenderable(m); err != nil {
			t.Fatalf("%+v: %v", m, err)
		}
	})
}

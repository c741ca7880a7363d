package project

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustLoad(t *testing.T, text string, facts *Facts) *Model {
	t.Helper()
	m, err := Load([]byte(text), "My App", facts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLoadReadsEveryKey(t *testing.T) {
	got := mustLoad(t, `# comment
name: chat
services:
  web:
    node: 24.21.0
    package-manager: pnpm@10.34.8
    port: 8080
    dev: PORT=8080 node src/index.js
    build: [npm, run, build]
    prod: node dist/index.js --workers 4
    health: /healthz?full=1
    environment:
      LOG_LEVEL: debug
      WORKERS: 4
      RATE: 1e3
      VERBOSE: yes
      FLAG: true
      EMPTY: ""
      RAW: ${HOME} $(id)
      DAY: 2026-11-21
    watch:
      ignore: [data/, "*.log"]
    compose:
      depends_on: [db]
      deploy: {replicas: 2, resources: {limits: {cpus: 0.5}}}
      init: true
      labels: {day: 2026-11-21, none: null}
    compose-dev: {ports: ["9229:9229"]}
    compose-prod: {}
  worker:
    dev: [node, worker.js, "", 3]
lock:
  dev: update
`, &Facts{Package: &PackageJSON{Manager: "npm@11.0.0"}, Node: []Fact{{"22.23.3", ".nvmrc"}}})
	want := &Model{
		Name: "chat",
		Services: []Service{
			{
				Name: "web", Node: "24.21.0", PackageManager: PackageManager{"pnpm", "10.34.8"}, Port: 8080,
				Dev:    Command{"/bin/sh", "-c", "PORT=8080 exec node src/index.js"},
				Build:  Command{"npm", "run", "build"},
				Prod:   Command{"node", "dist/index.js", "--workers", "4"},
				Health: "/healthz?full=1",
				Environment: map[string]string{
					"LOG_LEVEL": "debug", "WORKERS": "4", "RATE": "1e3", "VERBOSE": "yes", "FLAG": "true", "EMPTY": "",
					"RAW": "${HOME} $(id)", "DAY": "2026-11-21",
				},
				Watch: WatchRules{Ignore: []string{"data/", "*.log"}},
				Compose: map[string]any{
					"depends_on": []any{"db"},
					"deploy":     map[string]any{"replicas": 2, "resources": map[string]any{"limits": map[string]any{"cpus": 0.5}}},
					"init":       true,
					"labels":     map[string]any{"day": "2026-11-21", "none": nil},
				},
				ComposeDev: map[string]any{"ports": []any{"9229:9229"}},
			},
			{
				Name: "worker", Node: "22.23.3", PackageManager: PackageManager{"npm", "11.0.0"},
				Dev: Command{"node", "worker.js", "", "3"}, Prod: Command{"node", "worker.js", "", "3"},
			},
		},
		Lock: LockPolicies{Update, Frozen},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLoadFillsInDefaults(t *testing.T) {
	const minimal = "services: {web: {dev: node index.js}}"
	cases := []struct {
		name, text string
		facts      *Facts
		want       string
	}{
		{"an empty folder gives the newest of everything", minimal, nil, "my-app web 26.10.0 npm@11.21.2 3000 [node index.js] [node index.js]"},
		{"version files and the lock decide", minimal, &Facts{
			Node: []Fact{{"22", ".nvmrc"}}, Locks: []LockFile{{"yarn.lock", "yarn", "classic"}},
		}, "my-app web 22.23.3 yarn@1.22.22 3000 [node index.js] [node index.js]"},
		{"a framework gives the port", minimal, &Facts{
			Package: &PackageJSON{Dependencies: map[string]string{"vite": "^7"}},
		}, "my-app web 26.10.0 npm@11.21.2 5173 [node index.js] [node index.js]"},
		{"one person's .env does not", minimal, &Facts{
			EnvPort: Fact{"4000", ".env PORT"}, ExposedPort: Fact{"5000", "Dockerfile EXPOSE"},
		}, "my-app web 26.10.0 npm@11.21.2 3000 [node index.js] [node index.js]"},
		{"a watching node is no command for production", "services: {web: {dev: node --watch x.js}}", nil, "my-app web 26.10.0 npm@11.21.2 3000 [node --watch x.js] []"},
		{"another program is no command for production", "services: {web: {dev: vite --host}}", nil, "my-app web 26.10.0 npm@11.21.2 3000 [vite --host] []"},
		{"an empty prod stays empty", "services: {web: {dev: node x.js, prod: []}}", nil, "my-app web 26.10.0 npm@11.21.2 3000 [node x.js] []"},
		{"an old Node.js gets an npm that runs on it", "services: {web: {node: 18.20.8, dev: node x.js}}", nil, "my-app web 18.20.8 npm@10.9.9 3000 [node x.js] [node x.js]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := mustLoad(t, c.text, c.facts)
			s := m.Services[0]
			got := fmt.Sprint(m.Name, " ", s.Name, " ", s.Node, " ", s.PackageManager, " ", s.Port, " ", []string(s.Dev), " ", []string(s.Prod))
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	m := mustLoad(t, "services: {a: {dev: node a.js}, b: {dev: node b.js}}", nil)
	if m.Services[0].Port != 0 || m.Services[1].Port != 0 {
		t.Errorf("several services listen on %d and %d without saying so", m.Services[0].Port, m.Services[1].Port)
	}
}

// in is a devbox.yaml with a line in its only service.
func in(line string) string {
	return "services:\n  web:\n    dev: node index.js\n    " + line + "\n"
}

func TestLoadSaysWhatIsWrongAndWhere(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"an unknown key", in("prot: 3000"), `devbox.yaml:4:5: unknown key "prot" in service "web"; did you mean "port"?`},
		{"another spelling of a key", in("packageManager: npm@11.0.0"), `devbox.yaml:4:5: unknown key "packageManager" in service "web"; did you mean "package-manager"?`},
		{"a word of Compose", in("volumes: [a:/b]"), `devbox.yaml:4:5: unknown key "volumes" in service "web"; Compose's own keys go under compose: {volumes: …}`},
		{"a word of Compose that has one here", in("ports: [1]"), `devbox.yaml:4:5: unknown key "ports" in service "web"; did you mean "port"?`},
		{"an unknown key of the file", "sevices: {web: {dev: node x}}", `devbox.yaml:1:1: unknown key "sevices" in devbox.yaml; did you mean "services"?` + "\ndevbox.yaml:1:1: services is missing; name at least one: services: {web: {dev: node index.js}}"},
		{"an unknown key that is like none", in("zzzzzz: 1"), `devbox.yaml:4:5: unknown key "zzzzzz" in service "web"; known are dir, node, package-manager, port, publish, dev, build, prod, health, environment, watch, standby, writes, needs, migrate, seed, env-file, required, secrets, build-packages, system-packages, dockerfile, compose, compose-dev, compose-prod`},
		{"a key that is there twice", in("dev: node x"), `devbox.yaml:4:5: key "dev" comes twice in service "web", first on line 3`},
		{"a service that is there twice", "services: {a: {dev: b}, a: {dev: b}}", `devbox.yaml:1:25: key "a" comes twice in services, first on line 1`},
		{"a key that is no text", "1: a\nservices: {web: {dev: x}}", `devbox.yaml:1:1: a key in devbox.yaml is the number "1", not text; put quotes around it`},
		{"a key that is a list", "[a]: b\nservices: {web: {dev: x}}", `devbox.yaml:1:1: a key in devbox.yaml is a list, not text; put quotes around it`},
		{"a list for the file", "- a", `devbox.yaml:1:1: devbox.yaml must be a mapping, not a list`},
		{"text for the file", "hello", `devbox.yaml:1:1: devbox.yaml must be a mapping, not the text "hello"`},
		{"no services", "services: {}", `devbox.yaml:1:11: services has no service in it; name at least one: services: {web: {dev: node index.js}}`},
		{"services that are a list", "services: [web]", `devbox.yaml:1:11: services must be a mapping, not a list`},
		{"a service that is empty", "services:\n  web:\n", `devbox.yaml:2:7: service "web" must be a mapping, not empty`},
		{"a service without a command", "services: {web: {port: 1}}", `devbox.yaml:1:12: service "web" has no dev command; say what runs it: dev: node index.js`},
		{"a project name that Compose does not take", "name: My App!\n" + in(""), `devbox.yaml:1:7: name must be at most 63 lower-case letters and digits, joined by - or _, not "My App!"; try my-app`},
		{"a name that is a number", "name: 2048\n" + in(""), `devbox.yaml:1:7: name must be text, not the number "2048"; put quotes around it: "2048"`},
		{"a service name that is no host name", "services: {Web App: {dev: x}}", `devbox.yaml:1:12: service name "Web App" must be at most 63 lower-case letters and digits, joined by - or _; try web-app`},
		{"service names that share a variable", "services: {a-b: {dev: x}, a_b: {dev: x}}", `devbox.yaml:1:27: services "a-b" and "a_b" would share the variable DEVBOX_A_B_NODE_MODULES: rename one of them`},
		{"a major version of Node.js", in("node: 22"), `devbox.yaml:4:11: node of service "web" must be an exact version such as 26.10.0, not "22"; try 22.23.3`},
		{"a range of Node.js", in("node: ^24.1"), `devbox.yaml:4:11: node of service "web" must be an exact version such as 26.10.0, not "^24.1"; try 24.21.0`},
		{"a codename of Node.js", in("node: lts/jod"), `devbox.yaml:4:11: node of service "web" must be an exact version such as 26.10.0, not "lts/jod"; try 22.23.3`},
		{"a v before a version", in("node: v24.21.0"), `devbox.yaml:4:11: node of service "web" must be an exact version such as 26.10.0, not "v24.21.0"; try 24.21.0`},
		{"a tag of an image", in("node: 24-alpine"), `devbox.yaml:4:11: node of service "web" must be an exact version such as 26.10.0, not "24-alpine"; try 24.21.0`},
		{"a version that is a list", in("node: [24]"), `devbox.yaml:4:11: node of service "web" must be text, not a list`},
		{"a package manager without a version", in("package-manager: pnpm"), `devbox.yaml:4:22: package-manager of service "web" must have an exact version, not "pnpm"; try pnpm@10.34.8`},
		{"a package manager with a hash", in("package-manager: pnpm@10.1.0+sha512.abc"), `devbox.yaml:4:22: package-manager of service "web" must have an exact version, not "pnpm@10.1.0+sha512.abc"; try pnpm@10.1.0`},
		{"an unknown package manager", in("package-manager: npn@1.0.0"), `devbox.yaml:4:22: package-manager of service "web" must be npm, yarn, pnpm or bun, not "npn"; did you mean "npm"?`},
		{"a port in quotes", in(`port: "3000"`), `devbox.yaml:4:11: port of service "web" must be a number, not the text "3000"; write it without quotes: 3000`},
		{"a port that is none", in("port: 65536"), `devbox.yaml:4:11: port of service "web" must be a number from 0 to 65535, not 65536`},
		{"a negative port", in("port: -1"), `devbox.yaml:4:11: port of service "web" must be a number from 0 to 65535, not -1`},
		{"a hexadecimal port", in("port: 0x10"), `devbox.yaml:4:11: port of service "web" must be a number from 0 to 65535, not 0x10`},
		{"a port with a fraction", in("port: 80.5"), `devbox.yaml:4:11: port of service "web" must be a number, not the number "80.5"`},
		{"ports as Compose has them", in("port: 80:80"), `devbox.yaml:4:11: port of service "web" must be a number, not the text "80:80"`},
		{"a command that is a number", in("prod: 3"), `devbox.yaml:4:11: prod of service "web" must be text, not the number "3"; put quotes around it: "3"`},
		{"a command that is empty", in(`prod: ""`), `devbox.yaml:4:11: prod of service "web": the command is empty`},
		{"a command without a value", in("prod:"), `devbox.yaml:4:10: prod of service "web" has no value; write "" for empty text`},
		{"a list without a program", in(`build: []`), `devbox.yaml:4:12: build of service "web": the command is empty`},
		{"a list with an empty program", in(`build: [""]`), `devbox.yaml:4:12: build of service "web": the command is empty`},
		{"a list in a list", in(`build: [node, [x]]`), `devbox.yaml:4:19: a word in build of service "web" must be text, not a list`},
		{"a command with an open quote", in(`prod: node 'x`), `devbox.yaml:4:11: prod of service "web": command "node 'x": the quote in column 6 is not closed`},
		{"a command with NUL", in(`prod: "node \0"`), `devbox.yaml:4:11: prod of service "web" holds a NUL byte`},
		{"a command with an escape", in(`prod: "node \e[2J"`), `devbox.yaml:4:11: prod of service "web": command "node \x1b[2J" holds the control character U+001B`},
		{"a path without a slash", in("health: ready"), `devbox.yaml:4:13: health of service "web" must start with /, not be "ready"; try /ready`},
		{"a path with a space", in("health: /a b"), `devbox.yaml:4:13: health of service "web" must be a path without spaces, in ASCII, not "/a b"`},
		{"an environment that is a list", in("environment: [A=b]"), `devbox.yaml:4:18: environment of service "web" must be a mapping, not a list`},
		{"a variable without a value", in("environment: {A: }"), `devbox.yaml:4:22: variable "A" of service "web" has no value; write "" for empty text`},
		{"a variable that is a list", in("environment: {A: [b]}"), `devbox.yaml:4:22: variable "A" of service "web" must be text, not a list`},
		{"a variable without a name", in("environment: {'A=B': c}"), `devbox.yaml:4:19: environment of service "web" has the variable "A=B", which is no name; use letters, digits and _`},
		{"an unknown key of watch", in("watch: {ignored: [a]}"), `devbox.yaml:4:13: unknown key "ignored" in watch of service "web"; did you mean "ignore"?`},
		{"patterns that are no list", in("watch: {ignore: a}"), `devbox.yaml:4:21: watch.ignore must be a list, not the text "a"`},
		{"paths that are no list", in("watch: {paths: a}"), `devbox.yaml:4:20: watch.paths must be a list, not the text "a"`},
		{"a time without a unit", "watch: {settle: 10}\n" + in(""), `devbox.yaml:1:17: watch.settle needs a unit, not just 10; try 10ms`},
		{"a time in minutes", "watch: {settle: 1m}\n" + in(""), `devbox.yaml:1:17: watch.settle must be a time such as 10ms or 2s, not "1m"`},
		{"a time that is no time", "watch: {ceiling: soon}\n" + in(""), `devbox.yaml:1:18: watch.ceiling must be a time such as 10ms or 2s, not "soon"`},
		{"a time that is too long", "watch: {settle: 11s}\n" + in(""), `devbox.yaml:1:17: watch.settle must be a time from 1ms to 10s, not 11s`},
		{"polling that is no boolean", "watch: {poll: 2}\n" + in(""), `devbox.yaml:1:15: watch.poll must be true or false, not the number "2"`},
		{"an empty pattern", in(`watch: {ignore: [" "]}`), `devbox.yaml:4:22: a pattern in watch.ignore is empty`},
		{"Compose's words as a list", in("compose: [a]"), `devbox.yaml:4:14: compose of service "web" must be a mapping, not a list`},
		{"a tag in Compose's words", in("compose: {ports: !reset []}"), `devbox.yaml:4:22: compose of service "web" has the tag "!reset", which devbox.yaml does not take`},
		{"a number that is none", in("compose: {a: .nan}"), `devbox.yaml:4:18: a value in compose of service "web" is the number ".nan", which is no number to Compose; put quotes around it`},
		{"a tag that lies", in("compose: {a: !!int x}"), `devbox.yaml:4:18: a value in compose of service "web" is not of the type that its tag !!int says`},
		{"an unknown policy", "lock: {dev: forzen}\n" + in(""), `devbox.yaml:1:13: lock.dev must be frozen, update or ignore, not "forzen"; did you mean "frozen"?`},
		{"a production that changes the lock", "lock: {prod: update}\n" + in(""), `devbox.yaml:1:14: lock.prod must be frozen or ignore, not "update"; a production build never changes the lock`},
		{"an unknown mode", "lock: {test: frozen}\n" + in(""), `devbox.yaml:1:8: unknown key "test" in lock; known are dev, prod`},
		{"an anchor", in("environment: &e {A: b}"), `devbox.yaml:4:18: environment of service "web" uses a YAML alias, which devbox.yaml does not take; write the value out`},
		{"an alias", "services: {a: &a {dev: x}, b: *a}", "devbox.yaml:1:15: service \"a\" uses a YAML alias, which devbox.yaml does not take; write the value out\ndevbox.yaml:1:31: service \"b\" uses a YAML alias, which devbox.yaml does not take; write the value out"},
		{"a merge key", in("<<: {port: 1}"), `devbox.yaml:4:5: service "web" uses a YAML alias, which devbox.yaml does not take; write the values out`},
		{"several problems, in their order", "name: A B\nlock: {dev: x}\n" + in("prot: 1"), "devbox.yaml:1:7: name must be at most 63 lower-case letters and digits, joined by - or _, not \"A B\"; try a-b\n" +
			"devbox.yaml:2:13: lock.dev must be frozen, update or ignore, not \"x\"\n" +
			"devbox.yaml:6:5: unknown key \"prot\" in service \"web\"; did you mean \"port\"?"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { wantLoadError(t, c.text, c.want) })
	}
}

func wantLoadError(t *testing.T, text, want string) {
	t.Helper()
	m, err := Load([]byte(text), "app", nil)
	var problem *ConfigError
	if err == nil || err.Error() != want || !errors.As(err, &problem) || m != nil {
		t.Errorf("Load gives %v and\n%v\nwant\n%s", m, err, want)
	}
}

func TestLoadRefusesWhatNoParserShouldSee(t *testing.T) {
	utf16 := func(text string) string {
		var b strings.Builder
		for _, r := range text {
			b.WriteByte(byte(r))
			b.WriteByte(0)
		}
		return b.String()
	}
	cases := []struct{ name, text, want string }{
		{"nothing", "", `devbox.yaml: the file is empty; devbox init writes one`},
		{"comments alone", "# x\n", `devbox.yaml: the file is empty; devbox init writes one`},
		{"a byte order mark", "\ufeffname: x", `devbox.yaml:1:1: the file starts with a byte order mark; save it as UTF-8 without one`},
		{"UTF-16 with a mark", "\xff\xfe" + utf16("name: x"), `devbox.yaml: this is UTF-16; save the file as UTF-8`},
		{"UTF-16 without a mark", utf16("name: x"), `devbox.yaml: this is UTF-16; save the file as UTF-8`},
		{"UTF-16 the other way round", "\x00" + utf16("name: x"), `devbox.yaml: this is UTF-16; save the file as UTF-8`},
		{"a NUL byte", "name: x\ny: \x00", `devbox.yaml:2:4: a NUL byte; this is no text file`},
		{"Latin-1", "name: x\n# caf\xe9\n", `devbox.yaml:2:6: the byte 0xE9 is not UTF-8; save the file as UTF-8`},
		{"a merge conflict", "name: x\n<<<<<<< HEAD\nport: 1\n=======\n", `devbox.yaml:2:1: <<<<<<< is left from a merge conflict; resolve the conflict first`},
		{"the end of a merge conflict", "name: x\n>>>>>>> topic\n", `devbox.yaml:2:1: >>>>>>> is left from a merge conflict; resolve the conflict first`},
		{"a tab", "services:\n\tweb:\n", `devbox.yaml:2:1: a tab indents this line; YAML takes spaces only`},
		{"more than one document", "name: x\n---\nname: y\n", `devbox.yaml: more than one YAML document`},
		{"an open bracket", "name: [x\n", `devbox.yaml:2:1: not YAML: did not find expected ',' or ']'`},
		{"a second colon", "name: a: b", `devbox.yaml:1:8: a second colon on this line; put quotes around the value, or check the indentation`},
		{"an at sign", "name: @x", `devbox.yaml:1:7: no value can start with this character; put quotes around the value`},
		{"an unknown alias", "name: *x", `devbox.yaml:1:7: not YAML: unknown anchor 'x' referenced`},
		{"a control character", "name: \x07", `devbox.yaml:1:7: the control character U+0007; in double quotes it can be written \x..`},
		{"10,000 brackets", strings.Repeat("[", 10_000), `devbox.yaml:1:101: nested deeper than 100 levels`},
		{"10,000 braces", strings.Repeat("{a: ", 10_000), `devbox.yaml:1:401: nested deeper than 100 levels`},
		{"10,000 dashes", strings.Repeat("- ", 10_000), `devbox.yaml:1:201: nested deeper than 100 levels`},
		{"10,000 indentations", indented(10_000, 101), `devbox.yaml:101:102: nested deeper than 100 levels`},
		{"2 MB", strings.Repeat("# comment\n", 200_000), `devbox.yaml: larger than the 1 MB that devbox reads`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			wantLoadError(t, c.text, c.want)
			// A fifth of a second is the promise; a busy machine gets ten times that.
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// indented is a mapping in a mapping, as deep as a limit of lines lets it be.
func indented(depth, lines int) string {
	var b strings.Builder
	for i := range min(depth, lines) {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestLoadIsFastOnWhatIsAllowed(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), ","))
	}
	for name, text := range map[string]string{
		"a bomb of aliases":   bomb,
		"a long scalar":       "services: {web: {dev: '" + strings.Repeat("x", 1_000_000) + "'}}",
		"many services":       "services: {" + manyServices(5000) + "}",
		"many unknown keys":   strings.Repeat("a", 100) + ": 1\n" + keys(50_000),
		"many list items":     "services: {web: {dev: [" + strings.Repeat("x,", 200_000) + "x]}}",
		"nested 99 deep":      in("compose: " + strings.Repeat("{a: ", 95) + strings.Repeat("}", 95)),
		"an anchor of itself": "services: &s {web: *s}",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, _ = Load([]byte(text), "app", nil)
			if took := time.Since(start); took > 4*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func manyServices(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "s%d: {dev: node x}, ", i)
	}
	return strings.TrimSuffix(b.String(), ", ")
}

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	return b.String()
}

func TestLoadShowsTheFirstTwentyProblems(t *testing.T) {
	_, err := Load([]byte(in("")+keys(25)), "app", nil)
	var problems *ConfigError
	if !errors.As(err, &problems) || len(problems.Problems) != 20 || problems.Omitted != 5 {
		t.Fatalf("got %v", err)
	}
	if want := "\ndevbox.yaml: and 5 more"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("the message ends in %q, want %q", err.Error()[len(err.Error())-40:], want)
	}
}

func TestLoadRefusesTooManyServices(t *testing.T) {
	_, err := Load([]byte("services: {"+manyServices(101)+"}"), "app", nil)
	if err == nil || !strings.HasSuffix(err.Error(), ": more than 100 services") {
		t.Errorf("got %v", err)
	}
}

func TestProblemsAreSafeToPrint(t *testing.T) {
	_, err := Load([]byte("\"\\e[2Jx\": 1\nname: \"\\u202e\\u0007\"\n"+in("")), "app", nil)
	for _, r := range err.Error() {
		if r < ' ' && r != '\n' || r == 0x7f || r == 0x202e {
			t.Errorf("%q has %q in it", err.Error(), r)
		}
	}
}

func TestAConfigErrorIsTheProjects(t *testing.T) {
	_, err := Load(nil, "app", nil)
	var marked interface{ ProjectInvalid() bool }
	if !errors.As(err, &marked) || !marked.ProjectInvalid() {
		t.Errorf("%v is not marked", err)
	}
}

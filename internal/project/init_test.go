package project

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// nothing are choices of nothing.
var nothing = Choices{Folder: "My App", Port: -1}

func mustInit(t *testing.T, files map[string]string, c Choices) (*Model, []Finding) {
	t.Helper()
	facts, err := DetectAll(folder(files))
	if err != nil {
		t.Fatal(err)
	}
	m, findings, err := InitModel(facts, c)
	if err != nil {
		t.Fatal(err)
	}
	return m, findings
}

// about joins the findings about a key.
func about(what string, findings []Finding) string {
	var lines []string
	for _, f := range findings {
		if f.What == what {
			lines = append(lines, strings.TrimPrefix(f.String(), what+": "))
		}
	}
	return strings.Join(lines, " | ")
}

func TestInitFindsTheNodeVersion(t *testing.T) {
	cases := []struct {
		name  string
		files map[string]string
		asked string
		want  string // version, then findings
	}{
		{"nothing said", nil, "", "26.10.0: 26.10.0 (default)"},
		{"an exact .nvmrc", map[string]string{".nvmrc": "v24.3.1"}, "", "24.3.1: 24.3.1 (.nvmrc)"},
		{"a major in .nvmrc", map[string]string{".nvmrc": "24"}, "", "24.21.0: 24.21.0 (.nvmrc: 24)"},
		{"a codename in .nvmrc", map[string]string{".nvmrc": "lts/jod"}, "", "22.23.3: 22.23.3 (.nvmrc: lts/jod)"},
		{"engines with a range", map[string]string{"package.json": `{"engines":{"node":">=20"}}`}, "", "26.10.0: 26.10.0 (package.json engines.node: >=20)"},
		{"volta", map[string]string{"package.json": `{"volta":{"node":"22.4.0"}}`}, "", "22.4.0: 22.4.0 (package.json volta.node)"},
		{"a Dockerfile", map[string]string{"Dockerfile": "FROM node:24.1.0-slim"}, "", "24.1.0: 24.1.0 (Dockerfile FROM)"},
		{"a range that an exact version is in", map[string]string{".nvmrc": "22", "Dockerfile": "FROM node:22.5.1"}, "", "22.5.1: 22.5.1 (.nvmrc: 22)"},
		{"a range that an exact version is not in", map[string]string{".nvmrc": "22", "Dockerfile": "FROM node:20.1.0"}, "", "22.23.3: 22.23.3 (.nvmrc: 22) | Dockerfile FROM asks for 20.1.0"},
		{"engines that disagree", map[string]string{".nvmrc": "22.1.0", "package.json": `{"engines":{"node":"^24"}}`}, "", "22.1.0: 22.1.0 (.nvmrc) | package.json engines.node asks for ^24"},
		{"a line that has ended", map[string]string{".nvmrc": "20"}, "", "20.20.2: 20.20.2 (.nvmrc: 20; no longer maintained)"},
		{"a line before the table", map[string]string{".nvmrc": "14"}, "", "16.20.2: 16.20.2 (.nvmrc: 14; devbox knows no release that this allows; if you need one, write it in devbox.yaml)"},
		{"a line between two", map[string]string{".nvmrc": "21"}, "", "22.23.3: 22.23.3 (.nvmrc: 21; devbox knows no release that this allows; if you need one, write it in devbox.yaml)"},
		{"a line to come", map[string]string{".nvmrc": "28"}, "", "26.10.0: 26.10.0 (.nvmrc: 28; devbox knows no release that this allows; if you need one, write it in devbox.yaml)"},
		{"mise", map[string]string{"mise.toml": "[env]\nnode = '1'\n[tools]\npython = '3'\nnode = ['22', '20']\n"}, "", "22.23.3: 22.23.3 (mise.toml: 22)"},
		{"devEngines", map[string]string{"package.json": `{"devEngines":{"runtime":{"name":"node","version":"^24"}}}`}, "", "24.21.0: 24.21.0 (package.json devEngines.runtime: ^24)"},
		{"what is no version", map[string]string{".nvmrc": "system"}, "", `26.10.0: .nvmrc says "system", which is no version; passed over | 26.10.0 (default)`},
		{"hostile engines", map[string]string{"package.json": `{"engines":{"node":"1\nRUN id $(x)"}}`}, "", `26.10.0: package.json engines.node says "1\nRUN id $(x)", which is no version; passed over | 26.10.0 (default)`},
		{"an old yarn", map[string]string{"package.json": `{"packageManager":"yarn@2.4.1"}`}, "", "22.23.3: 22.23.3 (yarn 2.4.1 does not run on later ones)"},
		{"an old pnpm and a range", map[string]string{"package.json": `{"packageManager":"pnpm@6.27.1","engines":{"node":">=14"}}`}, "", "18.20.8: 18.20.8 (package.json engines.node: >=14; pnpm 6.27.1 does not run on later ones)"},
		{"an old pnpm and an exact version", map[string]string{"package.json": `{"packageManager":"pnpm@8.3.0"}`, ".nvmrc": "24.1.0"}, "", "24.1.0: 24.1.0 (.nvmrc)"},
		{"a pnpm that is not too old", map[string]string{"package.json": `{"packageManager":"pnpm@8.3.1"}`}, "", "26.10.0: 26.10.0 (default)"},
		{"a choice", map[string]string{".nvmrc": "22"}, "24", "24.21.0: 24.21.0 (--node 24)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			choices := nothing
			choices.Node = c.asked
			m, findings := mustInit(t, c.files, choices)
			if got := m.Services[0].Node + ": " + about("node", findings); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestInitFindsThePackageManager(t *testing.T) {
	cases := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"nothing said", nil, "npm@11.21.2 (default)"},
		{"a lock of npm's", map[string]string{"package-lock.json": "{}"}, "npm@11.21.2 (package-lock.json)"},
		{"a lock of npm's on an old Node.js", map[string]string{"package-lock.json": "{}", ".nvmrc": "18"}, "npm@10.9.9 (package-lock.json)"},
		{"a lock of yarn 1", map[string]string{"yarn.lock": "# yarn lockfile v1\n"}, "yarn@1.22.22 (yarn.lock)"},
		{"a lock of newer yarn", map[string]string{"yarn.lock": "\n__metadata:\n"}, "yarn@4.18.1 (yarn.lock)"},
		{"a lock of pnpm", map[string]string{"pnpm-lock.yaml": "lockfileVersion: '9.0'"}, "pnpm@10.34.8 (pnpm-lock.yaml)"},
		{"a lock of old pnpm", map[string]string{"pnpm-lock.yaml": "lockfileVersion: '6.0'"}, "pnpm@8.15.9 (pnpm-lock.yaml)"},
		{"a lock of bun", map[string]string{"bun.lock": "{}"}, "bun@1.4.5 (bun.lock)"},
		{"packageManager", map[string]string{"package.json": `{"packageManager":"pnpm@9.1.0+sha512.ab"}`, "package-lock.json": "{}"}, "pnpm@9.1.0 (package.json packageManager)"},
		{"packageManager without a version", map[string]string{"package.json": `{"packageManager":"yarn"}`, "yarn.lock": "\n__metadata:"}, "yarn@4.18.1 (package.json packageManager)"},
		{"packageManager of another world", map[string]string{"package.json": `{"packageManager":"cnpm@1.0.0"}`}, `npm@11.21.2 (default; package.json packageManager says "cnpm@1.0.0", which devbox does not know)`},
		{"devEngines", map[string]string{"package.json": `{"devEngines":{"packageManager":{"name":"pnpm","version":"9.15.4"}}}`}, "pnpm@9.15.4 (package.json devEngines.packageManager)"},
		{"devEngines with a range", map[string]string{"package.json": `{"devEngines":{"packageManager":[{"name":"pnpm","version":"^10.2.0"}]}}`}, "pnpm@10.34.8 (package.json devEngines.packageManager)"},
		{"devEngines with another range", map[string]string{"package.json": `{"devEngines":{"packageManager":{"name":"pnpm","version":"^9.2.0","onFail":"error"}}}`}, "pnpm@9.2.0 (package.json devEngines.packageManager)"},
		{"packageManager before devEngines", map[string]string{"package.json": `{"packageManager":"npm@11.0.0","devEngines":{"packageManager":{"name":"pnpm"}}}`}, "npm@11.0.0 (package.json packageManager)"},
		{"a lock of yarn 2", map[string]string{"package.json": `{"private":"true"}`, "yarn.lock": "\n__metadata:\n  version: 4\n  cacheKey: 7\n"}, "yarn@2.4.2 (yarn.lock)"},
		{"a lock of yarn 3", map[string]string{"package.json": `{}`, "yarn.lock": "\n__metadata:\n  version: 6\n  cacheKey: 8\n"}, "yarn@3.8.7 (yarn.lock)"},
		{"a yarn of its own", map[string]string{"package.json": `{}`, ".yarnrc.yml": "nodeLinker: pnp\n\nyarnPath: .yarn/releases/yarn-4.5.0.cjs\n", "yarn.lock": "\n__metadata:"}, "yarn@4.5.0 (yarnPath)"},
		{"a yarn 1 of its own", map[string]string{"package.json": `{}`, ".yarnrc": "# x\nyarn-path \".yarn/releases/yarn-1.22.19.js\"\n", "yarn.lock": ""}, "yarn@1.22.19 (yarnPath)"},
		{"volta", map[string]string{"package.json": `{"volta":{"yarn":"1.22.1"}}`, "yarn.lock": ""}, "yarn@1.22.1 (package.json volta.yarn)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, findings := mustInit(t, c.files, nothing)
			if got := about("package-manager", findings); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestInitSaysWhichOfTwoLocksCounts(t *testing.T) {
	cases := []struct{ name, pkg, manager, lock string }{
		{
			"nothing said", `{}`,
			"yarn@1.22.22 (yarn.lock; package-lock.json is there too, but npm comes with Node.js and leaves one behind by accident)",
			"package-lock.json is there, which yarn does not read | yarn.lock (the file is there)",
		},
		{
			"a script that runs one", `{"scripts":{"all":"npm run x && npm run y"}}`,
			"npm@11.21.2 (package-lock.json; scripts.all runs npm)", "yarn.lock is there, which npm does not read | package-lock.json (the file is there)",
		},
		{
			"packageManager", `{"packageManager":"npm@11.0.0"}`,
			"npm@11.0.0 (package.json packageManager)", "yarn.lock is there, which npm does not read | package-lock.json (the file is there)",
		},
	}
	for _, c := range cases {
		_, findings := mustInit(t, map[string]string{"package.json": c.pkg, "package-lock.json": "{}", "yarn.lock": ""}, nothing)
		if got := about("package-manager", findings); got != c.manager {
			t.Errorf("%s: got  %s\nwant %s", c.name, got, c.manager)
		}
		if got := about("lock", findings); got != c.lock {
			t.Errorf("%s: got  %s\nwant %s", c.name, got, c.lock)
		}
	}
}

func TestInitFindsThePort(t *testing.T) {
	cases := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"nothing said", nil, "3000 (default)"},
		{"PORT in a script", scripts(`"start": "PORT=8080 node x.js"`), "8080 (package.json scripts.start)"},
		{"a flag in a script", scripts(`"dev": "next dev -p 3001", "start": "next start --port=4000"`), "3001 (package.json scripts.dev)"},
		{"a script before .env", merge(scripts(`"dev": "vite --port 4001"`), map[string]string{".env": "PORT=1"}), "4001 (package.json scripts.dev)"},
		{".env", map[string]string{".env": "A=b\nPORT='4002'\n"}, "4002 (.env PORT)"},
		{"an example of .env", map[string]string{".env.example": "PORT=4003\n"}, "4003 (.env.example PORT)"},
		{"the code", map[string]string{"server.js": "listen(process.env.PORT || 4004)"}, "4004 (server.js)"},
		{"the code that a script names", merge(scripts(`"start": "node lib/run.js"`), map[string]string{"lib/run.js": "x.listen(4005)", "index.js": "x.listen(1)"}), "4005 (lib/run.js)"},
		{"EXPOSE", map[string]string{"Dockerfile": "FROM x\nEXPOSE 4006"}, "4006 (Dockerfile EXPOSE)"},
		{"vite", map[string]string{"package.json": `{"devDependencies":{"vite":"7"}}`}, "5173 (package.json dependencies: vite)"},
		{"next", map[string]string{"package.json": `{"dependencies":{"next":"16","express":"5"}}`}, "3000 (package.json dependencies: next)"},
		{"express", map[string]string{"package.json": `{"dependencies":{"express":"5"}}`}, "3000 (package.json dependencies: express)"},
		{"code without a server", map[string]string{"index.js": "setInterval(() => console.log('x'), 1000)"}, "0 (the code opens no server)"},
		{"code that loads other code", map[string]string{"index.js": "require('./app')"}, "3000 (default)"},
		{"code with a server on any port", map[string]string{"index.js": "http.createServer(f).listen(process.env.PORT)"}, "3000 (default)"},
		{"a port that is none", scripts(`"start": "PORT=99999 node x.js"`), "3000 (default)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, findings := mustInit(t, c.files, nothing)
			if got := about("port", findings); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func scripts(members string) map[string]string {
	return map[string]string{"package.json": `{"scripts": {` + members + `}}`}
}

func merge(maps ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, m := range maps {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

func TestInitFindsTheCommands(t *testing.T) {
	index := map[string]string{"index.js": "x"}
	cases := []struct {
		name             string
		files            map[string]string
		dev, build, prod string
		findings         string // about dev, and then about prod
	}{
		{"an empty folder", nil, "node index.js", "", "node index.js", "node index.js (default; no script and no file shows how the app starts) / node index.js (the same as dev)"},
		{"a file by custom", index, "node index.js", "", "node index.js", "node index.js (the file is there) / node index.js (the file is there)"},
		{"main", merge(index, map[string]string{"package.json": `{"main":"lib"}`, "lib/index.js": "x"}), "node lib/index.js", "", "node lib/index.js", "node lib/index.js (package.json main) / node lib/index.js (package.json main)"},
		{"main that is not there", merge(index, map[string]string{"package.json": `{"main":"lib.js"}`}), "node index.js", "", "node index.js", "node index.js (the file is there) / node index.js (the file is there)"},
		{"start alone", scripts(`"start": "node server.js"`), "node server.js", "", "node server.js", "node server.js (package.json scripts.start) / node server.js (package.json scripts.start)"},
		{"dev, build and start", scripts(`"dev": "next dev", "build": "next build", "start": "next start"`), "next dev", "npm run build", "next start", "next dev (package.json scripts.dev) / next start (package.json scripts.start)"},
		{"start:dev and start:prod", scripts(`"start": "nest start", "start:dev": "nest start --watch", "start:prod": "node dist/main"`), "nest start --watch", "", "node dist/main", "nest start --watch (package.json scripts.start:dev) / node dist/main (package.json scripts.start:prod)"},
		{"nodemon", scripts(`"dev": "nodemon index.js --color", "start": "node index.js"`), "node index.js --color", "", "node index.js", "node index.js --color (package.json scripts.dev) | nodemon is left out, because devbox restarts the app / node index.js (package.json scripts.start)"},
		{"nodemon with its flags", scripts(`"start": "nodemon -L -w src --ext=js,ts --delay 1 --inspect=0.0.0.0 -- src/a.js"`), "node --inspect=0.0.0.0 src/a.js", "", "node --inspect=0.0.0.0 src/a.js", "node --inspect=0.0.0.0 src/a.js (package.json scripts.start) | nodemon is left out, because devbox restarts the app / node --inspect=0.0.0.0 src/a.js (package.json scripts.start) | nodemon is left out, because devbox restarts the app"},
		{"nodemon with --exec", scripts(`"dev": "nodemon --watch src --exec 'ts-node src/a.ts'", "start": "node a.js"`), "ts-node src/a.ts", "", "node a.js", ""},
		{"nodemon with an unknown flag", scripts(`"dev": "nodemon --new x.js", "start": "node x.js"`), "nodemon --new x.js", "", "node x.js", "nodemon --new x.js (package.json scripts.dev) | nodemon is left in, because what it runs is not plain to see: it restarts the app beside devbox / node x.js (package.json scripts.start)"},
		{"nodemon without a file", merge(index, scripts(`"dev": "nodemon"`)), "nodemon", "", "node index.js", ""},
		{"nodemon with settings of its own", merge(scripts(`"dev": "nodemon x.js", "start": "node x.js"`), map[string]string{"nodemon.json": `{"watch": ["src"]}`}), "node x.js", "", "node x.js", ""},
		{"nodemon with an exec of its own", map[string]string{"package.json": `{"main":"dist/x.js"}`, "nodemon.json": `{"exec": "node --inspect -r ts-node/register src/x.ts", "env": {"A": "b", "DB_PASSWORD": "p"}}`}, "node --inspect -r ts-node/register src/x.ts", "", "", ""},
		{"nodemon with events", merge(scripts(`"dev": "nodemon x.js", "start": "node x.js"`), map[string]string{"nodemon.json": `{"events": {"start": "x"}}`}), "nodemon x.js", "", "node x.js", ""},
		{"nodemon in node_modules", scripts(`"dev": "../node_modules/nodemon/bin/nodemon.js ./bin/www --inspect=0.0.0.0:9229", "start": "node ./bin/www"`), "node --inspect=0.0.0.0:9229 ./bin/www", "", "node ./bin/www", ""},
		{"nodemon that takes main", map[string]string{"package.json": `{"main":"x.js","scripts":{"dev":"nodemon","start":"node x.js"}}`}, "node x.js", "", "node x.js", ""},
		{"nodemon that takes start", scripts(`"dev": "nodemon", "start": "node x.js"`), "node x.js", "", "node x.js", ""},
		{"nodemon with a program and a file", scripts(`"dev": "nodemon -x 'ts-node -T' src/x.ts", "start": "node x.js"`), "ts-node -T src/x.ts", "", "node x.js", ""},
		{"nodemon of TypeScript", scripts(`"dev": "nodemon x.ts", "start": "node x.js"`), "nodemon x.ts", "", "node x.js", ""},
		{"nodemon in a sequence", scripts(`"dev": "tsc && nodemon x.js", "start": "node x.js"`), "tsc && node x.js", "", "node x.js", "tsc && node x.js (package.json scripts.dev) | nodemon is left out, because devbox restarts the app / node x.js (package.json scripts.start)"},
		{"npx nodemon", scripts(`"dev": "npx nodemon x.js", "start": "node x.js"`), "node x.js", "", "node x.js", ""},
		{"node --watch", scripts(`"dev": "node --import=tsx --watch --watch-path=src -r dotenv/config src/x.ts --a b", "start": "node x"`), "node --import=tsx -r dotenv/config src/x.ts --a b", "", "node x", ""},
		{"a file of variables that is not there", scripts(`"dev": "tsx watch --env-file=.env src/x.ts", "start": "node x"`), "tsx src/x.ts", "", "node x", "tsx src/x.ts (package.json scripts.dev) | tsx watch is left out, because devbox restarts the app | --env-file=.env is left out, because there is no such file; with one, add `env-file: [.env]` / node x (package.json scripts.start)"},
		{"tsx watch", merge(map[string]string{".env": ""}, scripts(`"dev": "tsx watch --clear-screen=false --env-file=.env src/x.ts", "start": "node x"`)), "tsx --env-file=.env src/x.ts", "", "node x", ""},
		{"tsx --watch", scripts(`"dev": "tsx --watch src/x.ts", "start": "node x"`), "tsx src/x.ts", "", "node x", ""},
		{"what node loads before in development only", map[string]string{"package.json": `{"devDependencies":{"tsx":"4"},"scripts":{"dev":"node --watch --import tsx src/x.ts"}}`}, "node --import tsx src/x.ts", "", "", "node --import tsx src/x.ts (package.json scripts.dev) | node --watch is left out, because devbox restarts the app / no command found; that of dev needs tsx, which is there for development only; add one to devbox.yaml for a production side"},
		{"what node loads before in both", map[string]string{"package.json": `{"dependencies":{"tsx":"4","dotenv":"16"},"scripts":{"dev":"node --import=tsx -r dotenv/config x.js"}}`}, "node --import=tsx -r dotenv/config x.js", "", "node --import=tsx -r dotenv/config x.js", ""},
		{"a script that begins commands", merge(map[string]string{".env": "", "pnpm-lock.yaml": ""}, scripts(`"dev": "pnpm with-env vite --open", "with-env": "pnpx @dotenvx/dotenvx run -- ", "start": "pnpm run with cross-env C=d node x.js", "with": "cross-env A=b"`)), "vite --host", "", "A=b C=d node x.js", ""},
		{"a script with arguments for another that npm runs", scripts(`"dev": "npm run with -- node x.js --a", "with": "env A=b", "start": "npm run other node x.js", "other": "a; b"`), "A=b node x.js --a", "", "npm run other node x.js", ""},
		{"logs made readable", scripts(`"dev": "tsx watch --clear-screen=false src/x.ts | pino-pretty -c", "start": "node x.js | pino-pretty"`), "tsx src/x.ts | pino-pretty -c", "", "node x.js | pino-pretty", "tsx src/x.ts | pino-pretty -c (package.json scripts.dev) | tsx watch is left out, because devbox restarts the app / node x.js | pino-pretty (package.json scripts.start)"},
		{"logs made readable in development only", map[string]string{"package.json": `{"devDependencies":{"pino-pretty":"1"},"scripts":{"dev":"A=b nodemon x.js | pino-pretty","start":"tsc && A=b node x.js | pino-pretty"}}`}, "A=b node x.js | pino-pretty", "", "A=b node x.js", "A=b node x.js | pino-pretty (package.json scripts.dev) | nodemon is left out, because devbox restarts the app / A=b node x.js (package.json scripts.start) | tsc is left out, because the image is built before it runs | pino-pretty is left out, because it is there for development only"},
		{"a pipe into more than a program", scripts(`"dev": "nodemon x.js | tee a | cat", "start": "node x.js | cat && x"`), "nodemon x.js | tee a | cat", "", "node x.js | cat && x", ""},
		{"ts-node-dev", map[string]string{"package.json": `{"devDependencies":{"ts-node":"1"},"scripts":{"dev":"ts-node-dev --respawn -T -P t.json src/x.ts","start":"node x"}}`}, "ts-node -T -P t.json src/x.ts", "", "node x", ""},
		{"ts-node in production without types", map[string]string{"package.json": `{"dependencies":{"ts-node":"1"},"devDependencies":{"@types/koa":"1"},"scripts":{"dev":"ts-node x.ts","start":"ts-node x.ts"}}`}, "ts-node x.ts", "", "ts-node --transpile-only x.ts", ""},
		{"ts-node-dev without ts-node", scripts(`"dev": "ts-node-dev src/x.ts", "start": "node x"`), "ts-node-dev src/x.ts", "", "node x", ""},
		{"the compiler writes beside the source", merge(scripts(`"build": "tsc", "start": "node index.js"`), map[string]string{"index.ts": ""}), "npm run build && node index.js", "npm run build", "node index.js", ""},
		{"bun --watch", scripts(`"dev": "bun --watch x.ts", "start": "bun x.ts"`), "bun x.ts", "", "bun x.ts", ""},
		{"a script that runs another", scripts(`"dev": "npm run -s serve:it", "serve:it": "npm start", "start": "node x.js"`), "node x.js", "", "node x.js", "node x.js (package.json scripts.dev) / node x.js (package.json scripts.start)"},
		{"yarn's short form", merge(scripts(`"dev": "yarn go", "go": "node x.js"`), map[string]string{"yarn.lock": ""}), "node x.js", "", "node x.js", ""},
		{"scripts in a circle", scripts(`"dev": "npm run a", "a": "npm run dev", "start": "node x"`), "npm run a", "", "node x", ""},
		{"a hook before dev", scripts(`"predev": "x", "dev": "node x.js", "start": "node x.js"`), "npm run dev", "", "node x.js", "npm run dev (package.json scripts.dev) | scripts.predev goes with scripts.dev; signals reach the app only through npm / node x.js (package.json scripts.start)"},
		{"a build before start", scripts(`"prestart": "npm run build", "build": "tsc", "start": "node dist/x.js"`), "npm run start", "npm run build", "node dist/x.js", ""},
		{"variables of npm's", scripts(`"start": "node x.js --v $npm_package_version"`), "npm run start", "", "npm run start", ""},
		{"assignments", scripts(`"start": "DEBUG=a:* node x.js"`), "node x.js", "", "node x.js", "node x.js (package.json scripts.start) / node x.js (package.json scripts.start)"},
		{"assignments of one mode", scripts(`"dev": "A=b node x.js", "start": "node x.js"`), "A=b node x.js", "", "node x.js", ""},
		{"a password in a script", scripts(`"start": "DB_PASSWORD=x node x.js"`), "npm run start", "", "npm run start", "npm run start (package.json scripts.start) | scripts.start has a secret in it, which is not copied; signals reach the app only through npm / npm run start (package.json scripts.start) | scripts.start has a secret in it, which is not copied; signals reach the app only through npm"},
		{"a build in start", scripts(`"build": "tsc", "start": "npm run build && node dist/x.js"`), "npm run build && node dist/x.js", "npm run build", "node dist/x.js", ""},
		{"start of what a build makes", scripts(`"build": "x", "start": "node dist/x.js"`), "npm run build && node dist/x.js", "npm run build", "node dist/x.js", ""},
		{"TypeScript without a build", map[string]string{"package.json": `{"devDependencies":{"typescript":"5"},"scripts":{"start":"node dist/x.js"}}`, "tsconfig.json": `{"compilerOptions":{"outDir":"./dist"}}`}, "tsc && node dist/x.js", "tsc", "node dist/x.js", ""},
		{"TypeScript that nothing starts in production", map[string]string{"package.json": `{"scripts":{"build":"tsc","dev":"tsx src/x.ts"}}`, "tsconfig.json": `{"compilerOptions":{"outDir":"./out"}}`}, "tsx src/x.ts", "npm run build", "node out/x.js", ""},
		{"dotenv", merge(map[string]string{".env.dev": ""}, scripts(`"dev": "dotenv -e .env.dev -- cross-env X=y nodemon x.js", "start": "node x.js"`)), "X=y node x.js", "", "node x.js", ""},
		{"a browser and polling", scripts(`"start": "ng serve --open --poll=500"`), "ng serve --host 0.0.0.0", "", "", ""},
		{"fastify-cli", scripts(`"dev": "fastify start -w -l info app.js", "start": "fastify start app.js"`), "fastify start -l info app.js --address 0.0.0.0", "", "fastify start app.js --address 0.0.0.0", ""},
		{"NODE_ENV", scripts(`"dev": "NODE_ENV=development node x.js", "start": "NODE_ENV=production A='b c' node x.js"`), "node x.js", "", "A='b c' node x.js", "node x.js (package.json scripts.dev) | NODE_ENV=development is left out, because devbox sets it for each mode / A='b c' node x.js (package.json scripts.start) | NODE_ENV=production is left out, because devbox sets it for each mode"},
		{"cross-env", scripts(`"dev": "cross-env NODE_ENV=development A=b nodemon x.js", "start": "cross-env NODE_ENV=staging node x.js"`), "A=b node x.js", "", "NODE_ENV=staging node x.js", ""},
		{"cross-env that expands", scripts(`"start": "cross-env 'A=$B' node x.js"`), "cross-env 'A=$B' node x.js", "", "cross-env 'A=$B' node x.js", ""},
		{"operators", scripts(`"start": "node a.js & node b.js"`), "node a.js & node b.js", "", "node a.js & node b.js", ""},
		{"vite", scripts(`"dev": "vite", "build": "vite build", "preview": "vite preview"`), "vite --host", "npm run build", "", "vite --host (package.json scripts.dev) | --host is added, because on its loopback nobody outside the container finds the server / no command found; add one to devbox.yaml for a production side"},
		{"vite with a host", scripts(`"dev": "vite --host 0.0.0.0"`), "vite --host 0.0.0.0", "", "", ""},
		{"a bundler with sources by custom", merge(index, scripts(`"start": "react-scripts start", "build": "react-scripts build"`)), "react-scripts start", "npm run build", "", ""},
		{"a bundler without start", merge(index, scripts(`"serve": "vue-cli-service serve"`)), "vue-cli-service serve", "", "", ""},
		{"workspaces with npm in their name", scripts(`"dev": "npm run dev -w @npm_workspace/a", "start": "node x"`), "npm run dev -w @npm_workspace/a", "", "node x", ""},
		{"angular", scripts(`"start": "ng serve"`), "ng serve --host 0.0.0.0", "", "", ""},
		{"a tool of development in start", merge(index, map[string]string{"package.json": `{"devDependencies":{"tsx":"4"},"scripts":{"start":"tsx x.ts"}}`}), "tsx x.ts", "", "node index.js", "tsx x.ts (package.json scripts.start) / scripts.start runs tsx, which is there for development only | node index.js (the file is there)"},
		{"another package manager", merge(scripts(`"build": "x", "predev": "x", "dev": "y", "start": "node z"`), map[string]string{"pnpm-lock.yaml": ""}), "pnpm run dev", "pnpm run build", "node z", ""},
		{"a build of an image", scripts(`"build": "docker build --target prod -t x .", "start": "node x.js"`), "node x.js", "", "node x.js", ""},
		{"white space for a script", merge(index, scripts(`"start": "  "`)), "node index.js", "", "node index.js", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, findings := mustInit(t, c.files, nothing)
			s := m.Services[0]
			if got := []string{s.Dev.String(), s.Build.String(), s.Prod.String()}; !slices.Equal(got, []string{c.dev, c.build, c.prod}) {
				t.Errorf("got  %q\nwant %q", got, []string{c.dev, c.build, c.prod})
			}
			if got := about("dev", findings) + " / " + about("prod", findings); c.findings != "" && got != c.findings {
				t.Errorf("got  %s\nwant %s", got, c.findings)
			}
		})
	}
}

func TestInitRefusesCommandsThatNoShellTakes(t *testing.T) {
	cases := []struct{ script, want string }{
		{`"node 'x"`, `package.json: scripts.start: command "node 'x": the quote in column 6 is not closed`},
		{`"node \u0000"`, `package.json: scripts.start: command "node \x00" holds the control character U+0000`},
		{`"node \u001b[2J"`, `package.json: scripts.start: command "node \x1b[2J" holds the control character U+001B`},
	}
	for _, c := range cases {
		facts, err := Detect(folder(scripts(`"start": ` + c.script)))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := InitModel(facts, nothing); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestInitTakesChoices(t *testing.T) {
	m, findings := mustInit(t, scripts(`"start": "node x"`), Choices{
		Name: "My Shop", Node: "22", PackageManager: "pnpm@9.1.0", Port: 0, Dev: "node 'a b.js'", Build: "make", Prod: "A=b node c.js",
	})
	want := &Model{Name: "my-shop", Lock: LockPolicies{Frozen, Frozen}, Services: []Service{{
		Name: "web", Node: "22.23.3", PackageManager: PackageManager{"pnpm", "9.1.0"}, Port: 0,
		Dev: Command{"node", "a b.js"}, Build: Command{"make"}, Prod: Command{"/bin/sh", "-c", "A=b exec node c.js"},
	}}}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := about("build", findings), "make (--build)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestInitRefusesChoicesThatAreNone(t *testing.T) {
	cases := []struct {
		choices Choices
		want    string
	}{
		{Choices{Node: "99", Port: -1}, `--node: "99" is no version of Node.js that devbox knows; write an exact one, or one of 26.10.0, 24.21.0, 22.23.3, 20.20.2, 18.20.8 or 16.20.2`},
		{Choices{Node: "$(id)", Port: -1}, `--node: "$(id)" is no version of Node.js that devbox knows; write an exact one, or one of 26.10.0, 24.21.0, 22.23.3, 20.20.2, 18.20.8 or 16.20.2`},
		{Choices{PackageManager: "npn", Port: -1}, `--package-manager: must be npm, yarn, pnpm or bun, not "npn"; did you mean "npm"?`},
		{Choices{PackageManager: "npm@11", Port: -1}, `--package-manager: must have an exact version, not "npm@11"; try npm@11.21.2`},
		{Choices{Port: 70000}, `--port: must be a number from 0 to 65535, not 70000`},
		{Choices{Dev: "node 'x", Port: -1}, `--dev: command "node 'x": the quote in column 6 is not closed`},
	}
	for _, c := range cases {
		if _, _, err := InitModel(nil, c.choices); err == nil || err.Error() != c.want {
			t.Errorf("%+v: got %v, want %s", c.choices, err, c.want)
		}
	}
}

func TestSlug(t *testing.T) {
	for text, want := range map[string]string{
		"My App": "my-app", "@acme/Chat_server": "chat-server", "": "app", "/": "app", "@s/": "s", "--x--": "x", "日本": "app", "größe": "gr-e",
		"../../x": "x", "a\nRUN id": "a-run-id", "${HOME}": "home", strings.Repeat("a", 300): strings.Repeat("a", 63),
		strings.Repeat("a", 62) + "-b": strings.Repeat("a", 62), "app.v2": "app-v2", "1e3": "1e3",
	} {
		if got := Slug(text); got != want || checkProjectName(got).text != "" {
			t.Errorf("Slug(%q) = %q, want %q", text, got, want)
		}
	}
}

// hostileTexts go beyond what a person writes in a package.json.
func hostileTexts() []string {
	return append(slices.Clone(hostile), "@s/n", "node x.js && $(id)", "PORT=1 node `id`", "nodemon \"$x\" 'y'", "a\u2028b", "npm run start", "npx x; y")
}

func TestInitOfAHostilePackageJSON(t *testing.T) {
	for _, text := range hostileTexts() {
		t.Run(quote(text), func(t *testing.T) {
			facts := &Facts{
				Package: &PackageJSON{
					Name: text, Main: text, Manager: text, Engines: map[string]string{"node": text}, Volta: map[string]string{"node": text, "npm": text},
					Scripts: map[string]string{"dev": text, "build": text, "start": text},
				},
				Node:  []Fact{{text, ".nvmrc"}},
				Entry: Entry{Main: text},
			}
			checkInit(t, facts, Choices{Folder: text, Port: -1})
		})
	}
}

// checkInit demands a model that renders and reads back, or a clear error.
func checkInit(t *testing.T, facts *Facts, c Choices) {
	t.Helper()
	m, findings, err := InitModel(facts, c)
	if err != nil {
		if strings.ContainsAny(err.Error(), "\x00\x1b\n\u202e") {
			t.Errorf("the error is not safe to print: %q", err.Error())
		}
		return
	}
	if len(findings) == 0 {
		t.Error("nothing was found")
	}
	if _, err := Render(m, facts.RenderFacts()); err != nil {
		t.Fatalf("%+v: %v", m, err)
	}
	checkReadsBack(t, m)
}

func FuzzInitModel(f *testing.F) {
	for _, text := range hostileTexts() {
		f.Add(text, text, text, text)
	}
	f.Fuzz(func(t *testing.T, name, node, dev, start string) {
		checkInit(t, &Facts{
			Package: &PackageJSON{Name: name, Manager: node, Scripts: map[string]string{"dev": dev, "start": start, "predev": ""}},
			Node:    []Fact{{node, ".nvmrc"}},
			Entry:   Entry{File: dev},
		}, Choices{Folder: name, Port: -1})
	})
}

func TestInitSaysThatPlugAndPlayIsNotUsed(t *testing.T) {
	for rc, want := range map[string]bool{"": true, "nodeLinker: pnp\n": true, "nodeLinker: node-modules\n": false, "x: 1\nnodeLinker: \"pnpm\"\n": false} {
		files := map[string]string{"package.json": "{}", "yarn.lock": "\n__metadata:\n", ".yarnrc.yml": rc}
		_, findings := mustInit(t, files, nothing)
		if got := strings.Contains(about("packages", findings), "Plug'n'Play"); got != want {
			t.Errorf("%q: said %v, want %v", rc, got, want)
		}
	}
	_, findings := mustInit(t, map[string]string{"package.json": "{}", "yarn.lock": ""}, nothing)
	if got := about("packages", findings); got != "" {
		t.Errorf("of yarn 1: %s", got)
	}
}

package project

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// member is a package.json of a name with scripts and dependencies.
func member(name, scripts, dependencies string) string {
	return fmt.Sprintf(`{"name":%q,"scripts":{%s},"dependencies":{%s}}`, name, scripts, dependencies)
}

func TestInitFindsTheAppsOfAFolder(t *testing.T) {
	workspace := map[string]string{"package.json": `{"workspaces":["apps/*","packages/*"],"packageManager":"pnpm@10.1.0","scripts":{"dev":"turbo run dev"}}`, "pnpm-lock.yaml": "lockfileVersion: '9.0'", ".nvmrc": "24"}
	cases := []struct {
		name  string
		files map[string]string
		want  string // each service: name, folder, manager, port, dev
	}{
		{"one app", scripts(`"start": "node x.js"`), "web . npm@11.21.2 3000 node x.js"},
		{"a workspace", merge(workspace, map[string]string{
			"apps/api/package.json":     member("api", `"dev": "tsx watch src/a.ts"`, `"fastify": "5"`),
			"apps/api/src/a.ts":         "app.listen({port: Number(process.env.PORT ?? 4000)})",
			"apps/site/package.json":    member("site", `"dev": "next dev", "build": "next build", "start": "next start"`, `"next": "16"`),
			"packages/lib/package.json": member("lib", `"dev": "tsup --watch", "build": "tsup"`, ``),
			"packages/ui/package.json":  member("ui", `"build": "tsc", "test": "vitest"`, `"react": "19"`),
		}), "api apps/api pnpm@10.1.0 4000 tsx src/a.ts | site apps/site pnpm@10.1.0 3000 next dev"},
		{"a workspace without an app", merge(workspace, map[string]string{"packages/lib/package.json": member("lib", `"build": "tsup"`, ``)}), "web . pnpm@10.1.0 3000 turbo run dev"},
		{"apps that want one port", merge(workspace, map[string]string{
			"apps/a/package.json": member("a", `"dev": "next dev"`, `"next": "16"`),
			"apps/b/package.json": member("b", `"dev": "node x.js"`, `"express": "5"`),
			"apps/b/x.js":         "listen(3000)",
		}), "a apps/a pnpm@10.1.0 3001 next dev | b apps/b pnpm@10.1.0 3000 node x.js"},
		{"a server with a client of its own", map[string]string{
			"package.json": `{"scripts":{"start":"node server.js"},"dependencies":{"express":"5"}}`, "server.js": "app.listen(5000)",
			"client/package.json": member("client", `"start": "react-scripts start"`, `"react-scripts": "5"`), "client/package-lock.json": "{}",
		}, "web . npm@11.21.2 5000 node server.js | client client npm@11.21.2 3000 react-scripts start"},
		{"two folders and nothing above", map[string]string{
			"api/package.json": member("x", `"start": "node x.js"`, ``), "api/package-lock.json": "{}",
			"web/package.json": member("y", `"dev": "vite"`, ``), "web/yarn.lock": "",
		}, "api api npm@11.21.2 3000 node x.js | web web yarn@1.22.22 5173 vite --host"},
		{"a folder with tools", map[string]string{
			"package.json": `{"scripts":{"start":"node server.js"}}`, "server.js": "",
			"scripts/package.json": member("s", `"start": "node x.js"`, ``), "docs/package.json": member("d", `"start": "x"`, ``),
		}, "web . npm@11.21.2 3000 node server.js"},
		{"all apps by pnpm itself", merge(workspace, map[string]string{
			"package.json":          `{"packageManager":"pnpm@10.1.0","scripts":{"dev":"pnpm --parallel -r run dev"}}`,
			"pnpm-workspace.yaml":   "packages: [apps/*]",
			"apps/api/package.json": member("api", `"dev": "bun run --hot x.ts"`, `"hono": "4"`),
		}), "api apps/api pnpm@10.1.0 3000 bun run x.ts"},
		{"yarn's own release above the apps", map[string]string{
			"package.json": `{"workspaces":["api"]}`, "yarn.lock": "\n__metadata:\n  version: 4\n", ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-2.4.1.cjs\n",
			"api/package.json": member("api", `"start": "node x.js"`, `"express": "4"`),
		}, "api api yarn@2.4.1 3000 node x.js"},
		{"what others use and what is a program are no apps", merge(workspace, map[string]string{
			"apps/api/package.json":       member("api", `"dev": "node x.js"`, `"express": "5", "lib": "*", "mails": "*"`),
			"packages/lib/package.json":   `{"name":"lib","scripts":{"start":"ts-node index.ts"}}`,
			"packages/tool/package.json":  `{"name":"tool","bin":"cli.js","scripts":{"dev":"tsx cli.ts"}}`,
			"packages/css/package.json":   `{"name":"css","scripts":{"dev":"tailwindcss -i a.css -o b.css --watch"}}`,
			"packages/mails/package.json": `{"name":"mails","scripts":{"dev":"email dev -p 3002"}}`,
		}), "api apps/api pnpm@10.1.0 3000 node x.js | mails packages/mails pnpm@10.1.0 3002 email dev -p 3002"},
		{"bun without a lock", map[string]string{"package.json": `{"scripts":{"dev":"bun --watch x.ts"},"dependencies":{"hono":"4"}}`}, "web . bun@1.4.5 3000 bun x.ts"},
		{"vite by bun", map[string]string{"package.json": `{"scripts":{"dev":"bunx --bun vite"}}`, "bun.lock": "{}"}, "web . bun@1.4.5 5173 bunx --bun vite --host"},
		{"a pattern that leads out", map[string]string{"package.json": `{"workspaces":["../*","/etc","apps/none-*"],"scripts":{"start":"node x.js"}}`}, "web . npm@11.21.2 3000 node x.js"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, _ := mustInit(t, c.files, nothing)
			var got []string
			for _, s := range m.Services {
				dir := s.Dir
				if dir == "" {
					dir = "."
				}
				got = append(got, fmt.Sprintf("%s %s %s %d %s", s.Name, dir, s.PackageManager, s.Port, s.Dev))
			}
			if text := strings.Join(got, " | "); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
}

func TestInitRefusesACollectionOfApps(t *testing.T) {
	files := map[string]string{}
	for i := range mostLoose + 1 {
		files[fmt.Sprintf("app%d/package.json", i)] = member("x", `"start": "node x.js"`, ``)
	}
	facts, err := DetectAll(folder(files))
	if err != nil {
		t.Fatal(err)
	}
	want := "there are 9 apps here that do not belong together: app0, app1, app2, app3 and 5 more"
	if _, _, err := InitModel(facts, nothing); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

func TestInitSurvivesPackagesThatCannotBeRead(t *testing.T) {
	files := folder(map[string]string{
		"package.json": `{"workspaces":["a","b","c"]}`, "a/package.json": "{", "b/package.json": "\uFEFF" + member("b", `"start": "node x.js"`, ``),
		"c/package.json": `{"scripts":{"start":["x"]}}`,
	})
	files["d"] = &fstest.MapFile{Mode: 0o777 | 1<<27, Data: []byte(".")} // a symlink to the top
	facts, err := DetectAll(files)
	if err != nil {
		t.Fatal(err)
	}
	m, findings, err := InitModel(facts, nothing)
	if err != nil || !strings.Contains(about("services", findings), "passed over: a/package.json:1:2: not JSON") || m.Services[0].Dir != "b" {
		t.Errorf("got %v, %v, %v", m, findings, err)
	}
}

func TestInitFindsWhatHasToBeCompiled(t *testing.T) {
	cases := []struct {
		name  string
		files map[string]string
		want  string // build packages / system packages
	}{
		{"nothing", depends("express"), " / "},
		{"a native module", depends("sqlite3"), "g++ make python3 / "},
		{"one that comes ready built", map[string]string{"package.json": `{"dependencies":{"bcrypt":"^6.0.0","sharp":"^0.34.0","argon2":"0.44.0"}}`}, " / "},
		{"an old version of it", map[string]string{"package.json": `{"dependencies":{"bcrypt":"^5.1.0"}}`}, "g++ make python3 / "},
		{"Prisma", depends("@prisma/client"), " / openssl"},
		{"libraries of the system", depends("pg-native"), "g++ libpq-dev make python3 / libpq5"},
		{"code of its own", map[string]string{"package.json": "{}", "binding.gyp": "{}"}, "g++ make python3 / "},
		{"npm's lock", map[string]string{"package.json": "{}", "package-lock.json": "{\n \"packages\": {\n    \"node_modules/a/node_modules/better-sqlite3\": {\n      \"version\": \"9.0.0\",\n"}, "g++ make python3 / "},
		{"npm's old lock", map[string]string{"package.json": "{}", "package-lock.json": "{\n  \"dependencies\": {\n    \"node-sass\": {\n      \"version\": \"4.0.0\",\n"}, "g++ make python3 / "},
		{"a peer in npm's lock", map[string]string{"package.json": "{}", "package-lock.json": "{\n    \"peerDependenciesMeta\": {\n        \"pg-native\": {\n          \"optional\": true\n"}, " / "},
		{"a ready built one in a lock", map[string]string{"package.json": "{}", "package-lock.json": "{\n    \"node_modules/bufferutil\": {\n      \"version\": \"4.0.8\",\n"}, " / "},
		{"yarn's lock", map[string]string{"package.json": "{}", "yarn.lock": "isolated-vm@^5.0.0:\n  version \"5.0.1\"\n"}, "g++ make python3 / "},
		{"yarn's newer lock", map[string]string{"package.json": "{}", "yarn.lock": "\n__metadata:\n  version: 8\n\n\"@mongodb-js/zstd@npm:^1.0.0\":\n  version: 1.0.0\n"}, "g++ make python3 / "},
		{"pnpm's lock", map[string]string{"package.json": "{}", "pnpm-lock.yaml": "lockfileVersion: '9.0'\npackages:\n  '@mongodb-js/zstd@1.0.0':\n    x: y\n"}, "g++ make python3 / "},
		{"pnpm's old lock", map[string]string{"package.json": "{}", "pnpm-lock.yaml": "lockfileVersion: 5.4\npackages:\n  /node-pty/1.0.0:\n    x: y\n"}, "g++ make python3 / "},
		{"a tool that needs ps", map[string]string{"package.json": `{"scripts":{"start:dev":"nest start --watch"}}`}, "procps / "},
		{"one in a script with hooks", map[string]string{"package.json": `{"scripts":{"predev":"x","dev":"concurrently \"tsc -w\" \"node x.js\""}}`}, "procps / "},
		{"one for another purpose", map[string]string{"package.json": `{"scripts":{"dev":"node x.js","build":"concurrently a b"}}`}, " / "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, _ := mustInit(t, c.files, nothing)
			s := m.Services[0]
			if got := strings.Join(s.BuildPackages, " ") + " / " + strings.Join(s.SystemPackages, " "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestInitFindsThePortInTheSources(t *testing.T) {
	cases := []struct{ name, file, text, want string }{
		{"a default", "lib/a.ts", "const port = parseInt(process.env.PORT ?? '3101', 10)", "3101 (lib/a.ts)"},
		{"Express' setting", "lib/a.js", "app.set('port', process.env.PORT || 3102)", "3102 (lib/a.js)"},
		{"Fastify", "lib/a.js", "await app.listen({ host: '0.0.0.0', port: 3103 })", "3103 (lib/a.js)"},
		{"Bun", "lib/a.ts", "Bun.serve({ fetch, port: 3104 })", "3104 (lib/a.ts)"},
		{"Hono", "lib/a.ts", "serve({ fetch: app.fetch, port: 3105 })", "3105 (lib/a.ts)"},
		{"what Bun serves by itself", "lib/a.ts", "export default {\n  fetch: app.fetch,\n  port: 3112,\n}", "3112 (lib/a.ts)"},
		{"the same with PORT", "lib/a.ts", "export default { port: Number(Bun.env.PORT) || 3113, fetch }", "3113 (lib/a.ts)"},
		{"settings that are exported", "lib/a.ts", "export default { port: 3114, prefetch: true }", "3000 (default)"},
		{"a schema of variables", "lib/env.ts", "z.object({ PORT: z.coerce.number().default(3106) })", "3106 (lib/env.ts)"},
		{"a name in a file with a server", "lib/a.js", "const httpPort = 3107; http.createServer(f).listen(httpPort)", "3107 (lib/a.js)"},
		{"a comment", "lib/a.js", "// app.listen(3108)", "3000 (default)"},
		{"a test", "lib/a.test.js", "app.listen(3109)", "3000 (default)"},
		{"a folder that is no source", "dist/a.js", "app.listen(3110)", "3000 (default)"},
		{"a server's settings", "vite.config.ts", "defineConfig({ server: { host: true, port: 3111 } })", "3000 (default)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, findings := mustInit(t, map[string]string{"package.json": `{"main":"x"}`, c.file: c.text}, nothing)
			if got := about("port", findings); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	_, findings := mustInit(t, merge(scripts(`"dev": "vite"`), map[string]string{"vite.config.ts": "defineConfig({ server: { host: true, port: 3111 } })"}), nothing)
	if got, want := about("port", findings), "3111 (vite.config.ts)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAppsOfAWorkspaceHaveTheSameDebianPackages(t *testing.T) {
	m, _ := mustInit(t, map[string]string{
		"package.json": `{"workspaces":["apps/*"]}`, "package-lock.json": "{}",
		"apps/web/package.json": `{"name":"web","scripts":{"dev":"vite"}}`,
		"apps/api/package.json": `{"name":"api","scripts":{"dev":"node x.js"},"dependencies":{"better-sqlite3":"1","prisma":"6"}}`,
		"own/package.json":      `{"name":"own","scripts":{"dev":"node x.js"}}`, "own/package-lock.json": "{}",
	}, nothing)
	for _, s := range m.Services {
		build, run := "g++ make python3", "openssl"
		if s.Name == "own" {
			build, run = "", ""
		}
		if strings.Join(s.BuildPackages, " ") != build || strings.Join(s.SystemPackages, " ") != run {
			t.Errorf("%s: got %q, %q", s.Name, s.BuildPackages, s.SystemPackages)
		}
	}
	if len(m.Services) != 3 {
		t.Errorf("got %d services", len(m.Services))
	}
}

func TestInitTakesThePortOfACommandThatRunsTheCodeFromTheCode(t *testing.T) {
	const nest = `"dependencies": {"@nestjs/core": "11"}`
	fixed := "const app = await NestFactory.create(AppModule); await app.listen(3009);"
	either := "await app.listen(process.env.PORT || 3009);"
	cases := []struct{ name, dev, more, main, env, want string }{
		{"nest, a number", "nest start --watch", nest, fixed, "", "3009 (src/main.ts)"},
		{"nest, PORT or a number", "nest start --watch", nest, either, "", "3009 (src/main.ts)"},
		{"nest by npx", "npx nest start --watch", nest, fixed, "", "3009 (src/main.ts)"},
		{"nest, the script first", "PORT=3010 nest start --watch", nest, either, "", "3010 (package.json scripts.start:dev)"},
		{"nest, .env first", "nest start --watch", nest, either, "PORT=3011", "3011 (.env PORT)"},
		{"nest, code that names none", "nest start --watch", nest, "await app.listen(process.env.PORT);", "", "3000 (package.json dependencies: @nestjs/core)"},
		{"ts-node", "ts-node src/main.ts", nest, fixed, "", "3009 (src/main.ts)"},
		{"ts-node-dev", "ts-node-dev --respawn src/main.ts", nest, fixed, "", "3009 (src/main.ts)"},
		{"tsx", "tsx watch src/main.ts", nest, either, "", "3009 (src/main.ts)"},
		{"nodemon", "nodemon src/main.ts", `"dependencies": {"express": "5"}`, fixed, "", "3009 (src/main.ts)"},
		{"Adonis", "node ace serve --watch", `"dependencies": {"@adonisjs/core": "6"}`, either, "", "3009 (src/main.ts)"},
		{"Fastify", "fastify start src/main.ts", `"dependencies": {"fastify": "5"}`, either, "", "3009 (src/main.ts)"},
		{"Strapi", "strapi develop", `"dependencies": {"@strapi/strapi": "5"}`, either, "", "3009 (src/main.ts)"},
		{"a server with settings of its own", "vite", `"dependencies": {"vite": "7"}`, either, "", "5173 (vite listens there)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{"package.json": fmt.Sprintf(`{"scripts": {"start:dev": %q}, %s}`, c.dev, c.more), "src/main.ts": c.main}
			if c.env != "" {
				files[".env"] = c.env
			}
			_, findings := mustInit(t, files, nothing)
			if got := about("port", findings); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestInitNamesPackagesThatMayBeApps(t *testing.T) {
	for script, want := range map[string]string{
		`"watch": "vite"`:           "packages/x may be an app: its script \"watch\" runs vite; if it is one, add a service with `dir: packages/x` to devbox.yaml",
		`"watch": "vite build"`:     "",
		`"preview": "vite preview"`: "",
		`"build": "tsc"`:            "",
	} {
		_, findings := mustInit(t, map[string]string{
			"package.json": `{"workspaces":["apps/*","packages/*"]}`, "package-lock.json": "{}",
			"apps/api/package.json":   member("api", `"dev": "node x.js"`, ``),
			"packages/x/package.json": member("x", script, ``),
		}, nothing)
		text := "api (each starts something) | packages/x starts nothing"
		if want != "" {
			text += " | " + want
		}
		if got := about("services", findings); got != text {
			t.Errorf("%s: got  %s\nwant %s", script, got, text)
		}
	}
}

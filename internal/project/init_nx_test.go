package project

import (
	"fmt"
	"strings"
	"testing"
)

// nxServe is a project.json of an app that Nx builds and runs with node.
func nxServe(name, build string) string {
	return fmt.Sprintf(`{"name":%q,"projectType":"application","targets":{"build":%s,"serve":{"executor":"@nx/js:node","options":{"buildTarget":"%s:build"}}}}`, name, build, name)
}

func TestAnNxTaskThatWatchesNothing(t *testing.T) {
	cases := map[string]struct {
		task, dev string
		warned    bool
	}{
		"a command":                      {`{"command":"node apps/x/src/main.js"}`, "node apps/x/src/main.js", false},
		"a command of run-commands":      {`{"executor":"nx:run-commands","options":{"command":"node apps/x/src/main.js"}}`, "node apps/x/src/main.js", false},
		"node's own watcher loses edits": {`{"command":"node --watch apps/x/src/main.js"}`, "node --watch apps/x/src/main.js", false},
		"a command that watches":         {`{"command":"tsx watch apps/x/src/main.ts"}`, "nx serve x", false},
		"a command in another folder":    {`{"executor":"nx:run-commands","options":{"command":"node main.js","cwd":"apps/x/src"}}`, "nx serve x", true},
		"a command after a build":        {`{"command":"node dist/main.js","dependsOn":["build"]}`, "nx serve x", true},
		"Nx's executor":                  {`{"executor":"@nx/js:node","options":{"buildTarget":"x:build"}}`, "nx serve x", false},
		"Nx's executor told not to":      {`{"executor":"@nx/js:node","options":{"buildTarget":"x:build","watch":false}}`, "nx serve x", true},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			m, findings := mustInit(t, map[string]string{
				"nx.json": `{}`, ".nvmrc": "24", "package.json": `{"devDependencies":{"nx":"22","tsx":"4"}}`,
				"apps/x/project.json": `{"name":"x","targets":{"serve":` + test.task + `}}`, "apps/x/src/main.js": "listen(3000)",
			}, nothing)
			warned := false
			for _, f := range findings {
				warned = warned || f.Warning && strings.Contains(f.Source, "takes in no edits")
			}
			if len(m.Services) != 1 || m.Services[0].Dev.String() != test.dev || warned != test.warned {
				t.Errorf("services %+v, warned %v", m.Services, warned)
			}
		})
	}
}

func TestInitFindsTheAppsOfAnNxWorkspace(t *testing.T) {
	top := map[string]string{
		"nx.json":      `{}`,
		"package.json": `{"scripts":{"start":"nx run-many -t serve"},"dependencies":{"express":"5","vite":"7"},"devDependencies":{"nx":"22"}}`,
		".nvmrc":       "24",
	}
	plugins := func(list string) map[string]string { return map[string]string{"nx.json": `{"plugins":[` + list + `]}`} }
	library := map[string]string{"libs/shared/project.json": `{"name":"shared","projectType":"library","targets":{"build":{"executor":"@nx/js:tsc"},"serve":{"executor":"@nx/js:node"}}}`}
	cases := []struct {
		name  string
		files map[string]string
		want  string // each service: name, folder, port, dev; build; prod
	}{
		{"an app for node and one for browsers", merge(top, library, map[string]string{
			"apps/api/project.json":     nxServe("api", `{"executor":"@nx/webpack:webpack","options":{"target":"node","outputPath":"dist/apps/api","main":"apps/api/src/main.ts"}}`),
			"apps/api/src/main.ts":      "app.listen(process.env.PORT || 3333)",
			"apps/web/project.json":     `{"name":"shop","targets":{"build":{"executor":"@nx/vite:build"},"serve":{"executor":"@nx/vite:dev-server"}}}`,
			"apps/web/vite.config.ts":   "export default {server: {port: 4300, host: 'localhost'}}",
			"apps/web-e2e/project.json": `{"name":"web-e2e","targets":{"e2e":{"executor":"@nx/cypress:cypress"}}}`,
		}), "api . 3333 nx serve api; nx build api; node dist/apps/api/main.js | web . 4300 nx serve shop --host 0.0.0.0; ; "},
		{"what the executors of builds make", merge(top, map[string]string{
			"apps/a/project.json": nxServe("a", `{"executor":"@nx/esbuild:esbuild","options":{"format":["cjs"],"outputPath":"dist/a","main":"apps/a/src/main.ts"}}`),
			"apps/b/project.json": nxServe("b", `{"executor":"@nx/js:tsc","options":{"outputPath":"dist/b","main":"apps/b/src/main.ts"}}`),
			"apps/c/project.json": nxServe("c", `{"executor":"@nx/esbuild:esbuild","options":{"format":["cjs"],"outputPath":"dist/c","main":"apps/c/x.ts","esbuildOptions":{"outExtension":{".js":".js"}}}}`),
			"apps/d/project.json": nxServe("d", `{"executor":"nx:run-commands","options":{"command":"webpack-cli build"}}`),
			"apps/d/webpack.config.js": `const { join } = require('path');
module.exports = { output: { path: join(__dirname, '../../dist/apps/d') }, plugins: [new NxAppWebpackPlugin({ target: 'node', main: './src/main.ts' })] };`,
			"apps/e/project.json": nxServe("e", `{"executor":"@acme/tools:build","options":{"outputPath":"dist/e","main":"apps/e/main.ts"}}`),
		}), "a . 3000 nx serve a; nx build a; node dist/a/main.cjs | b . 3001 nx serve b; nx build b; node dist/b/src/main.js" +
			" | c . 3002 nx serve c; nx build c; node dist/c/x.js | d . 3003 nx serve d; nx build d; node dist/apps/d/main.js | e . 3004 nx serve e; ; "},
		{"a member with its tasks in package.json", merge(top, map[string]string{
			"package.json":              `{"workspaces":["packages/*"],"devDependencies":{"nx":"22"}}`,
			"packages/api/package.json": `{"name":"@org/api","nx":{"targets":{"build":{"executor":"@nx/esbuild:esbuild","options":{"outputPath":"packages/api/dist","main":"packages/api/src/main.ts"}},"serve":{"executor":"@nx/js:node","options":{"buildTarget":"@org/api:build"}}}},"dependencies":{"express":"5"}}`,
			"packages/api/src/main.ts":  "app.listen(process.env.PORT ?? 3000)",
			"packages/lib/package.json": `{"name":"@org/lib"}`,
		}), "api . 3000 nx serve @org/api; nx build @org/api; node packages/api/dist/main.js"},
		{"tasks that plugins infer", merge(top, plugins(`{"plugin":"@nx/vite/plugin","options":{"serveTargetName":"vite-serve"}},"@nx/next/plugin"`), map[string]string{
			"package.json":                `{"workspaces":["apps/*"],"devDependencies":{"nx":"22"}}`,
			"apps/web/package.json":       `{"name":"@org/web"}`,
			"apps/web/vite.config.mts":    "",
			"apps/web/index.html":         "",
			"apps/ui/package.json":        `{"name":"@org/ui"}`,
			"apps/ui/vite.config.mts":     "",
			"apps/site/project.json":      `{"name":"site"}`,
			"apps/site/next.config.js":    "",
			"apps/loose/vite.config.mts":  "",
			"apps/loose/index.html":       "",
			"apps/other/project.json":     `{"name":"other","targets":{"lint":{"executor":"@nx/eslint:lint"}}}`,
			"apps/other/astro.config.mjs": "",
		}), "site . 3000 nx dev site; nx build site; next start apps/site | web . 5173 nx vite-serve @org/web --host 0.0.0.0; ; "},
		{"a script of the package's own comes first", merge(top, map[string]string{
			"package.json":          `{"workspaces":["apps/*"],"devDependencies":{"nx":"22"}}`,
			"apps/api/package.json": `{"name":"api","scripts":{"dev":"tsx watch x.ts"}}`,
			"apps/api/project.json": nxServe("api", `{}`),
		}), "api apps/api 3000 tsx x.ts; ; "},
		{"commands", merge(top, map[string]string{
			"apps/a/project.json": `{"targets":{"serve":{"command":"vite"}}}`,
			"apps/b/project.json": `{"targets":{"serve":{"executor":"nx:run-commands","options":{"command":"nx run b:build:watch & nodemon dist/b/main.cjs"}}}}`,
			"apps/c/project.json": `{"targets":{"serve":{"executor":"nx:run-commands","options":{"command":"tsc --watch"}}}}`,
			"apps/d/project.json": `{"targets":{"serve":{"dependsOn":["build"]}}}`,
		}), "a . 5173 nx serve a --host 0.0.0.0; ;  | b . 3000 nx serve b; ; "},
		{"one at the top", merge(top, map[string]string{
			"package.json": `{"devDependencies":{"nx":"22"}}`,
			"project.json": nxServe("api", `{"executor":"@nx/esbuild:esbuild","options":{"outputPath":"dist/api","main":"src/main.ts"}}`),
		}), "web . 3000 nx serve api; nx build api; node dist/api/main.js"},
		{"Angular, by a script", merge(top, map[string]string{
			"package.json": `{"scripts":{"start":"nx serve"},"devDependencies":{"nx":"22"}}`,
			"project.json": `{"name":"site","targets":{"serve":{"executor":"@angular-devkit/build-angular:dev-server"}}}`,
		}), "web . 4200 nx serve --host 0.0.0.0; ; "},
		{"no workspace of Nx's", merge(top, map[string]string{
			"nx.json": "{", "apps/a/project.json": "{", "apps/b/project.json": `{"targets":{"serve":1}}`,
			"package.json": `{"scripts":{"start":"node x.js"}}`, "x.js": "",
		}), "web . 3000 node x.js; ; node x.js"},
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
				got = append(got, fmt.Sprintf("%s %s %d %s; %s; %s", s.Name, dir, s.Port, s.Dev, s.Build, s.Prod))
			}
			if text := strings.Join(got, " | "); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
}

func TestInitSaysThatNxCannotDeleteAMountedFolder(t *testing.T) {
	choices := nothing
	choices.RootOwned = true
	project := func(more string) map[string]string {
		return map[string]string{
			"nx.json": `{}`, "package.json": `{"devDependencies":{"nx":"22"}}`,
			"apps/api/project.json": nxServe("api", `{"executor":"@nx/esbuild:esbuild","options":{"bundle":true,"outputPath":"apps/api/dist","main":"apps/api/src/main.ts"`+more+`}}`),
		}
	}
	for more, warned := range map[string]bool{"": true, `,"deleteOutputPath":true`: true, `,"deleteOutputPath":false`: false} {
		m, findings := mustInit(t, project(more), choices)
		if got := strings.Join(m.Services[0].Writes, " "); got != "apps/api/dist" {
			t.Errorf("%s: it writes %q", more, got)
		}
		const want = "writes: apps/api/project.json targets.build has a build delete apps/api/dist, which cannot be done while a volume is mounted there; " +
			"set deleteOutputPath to false there, or give the project to a user, `sudo chown -R USER .`"
		if said := strings.Contains(fmt.Sprint(findings), want); said != warned {
			t.Errorf("%s: said %v, want %v: %v", more, said, warned, findings)
		}
	}
}

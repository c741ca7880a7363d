package project

import (
	"slices"
	"testing"
)

func TestInitFindsWhatIsWrittenInAFolderOfRoots(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"nothing", scripts(`"dev":"node x.js"`), nil},
		{"the compiler's output", merge(scripts(`"dev":"tsc -w"`), map[string]string{"tsconfig.json": `{"compilerOptions":{"outDir":"./lib"}}`}), []string{"lib"}},
		{"output that the dev command does not write", merge(scripts(`"dev":"node --import tsx src/x.ts"`), map[string]string{"tsconfig.json": `{"compilerOptions":{"outDir":"dist"}}`}), nil},
		{
			"a compiler in a script behind the command",
			merge(scripts(`"dev":"npm run build && npm run serve","build":"tsc","serve":"node dist/x.js"`), map[string]string{"tsconfig.json": `{"compilerOptions":{"outDir":"dist"}}`}),
			[]string{"dist"},
		},
		{"source of that name", merge(scripts(`"dev":"tsc -w"`), map[string]string{"tsconfig.json": `{"compilerOptions":{"outDir":"lib"}}`, "lib/x.ts": ""}), nil},
		{"output of an earlier build", merge(scripts(`"dev":"tsc -w"`), map[string]string{"tsconfig.json": `{"compilerOptions":{"outDir":"lib"}}`, "lib/x.js": "", ".gitignore": "/lib/\n"}), []string{"lib"}},
		{"a folder that nothing can be mounted on", merge(scripts(`"dev":"tsc -w"`), map[string]string{"tsconfig.json": `{"compilerOptions":{"outDir":"../lib"}}`}), nil},
		{"Nest", merge(scripts(`"dev":"nest start --watch"`), map[string]string{"nest-cli.json": "{}"}), []string{"dist"}},
		{"Next with a folder of its own", merge(scripts(`"dev":"next dev"`), map[string]string{"next.config.mjs": "export default { distDir: 'build' }"}), []string{"build"}},
		{"a flag", scripts(`"dev":"esbuild x.js --bundle --outdir=public/js --watch"`), []string{"public/js"}},
		{"Prisma's client in the source", merge(scripts(`"dev":"prisma generate && node x.js"`), map[string]string{"prisma/schema.prisma": "generator client {\n  provider = \"prisma-client\"\n  output = \"../src/generated/prisma\"\n}\n"}), []string{"src/generated/prisma"}},
		{"Prisma's client among the packages", merge(scripts(`"dev":"prisma generate && node x.js"`), map[string]string{"prisma/schema.prisma": "generator client {\n  output = \"../node_modules/.prisma\"\n}\n"}), nil},
		{"a database file", merge(scripts(`"dev":"node x.js"`), map[string]string{".env": "DATABASE_URL=file:./data/app.db\nUPLOAD_DIR=./uploads\nNAME=./x\n"}), []string{"data", "uploads"}},
		{"a folder that git keeps for a database file", merge(scripts(`"dev":"node x.js"`), map[string]string{".env": "DB=data/app.db\n", "data/.gitkeep": ""}), []string{"data"}},
		{"data that are there", merge(scripts(`"dev":"node x.js"`), map[string]string{".env": "DB=data/app.db\n", "data/app.db": "x", ".gitignore": "data/\n"}), nil},
		{"a database file beside the source", merge(scripts(`"dev":"node x.js"`), map[string]string{".env": "DB=src/app.db\n", "src/x.js": ""}), nil},
		{"Wrangler's local data", scripts(`"dev":"wrangler dev"`), []string{".wrangler/state"}},
		{"Wrangler's local data that are there", merge(scripts(`"dev":"wrangler dev"`), map[string]string{".wrangler/state/v3/d1/x.sqlite": ""}), nil},
		{"Nx's output, which it deletes before", merge(scripts(`"dev":"nx serve api"`), map[string]string{"nx.json": "{}", "project.json": `{"targets":{"build":{"options":{"outputPath":"dist/api"}}}}`}), []string{"dist"}},
		{"Nx's output in package.json", map[string]string{"nx.json": "{}", "package.json": `{"scripts":{"dev":"npx nx dev"},"nx":{"targets":{"build":{"outputs":["{projectRoot}/lib","{options.outputPath}"]}}}}`}, []string{"lib"}},
		{"Nx's output for tests", merge(scripts(`"dev":"nx serve api"`), map[string]string{"nx.json": "{}", "project.json": `{"targets":{"test":{"outputs":["{workspaceRoot}/coverage/api"]}}}`}), nil},
		{"Nx's output below a workspace whose top is elsewhere", merge(scripts(`"dev":"nx serve api"`), map[string]string{"project.json": `{"targets":{"build":{"options":{"outputPath":"dist/api"}}}}`}), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			choices := nothing
			choices.RootOwned = true
			m, findings := mustInit(t, tt.files, choices)
			if got := m.Services[0].Writes; !slices.Equal(got, tt.want) {
				t.Errorf("writes are %q, want %q\n%v", got, tt.want, findings)
			}
			checkReadsBack(t, m)
			if m, _ := mustInit(t, tt.files, nothing); len(m.Services[0].Writes) > 0 {
				t.Errorf("in a folder of a user's there is %q", m.Services[0].Writes)
			}
		})
	}
}

func TestInitSaysThatAMountedFolderCannotBeDeleted(t *testing.T) {
	choices := nothing
	choices.RootOwned = true
	_, findings := mustInit(t, merge(scripts(`"dev":"nest start"`), map[string]string{"nest-cli.json": `{"compilerOptions":{"deleteOutDir": true}}`}), choices)
	want := Finding{What: "writes", Warning: true, Source: "nest-cli.json has a build delete dist, which cannot be done while a volume is mounted there; take deleteOutDir out, or give the project to a user, `sudo chown -R USER .`"}
	if !slices.Contains(findings, want) {
		t.Errorf("nothing is said of it: %v", findings)
	}
	compiled := map[string]string{"tsconfig.json": `{"compilerOptions":{"outDir":"dist"}}`}
	for command, warned := range map[string]bool{
		"rimraf ./dist && tsc && node dist/x.js": true, "npm run clean && tsc -w": true, "rimraf dist/* && tsc -w": false, "rm -rf coverage && tsc -w": false,
	} {
		_, findings := mustInit(t, merge(scripts(`"clean":"shx rm -rf dist","dev":"`+command+`"`), compiled), choices)
		want := Finding{What: "writes", Warning: true, Source: "the dev command deletes dist, which cannot be done while a volume is mounted there; have it delete dist/*, or give the project to a user"}
		if slices.Contains(findings, want) != warned {
			t.Errorf("%s: %v", command, findings)
		}
	}
}

func TestInitFindsTheOutputOfLocalPackages(t *testing.T) {
	choices := nothing
	choices.RootOwned = true
	m, _ := mustInit(t, map[string]string{
		"package.json": `{"workspaces":["apps/*","packages/*"]}`, "package-lock.json": "{}",
		"apps/web/package.json":    `{"name":"web","scripts":{"dev":"node x.js","build":"tsc"},"dependencies":{"@x/ui":"*"}}`,
		"packages/ui/package.json": `{"name":"@x/ui","main":"./dist/index.js","scripts":{"build":"tsc"}}`,
	}, choices)
	web, _ := m.Service("web")
	if want := []string{"packages/ui/dist"}; !slices.Equal(web.Writes, want) {
		t.Errorf("web writes %q, want %q, with %s", web.Writes, want, web.Dev)
	}
}

func TestInitSaysWhichFilesAtTheTopNeedAnotherOwner(t *testing.T) {
	const (
		vite = "Vite before 6 writes vite.config.ts.timestamp-*.mjs beside vite.config.ts, where no volume helps: give the project to a user, `sudo chown -R USER .`, or take a newer Vite"
		next = "Next writes next-env.d.ts for TypeScript, at the top of the app's folder, where no volume helps: have it made before, or give the project to a user, `sudo chown -R USER .`"
	)
	pkg := func(text string) string { return `{"scripts":{"dev":"node x.js"},` + text + `}` }
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"Vite 5":                  {map[string]string{"vite.config.ts": "", "package.json": pkg(`"type":"module","devDependencies":{"vite":"^5.4.0"}`)}, vite},
		"Vite 6":                  {map[string]string{"vite.config.ts": "", "package.json": pkg(`"type":"module","devDependencies":{"vite":"^6.0.0"}`)}, ""},
		"Vite of any version":     {map[string]string{"vite.config.ts": "", "package.json": pkg(`"type":"module","devDependencies":{"vite":">=4"}`)}, ""},
		"Vite that is CommonJS":   {map[string]string{"vite.config.ts": "", "package.json": pkg(`"devDependencies":{"vite":"^5.4.0"}`)}, ""},
		"Next":                    {map[string]string{"tsconfig.json": "{}", "package.json": pkg(`"dependencies":{"next":"15"}`)}, next},
		"Next with its compiler":  {map[string]string{"package.json": pkg(`"dependencies":{"next":"15"},"devDependencies":{"typescript":"5"}`)}, next},
		"Next with its types":     {map[string]string{"tsconfig.json": "{}", "next-env.d.ts": "", "package.json": pkg(`"dependencies":{"next":"15"}`)}, ""},
		"Next without TypeScript": {map[string]string{"package.json": pkg(`"dependencies":{"next":"15"}`)}, ""},
	} {
		for _, rootOwned := range []bool{true, false} {
			choices := nothing
			choices.RootOwned = rootOwned
			_, findings := mustInit(t, tt.files, choices)
			var got string
			for _, f := range findings {
				if f.What == "writes" && f.Warning {
					got += f.Source
				}
			}
			if want := tt.want; rootOwned && got != want || !rootOwned && got != "" {
				t.Errorf("%s, owned by root %v: %q, want %q", name, rootOwned, got, want)
			}
		}
	}
}

package project

import "testing"

func TestAppsBuildTheLocalPackagesThatTheyLoad(t *testing.T) {
	files := map[string]string{
		"package.json": `{"workspaces":["apps/*","packages/*"]}`, "package-lock.json": "{}",
		"apps/web/package.json": `{"name":"web","scripts":{"dev":"next dev","build":"next build","start":"next start"},"dependencies":{"next":"15","api":"*","@x/ui":"*","@x/plain":"*"}}`,
		"apps/api/package.json": `{"name":"api","main":"dist/index.js","scripts":{"dev":"node x.js","build":"tsc"},"dependencies":{"@x/db":"*","express":"5"}}`,
		// Both are made by builds, and the first loads the second.
		"packages/ui/package.json":   `{"name":"@x/ui","main":"./dist/index.js","scripts":{"build":"tsc"},"dependencies":{"@x/base":"*"}}`,
		"packages/base/package.json": `{"name":"@x/base","exports":{".":{"types":"./dist/index.d.ts","import":"./dist/index.mjs"}},"scripts":{"build":"tsup"},"peerDependencies":{"@x/ui":"*"}}`,
		// These run as they are.
		"packages/plain/package.json": `{"name":"@x/plain","main":"src/index.ts","scripts":{"build":"tsc"}}`, "packages/plain/src/index.ts": "",
		"packages/db/package.json": `{"name":"@x/db","main":"index.ts","scripts":{"db:generate":"prisma generate","db:migrate":"prisma generate && prisma migrate dev","build":"tsc"},"devDependencies":{"@x/tools":"*"}}`, "packages/db/index.ts": "",
		"packages/tools/package.json": `{"name":"@x/tools","main":"dist/index.js"}`,
		// Nobody loads it.
		"packages/other/package.json": `{"name":"other","main":"dist/index.js","scripts":{"build":"tsc"}}`,
	}
	for manager, want := range map[string][3]string{
		"npm": {
			"npm run build --prefix ../../packages/base && npm run build --prefix ../../packages/ui && npm run db:generate --prefix ../../packages/db && next dev",
			"npm run build --prefix ../../packages/base && npm run build --prefix ../../packages/ui && npm run db:generate --prefix ../../packages/db && npm run build",
			"npm run db:generate --prefix ../../packages/db && node x.js",
		},
		"pnpm": {
			"pnpm --dir ../../packages/base run build && pnpm --dir ../../packages/ui run build && pnpm --dir ../../packages/db run db:generate && next dev",
			"pnpm --dir ../../packages/base run build && pnpm --dir ../../packages/ui run build && pnpm --dir ../../packages/db run db:generate && pnpm run build",
			"pnpm --dir ../../packages/db run db:generate && node x.js",
		},
	} {
		choices := nothing
		choices.PackageManager = manager
		m, _ := mustInit(t, files, choices)
		web, _ := m.Service("web")
		api, _ := m.Service("api")
		if got := [3]string{web.Dev.String(), web.Build.String(), api.Dev.String()}; got != want {
			t.Errorf("%s:\ngot  %q\nwant %q", manager, got, want)
		}
		checkReadsBack(t, m)
	}
}

package project

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
)

func TestInitMakesServicesOfWhatOneScriptStartsSideBySide(t *testing.T) {
	app := func(scripts string) map[string]string {
		return map[string]string{
			"package.json":    `{"scripts":{` + scripts + `},"dependencies":{"express":"5","pg":"8"},"devDependencies":{"vite":"7","concurrently":"9","nodemon":"3"}}`,
			"server/index.js": "app.listen(process.env.PORT || 4000); new Client(process.env.DATABASE_URL)",
			"vite.config.js":  "export default { server: { proxy: { '/api': process.env.API_URL || 'http://localhost:4000' } } }",
		}
	}
	const own = `"server":"nodemon server/index.js","client":"vite","build":"vite build","start":"node server/index.js"`
	const want = "server . 4000 node server/index.js [npm run build] [node server/index.js] | client . 5173 vite --host [] []"
	client := map[string]string{"client/package.json": member("client", `"start":"react-scripts start"`, `"react-scripts":"5"`), "client/package-lock.json": "{}"}
	cases := []struct {
		name  string
		files map[string]string
		want  string // each service: name, folder, port, dev, build, prod
	}{
		{"concurrently, by names", app(`"dev":"concurrently \"npm:server\" \"npm:client\"",` + own), want},
		{"concurrently, by commands", app(`"dev":"concurrently -k -n api,web \"npm run server\" \"npm run client\"",` + own), want},
		{"npm-run-all", app(`"dev":"npm-run-all -p server client",` + own), want},
		{
			"run-p, with a pattern", app(`"dev":"run-p dev:*","dev:server":"node server/index.js","dev:client":"vite","build":"vite build","start":"node server/index.js"`),
			want,
		},
		{"programs without a script of their own", app(`"dev":"concurrently \"node server/index.js\" vite"`), "web . 4000 node server/index.js [] [node server/index.js] | vite . 5173 vite --host [] []"},
		{"a compiler beside the app", app(`"dev":"concurrently \"tsc -w\" \"node server/index.js\""`), "web . 4000 concurrently 'tsc -w' 'node server/index.js' [] []"},
		{"a compiler beside both", app(`"dev":"concurrently \"tsc -w\" \"node server/index.js\" vite"`), "web . 4000 concurrently 'tsc -w' 'node server/index.js' vite [] []"},
		{"a client in a folder of its own", merge(map[string]string{
			"package.json":    `{"scripts":{"server":"node server/index.js","client":"npm start --prefix client","dev":"concurrently \"npm run server\" \"npm run client\""},"dependencies":{"express":"5"}}`,
			"server/index.js": "app.listen(4000)",
		}, client), "web . 4000 node server/index.js [] [node server/index.js] | client client 3000 react-scripts start [] []"},
		{"only what is in folders", merge(map[string]string{
			"package.json":     `{"scripts":{"dev":"concurrently \"npm start --prefix api\" \"npm start --prefix client\""}}`,
			"api/package.json": member("api", `"start":"node x.js"`, ""), "api/package-lock.json": "{}",
		}, client), "api api 3000 node x.js [] [node x.js] | client client 3001 react-scripts start [] []"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, _ := mustInit(t, c.files, nothing)
			var got []string
			for _, s := range m.Services {
				got = append(got, fmt.Sprintf("%s %s %d %s [%s] [%s]", s.Name, cmp.Or(s.Dir, "."), s.Port, s.Dev, s.Build, s.Prod))
			}
			if text := strings.Join(got, " | "); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
}

func TestInitSaysThatAClientBesideACompilerIsNotReached(t *testing.T) {
	warned := func(dev string) bool {
		_, findings := mustInit(t, map[string]string{
			"package.json":    `{"scripts":{"dev":"` + dev + `"},"dependencies":{"express":"5"},"devDependencies":{"vite":"7","concurrently":"9"}}`,
			"server/index.js": "app.listen(4000)",
		}, nothing)
		for _, f := range findings {
			if f.Warning && strings.Contains(f.Source, "a service of its own with dev: vite") {
				return true
			}
		}
		return false
	}
	if !warned(`concurrently \"tsc -w\" \"node server/index.js\" vite`) {
		t.Error("nothing is said of the client")
	}
	if warned(`concurrently \"tsc -w\" \"node server/index.js\"`) || warned(`concurrently \"node server/index.js\" vite`) {
		t.Error("a client is missed that is not there, or has a service")
	}
}

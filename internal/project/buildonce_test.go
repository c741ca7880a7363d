package project

import (
	"strings"
	"testing"

	"github.com/devbox-node/devbox/templates"
)

func TestBuildsOfLocalPackagesRunOnceForAState(t *testing.T) {
	files := map[string]string{
		packageFile:                  `{"workspaces":["apps/*","packages/*"]}`,
		"apps/web/package.json":      `{"name":"web","scripts":{"build":"x"},"dependencies":{"@x/ui":"*"}}`,
		"packages/ui/package.json":   `{"name":"@x/ui","scripts":{"build":"tsc"},"dependencies":{"base":"*"}}`,
		"packages/base/package.json": `{"name":"base","scripts":{"build":"tsc","gen":"x"}}`,
	}
	const (
		ui   = `dbx_once /app/node_modules/.cache/devbox-built box-packages+ui 'packages/ui build' '/app/packages/ui /app/packages/base' '/app/packages /app' `
		base = `dbx_once /app/node_modules/.cache/devbox-built box-packages+base 'packages/base build' /app/packages/base '/app/packages /app' `
	)
	tests := []struct{ name, dev, want string }{
		{"npm by path", "npm run build --prefix ../../packages/base && npm run build --prefix ../../packages/ui && vite", base + "npm run build --prefix ../../packages/base && " + ui + "npm run build --prefix ../../packages/ui && exec vite"},
		{"pnpm", "pnpm --dir ../../packages/ui run build && vite", ui + "pnpm --dir ../../packages/ui run build && exec vite"},
		{"pnpm by name", "pnpm --filter=@x/ui build && vite", ui + "pnpm --filter=@x/ui build && exec vite"},
		{"yarn by name", "yarn workspace base build && yarn workspace @x/ui run build && vite", base + "yarn workspace base build && " + ui + "yarn workspace @x/ui run build && exec vite"},
		{"bun", "bun run --cwd ../../packages/ui build && vite", ui + "bun run --cwd ../../packages/ui build && exec vite"},
		{"something else before it", "rm -rf tmp && npm run build -w base && vite", "rm -rf tmp && " + base + "npm run build -w base && exec vite"},
		{"another script is another state", "npm run gen -w base && vite", strings.Replace(base, "base build", "base gen", 1) + "npm run gen -w base && exec vite"},
		{"what runs whatever came of the line before", "npm run gen -w base; npm run build -w base; vite", strings.Replace(base, "base build", "base gen", 1) + "npm run gen -w base; npm run build -w base; exec vite"},
		{"the last one stays, it is the app", "echo && npm run build -w base", ""},
		{"its own build", "npm run build --prefix . && vite", ""},
		{"no script of that name", "npm run watch -w base && vite", ""},
		{"no member", "npm run build --prefix ../../other && vite", ""},
		{"what a shell fills in", "npm run $TASK -w base && vite", ""},
		{"in the background", "npm run build -w base & vite", ""},
		{"no shell", "vite", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			own := map[string]string{ModelFile: "name: box\nservices: {web: {dir: apps/web, package-manager: npm@11.21.2, node: 26.10.0, dev: '" + tt.dev + "'}}\n"}
			for name, text := range files {
				own[name] = text
			}
			p := projectOf(t, own)
			dev := p.Model.Services[0].Dev
			before := &Compose{Name: "box", Services: map[string]ComposeService{"web": {Name: "web", Command: []string(dev)}}}
			got := Command(p.BuildOnce(before).Services["web"].Command)
			if tt.want == "" {
				if got.String() != dev.String() {
					t.Errorf("it became %q", got)
				}
				return
			}
			if text, ok := strings.CutPrefix(got[2], templates.BuildOnce()); !ok || text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
			if Command(before.Services["web"].Command).String() != dev.String() {
				t.Error("the project that was given has changed")
			}
		})
	}
}

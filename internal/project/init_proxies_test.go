package project

import (
	"strings"
	"testing"
)

func TestInitFindsProxiesToThisMachine(t *testing.T) {
	const api = `{"name":"api","scripts":{"dev":"node x.js"}}`
	apps := func(web map[string]string) map[string]string {
		files := map[string]string{
			"package.json": `{"workspaces":["apps/*"]}`, "package-lock.json": "{}",
			"apps/api/package.json": api, "apps/api/x.js": "require('http').createServer().listen(4000)",
			"apps/web/package.json": `{"name":"web","scripts":{"dev":"vite"},"devDependencies":{"vite":"7"}}`,
		}
		for name, text := range web {
			files["apps/web/"+name] = text
		}
		return files
	}
	tests := []struct {
		name  string
		files map[string]string
		env   string // of web, NAME=value
		words string // of a warning
	}{
		{"Vite", apps(map[string]string{"vite.config.js": "export default {\n  server: { proxy: {\n    '/api': 'http://localhost:4000',\n  } } }"}), "", "apps/web/vite.config.js:3 has http://localhost:4000, where nothing listens in its container; write http://api:4000"},
		{"a variable", apps(map[string]string{"vite.config.ts": "proxy: { '/api': process.env.API_URL ?? 'http://127.0.0.1:4000' }"}), "API_URL=http://api:4000", ""},
		{"a variable of the browser", apps(map[string]string{"vite.config.ts": "proxy: { '/api': env.VITE_API || 'ws://localhost:4000' }"}), "", "write ws://api:4000"},
		{"Create React App", apps(map[string]string{"package.json": "{\"name\":\"web\",\n\"proxy\": \"http://localhost:4000\",\n\"scripts\":{\"dev\":\"vite\"}}"}), "", "apps/web/package.json:2 has http://localhost:4000"},
		{"Next", apps(map[string]string{"next.config.mjs": "export default { rewrites() { return [{ source: '/x', destination: 'http://localhost:4000/:path*' }] } }"}), "", "apps/web/next.config.mjs:1"},
		{"another port, and one app that it can be", apps(map[string]string{"vite.config.js": "proxy: { '/api': 'http://localhost:5000' }"}), "", "write http://api:4000"},
		{"a variable, and another port", apps(map[string]string{"vite.config.js": "proxy: { '/login': process.env.LOGIN_URL || 'http://localhost:8080' }"}), "LOGIN_URL=", "write http://api:4000 if it means api, which listens on another port"},
		{"a variable that two rules read", apps(map[string]string{"vite.config.ts": "proxy: {\n'/api': process.env.API_URL ?? 'http://localhost:4000',\n'/ws': process.env.API_URL ?? 'http://localhost:4000' }"}), "API_URL=http://api:4000", ""},
		{"a variable that an example has", apps(map[string]string{"next.config.ts": "rewrites: [{ destination: `${process.env.API}/:path*` }]", ".env.example": "API=\"http://localhost:4000/v1\"\n"}), "API=http://api:4000/v1", ""},
		{"a variable of an example that is no whole address", apps(map[string]string{"vite.config.ts": "proxy: { '/api': `http://${process.env.API}` }", ".env.example": "API=localhost:4000\n"}), "API=api:4000", ""},
		{"a variable that .env has elsewhere", apps(map[string]string{"vite.config.ts": "proxy: { '/api': process.env.API }", ".env.example": "API=http://localhost:4000\n", ".env": "API=https://api.example.com\n"}), "API=", ""},
		{"a variable that an example has for something else", apps(map[string]string{"vite.config.ts": "proxy: { '/api': process.env.API }", ".env.example": "API=http://localhost:9999\n"}), "API=", ""},
		{"a variable of the browser that an example has", apps(map[string]string{"next.config.ts": "rewrites: [process.env.NEXT_PUBLIC_API]", ".env.example": "NEXT_PUBLIC_API=http://localhost:4000\n"}), "NEXT_PUBLIC_API=", "have the settings read another variable, with the address of api: http://api:4000"},
		{"its own port", apps(map[string]string{"vite.config.js": "proxy: {}, origin: 'http://localhost:5173'"}), "", ""},
		{"a comment", apps(map[string]string{"vite.config.js": "proxy: {\n// 'http://localhost:4000'\n}"}), "", ""},
		{"no proxy", apps(map[string]string{"vite.config.js": "define: { api: 'http://localhost:4000' }"}), "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, findings := mustInit(t, tt.files, nothing)
			web, _ := m.Service("web")
			if name, value, _ := strings.Cut(tt.env, "="); web.Environment[name] != value {
				t.Errorf("the environment is %v, want %s", web.Environment, tt.env)
			}
			var warned []string
			for _, f := range findings {
				if f.Warning && strings.Contains(f.Source, "://") {
					warned = append(warned, f.Source)
				}
			}
			if text := strings.Join(warned, "\n"); tt.words == "" && text != "" || !strings.Contains(text, tt.words) {
				t.Errorf("warned: %q, want %q", text, tt.words)
			}
		})
	}
	_, findings := mustInit(t, map[string]string{"package.json": `{"scripts":{"dev":"vite"}}`, "vite.config.js": "proxy: { '/api': 'http://localhost:4000' }"}, nothing)
	if got := about("environment", findings); !strings.Contains(got, "make what it means a service") {
		t.Errorf("of an app that is alone: %q", got)
	}
}

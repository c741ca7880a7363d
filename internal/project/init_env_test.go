package project

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func TestInitFindsTheVariables(t *testing.T) {
	cases := []struct {
		name  string
		files map[string]string
		want  string // env files, required, then findings about both
	}{
		{"nothing", map[string]string{"package.json": "{}"}, " / : "},
		{".env", map[string]string{"package.json": "{}", ".env": "A=b"}, ".env / : .env (the file is there; for development only)"},
		{
			"an example",
			map[string]string{"package.json": "{}", ".env.example": "# a remark\nEMPTY=\nSTAND_IN=your-key-here\nCHANGED='changeme'\nGOOD=1 # one\nPORT=3000\nNODE_ENV=x\n#OFF=\n"},
			" / EMPTY STAND_IN CHANGED: EMPTY, STAND_IN, CHANGED (.env.example has no value for them) | .env.example has values for GOOD; copy it to .env and add `env-file: [.env]` to use them",
		},
		{"an example and .env", map[string]string{"package.json": "{}", ".env.example": "A=\nB=\n", ".env": "A=1\nB=\n"}, ".env / B: .env (the file is there; for development only) | B (.env.example has no value for it)"},
		{"optional ones", map[string]string{"package.json": "{}", ".env.example": "# optional\nA=\nB= # Optional\nC=\n"}, " / C: C (.env.example has no value for it)"},
		{"ones that the code does without", map[string]string{"package.json": "{}", ".env.example": "A=\nB=\nC=\n", "x.js": "process.env.A || 'x'; process.env.B ?? y; process.env.C"}, " / C: C (.env.example has no value for it)"},
		{"ones that a service gives", merge(depends("pg"), map[string]string{".env.example": "DATABASE_URL=\nPOSTGRES_URL=\nX_KEY=\n"}), " / X_KEY: X_KEY (.env.example has no value for it)"},
		{"a broken file", map[string]string{"package.json": "{}", ".env.example": "=\nnot a line\n= x\n\"\n"}, " / : "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, findings := mustInit(t, c.files, nothing)
			s := m.Services[0]
			found := slices.DeleteFunc([]string{about("env-file", findings), about("required", findings)}, func(s string) bool { return s == "" })
			if strings.HasPrefix(about("env-file", findings), ".env.example") {
				slices.Reverse(found)
			}
			got := strings.Join(s.EnvFiles.Dev, " ") + " / " + strings.Join(s.Required, " ") + ": " + strings.Join(found, " | ")
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestInitNeverTellsASecret(t *testing.T) {
	const secret = "hunter2hunter2"
	m, findings := mustInit(t, map[string]string{
		"package.json": `{"scripts":{"start":"DB_PASSWORD=` + secret + ` node x.js","dev":"node x.js postgres://u:` + secret + `@db/x"},"dependencies":{"pg":"1"},"config":{"url":"postgres://u:` + secret + `@h/x"}}`,
		".env":         "API_KEY=" + secret + "\nDATABASE_URL=postgres://u:" + secret + "@localhost/x",
		".env.example": "API_TOKEN=" + secret + "\nREDIS_URL=redis://:" + secret + "@localhost\n",
		"x.js":         "connect('postgres://u:" + secret + "@db/x'); process.env.DB_PASSWORD || '" + secret + "'",
		"nodemon.json": `{"env":{"A_SECRET":"` + secret + `"},"exec":"node x.js"}`,
	}, nothing)
	if text := string(m.YAML()); strings.Contains(text, secret) {
		t.Errorf("devbox.yaml has the secret:\n%s", text)
	}
	for _, f := range findings {
		if strings.Contains(f.String(), secret) {
			t.Errorf("a finding has the secret: %s", f)
		}
	}
	if got := about("environment", findings); !strings.Contains(got, "x.js has an address with a password in it") || !strings.Contains(got, "package.json scripts.dev has a password in it") {
		t.Errorf("got %s", got)
	}
}

func TestInitOpensTheHost(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a default in the code": {"package.json": "{}", "x.js": "listen(3000, process.env.HOST || 'localhost')"},
		".env":                  {"package.json": "{}", ".env": "HOST=127.0.0.1"},
		"an example":            {"package.json": "{}", ".env.example": "HOST=localhost", "x.js": "process.env.HOST"},
	} {
		if m, _ := mustInit(t, files, nothing); m.Services[0].Environment["HOST"] != "0.0.0.0" {
			t.Errorf("%s: got %v", name, m.Services[0].Environment)
		}
	}
	_, findings := mustInit(t, merge(depends("express"), map[string]string{"x.js": "app.listen(3000, '127.0.0.1')"}), nothing)
	if got, want := about("port", findings), "3000 (x.js) | x.js listens on 127.0.0.1, where nobody outside the container finds it; use 0.0.0.0"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

package project

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const surroundingsModel = `name: chat
services:
  web:
    node: 26.10.0
    package-manager: npm@11.21.2
    port: 3000
    dev: node index.js
    prod: node index.js
    env-file: {dev: [.env.dev], prod: [.env.prod]}
    environment: {API_TOKEN: abc, MONGO: "mongodb://a:secret@host/db", PLAIN: text}
    required: [KEY]
    secrets: {tls: private/tls}
`

func TestWhatServicesNeed(t *testing.T) {
	complete := map[string]string{".env.dev": "KEY=value\n", "private/tls": "x"}
	tests := []struct {
		name  string
		files map[string]string
		vars  map[string]string
		want  []string // parts of the error, in order; none for no error
	}{
		{"all is there", complete, nil, nil},
		{"all is missing", map[string]string{".env.dev.example": "KEY=\n"}, nil, []string{"env-file .env.dev of service web is not there", "variable KEY", "looked in environment in devbox.yaml, .env.dev", "private/tls is not there"}},
		{"an empty value", map[string]string{".env.dev": "KEY=\n", "private/tls": "x"}, nil, []string{"variable KEY of service web has no value"}},
		{"a value in the environment that a file takes in", map[string]string{".env.dev": "KEY\n", "private/tls": "x"}, map[string]string{"KEY": "v"}, nil},
		{"a value in .env that a file takes in", map[string]string{".env": "KEY=v\n", ".env.dev": "KEY\n", "private/tls": "x"}, nil, nil},
		{"a value that no file takes in", map[string]string{".env.dev": "", "private/tls": "x"}, map[string]string{"KEY": "v"}, []string{"variable KEY"}},
		{"a file that cannot be read", map[string]string{".env.dev": "KEY='hush", "private/tls": "x"}, nil, []string{".env.dev: line 1 is not NAME=value"}},
		{"a .env that cannot be read", map[string]string{".env": "hush hush\n", ".env.dev": "KEY=v", "private/tls": "x"}, nil, []string{".env: line 1 is not NAME=value"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := openFolder(t, tt.files)
			err := p.CheckEnvironment(Dev, tt.vars, os.Getuid(), os.Getgid())
			if (err != nil) != (len(tt.want) > 0) {
				t.Fatalf("got %v", err)
			}
			for _, words := range tt.want {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("no %q in: %v", words, err)
				}
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("a value is shown: %v", err)
			}
		})
	}
}

func TestAnExampleIsNamedForAMissingFile(t *testing.T) {
	p := openFolder(t, map[string]string{".env.example": "KEY=\n", "private/tls": "x"})
	var missing *EnvironmentError
	if err := p.CheckEnvironment(Dev, nil, -1, -1); !errors.As(err, &missing) || missing.Hint() != "cp .env.example .env.dev, and fill in the values" {
		t.Errorf("got %v, %+v", err, missing)
	}
}

// A fresh clone has no .env, and the model may name none.
func TestAnExampleIsNamedForMissingVariables(t *testing.T) {
	model := "name: x\nservices:\n  api: {dir: api, node: 26.10.0, dev: node x.js, required: [KEY]}\n"
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"an example at the top":     {map[string]string{".env.example": "KEY=\n"}, "cp .env.example .env, and fill in the values"},
		"one in the app's folder":   {map[string]string{"api/.env.sample": "KEY=\n"}, "cp api/.env.sample .env, and fill in the values"},
		"no example":                {nil, "give them values in one of these places"},
		"a .env that lacks a value": {map[string]string{".env.example": "KEY=\n", ".env": "A=b\n"}, "give them values in one of these places"},
	} {
		p := projectOf(t, merge(map[string]string{ModelFile: model, "api/package.json": "{}"}, tt.files))
		var missing *EnvironmentError
		if err := p.CheckEnvironment(Dev, nil, -1, -1); !errors.As(err, &missing) || !strings.HasPrefix(missing.Hint(), tt.want) {
			t.Errorf("%s: %v, hint %q, want %q", name, err, missing.Hint(), tt.want)
		}
	}
}

func TestSecretsThatCannotBeUsed(t *testing.T) {
	p := openFolder(t, map[string]string{".env.dev": "KEY=v\n", "private/other": "x"})
	tls := filepath.Join(p.Dir, "private", "tls")
	if err := os.Symlink("/etc/passwd", tls); err != nil {
		t.Fatal(err)
	}
	if err := p.CheckEnvironment(Dev, nil, -1, -1); err == nil || !strings.Contains(err.Error(), "leads out of the project") {
		t.Errorf("a link out of the project: %v", err)
	}
	if err := errors.Join(os.Remove(tls), os.WriteFile(tls, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	const somebodyElse = 54321
	if err := p.CheckEnvironment(Dev, nil, somebodyElse, somebodyElse); err == nil || !strings.Contains(err.Error(), "may not read private/tls") {
		t.Errorf("a file of somebody else: %v", err)
	}
}

func TestNoSecretComesIntoFilesOrOutput(t *testing.T) {
	p := openFolder(t, map[string]string{".env.dev": "KEY=hush\n", "private/tls": "hush"})
	files, err := p.Render()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text := string(f.Data)
		if strings.Contains(text, "hush") {
			t.Errorf("%s holds a value:\n%s", f.Name, text)
		}
		if f.Name == IgnoreFile && !strings.Contains(text, "\n/private/tls\n") {
			t.Errorf("the secret is not kept out of images:\n%s", text)
		}
		if f.Name == ComposeFile && (!strings.Contains(text, "./.env.dev") || strings.Contains(text, ".env.prod") || !strings.Contains(text, "file: ./private/tls")) {
			t.Errorf("compose.yaml:\n%s", text)
		}
	}
	env := p.Model.Masked().Services[0].Environment
	if env["API_TOKEN"] != mask || env["MONGO"] != "mongodb://a:***@host/db" || env["PLAIN"] != "text" || p.Model.Services[0].Environment["API_TOKEN"] != "abc" {
		t.Errorf("masked: %v", env)
	}
	if err := os.WriteFile(filepath.Join(p.Dir, IgnoreFile), []byte("node_modules\n.env*\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := p.SecretsInImages(); !slices.Equal(got, []string{"private/tls"}) {
		t.Errorf("with a .dockerignore of one's own: %q", got)
	}
}

// openFolder opens a project with files beside surroundingsModel.
func openFolder(t *testing.T, files map[string]string) *Project {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{ModelFile: surroundingsModel, "package.json": `{"name": "chat"}`}
	for name, data := range files {
		all[name] = data
	}
	for name, data := range all {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(data), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

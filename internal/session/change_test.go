package session

import "testing"

func TestReact(t *testing.T) {
	tests := []struct {
		name  string
		files []string
		want  string
	}{
		{"a source file restarts the app", []string{"src/a.js"}, "restart: src/a.js"},
		{"several source files are one restart", []string{"a.js", "b.ts"}, "restart: a.js, b.ts"},
		{"documentation does nothing", []string{"README.md", "docs/guide.md"}, "nothing"},
		{"documentation beside source is not named", []string{"README.md", "a.js"}, "restart: a.js"},
		{"the lock converges", []string{"package-lock.json"}, "converge: package-lock.json"},
		{"a branch switch with a new lock converges", []string{"a.js", "package.json", "yarn.lock"}, "converge: package.json, yarn.lock"},
		{"the model converges", []string{"devbox.yaml"}, "converge: devbox.yaml"},
		{"a package.json deeper down is source", []string{"fixtures/package.json"}, "restart: fixtures/package.json"},
		{"the environment file converges", []string{".env"}, "converge: .env"},
		{"the production file does nothing here", []string{"compose.prod.yaml"}, "nothing"},
		{"no files do nothing", nil, "nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := React(tt.files).String(); got != tt.want {
				t.Errorf("React(%q) = %q, want %q", tt.files, got, tt.want)
			}
		})
	}
}

package project

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStateOfANewerDevboxIsRefused(t *testing.T) {
	for content, want := range map[string]string{
		"":    "",
		"\n":  "",
		"1\n": "",
		"2\n": `.devbox was written by a newer devbox (format "2", and this one knows 1): nothing was read or changed`,
		"{}":  `.devbox was written by a newer devbox (format "{}", and this one knows 1): nothing was read or changed`,
	} {
		dir := t.TempDir()
		write := func(name, content string) {
			t.Helper()
			file := filepath.Join(dir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o750), os.WriteFile(file, []byte(content), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		write(ModelFile, "name: chat\nservices:\n  web: {node: 26.10.0, package-manager: npm@11.21.2, dev: node x.js}\n")
		write(".devbox/format", content)
		write(".devbox/commit.json", `{"not": "what this one knows"}`)
		_, err := Open(dir)
		var newer *StateFormatError
		if errors.As(err, &newer) != (want != "") || want != "" && err.Error() != want {
			t.Errorf("%q: error %v", content, err)
		}
		if newer == nil && !strings.Contains(err.Error(), "commit.json") {
			t.Errorf("%q: the folder is not read: %v", content, err)
		}
		if _, err := os.Stat(filepath.Join(dir, ".devbox/commit.json")); err != nil {
			t.Errorf("%q: its files are gone: %v", content, err)
		}
	}
}

// The header tells the content and not the version of devbox, so that two versions
// which render alike leave each other's files alone.
func TestHeadersNameNoVersionOfDevbox(t *testing.T) {
	files, err := Render(expressModel(), npmLocked)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		header, _, _ := strings.Cut(string(f.Data), "\n")
		if !strings.HasPrefix(header, headerText) || len(header) != len(headerText)+64 {
			t.Errorf("%s begins with %q", f.Name, header)
		}
	}
}

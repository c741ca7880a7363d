package templates

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// all: because embed leaves out names that start with a dot.
//
//go:embed all:starters
var starterFiles embed.FS

// placeholder is the package name in the starters' package.json and lock, as a JSON string.
const placeholder = `"devbox-starter"`

// Starter is an app that init can write.
type Starter struct {
	Name  string
	Title string
}

// Starters lists them, the smallest first.
func Starters() []Starter {
	return []Starter{
		{"minimal", "an HTTP server without dependencies"},
		{"express", "an Express server with routes and tests"},
		{"chat", "a chat in the browser, with Express and Socket.IO"},
		{"api-postgres", "an API with Fastify, PostgreSQL and Redis, with migrations and tests"},
	}
}

// FindStarter returns the starter of that name.
func FindStarter(name string) (Starter, bool) {
	for _, s := range Starters() {
		if s.Name == name {
			return s, true
		}
	}
	return Starter{}, false
}

// File is a file to write: Path is relative to the project, with slashes.
type File struct {
	Path string
	Mode fs.FileMode
	Data []byte
}

// StarterFiles returns the files of a starter in the order of their paths, with the project's name as the
// package's name wherever npm expects it.
func StarterFiles(name, projectName string) ([]File, error) {
	if _, ok := FindStarter(name); !ok {
		return nil, fmt.Errorf("find starter %q: there is none of that name", name)
	}
	quoted, err := json.Marshal(PackageName(projectName))
	if err != nil {
		return nil, fmt.Errorf("quote package name %q: %w", projectName, err)
	}
	root := path.Join("starters", name)
	var files []File
	err = fs.WalkDir(starterFiles, root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := starterFiles.ReadFile(p)
		if err != nil {
			return err
		}
		// One JSON string takes the place of another, so the file stays JSON whatever the name is.
		if path.Ext(p) == ".json" {
			data = bytes.ReplaceAll(data, []byte(placeholder), quoted)
		}
		files = append(files, File{Path: strings.TrimPrefix(p, root+"/"), Mode: 0o644, Data: data})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read starter %q: %w", name, err)
	}
	return files, nil
}

// PackageName turns a project's name into one that npm takes for a package: lower case, at most 214
// characters, nothing that a URL would have to escape, not hidden, not a name that npm keeps for itself.
func PackageName(projectName string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '-'
	}, strings.ToLower(projectName))
	name = name[:min(len(name), 200)]
	name = strings.Trim(name, "-_.")
	switch name {
	case "":
		return "app"
	case "node_modules", "favicon.ico":
		return name + "-app"
	}
	return name
}

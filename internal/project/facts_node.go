package project

import (
	"io/fs"
	"regexp"
	"strings"
)

// versionFileSize is more than any file with one version in it has.
const versionFileSize = 64 << 10

// nodeWishes lists what asks for a Node.js version: the files of version
// managers first, which say what people run, then package.json, whose engines
// often say only what was once tried.
func nodeWishes(fsys fs.FS, p *PackageJSON) ([]Fact, error) {
	var wishes []Fact
	add := func(text, source string) {
		if text != "" {
			wishes = append(wishes, Fact{text, source})
		}
	}
	for _, file := range []struct {
		name string
		read func(string) string
	}{
		{".nvmrc", firstWord},
		{".node-version", firstWord},
		{".tool-versions", asdfNode},
		{"mise.toml", miseNode},
		{".mise.toml", miseNode},
		{".config/mise.toml", miseNode},
	} {
		text, err := readOptional(fsys, file.name, versionFileSize)
		if err != nil {
			return nil, err
		}
		add(file.read(text), file.name)
	}
	if p != nil {
		add(p.Volta["node"], "package.json volta.node")
		add(strings.TrimSpace(p.Engines["node"]), "package.json engines.node")
		add(p.devEngine("runtime", "node"), "package.json devEngines.runtime")
	}
	return wishes, nil
}

// readOptional reads a small text file that need not be there; what is no
// regular file counts as not there.
func readOptional(fsys fs.FS, name string, most int) (string, error) {
	if !isRegular(fsys, name) {
		return "", nil
	}
	data, err := readLimited(fsys, name, most)
	if err != nil {
		return "", err
	}
	if p, bad := checkText(data); bad {
		return "", configError(name, []Problem{p})
	}
	return strings.TrimPrefix(string(data), byteOrderMark), nil
}

// firstWord is the first word of the first line that is no comment.
func firstWord(text string) string {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			return words[0]
		}
	}
	return ""
}

// asdfNode is the version in asdf's file, in which each line names a tool.
func asdfNode(text string) string {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) > 1 && (words[0] == "nodejs" || words[0] == "node") {
			return words[1]
		}
	}
	return ""
}

var miseTool = lazy(`^"?(?:core:)?node(?:js)?"?\s*=\s*(?:\[\s*|\{\s*version\s*=\s*)?["']([^"']+)["']`)

// miseNode is the version in mise's file: node in the table of tools.
func miseNode(text string) string {
	tools := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			tools = strings.HasPrefix(line, "[tools]")
		}
		if m := miseTool().FindStringSubmatch(line); m != nil && tools {
			return m[1]
		}
	}
	return ""
}

var (
	dockerArg    = regexp.MustCompile(`(?i)^ARG\s+([A-Za-z_]\w*)=["']?([\w.-]+)["']?\s*$`)
	dockerFrom   = regexp.MustCompile(`(?i)^FROM\s+(?:--platform=\S+\s+)?(?:[\w.:-]+/)*node:(\S+)`)
	dockerExpose = regexp.MustCompile(`(?i)^EXPOSE\s+["']?(\d{1,5})\b`)
	dockerVar    = regexp.MustCompile(`\$\{?([A-Za-z_]\w*)(?::?-([\w.-]+))?\}?`)
	tagVersion   = regexp.MustCompile(`^(\d+(?:\.\d+){0,2})(?:-|@|$)`)
)

// readDockerfile takes the Node.js version of the first image and the last
// port from a Dockerfile that devbox did not write.
func (f *Facts) readDockerfile(fsys fs.FS) {
	text := peek(fsys, DockerFile)
	if text == "" || author([]byte(text)) != foreign {
		return
	}
	args, wish := map[string]string{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if m := dockerArg.FindStringSubmatch(line); m != nil {
			args[m[1]] = m[2]
		}
		if m := dockerFrom.FindStringSubmatch(line); m != nil && wish == "" {
			wish = tagNode(m[1], args)
		}
		if m := dockerExpose.FindStringSubmatch(line); m != nil {
			f.ExposedPort = Fact{m[1], DockerFile + " EXPOSE"}
		}
	}
	if wish != "" {
		f.Node = append(f.Node, Fact{wish, DockerFile + " FROM"})
	}
}

// tagNode is the version in the tag of a node image. The values of ARGs stand
// for their variables.
func tagNode(tag string, args map[string]string) string {
	tag = dockerVar.ReplaceAllStringFunc(tag, func(variable string) string {
		m := dockerVar.FindStringSubmatch(variable)
		if value, ok := args[m[1]]; ok {
			return value
		}
		return m[2]
	})
	if m := tagVersion.FindStringSubmatch(tag); m != nil {
		return m[1]
	}
	return ""
}

package project

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// pickWrites finds the folders that need a volume because the app cannot write
// them otherwise: root owns the project, and the app does not run as root. What
// tools keep for themselves has one anyway.
func pickWrites(f *Facts, apps []AppFacts, c Choices, s *Service) []Finding {
	if !c.RootOwned {
		return nil
	}
	r := scriptReader{pkg: f.Package}
	r.command(s.Dev, 0)
	commands := slices.Concat(r.running, r.before)
	var findings []Finding
	take := func(dir, source string) {
		at := path.Join(s.Dir, dir)
		known := slices.ContainsFunc(toolFolders, func(t toolFolder) bool { return t.folder == dir && !s.Dockerfile.used() })
		if known || slices.Contains(s.Writes, at) || checkWritten(at).text != "" {
			return
		}
		s.Writes = append(s.Writes, at)
		findings = append(findings, Finding{What: "writes", Value: at, Source: withRemark(source, "root owns the project, and the app does not run as root")})
	}
	for _, w := range f.Survey.Writes {
		if w.Tools == "" || slices.ContainsFunc(commands, func(words []string) bool { return runsTool(words, w.Tools) }) {
			take(w.Text, w.Source)
		}
	}
	for _, words := range commands {
		if dir := outputFlag(words); dir != "" {
			take(dir, "the dev command")
		}
	}
	for _, app := range apps {
		// What its dev command builds before, see prepareLocals.
		rel, err := filepath.Rel("/"+s.Dir, "/"+app.Dir)
		if out, _, below := strings.Cut(app.Built, "/"); err == nil && below && app.Dir != s.Dir && names(s.Dev, filepath.ToSlash(rel)) {
			take(path.Join(filepath.ToSlash(rel), out), app.Dir+" is built before")
		}
	}
	if s.Dockerfile.used() {
		for _, dir := range foldersOf(f.Package, "") {
			take(dir, "where its tools keep their things")
		}
	}
	slices.Sort(s.Writes)
	if out := f.Survey.Deletes; out.Text != "" && slices.Contains(s.Writes, path.Join(s.Dir, out.Text)) {
		findings = append(findings, Finding{
			What: "writes", Warning: true,
			Source: out.Source + " has a build delete " + out.Text + ", which cannot be done while a volume is mounted there; take deleteOutDir out, or give the project to a user",
		})
	}
	return findings
}

// names tells whether a word stands in a command.
func names(c Command, word string) bool {
	return slices.Contains(strings.Fields(strings.Join(c, " ")), word)
}

// runsTool tells whether a command is one of some tools, tsc|vite build.
func runsTool(words []string, tools string) bool {
	return slices.ContainsFunc(strings.Split(tools, "|"), func(tool string) bool {
		own := strings.Fields(tool)
		return len(words) >= len(own) && slices.Equal(words[:len(own)], own)
	})
}

// outputFlags say where tools write to.
var outputFlags = wordSet("--outDir --outdir --out-dir --outfile --out-file --dist-dir")

// outputFlag is the folder that a command's flag has it write to; empty where it
// has none, or one that no volume can be mounted on.
func outputFlag(words []string) string {
	for i, word := range words {
		flag, value, joined := strings.Cut(word, "=")
		if !outputFlags[flag] {
			continue
		}
		if !joined {
			if i+1 == len(words) {
				return ""
			}
			value = words[i+1]
		}
		if strings.HasSuffix(flag, "file") {
			value = path.Dir(value)
		}
		if dir := path.Clean(value); checkWritten(dir).text == "" {
			return dir
		}
	}
	return ""
}

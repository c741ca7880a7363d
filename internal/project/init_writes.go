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
	for _, w := range writtenBy(f, apps, commands, s) {
		at := path.Join(s.Dir, w.Text)
		known := slices.ContainsFunc(toolFolders, func(t toolFolder) bool { return t.folder == w.Text && !s.Dockerfile.used() })
		if known || slices.Contains(s.Writes, at) || checkWritten(at).text != "" {
			continue
		}
		s.Writes = append(s.Writes, at)
		findings = append(findings, Finding{What: "writes", Value: at, Source: withRemark(w.Source, "root owns the project, and the app does not run as root")})
	}
	slices.Sort(s.Writes)
	findings = append(findings, deletesWritten(f, commands, s)...)
	return append(findings, aboutTopFiles(f)...)
}

// writtenBy are the folders, relative to an app's, that its commands write, and
// what says so.
func writtenBy(f *Facts, apps []AppFacts, commands [][]string, s *Service) []Fact {
	var list []Fact
	for _, w := range f.Survey.Writes {
		if w.Tools == "" || slices.ContainsFunc(commands, func(words []string) bool { return runsTool(words, w.Tools) }) {
			list = append(list, w.Fact)
		}
	}
	for _, words := range commands {
		if dir := outputFlag(words); dir != "" {
			list = append(list, Fact{dir, "the dev command"})
		}
	}
	for _, app := range apps {
		// What its dev command builds before, see prepareLocals.
		rel, err := filepath.Rel("/"+s.Dir, "/"+app.Dir)
		if out, _, below := strings.Cut(app.Built, "/"); err == nil && below && app.Dir != s.Dir && mentions(s.Dev, filepath.ToSlash(rel)) {
			list = append(list, Fact{path.Join(filepath.ToSlash(rel), out), app.Dir + " is built before"})
		}
	}
	if s.Dockerfile.used() {
		for _, dir := range foldersOf(f.Package, "") {
			list = append(list, Fact{dir, "where its tools keep their things"})
		}
	}
	return list
}

// deletesWritten says which of the folders a command or a setting deletes as a
// whole: that fails while a volume is mounted there.
func deletesWritten(f *Facts, commands [][]string, s *Service) []Finding {
	const why = "which cannot be done while a volume is mounted there; "
	var findings []Finding
	remedy := "take deleteOutDir out"
	if f.nx() != nil {
		remedy = "set deleteOutputPath to false there"
	}
	if out := f.Survey.Deletes; out.Text != "" && slices.Contains(s.Writes, path.Join(s.Dir, out.Text)) {
		findings = append(findings, Finding{What: "writes", Warning: true, Source: out.Source + " has a build delete " + out.Text + ", " + why + remedy + ", or give the project to a user, `sudo chown -R USER .`"})
	}
	for _, words := range commands {
		for _, dir := range deleted(words) {
			if slices.Contains(s.Writes, path.Join(s.Dir, dir)) {
				findings = append(findings, Finding{What: "writes", Warning: true, Source: "the dev command deletes " + dir + ", " + why + "have it delete " + dir + "/*, or give the project to a user"})
			}
		}
	}
	return findings
}

// deleted are the folders that a command deletes.
func deleted(words []string) []string {
	if len(words) > 1 && (words[0] == "shx" || words[0] == "npx") {
		words = words[1:]
	}
	if len(words) == 0 || !listed("rm rimraf del del-cli", words[0]) {
		return nil
	}
	var dirs []string
	for _, word := range words[1:] {
		if !strings.HasPrefix(word, "-") {
			dirs = append(dirs, path.Clean(word))
		}
	}
	return dirs
}

// mentions tells whether a word stands in a command.
func mentions(c Command, word string) bool {
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

package project

import (
	"fmt"
	"io/fs"
	"strings"
)

// topFiles are the files that tools write at the top of a package's folder, with
// the settings that have them do so. No volume can be mounted on such a file.
func topFiles(fsys fs.FS, p *PackageJSON) []Written {
	var list []Written
	for _, name := range viteSettings {
		// Vite imports an ES module from a file, and compiles others in memory.
		module := strings.HasSuffix(name, ".mts") || strings.HasSuffix(name, ".mjs") || p != nil && p.Type == "module"
		if module && isRegular(fsys, name) {
			list = append(list, Written{Fact{name + ".timestamp-*.mjs", name}, "vite"})
			break
		}
	}
	const types = "next-env.d.ts"
	typed := isRegular(fsys, "tsconfig.json") || p.Has("typescript")
	if p.Has("next") && typed && !isRegular(fsys, types) {
		list = append(list, Written{Fact{types, "TypeScript"}, "next"})
	}
	return list
}

// aboutTopFiles says which of them cannot be written in a folder of root's.
func aboutTopFiles(f *Facts) []Finding {
	var findings []Finding
	for _, w := range f.Survey.TopFiles {
		text := ""
		switch {
		case w.Tools == "next":
			text = fmt.Sprintf("Next writes %s for %s, at the top of the app's folder, where no volume helps: have it made before, or give the project to a user, `sudo chown -R USER .`", w.Text, w.Source)
		case olderVite(f.Package) || !f.Package.Has("vite") && olderVite(f.Survey.Root):
			text = fmt.Sprintf("Vite before 6 writes %s beside %s, where no volume helps: give the project to a user, `sudo chown -R USER .`, or take a newer Vite", w.Text, w.Source)
		default:
			continue
		}
		findings = append(findings, Finding{What: "writes", Warning: true, Source: text})
	}
	return findings
}

// olderVite tells whether a package has a Vite that writes its compiled settings
// beside them: from version 6 on they are in node_modules/.vite-temp.
func olderVite(p *PackageJSON) bool {
	if !p.Has("vite") {
		return false
	}
	spec := p.DevDependencies["vite"]
	if spec == "" {
		spec = p.Dependencies["vite"]
	}
	r, ok := parseRange(spec)
	return ok && spec != "" && r.least().compare(version{6}) < 0 && !r.has(version{6, 99})
}

package project

import (
	"fmt"
	"path"
	"strings"
)

// secrets takes the secrets that are files of the project; others stay in
// Compose's words.
func (a *composeApp) secrets() {
	list, _ := a.words["secrets"].([]any)
	known, _ := a.u.Top["secrets"].(map[string]any)
	var rest []any
	for _, e := range list {
		m, _ := e.(map[string]any)
		name := text(m["source"])
		words, _ := known[name].(map[string]any)
		file, ok := inProject(text(words["file"]))
		if !ok || file == "" || m["target"] != nil || !secretName.MatchString(name) {
			rest = append(rest, cloneValue(e))
			continue
		}
		if a.s.Secrets == nil {
			a.s.Secrets = map[string]string{}
		}
		a.s.Secrets[name] = file
		a.note("secrets", name+": "+file, a.at("secrets"))
	}
	if len(rest) > 0 {
		a.keep("secrets", rest)
	}
}

// mounts drops the mounts of source and of node_modules, for which devbox has
// its own, and moves the others to where the app is now.
func (a *composeApp) mounts() {
	var kept []any
	home := path.Join(AppDir, a.place.dir)
	for _, m := range mountsOf(a.words) {
		inside, isInside := strings.CutPrefix(m.target+"/", a.workdir+"/")
		isInside = isInside && a.workdir != "" && a.workdir != "/"
		inside = strings.TrimSuffix(inside, "/")
		source, local := inProject(m.source)
		switch {
		case path.Base(m.target) == nodeModules:
			a.note("volumes", "", fmt.Sprintf("%s: the volume at %s is left out, because devbox keeps packages in its own", a.at("volumes"), m.target))
			continue
		case m.kind == "bind" && local && isInside && source == path.Join(a.place.dir, inside), m.kind == "bind" && local && source == a.place.dir:
			a.note("volumes", "", fmt.Sprintf("%s: the mount at %s is left out, because devbox mounts the source", a.at("volumes"), m.target))
			continue
		}
		if isInside {
			m.target = path.Join(home, inside)
		}
		kept = append(kept, m.short())
		a.note("volumes", m.source+":"+m.target, a.at("volumes"))
	}
	if len(kept) > 0 {
		a.keep("volumes", kept)
	}
}

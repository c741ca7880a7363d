package project

import (
	"encoding/json"
	"io/fs"
	"strings"
)

// nxTarget is a task of Nx, as project.json and package.json have it.
type nxTarget struct {
	Outputs []string
	Options struct {
		OutputPath any // Angular has an object as well
		Main       string
	}
}

func (t nxTarget) outputPath() string {
	text, _ := t.Options.OutputPath.(string)
	return text
}

// nxTargets are the tasks of an Nx project. package.json adds to project.json.
func nxTargets(fsys fs.FS, p *PackageJSON) (targets map[string]nxTarget, source string) {
	type project struct{ Targets map[string]nxTarget }
	var own, inPackage project
	if json.Unmarshal([]byte(peek(fsys, "project.json")), &own) == nil && len(own.Targets) > 0 {
		return own.Targets, "project.json"
	}
	if p != nil && json.Unmarshal(p.raw["nx"], &inPackage) == nil {
		return inPackage.Targets, packageFile
	}
	return nil, ""
}

// nx finds what the tasks of Nx that run in development write. Those that delete
// their output before delete the folder itself, so that a volume goes on the one
// above, where that is output as well.
func (w *writesReader) nx(p *PackageJSON) {
	targets, source := nxTargets(w.fsys, p)
	// Without nx.json this is a project below the workspace, whose top is elsewhere.
	top := isRegular(w.fsys, "nx.json")
	for _, name := range []string{"build", "serve", "dev"} {
		t := targets[name]
		outputs := t.Outputs
		if dir := t.outputPath(); dir != "" {
			outputs = append([]string{"{workspaceRoot}/" + dir}, outputs...)
		}
		for _, out := range outputs {
			dir, ok := strings.CutPrefix(out, "{projectRoot}/")
			if !ok && top {
				dir, ok = strings.CutPrefix(out, "{workspaceRoot}/")
			}
			if !ok || strings.ContainsAny(dir, "{*") {
				continue
			}
			if above, _, below := strings.Cut(dir, "/"); below && outputNames[above] {
				dir = above
			}
			w.add(dir, source+" targets."+name, "nx")
		}
	}
}

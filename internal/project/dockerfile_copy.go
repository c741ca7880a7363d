package project

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// makeFolders makes the members' node_modules where the install did not: volumes
// are mounted on them.
func (p installs) makeFolders() string {
	if len(p.Folders) == 0 {
		return ""
	}
	return " && mkdir -p " + strings.Join(p.Folders, " ")
}

// stubBins puts stubs in the place of the members' programs before an install
// that does not have the whole folder. What the links name is there at the latest
// when the source is.
func (g image) stubBins() string {
	var bins []string
	for _, m := range g.Facts.Members {
		for _, bin := range m.Bins {
			bins = append(bins, path.Join(AppDir, m.Dir, bin))
		}
	}
	if len(bins) == 0 {
		return ""
	}
	return fmt.Sprintf(`for bin in %s; do mkdir -p "${bin%%/*}" && echo '%s' >"$bin"; done && `, strings.Join(bins, " "), binStub)
}

// outside are the places of members that are not below the package's folder.
func (g image) outside() []string {
	var list []string
	for _, m := range g.Facts.Members {
		if at := path.Join(AppDir, m.Dir); g.Facts.Dir != "" && !strings.HasPrefix(at, g.dir()+"/") {
			list = append(list, at)
		}
	}
	return list
}

// copyFiles copies what an install reads: files of the package's folder, and of
// members. One that reads the whole folder gets the members' too.
func (d *dockerfile) copyFiles(g image, files []string) {
	if slices.Equal(files, []string{"."}) {
		d.copyFolders(g, "./")
		return
	}
	named := make([]string, len(files))
	for i, f := range files {
		named[i] = path.Join(g.Facts.Dir, f)
	}
	d.copy(named, "./")
	for _, m := range g.Facts.Members {
		byFolder := map[string][]string{}
		var folders []string
		for _, f := range m.Files {
			to := path.Join(AppDir, m.Dir, path.Dir(f.Name))
			if byFolder[to] == nil {
				folders = append(folders, to)
			}
			byFolder[to] = append(byFolder[to], path.Join(m.Dir, f.Name))
		}
		for _, to := range folders {
			d.copy(byFolder[to], to+"/")
		}
	}
}

// copyFolders copies the package's folder and those of members elsewhere.
func (d *dockerfile) copyFolders(g image, to string) {
	if g.Facts.Dir == "" {
		d.copy([]string{"."}, to)
		return
	}
	d.copy([]string{g.Facts.Dir}, to)
	for _, at := range g.outside() {
		d.copy([]string{strings.TrimPrefix(at, AppDir+"/")}, at)
	}
}

// copy writes a COPY from the folder.
func (d *dockerfile) copy(from []string, to string) {
	d.line("COPY --chown=node:node %s %s", strings.Join(from, " "), to)
}

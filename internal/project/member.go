package project

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Member finds a workspace member by its folder, relative to the package, or by
// its name in package.json, and returns its folder. The empty name is the
// package itself. The error is a *SpecError.
func (k *Package) Member(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	root, err := os.OpenRoot(k.At())
	if err != nil {
		return "", err
	}
	defer root.Close()
	folder := path.Clean(filepath.ToSlash(name))
	if fs.ValidPath(folder) && folder != "." && isRegular(root.FS(), path.Join(folder, packageFile)) {
		return folder, nil
	}
	var found []string
	err = fs.WalkDir(root.FS(), ".", func(at string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && at != ".":
			return nil // a folder that cannot be read holds no member
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == nodeModules || at != "." && strings.HasPrefix(e.Name(), ".")):
			return fs.SkipDir
		case e.Name() == packageFile && path.Dir(at) != "." && nameIn(root.FS(), at) == name:
			found = append(found, path.Dir(at))
		}
		return nil
	})
	if err != nil {
		return "", fileError("read", ".", err)
	}
	slices.Sort(found)
	switch len(found) {
	case 0:
		return "", &SpecError{name, "there is no workspace member of that folder or name", "give its folder, such as packages/api"}
	case 1:
		return found[0], nil
	}
	return "", &SpecError{name, "several folders have a package.json of that name: " + strings.Join(found, ", "), "give the folder"}
}

func nameIn(fsys fs.FS, file string) string {
	data, err := readLimited(fsys, file, maxJSONSize)
	var m struct{ Name string }
	if err != nil || json.Unmarshal(data, &m) != nil {
		return ""
	}
	return m.Name
}

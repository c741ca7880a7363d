package project

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// nearbyFiles are files and folders that installs with scripts, patches or
// native code of the project's own are known to read.
var nearbyFiles = []string{"binding.gyp", "patches", ".yarn/patches", "prisma/schema.prisma"}

// nearbyLimit bounds how many files are looked at.
const nearbyLimit = 1000

// nearbyNames are the files and folders that the installs of a project are known
// to read, beside package.json, lock and settings.
func nearbyNames(fsys fs.FS, p *PackageJSON) []string {
	names := slices.Clone(nearbyFiles)
	for _, place := range p.folderDependencies() {
		if info, err := fs.Stat(fsys, place); err == nil && !info.IsDir() {
			names = append(names, place) // a tarball
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return !fs.ValidPath(name) })
}

// nearbyDigest is the digest of what an install reads of the folder beside
// package.json, lock and settings, as far as that can be told.
func nearbyDigest(fsys fs.FS, names []string) (string, error) {
	h := sha256.New()
	count := 0
	for _, name := range names {
		err := fs.WalkDir(fsys, name, func(at string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) || err == nil && !e.Type().IsRegular() {
				return nil
			}
			if err != nil {
				return fileError("read", at, err)
			}
			if count++; count > nearbyLimit {
				return fs.SkipAll
			}
			data, err := readLimited(fsys, at, maxLockSize)
			if err != nil {
				return err
			}
			fmt.Fprintf(h, "%d:%s%d:", len(at), at, len(data))
			h.Write(data)
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// InstallReads tells whether a file of the project is one that the package's
// install is known to read, beside package.json, lock and settings.
func (k *Package) InstallReads(file string) bool {
	if dir := parentDir(file); path.Base(file) == packageFile && slices.Contains(k.MemberDirs(), dir) {
		return true
	}
	file, ok := k.within(file)
	return ok && slices.ContainsFunc(k.Dependencies.NearbyFiles, func(name string) bool {
		return file == name || strings.HasPrefix(file, name+"/")
	})
}

// folderDependencies lists the places in the folder that dependencies name:
// other packages' folders, and tarballs.
func (p *PackageJSON) folderDependencies() []string {
	var list []string
	for _, deps := range []map[string]string{p.Dependencies, p.DevDependencies, p.OptionalDependencies} {
		for _, name := range slices.Sorted(maps.Keys(deps)) {
			spec := deps[name]
			for _, prefix := range []string{"file:", "link:", "portal:"} {
				spec = strings.TrimPrefix(spec, prefix)
			}
			if spec != deps[name] || strings.HasPrefix(spec, "./") {
				list = append(list, path.Clean(spec))
			}
		}
	}
	return list
}

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

// nearbyDigest is the digest of what an install reads of the folder beside
// package.json, lock and settings, as far as that can be told.
func nearbyDigest(fsys fs.FS, p *PackageJSON) (string, error) {
	names := slices.Clone(nearbyFiles)
	for _, at := range p.folderDependencies() {
		if !isTarballName(at) {
			at = path.Join(at, packageFile)
		}
		names = append(names, at)
	}
	h := sha256.New()
	count := 0
	for _, name := range names {
		if !fs.ValidPath(name) {
			continue
		}
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

// InstallReads tells whether a file of the folder is one that the project's
// installs are known to read, beside package.json, lock and settings.
func (p *Project) InstallReads(file string) bool {
	if p.Dependencies.Nearby == "" {
		return false
	}
	names := slices.Clone(nearbyFiles)
	for _, dir := range p.Facts.Package.folderDependencies() {
		names = append(names, path.Join(dir, packageFile))
	}
	return slices.ContainsFunc(names, func(name string) bool { return file == name || strings.HasPrefix(file, name+"/") })
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

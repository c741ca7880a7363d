package project

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// setup is the command that puts the package manager into an image, unless the
// base image has that version. Where package.json says what the download has to
// be, it is compared: as Corepack does it, the package as the registry has it, or
// of a yarn from 2 on the program in it.
func (g image) setup() string {
	v := g.Manager.Version
	have := fmt.Sprintf(`[ "$(%s --version 2>/dev/null)" = %s ] || `, g.Manager.Name, v)
	install := fmt.Sprintf("npm install --global %s--cache=%s%s ", g.Rules.Setup, cacheDir, npmQuiet)
	algorithm, digits := g.Manager.hashIn(g.Facts.Pinned)
	compare := func(file string) string {
		return fmt.Sprintf(`echo "%s  %s" | %ssum --check --quiet`, digits, file, algorithm)
	}
	switch {
	case digits == "":
		return fmt.Sprintf("%s%s%s@%s", have, install, g.Rules.Package, v)
	case g.Rules.Program != "":
		return fmt.Sprintf("%s{ %s%s@%s && %s; }", have, install, g.Rules.Package, v, compare("$(npm root --global)/"+g.Rules.Program))
	}
	file := fmt.Sprintf("%s-%s.tgz", g.Rules.Package, v)
	return fmt.Sprintf("%s{ cd /tmp && npm pack --silent --cache=%s %s@%s && %s && %s./%s && rm %s; }",
		have, cacheDir, g.Rules.Package, v, compare(file), install, file, file)
}

// stripManifests takes development dependencies out of the package.json files that
// it is given, and the scripts of an install, which have run when all were there.
const stripManifests = `const fs = require("fs"); for (const file of process.argv.slice(1)) { ` +
	`const p = JSON.parse(fs.readFileSync(file, "utf8").replace(/^\uFEFF/, "")); delete p.devDependencies; ` +
	`for (const name of ["preinstall", "install", "postinstall"]) if (p.scripts) delete p.scripts[name]; ` +
	`fs.writeFileSync(file, JSON.stringify(p)) }`

// strip leaves what production needs of a tree that was installed by the lock. The
// second install finds all it wants in the lock, which it only makes shorter.
func (g image) strip() string {
	manifests := []string{packageFile}
	for _, m := range g.Facts.Members {
		manifests = append(manifests, path.Join(AppDir, m.Dir, packageFile))
	}
	return fmt.Sprintf(" && node -e '%s' %s && %s", stripManifests, strings.Join(manifests, " "), g.Rules.Update)
}

var managerHash = regexp.MustCompile(`^([a-z]+@[^+]+)\+(sha(?:1|224|256|384|512))\.([0-9a-f]{40,128})$`)

// hashIn is the hash that packageManager in package.json says the download of
// this version has: an algorithm and hexadecimal digits, empty where it says none.
// What one of bun's would be of is said nowhere.
func (m PackageManager) hashIn(pinned string) (algorithm, digits string) {
	if parts := managerHash.FindStringSubmatch(pinned); parts != nil && parts[1] == m.String() && m.Name != "bun" {
		return parts[2], parts[3]
	}
	return "", ""
}

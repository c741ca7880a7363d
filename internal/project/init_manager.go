package project

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Versions of package managers for projects that name none, as of November
// 2026.
const (
	defaultNpm   = "11.21.2"
	npmForNode18 = "10.9.9"
	npmForNode14 = "9.9.4"
	npmForNode12 = "8.19.4"
	npmForOld    = "6.14.18"
	yarnClassic  = "1.22.22"
	yarnBerry    = "4.18.1"
	defaultPnpm  = "10.34.8"
	pnpmForLock6 = "8.15.9"
	pnpmForLock5 = "7.33.7"
	defaultBun   = "1.4.5"
)

// yarnForLock are the last releases of yarn that write a lock of some version, with a
// cache of some version. Others would write it anew, which a frozen install refuses.
var yarnForLock = map[string]string{
	"4.7": "2.4.2", "4.8": "3.0.2", "5.8": "3.1.1", "6.8": "3.8.7",
}

// npmFor is the newest npm that runs on a Node.js version, by npm's engines.
func npmFor(node string) string {
	for _, rule := range []struct{ engines, npm string }{
		{"^20.17.0 || >=22.9.0", defaultNpm},
		{"^18.17.0 || >=20.5.0", npmForNode18},
		{"^14.17.0 || ^16.13.0 || >=18.0.0", npmForNode14},
		{"^12.13.0 || ^14.15.0 || >=16.0.0", npmForNode12},
	} {
		r, _ := parseRange(rule.engines)
		if r.has(nodeRelease{version: node}.number()) {
			return rule.npm
		}
	}
	return npmForOld
}

// defaultManager is a package manager with a version to suggest.
func defaultManager(name string) PackageManager { return managerFor(name, "", defaultNode) }

// managerFor is the version of a package manager that reads a lock of that
// format and writes the same.
func managerFor(name, lockFormat, node string) PackageManager {
	v := ""
	switch name {
	case "npm":
		v = npmFor(node)
	case "yarn":
		v = yarnClassic
		if berry, format, _ := strings.Cut(lockFormat, " "); berry == "berry" {
			v = cmp.Or(yarnForLock[format], yarnBerry)
		}
	case "pnpm":
		v = defaultPnpm
		switch major, _, _ := strings.Cut(lockFormat, "."); major {
		case "6":
			v = pnpmForLock6
		case "5":
			v = pnpmForLock5
		}
	case "bun":
		v = defaultBun
	}
	return PackageManager{Name: name, Version: v}
}

// managerPick is the package manager of a project and how it was found.
type managerPick struct {
	manager  PackageManager
	findings []Finding
}

// pickManager decides the package manager: what was asked for on the command
// line, else package.json's packageManager, else the lock file's. A version
// that is not exact becomes one that fits the lock and Node.js.
func pickManager(f *Facts, node, asked string) managerPick {
	name, version, found := f.managerWish(asked)
	if version == "" {
		version = managerFor(name, f.lockOf(name).Format, node).Version
	}
	pick := managerPick{manager: PackageManager{Name: name, Version: version}}
	found.What, found.Value = "package-manager", pick.manager.String()
	pick.findings = append(pick.findings, found)
	if key, _ := pick.manager.rulesName(); key == "yarn-berry" && (f.NodeLinker == "" || f.NodeLinker == "pnp") {
		pick.findings = append(pick.findings, Finding{
			What: "packages", Value: nodeModules, Source: "in containers, in place of Plug'n'Play, whose files stay as they are",
		})
	}
	if others := f.otherLocks(name); len(others) > 0 {
		pick.findings = append(pick.findings, Finding{
			What: "lock", Warning: true,
			Source: fmt.Sprintf("%s %s, which %s does not read", strings.Join(others, " and "), plural(len(others), "is there", "are there"), name),
		})
	}
	return pick
}

// managerWish is the name of the package manager, and its version if that was
// said exactly.
func (f *Facts) managerWish(asked string) (name, version string, found Finding) {
	if asked != "" {
		name, version, _ = strings.Cut(asked, "@")
		return name, exactOnly(version), Finding{Source: "--package-manager"}
	}
	if p := f.managerPackage(); p != nil {
		name, version, _ = strings.Cut(p.Manager, "@")
		if slices.Contains(managerNames, name) {
			return name, exactOnly(version), Finding{Source: "package.json packageManager"}
		}
		if p.Manager != "" {
			found = Finding{Warning: true, Source: fmt.Sprintf("package.json packageManager says %s, which devbox does not know", show(p.Manager))}
		}
	}
	if p := f.managerPackage(); p != nil && p.Manager == "" {
		for _, name := range managerNames {
			if wish := p.devEngine("packageManager", name); wish != "" {
				return name, f.managerWithin(name, wish), Finding{Source: "package.json devEngines.packageManager"}
			}
		}
	}
	if f.YarnRelease != "" {
		found.Source = withRemark("yarnPath", found.Source)
		return "yarn", f.YarnRelease, found
	}
	if len(f.Locks) > 0 {
		lock, why := f.strongestLock()
		found.Source, name = withRemark(withRemark(lock.Name, why), found.Source), lock.Manager
	} else if script, manager := f.scriptManager(); manager != "" {
		found.Source, name = withRemark("package.json scripts."+script, found.Source), manager
	} else {
		found.Source, name = withRemark("default", found.Source), "npm"
	}
	if p := f.managerPackage(); p != nil && exactOnly(p.Volta[name]) != "" {
		return name, exactOnly(p.Volta[name]), Finding{Source: "package.json volta." + name}
	}
	return name, "", found
}

// managerWithin is the version of a package manager for an exact version or a
// range: the one that devbox would take, where that is in it, else the lowest.
func (f *Facts) managerWithin(name, wish string) string {
	if exact := exactOnly(wish); exact != "" {
		return exact
	}
	within, ok := parseRange(wish)
	suggested := managerFor(name, f.lockOf(name).Format, defaultNode).Version
	if !ok || within.has(nodeRelease{version: suggested}.number()) {
		return ""
	}
	least := within.least()
	return fmt.Sprintf("%d.%d.%d", least[0], least[1], least[2])
}

// strongestLock is the lock that counts where package.json names no package
// manager, and why, where there are several.
func (f *Facts) strongestLock() (lock LockFile, why string) {
	first := f.Locks[0]
	other := func(l LockFile) bool { return l.Manager != first.Manager }
	if !slices.ContainsFunc(f.Locks, other) {
		return first, ""
	}
	for _, l := range f.Locks {
		if script := f.managerPackage().scriptWith(l.Manager); script != "" {
			return l, "scripts." + script + " runs " + l.Manager
		}
	}
	if first.Manager == "npm" {
		i := slices.IndexFunc(f.Locks, other)
		return f.Locks[i], "package-lock.json is there too, but npm comes with Node.js and leaves one behind by accident"
	}
	return first, ""
}

// scriptManager is the one package manager that scripts run where there is no
// lock, and such a script; empty where they run none, or several.
func (f *Facts) scriptManager() (script, manager string) {
	for _, name := range managerNames {
		with := f.managerPackage().scriptWith(name)
		if with != "" && manager != "" {
			return "", ""
		}
		if with != "" {
			script, manager = with, name
		}
	}
	return script, manager
}

// scriptWith names a script that runs a package manager.
func (p *PackageJSON) scriptWith(manager string) string {
	if p == nil {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(p.Scripts)) {
		for _, word := range strings.FieldsFunc(p.Scripts[name], func(r rune) bool { return strings.ContainsRune(" \t\"'&;|()", r) }) {
			if word == manager {
				return name
			}
		}
	}
	return ""
}

// managerPackage is the package.json that says the package manager.
func (f *Facts) managerPackage() *PackageJSON {
	if f.Survey.Root != nil {
		return f.Survey.Root
	}
	return f.Package
}

// exactOnly is an exact version without the hash that packageManager may
// carry; of all else it is empty.
func exactOnly(version string) string {
	version, _, _ = strings.Cut(version, "+")
	if exactVersion.MatchString(version) && len(version) < 60 {
		return version
	}
	return ""
}

// otherLocks names the locks of other package managers.
func (f *Facts) otherLocks(manager string) []string {
	var names []string
	for _, l := range f.Locks {
		if l.Manager != manager {
			names = append(names, l.Name)
		}
	}
	return names
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

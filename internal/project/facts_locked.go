package project

import (
	"bufio"
	"io"
	"io/fs"
	"strings"
)

// lockedSize is as much of a lock as is looked through.
const lockedSize = 16 << 20

// lockedPackages are the packages of nativePackages that a lock names, with
// their versions as far as it says them in the same breath. They may be
// dependencies of dependencies, which package.json does not show.
func lockedPackages(fsys fs.FS, lock string) map[string]string {
	file, err := fsys.Open(lock)
	if err != nil {
		return nil
	}
	defer file.Close()
	found := map[string]string{}
	lines := bufio.NewScanner(io.LimitReader(file, lockedSize))
	lines.Buffer(nil, maxJSONSize)
	isJSON := strings.HasSuffix(lock, ".json")
	name := ""
	for lines.Scan() {
		line := lines.Text()
		if m := lockedVersion().FindStringSubmatch(line); name != "" && m != nil {
			found[name] = m[1]
		}
		if name = lockedName(line); name == "" {
			continue
		}
		if _, matters := nativePackages[name]; !matters {
			name = ""
		} else if !isJSON && found[name] == "" {
			found[name] = versionIn(line)
		}
	}
	return found
}

// lockedVersion is the version in the line behind the one with the name.
var lockedVersion = lazy(`^\s*"?version"?:? "?(\d[\w.+-]*)"?,?\s*$`)

// versionIn is the version in the line with the name, as pnpm and bun have it.
func versionIn(line string) string {
	if m := versionAfter().FindStringSubmatch(line); m != nil {
		return m[1]
	}
	return "0"
}

var versionAfter = lazy(`[@/](\d+\.\d+\.\d+[\w.+-]*)`)

// lockedName is the package that a line of a lock begins the entry of, in any
// of the formats; empty for other lines.
func lockedName(line string) string {
	text := strings.TrimLeft(line, " ")
	indent := len(line) - len(text)
	switch {
	case strings.HasPrefix(text, `"node_modules/`) && strings.HasSuffix(text, "{"): // npm from 7 on
		name, _, _ := strings.Cut(text[strings.LastIndex(text, "node_modules/")+len("node_modules/"):], `"`)
		return name
	case strings.HasPrefix(text, `"`) && strings.HasSuffix(text, `": {`): // npm before 7
		return text[1 : len(text)-len(`": {`)]
	case strings.HasPrefix(text, `"`) && strings.Contains(text, `": ["`): // bun
		return text[1:strings.Index(text, `": ["`)]
	case strings.HasSuffix(text, ":") && (indent == 0 || indent == len("  ")): // yarn and pnpm
		return packageOf(strings.TrimLeft(strings.TrimSuffix(text, ":"), `"'/`))
	}
	return ""
}

// packageOf is the package in a descriptor such as @scope/name@1.2.3, or in
// name/1.2.3 as old pnpm has it.
func packageOf(text string) string {
	if text == "" {
		return ""
	}
	if at := strings.IndexByte(text[1:], '@'); at >= 0 {
		return text[:at+1]
	}
	slash := strings.LastIndexByte(text, '/')
	if slash > 0 && slash+1 < len(text) && text[slash+1] >= '0' && text[slash+1] <= '9' {
		return text[:slash]
	}
	return ""
}

package logs

import (
	"path"
	"strconv"
	"strings"
)

// sources are the endings of files that stack traces and compilers name.
var sources = []string{
	".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".mts", ".cts", ".json",
	".vue", ".svelte", ".astro", ".css", ".scss", ".html", ".graphql", ".prisma", ".sql",
}

// maxFiles is how many places of one line are found, maxTries how many numbers
// are looked at for them.
const (
	maxFiles = 16
	maxTries = 256
)

// locations finds places in files of the project in a text: /app/src/a.js:10:5,
// file:///app/a.mjs:3, src/a.ts(10,5). root is where the project is mounted.
func locations(text, root string) []run[*Location] {
	var found []run[*Location]
	for from, tries := 0, 0; len(found) < maxFiles && tries < maxTries; {
		i := strings.IndexAny(text[from:], ":(")
		if i < 0 {
			break
		}
		i += from
		from = i + 1
		line, col, end := numbers(text, i)
		if line == 0 {
			continue
		}
		tries++
		begin := pathBegin(text, i)
		name, ok := inProject(text[begin:i], root)
		if !ok {
			continue
		}
		found = append(found, run[*Location]{begin, end, &Location{name, line, col}})
		from = end
	}
	return found
}

// numbers reads `:10`, `:10:5` or `(10,5)` at a place; line is 0 where neither is
// there.
func numbers(text string, at int) (line, col, end int) {
	line, end = number(text, at+1)
	if line == 0 {
		return 0, 0, 0
	}
	between := byte(':')
	if text[at] == '(' {
		between = ','
	}
	if end < len(text) && text[end] == between {
		if n, e := number(text, end+1); n > 0 {
			col, end = n, e
		}
	}
	if text[at] == '(' {
		if end == len(text) || text[end] != ')' {
			return 0, 0, 0
		}
		end++
	}
	return line, col, end
}

func number(text string, at int) (n, end int) {
	const most = 9 // digits
	end = at
	for end < len(text) && end-at < most && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, _ = strconv.Atoi(text[at:end])
	return n, end
}

// pathBegin is where the path that ends at a place begins. Paths are cut off at
// a length that no system allows.
func pathBegin(text string, end int) int {
	const maxPath = 1 << 10
	begin := end
	for begin > 0 && end-begin < maxPath && strings.IndexByte(" \t()[]{}<>\"'`,;|=", text[begin-1]) < 0 {
		begin--
	}
	return begin
}

// inProject is the path of a file of the project, relative to its folder. It
// reports false for other files and for those of dependencies.
func inProject(name, root string) (string, bool) {
	if !isSource(name) {
		return "", false
	}
	name = strings.TrimPrefix(name, "file://")
	if strings.HasPrefix(name, "/") {
		below, ok := strings.CutPrefix(name, strings.TrimSuffix(root, "/")+"/")
		if !ok {
			return "", false
		}
		name = below
	}
	name = path.Clean(name)
	if strings.ContainsAny(name, ":\\") || strings.HasPrefix(name, "../") || strings.HasPrefix("/"+name, "/node_modules/") || strings.Contains(name, "/node_modules/") {
		return "", false
	}
	return name, true
}

func isSource(name string) bool {
	ext := path.Ext(name)
	if len(ext) == len(name) {
		return false
	}
	for _, s := range sources {
		if ext == s {
			return true
		}
	}
	return false
}

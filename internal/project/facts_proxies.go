package project

import (
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Proxy is an address of this machine that a development server passes requests
// on to, as its settings say. In a container that address is the container's own.
type Proxy struct {
	File string
	Line int
	// URL is what stands there, up to the port.
	URL  string
	Port int
	// Variable is the variable of the environment that is asked before, where there
	// is one.
	Variable string
	// Example is the file of variables that gives Variable the address; empty where
	// the settings have it.
	Example string
}

// proxySettings are files that say where requests go, and the word without which
// one says nothing of that.
var proxySettings = []struct {
	files []string
	word  string
}{
	{toolSettings, "proxy"},
	{[]string{"src/setupProxy.js", "src/setupProxy.ts", "proxy.conf.json", "proxy.conf.js", "proxy.conf.mjs", "src/proxy.conf.json", "src/proxy.conf.js", "src/proxy.conf.mjs"}, ""},
	{nextSettings, "rewrites"},
	{[]string{packageFile}, `"proxy"`},
}

var localAddress = lazy(`(?:(?:process\.env|env)\.([A-Z][A-Z0-9_]*)\s*(?:\|\||\?\?)\s*)?["'` + "`" + `]((?:https?|wss?)://(?:localhost|127\.0\.0\.1|\[::1\]):(\d{2,5}))\b`)

var (
	readVariable = lazy(`\b(?:process\.env|env)\.([A-Z][A-Z0-9_]*)\b`)
	localValue   = lazy(`^((?:https?|wss?)://)?(?:localhost|127\.0\.0\.1|\[::1\]):(\d{2,5})(/[\w./-]*)?$`)
)

// proxies are the addresses of this machine in the settings of a development server,
// and in files of variables that the settings read.
func proxies(fsys fs.FS) []Proxy {
	var list []Proxy
	variables := localVariables(fsys)
	for _, s := range proxySettings {
		for _, name := range s.files {
			text := peek(fsys, name)
			if !strings.Contains(text, s.word) {
				continue
			}
			number := 0
			for line := range strings.Lines(text) {
				number++
				if name == packageFile && !strings.Contains(line, s.word) {
					continue
				}
				line = lineComment.ReplaceAllString(line, "")
				for _, m := range localAddress().FindAllStringSubmatch(line, -1) {
					port, _ := strconv.Atoi(m[3])
					list = append(list, Proxy{File: name, Line: number, URL: m[2], Port: port, Variable: m[1]})
				}
				for _, m := range readVariable().FindAllStringSubmatch(line, -1) {
					known := slices.ContainsFunc(list, func(p Proxy) bool { return p.Variable == m[1] })
					if p, local := variables[m[1]]; local && !known {
						p.File, p.Line = name, number
						list = append(list, p)
					}
				}
			}
		}
	}
	return list
}

// localVariables are the variables that .env, or else its example, sets to an address
// of this machine.
func localVariables(fsys fs.FS) map[string]Proxy {
	found := map[string]Proxy{}
	for _, name := range slices.Concat(envOwn, envExamples) {
		for line := range strings.Lines(peek(fsys, name)) {
			variable, value, ok := envAssignment(line)
			if _, there := found[variable]; !ok || there {
				continue
			}
			if m := localValue().FindStringSubmatch(value); m != nil {
				port, _ := strconv.Atoi(m[2])
				found[variable] = Proxy{URL: value, Port: port, Variable: variable, Example: name}
			} else {
				found[variable] = Proxy{}
			}
		}
	}
	maps.DeleteFunc(found, func(_ string, p Proxy) bool { return p.Port == 0 })
	return found
}

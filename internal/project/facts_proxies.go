package project

import (
	"io/fs"
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

// proxies are the addresses of this machine in the settings of a development server.
func proxies(fsys fs.FS) []Proxy {
	var list []Proxy
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
				for _, m := range localAddress().FindAllStringSubmatch(lineComment.ReplaceAllString(line, ""), -1) {
					port, _ := strconv.Atoi(m[3])
					list = append(list, Proxy{File: name, Line: number, URL: m[2], Port: port, Variable: m[1]})
				}
			}
		}
	}
	return list
}

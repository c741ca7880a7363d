// Package templates holds the files that devbox carries inside its binary: the supervisor that runs in
// front of an app, and the starter apps that init writes. It imports nothing of devbox.
package templates

import (
	_ "embed"
	"strings"
)

//go:embed supervisor.sh
var supervisorSource string

//go:embed standby.cjs
var standbySource string

//go:embed buildonce.sh
var buildOnceSource string

// Supervisor returns the supervisor as one argument for sh -c. The next arguments are $0, then the app's
// command in exec form:
//
//	/bin/sh -c SCRIPT devbox-supervisor node index.js
//
// Comments and indentation are left out, because the script shows up whole in ps and in docker inspect.
func Supervisor() string {
	return compact(supervisorSource, "#")
}

// Standby returns what a standby of a Node app loads first, for DEVBOX_SUPERVISOR_STANDBY.
func Standby() string {
	return compact(standbySource, "//")
}

// BuildOnce returns the shell function dbx_once, for the beginning of a line that builds local packages:
//
//	dbx_once RECORDS LOCK WHAT FOLDERS SETTINGS COMMAND [ARG...]
func BuildOnce() string {
	return compact(buildOnceSource, "#")
}

// compact drops comment lines, blank lines and indentation. That changes nothing in a script without
// here-documents and without strings over several lines; neither file has them.
func compact(script, comment string) string {
	var b strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, comment) {
			continue
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}

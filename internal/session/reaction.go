package session

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Step is one action for some services, and the files that asked for it.
type Step struct {
	Action Action
	// Services are in the model's order; none means that no service is concerned.
	Services []string
	Files    []string
	// Why says why files of a service ask for nothing.
	Why string
}

// Reaction is what a batch of changed files asks for, the strongest action
// first.
type Reaction []Step

// with adds what a verdict asks for on behalf of a service.
func (r Reaction) with(v verdict, service string, files []string) Reaction {
	for i, s := range r {
		if s.Action == v.action && s.Why == v.why && slices.Equal(s.Files, files) {
			r[i].Services = append(r[i].Services, service)
			return r
		}
	}
	return append(r, Step{Action: v.action, Services: []string{service}, Files: files, Why: v.why})
}

// sort makes the order the same each time.
func (r Reaction) sort() {
	slices.SortFunc(r, func(a, b Step) int {
		return cmp.Or(-cmp.Compare(a.Action, b.Action), slices.Compare(a.Files, b.Files), slices.Compare(a.Services, b.Services))
	})
}

// String is one line a step: `restart web, worker: src/a.js, src/b.js`.
func (r Reaction) String() string {
	lines := make([]string, len(r))
	for i, s := range r {
		line := s.Action.String()
		if len(s.Services) > 0 {
			line += " " + strings.Join(s.Services, ", ")
		}
		line += ": " + strings.Join(shown(s.Files), ", ")
		if s.Why != "" {
			line += fmt.Sprintf(" (%s)", s.Why)
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// shown are names of files on one line each.
func shown(files []string) []string {
	list := make([]string, len(files))
	for i, f := range files {
		list[i] = f
		if quoted := strconv.Quote(f); quoted != `"`+f+`"` {
			list[i] = quoted
		}
	}
	return list
}

// Converges tells whether a plan has to be made anew.
func (r Reaction) Converges() bool { return len(r) > 0 && r[0].Action > Restart }

// Files are those that asked for something to be done, sorted.
func (r Reaction) Files() []string {
	var files []string
	for _, s := range r {
		if s.Action != Nothing {
			files = append(files, s.Files...)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// Restarts are the services to restart, each with the files that ask for it.
func (r Reaction) Restarts() map[string][]string {
	services := map[string][]string{}
	for _, s := range r {
		if s.Action == Restart {
			for _, name := range s.Services {
				services[name] = append(services[name], s.Files...)
			}
		}
	}
	return services
}

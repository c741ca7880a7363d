package session

import (
	"fmt"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/lockfile"
	"github.com/devbox-node/devbox/internal/volumes"
)

// telling makes an install say which packages of the lock it could not get. npm goes on
// without those that are optional, such as a platform's part of esbuild, and what needs
// one fails later.
func (e *Environment) telling(t engine.Task, d Desired, s volumes.Step) engine.Task {
	finish := t.Finish
	t.Finish = func(collected map[string][]byte) ([]engine.TaskFile, error) {
		for _, witness := range collected {
			list, _ := npmDifferences(d, s.Wanted, witness)
			if words := lacking(list); words != "" {
				e.Emit(Event{
					Kind: Warned, Service: s.Service, Volume: s.Name, Text: words + " of the lock could not be installed, and npm goes on without",
					Hint: "does the registry in .npmrc have it? Then " + AgainHint(s.Name),
				})
			}
		}
		return finish(collected)
	}
	return t
}

// AgainHint says how an install that npm took for whole is tried again.
func AgainHint(volume string) string {
	return "`devbox down`, `docker volume rm " + volume + "` and `devbox up` try again"
}

// lacking names what a tree lacks; empty where that is nothing.
func lacking(list []lockfile.TreeDifference) string {
	words, more := "", 0
	for _, d := range list {
		switch {
		case d.Mismatch != lockfile.Missing:
		case words == "":
			words = d.Name + " " + d.Wanted
		default:
			more++
		}
	}
	if more > 0 {
		words += fmt.Sprintf(" and %d more", more)
	}
	return words
}

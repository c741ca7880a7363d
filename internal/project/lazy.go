package project

import (
	"regexp"
	"sync"
)

// lazy is an expression that is compiled when it is first used. Those that only
// init needs would otherwise cost every start of devbox.
func lazy(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

package session

import (
	"errors"
	"sync"

	"github.com/devbox-node/devbox/internal/project"
)

// tasks are goroutines with one owner, who waits for them.
type tasks struct{ wg sync.WaitGroup }

func (t *tasks) start(f func()) {
	t.wg.Add(1)
	go func() {
		defer t.wg.Done()
		f()
	}()
}

func (t *tasks) wait() { t.wg.Wait() }

// hinted is an error that knows what the user can do about it.
type hinted interface{ Hint() string }

// failure makes an event of an error.
func failure(service string, err error) Event {
	e := Event{Kind: Failed, Service: service, Text: err.Error()}
	var h hinted
	if errors.As(err, &h) {
		e.Hint = h.Hint()
	}
	return e
}

// ServiceURL is where a service answers on the host, or empty.
func ServiceURL(c *project.Compose, s project.Service) string {
	for _, p := range project.Published(c, s.Name) {
		if p.Container == s.Port && s.Port != 0 {
			return p.URL()
		}
	}
	return ""
}

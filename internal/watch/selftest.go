package watch

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// selfTestWait is how long an event may take. It only matters where none comes.
const selfTestWait = 2 * time.Second

// silentFolder reports whether a file that is made in dir fails to send an
// event, which proves that events do not work there. Where no file can be made,
// or the context ends, nothing is proven.
func silentFolder(ctx context.Context, dir string, newNotifier func() (notifier, error)) bool {
	n, err := newNotifier()
	if err != nil {
		return false
	}
	defer n.Close()
	if n.Add(dir) != nil {
		return false
	}
	cookie, err := os.CreateTemp(dir, ".watch-test-*.tmp")
	if err != nil {
		return false
	}
	defer os.Remove(cookie.Name())
	defer cookie.Close()
	return !heardOf(ctx, n, filepath.Base(cookie.Name()))
}

// heardOf waits for an event of a file. A context that ends counts as one.
func heardOf(ctx context.Context, n notifier, name string) bool {
	// The second, short wait is for a process that was stopped during the first:
	// then both are ready at once, the event and the end of the wait.
	for _, wait := range []time.Duration{selfTestWait, selfTestWait / 8} {
		waiting, stop := context.WithTimeout(ctx, wait)
		heard := heardUntil(waiting, n, name)
		stop()
		if heard || ctx.Err() != nil {
			return true
		}
	}
	return false
}

func heardUntil(ctx context.Context, n notifier, name string) bool {
	for {
		select {
		case ev, ok := <-n.Events():
			if !ok {
				return false
			}
			if filepath.Base(ev.Name) == name {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

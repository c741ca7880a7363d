package session

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
)

// AwaitProduction waits until every service of a started production answers,
// and returns where. A service answers when its health check says so, or when
// its port gives a response to HTTP, whichever is first; one without a check
// and a port needs only to run.
func (e *Environment) AwaitProduction(ctx context.Context, d Desired, patience time.Duration) ([]string, error) {
	waitCtx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var urls []string
	for _, s := range d.Project.Model.Services {
		if _, has := d.Compose.Services[s.Name]; !has {
			continue // it has no production side
		}
		url := ServiceURL(d.Compose, s)
		if err := e.awaitService(waitCtx, d.Compose.Name, s.Name, url); err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return urls, err
		}
		if url != "" {
			urls = append(urls, url)
			e.Emit(Event{Kind: Ready, Service: s.Name, URL: url, Port: s.Port})
		}
	}
	return urls, nil
}

func (e *Environment) awaitService(ctx context.Context, name, service, url string) error {
	const interval = 50 * time.Millisecond
	for {
		c, err := e.serviceContainer(ctx, name, service)
		if err != nil {
			return err
		}
		switch {
		case c.State == engine.Exited || c.State == engine.Restarting:
			return &NotReadyError{Service: service, Text: fmt.Sprintf("ended with exit status %d", c.ExitCode), Last: e.lastLines(ctx, c)}
		case c.Health == "healthy", c.Health == "" && url == "", url != "" && answers(ctx, url):
			return nil
		}
		select {
		case <-ctx.Done():
			return &NotReadyError{Service: service, Text: "does not answer", Last: e.lastLines(context.WithoutCancel(ctx), c)}
		case <-time.After(interval):
		}
	}
}

func (e *Environment) serviceContainer(ctx context.Context, name, service string) (engine.Container, error) {
	list, err := e.Engine.Containers(ctx, name)
	if err != nil {
		return engine.Container{}, err
	}
	for _, c := range list {
		if c.Service == service && !c.OneOff {
			return e.Engine.Inspect(ctx, c.ID)
		}
	}
	return engine.Container{}, &NotRunningError{Service: service}
}

// answers tells whether anything speaks HTTP at a URL, whatever it says. That
// a connection is taken proves nothing: the engine's proxy takes it before the
// app listens.
func answers(ctx context.Context, url string) bool {
	const patience = time.Second
	client := http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{Timeout: patience}).DialContext},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	return resp.Body.Close() == nil
}

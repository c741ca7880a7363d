package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
	"github.com/devbox-node/devbox/internal/ui"
	"github.com/devbox-node/devbox/internal/ui/uitest"
)

var floodTime = time.Minute

// floodRate is in lines a second, floodBatch how many come at once.
const floodRate, floodBatch = 100_000, 1000

// floodLine is a line as a server logs it.
func floodLine(n int) string {
	return `{"level":30,"time":1772625600000,"msg":"request completed","url":"/api/item-` + strconv.Itoa(n) + `","status":200}`
}

// showFlood is the process that is measured: the dashboard, and in place of the
// engine somebody who writes at the rate. The engine itself gives about a tenth.
func showFlood() error {
	res := ui.Run(context.Background(), ui.Options{
		In: os.Stdin, Out: os.Stdout, Env: os.Environ(), Project: "flood",
		Session: func(ctx context.Context, l ui.Link) error {
			ctx, stop := context.WithCancel(ctx)
			go func() { <-l.Intents; stop() }()
			flood(ctx, l)
			return nil
		},
	})
	return res.Err
}

// flood feeds bytes as they come from a container: lines are found, records
// told apart, and batches delivered as a session delivers them.
func flood(ctx context.Context, l ui.Link) {
	l.Overview(session.Overview{Project: "flood", Engine: engine.Info{Version: "none"}, Services: []session.ServiceOverview{
		{Name: "web", State: session.AppListening, Running: true, Port: 3000, StartedAt: time.Now()},
	}})
	l.Listen(session.Event{Kind: session.Ready, Service: "web", Port: 3000, Time: time.Now()})
	var batch []session.Event
	lines := term.NewSplitter(func(_ term.Kind, text string) {
		batch = append(batch, session.Event{Kind: session.Log, Service: "web", Stream: "stdout", Time: time.Now(), Line: text})
	})
	tick := time.NewTicker(time.Second * floodBatch / floodRate)
	defer tick.Stop()
	var text bytes.Buffer
	began := time.Now()
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// A tick that came late is made up for.
		for due := int(time.Since(began).Seconds() * floodRate); n+floodBatch <= due; {
			text.Reset()
			for range floodBatch {
				text.WriteString(floodLine(n) + "\n")
				n++
			}
			batch = nil
			_, _ = lines.Write(text.Bytes())
			l.Listen(batch...)
		}
	}
}

var droppedWords = regexp.MustCompile(`[\d,]+ dropped`)

// flooded measures keys and memory while the lines come.
func (b *bench) flooded() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, "-flooded")
	return onScreen(cmd, func(x *uitest.Terminal) error {
		x.See("following", "lines")
		began, before := time.Now(), useOf(cmd.Process.Pid)
		keys := pressKeys(x, began.Add(floodTime))
		use := useOf(cmd.Process.Pid)
		x.Send("G")
		words := droppedWords.FindString(x.See("dropped"))
		fmt.Fprintf(b.out, "\na flood of %d lines a second for %s, %d keys\n", floodRate, floodTime, len(keys.times))
		fmt.Fprintf(b.out, "key to screen: median %d ms, p99 %d ms; memory at most %.0f MB; CPU %.0f %%; the screen says %q\n",
			keys.at(middle).Milliseconds(), keys.at(veryHigh).Milliseconds(), use.peakMB(), 100*(use.cpu-before.cpu).Seconds()/time.Since(began).Seconds(), words)
		return nil
	})
}

const veryHigh = 0.99

// pressKeys opens and closes the help until then, and times each.
func pressKeys(x *uitest.Terminal, until time.Time) (took series) {
	const shown = "restart the selected service"
	for time.Now().Before(until) {
		began := time.Now()
		x.Send("?")
		x.See(shown)
		took.add(time.Since(began))
		began = time.Now()
		x.Send("?")
		x.Gone(shown)
		took.add(time.Since(began))
		const pause = 100 * time.Millisecond
		time.Sleep(pause)
	}
	return took
}

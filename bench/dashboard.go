package main

import (
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/devbox-node/devbox/internal/ui/logs"
	"github.com/devbox-node/devbox/internal/ui/uitest"
)

// dashboard measures the screen of devbox up: its start, a flood, a search, what
// it takes when nothing happens, and a flood beside its peers.
func (b *bench) dashboard() error {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		fmt.Fprintln(b.out, "not measured: there is no /proc here")
		return nil
	}
	for _, measure := range []func() error{b.flooded, b.searchMillion, b.firstFrame, b.idleDashboard, b.floodPeers} {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

const screenWidth, screenHeight = 120, 36

// screen is the terminal of one program that is measured. It is a uitest.T:
// what ends a test ends the measurement, as a panic that watched recovers.
type screen struct{ ends []func() }

type screenError string

func (s *screen) Helper()                           {}
func (s *screen) Fatalf(format string, args ...any) { panic(screenError(fmt.Sprintf(format, args...))) }
func (s *screen) Cleanup(end func())                { s.ends = append(s.ends, end) }

// onScreen runs a program in a terminal while measure does its work. Whatever is
// left of the program is killed then.
func onScreen(cmd *exec.Cmd, measure func(x *uitest.Terminal) error) (err error) {
	s := &screen{}
	defer func() {
		failure := recover()
		for _, end := range s.ends {
			end()
		}
		if text, is := failure.(screenError); is {
			err = fmt.Errorf("%s: %s", cmd.Path, string(text))
		} else if failure != nil {
			panic(failure)
		}
	}()
	cmd.Env = append(cmd.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8")
	return measure(uitest.Start(s, cmd, screenWidth, screenHeight))
}

// firstFrame measures from the start of the process to a frame with the services
// in it, on an engine that is there.
func (b *bench) firstFrame() error {
	p, err := b.newProject("frame", "chat")
	if err != nil {
		return err
	}
	if _, err := p.devbox("up", "--detach", "--no-watch"); err != nil {
		return err
	}
	var took series
	for range b.rounds {
		cmd := p.upAtTerminal()
		began := time.Now()
		err := onScreen(cmd, func(x *uitest.Terminal) error {
			x.See("Services", p.name)
			took.add(time.Since(began))
			return nil
		})
		if err != nil {
			return err
		}
	}
	fmt.Fprintf(b.out, "\nthe dashboard's first frame, from the start of the process on, %d rounds\n", b.rounds)
	printTable(b.out, []row{{"devbox up", took}}, took)
	return nil
}

// upAtTerminal is devbox up with a configuration of its own.
func (p *project) upAtTerminal() *exec.Cmd {
	cmd := exec.Command(p.b.bin, "up")
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("DEVBOX_WEB_PORT=%d", p.port), "XDG_CONFIG_HOME="+p.b.dir)
	return cmd
}

const fourMore = `services:
  cache1: &cache {image: "redis:7-bookworm", command: [redis-server, --loglevel, warning]}
  cache2: *cache
  cache3: *cache
  cache4: *cache
`

// idleDashboard measures what five services take on the screen that do nothing.
func (b *bench) idleDashboard() error {
	p, err := b.newProject("idle", "chat")
	if err != nil {
		return err
	}
	if err := p.write("compose.override.yaml", fourMore); err != nil {
		return err
	}
	cmd := p.upAtTerminal()
	return onScreen(cmd, func(x *uitest.Terminal) error {
		x.See("listening", "cache4")
		// From a minute on the clock of the screen goes slower.
		const settle, measured = 65 * time.Second, 30 * time.Second
		time.Sleep(settle)
		before := useOf(cmd.Process.Pid)
		time.Sleep(measured)
		after := useOf(cmd.Process.Pid)
		fmt.Fprintf(b.out, "\nan idle dashboard of 5 services: %.2f %% CPU over %s, %.0f MB at most\n",
			100*(after.cpu-before.cpu).Seconds()/measured.Seconds(), measured, after.peakMB())
		return nil
	})
}

// searchMillion measures searches of a million held lines.
func (b *bench) searchMillion() error {
	store := logs.NewStore(logs.Limits{Bytes: 1 << 30})
	const held = 1_000_000
	for i := range held {
		store.Append(logs.Entry{Time: time.Now(), Service: "web", Text: floodLine(i)})
	}
	v := logs.NewView(store)
	v.SetSize(screenWidth, screenHeight)
	v.Work(time.Minute)
	searches := []struct {
		name, text string
		regex      bool
	}{
		{"a word in every line", "completed", false},
		{"a word in one line", "item-999999", false},
		{"a word in no line", "nowhere", false},
		{"an expression with a rare word", `item-99999\d`, true},
		{"an expression that all lines must be tried for", `item-\d+77\b`, true},
	}
	rows := make([]row, len(searches))
	for range b.rounds {
		for i, s := range searches {
			began := time.Now()
			if err := v.Search(s.text, s.regex); err != nil {
				return err
			}
			v.Work(time.Minute)
			rows[i].name = s.name
			rows[i].add(time.Since(began))
		}
	}
	fmt.Fprintf(b.out, "\nsearch of %d held lines, %d rounds\n", v.Status().Held, b.rounds)
	printTable(b.out, rows, rows[0].series)
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/devbox-node/devbox/internal/ui/uitest"
)

// floodLines is how many lines the container prints.
const floodLines = 1_000_000

// floodApp prints that many lines as fast as they are taken, once it is asked.
const floodApp = `import http from 'node:http';
import { once } from 'node:events';
const say = async () => {
  let text = '';
  for (let n = 0; n < %d; n++) {
    text += '{"level":30,"time":1772625600000,"msg":"request completed","url":"/api/item-' + n + '","status":200}\n';
    if (text.length < 60000) continue;
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
    text = '';
  }
  process.stdout.write(text + 'the flood is over\n');
};
http.createServer((req, res) => { res.end('yes'); if (req.url === '/flood') say(); }).listen(3000, () => console.log('ready for it'));
`

// viewer is a program that shows the output of a project's containers.
type viewer struct {
	name    string
	command func(p *project) *exec.Cmd
	// shows is on its screen when it follows the output.
	shows   string
	missing error

	first, took, cpu series
	peaks            []int64
	// late is how often it did not show the last line in time.
	late int
}

// floodPatience is how long a viewer may take for the last line.
const floodPatience = 90 * time.Second

func (b *bench) viewers() []*viewer {
	lazydocker, err := b.lazydocker()
	return []*viewer{
		{name: "devbox up", command: (*project).upAtTerminal, shows: "ready for it"},
		{name: "lazydocker", command: func(p *project) *exec.Cmd { return p.inFolder(lazydocker) }, shows: "ready for it", missing: err},
		{name: "docker compose logs -f", command: func(p *project) *exec.Cmd { return p.inFolder("docker", "compose", "logs", "--follow") }, shows: "ready for it", missing: asError(noCompose())},
	}
}

func asError(text string) error {
	if text == "" {
		return nil
	}
	return errors.New(text)
}

func (p *project) inFolder(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+p.b.dir)
	return cmd
}

// lazydocker finds the program in PATH, or builds it in the bench's folder.
func (b *bench) lazydocker() (string, error) {
	if path, err := exec.LookPath("lazydocker"); err == nil {
		return path, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "install", "github.com/jesseduffield/lazydocker@latest")
	cmd.Dir, cmd.Env = b.dir, append(os.Environ(), "GOBIN="+b.dir, "GOFLAGS=")
	if err := cmd.Run(); err != nil {
		return "", errors.New("it is not in PATH, and go install could not get it")
	}
	return filepath.Join(b.dir, "lazydocker"), nil
}

// floodPeers has a container print a million lines while one viewer after the
// other shows them: each of them has a container of its own each time, so that
// none reads what another one has seen.
func (b *bench) floodPeers() error {
	p, err := b.newProject("flood", "express")
	if err != nil {
		return err
	}
	if err := p.write("index.js", fmt.Sprintf(floodApp, floodLines)); err != nil {
		return err
	}
	viewers := b.viewers()
	rounds := min(b.rounds, 3) // a round takes a minute
	for range rounds {
		for _, v := range viewers {
			if v.missing != nil {
				continue
			}
			if err := b.showFloodIn(v, p); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(b.out, "\na container prints %d lines at once, %d rounds in turn, medians\n", floodLines, rounds)
	return printViewers(b, viewers)
}

func (b *bench) showFloodIn(v *viewer, p *project) error {
	if _, err := p.devbox("down"); err != nil {
		return err
	}
	if _, err := p.devbox("up", "--detach", "--no-watch"); err != nil {
		return err
	}
	cmd := v.command(p)
	started := time.Now()
	return onScreen(cmd, func(x *uitest.Terminal) error {
		x.See(v.shows)
		v.first.add(time.Since(started))
		before := useOf(cmd.Process.Pid)
		began := time.Now()
		if err := p.ask("/flood"); err != nil {
			return err
		}
		for !strings.Contains(x.Screen(), "the flood is over") {
			if time.Since(began) > floodPatience {
				v.late++
				break
			}
			const interval = 20 * time.Millisecond
			time.Sleep(interval)
		}
		after := useOf(cmd.Process.Pid)
		v.took.add(time.Since(began))
		v.cpu.add(after.cpu - before.cpu)
		v.peaks = append(v.peaks, after.peak)
		return nil
	})
}

func printViewers(b *bench, viewers []*viewer) error {
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "first line\tlast line\tCPU\tmemory\t  what")
	for _, v := range viewers {
		if v.missing != nil {
			fmt.Fprintf(w, "-\t-\t-\t-\t  %s: %s\n", v.name, v.missing)
			continue
		}
		name := v.name
		if v.late > 0 {
			name += fmt.Sprintf(" (had not shown the last line after %s, %d times)", floodPatience, v.late)
		}
		slices.Sort(v.peaks)
		fmt.Fprintf(w, "%d ms\t%.1f s\t%.1f s\t%d MB\t  %s\n",
			v.first.at(middle).Milliseconds(), v.took.at(middle).Seconds(), v.cpu.at(middle).Seconds(), v.peaks[len(v.peaks)/2]/1e6, name)
	}
	return w.Flush()
}

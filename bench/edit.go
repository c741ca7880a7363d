package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// editToAnswer measures what a developer waits for after each save: from the
// rename of the saved file to the first answer of the new code.
func (b *bench) editToAnswer() error {
	ours, err := b.newApp("devbox")
	if err != nil {
		return err
	}
	theirs, err := b.newNodemon()
	if err != nil {
		return err
	}
	bare, err := ours.bareStarts(b.rounds)
	if err != nil {
		return err
	}
	if err := ours.watched(); err != nil {
		return err
	}
	var devbox, nodemon series
	for i := range b.rounds {
		for _, side := range []struct {
			app  *app
			into *series
		}{{ours, &devbox}, {theirs, &nodemon}} {
			took, err := side.app.measureEdit(fmt.Sprint("edit ", i))
			if err != nil {
				return err
			}
			side.into.add(took)
		}
	}
	fmt.Printf("edit to answer, chat app (Express, Socket.IO), %d rounds in turn\n", b.rounds)
	printTable([]row{{"bare start of the app, no restarter", bare}, {"devbox up", devbox}, {"nodemon in the same image", nodemon}}, devbox)
	return nil
}

func (a *app) measureEdit(words string) (time.Duration, error) {
	// A pause as between two saves, so that nobody profits from what the last
	// restart has left warm.
	time.Sleep(500 * time.Millisecond)
	began := time.Now()
	if err := a.edit(words); err != nil {
		return 0, err
	}
	return a.awaitAnswer(words, began)
}

// newNodemon is the same app in the same image with nodemon inside the
// container, and without devbox's watcher.
func (b *bench) newNodemon() (*app, error) {
	a, err := b.newApp("nodemon")
	if err != nil {
		return nil, err
	}
	if _, err := a.devbox("run", "npm", "install", "--save-dev", "nodemon"); err != nil {
		return nil, err
	}
	file := filepath.Join(a.dir, "devbox.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	const plain = "dev: node index.js"
	if !strings.Contains(string(text), plain) {
		return nil, fmt.Errorf("%s has no %q", file, plain)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), plain, "dev: nodemon --quiet index.js", 1)), 0o644); err != nil {
		return nil, err
	}
	if _, err := a.devbox("up", "--detach", "--no-watch"); err != nil {
		return nil, err
	}
	_, err = a.awaitAnswer("first", time.Now())
	return a, err
}

// bareStart starts the app again and again inside one container and prints how
// long each start took until a connection was accepted.
const bareStart = `import { spawn } from 'node:child_process';
import net from 'node:net';
const once = () => new Promise((done) => {
  const began = process.hrtime.bigint();
  const child = spawn('node', ['index.js'], { env: { ...process.env, PORT: '3999' } });
  const tryIt = () => {
    const s = net.connect(3999, '127.0.0.1');
    s.on('connect', () => { console.log(Number(process.hrtime.bigint() - began) / 1e6); s.destroy(); child.kill('SIGKILL'); child.on('exit', done); });
    s.on('error', () => setTimeout(tryIt, 1));
  };
  tryIt();
});
for (let i = 0; i < Number(process.argv[2]); i++) await once();
`

func (a *app) bareStarts(rounds int) (series, error) {
	var s series
	file := filepath.Join(a.dir, "bare-start.mjs")
	if err := os.WriteFile(file, []byte(bareStart), 0o644); err != nil {
		return s, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	cmd := a.command(ctx, "run", "node", "bare-start.mjs", strconv.Itoa(rounds))
	out, err := cmd.Output()
	if err != nil {
		return s, fmt.Errorf("measure bare starts: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		ms, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
		if err != nil {
			return s, fmt.Errorf("measure bare starts: %q: %w", line, err)
		}
		s.add(time.Duration(ms * float64(time.Millisecond)))
	}
	return s, os.Remove(file)
}

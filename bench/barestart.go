package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// bareStart starts the app once for each line of its input, in one container, and
// prints how long the start took until a connection was accepted, and until the
// answer to a request on that connection was there. The first answer of an app has
// work of its own to do, so it is what an edit's first answer is compared with.
const bareStart = `import { spawn } from 'node:child_process';
import net from 'node:net';
import readline from 'node:readline';
const once = () => new Promise((done) => {
  const began = process.hrtime.bigint();
  const passed = () => Number(process.hrtime.bigint() - began) / 1e6;
  const child = spawn('node', ['index.js'], { env: { ...process.env, PORT: '3999' } });
  const tryIt = () => {
    const s = net.connect(3999, '127.0.0.1');
    let listening;
    s.on('connect', () => { listening = passed(); s.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'); });
    s.on('data', () => {});
    s.on('end', () => { console.log(listening, passed()); child.kill('SIGKILL'); child.on('exit', done); });
    s.on('error', () => setTimeout(tryIt, 1));
  };
  tryIt();
});
for await (const line of readline.createInterface({ input: process.stdin })) await once();
`

// bareStarter starts a project's app on demand, without any restarter. It waits in
// a container between the starts, so that one start comes as long after other work
// as an edit on any side does.
type bareStarter struct {
	cmd    *exec.Cmd
	orders io.WriteCloser
	times  *bufio.Reader
}

// newBareStarter makes the container; close ends it.
func (p *project) newBareStarter() (*bareStarter, error) {
	cmd := p.command(context.Background(), p.b.bin, "run", "--", "node", "--input-type=module", "-e", bareStart)
	orders, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &bareStarter{cmd, orders, bufio.NewReader(out)}, cmd.Start()
}

// start starts the app once and tells how long it took to both ends.
func (s *bareStarter) start() (listening, answer time.Duration, err error) {
	if _, err := io.WriteString(s.orders, "start\n"); err != nil {
		return 0, 0, fmt.Errorf("measure a bare start: %w", err)
	}
	line, err := s.times.ReadString('\n')
	if err != nil {
		return 0, 0, fmt.Errorf("measure a bare start: %w", err)
	}
	var l, a float64
	if _, err := fmt.Sscan(line, &l, &a); err != nil {
		return 0, 0, fmt.Errorf("measure a bare start: %q: %w", line, err)
	}
	return milliseconds(l), milliseconds(a), nil
}

func (s *bareStarter) close() error {
	s.orders.Close()
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("measure bare starts: %w", err)
	}
	return nil
}

// bare are starts of an app without any restarter, to both of their ends.
type bare struct{ listening, answer series }

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

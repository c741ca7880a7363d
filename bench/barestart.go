package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
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
  const { NODE_COMPILE_CACHE, ...env } = process.env;
  const child = spawn('node', ['index.js'], { env: { ...env, PORT: '3999' } });
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

// bareStarter starts a project's app on demand, without any restarter, in the very
// container of the side that it is compared with: of two containers of one image, one
// may start Node a fifth slower than the other as long as both live. It waits there
// between the starts, so that one comes as long after other work as an edit does.
type bareStarter struct {
	at    client.HijackedResponse
	times *bufio.Reader
}

// newBareStarter waits in the project's container; close ends it.
func (p *project) newBareStarter() (*bareStarter, error) {
	ctx := context.Background()
	process, err := p.b.api.ExecCreate(ctx, p.name+"-web-1", client.ExecCreateOptions{
		Cmd: []string{"node", "--input-type=module", "-e", bareStart}, AttachStdin: true, AttachStdout: true, AttachStderr: true,
	})
	if err != nil {
		return nil, fmt.Errorf("measure bare starts: %w", err)
	}
	at, err := p.b.api.ExecAttach(ctx, process.ID, client.ExecAttachOptions{})
	if err != nil {
		return nil, fmt.Errorf("measure bare starts: %w", err)
	}
	read, write := io.Pipe()
	go func() {
		_, err := stdcopy.StdCopy(write, os.Stderr, at.Reader)
		write.CloseWithError(err)
	}()
	return &bareStarter{at.HijackedResponse, bufio.NewReader(read)}, nil
}

// start starts the app once and tells how long it took to both ends.
func (s *bareStarter) start() (listening, answer time.Duration, err error) {
	if _, err := io.WriteString(s.at.Conn, "start\n"); err != nil {
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

// close ends what waits, by the end of its input.
func (s *bareStarter) close() {
	_ = s.at.CloseWrite()
	s.at.Close()
}

// bare are starts of an app without any restarter, to both of their ends.
type bare struct{ listening, answer series }

// add starts the app once more; not each start counts.
func (b *bare) add(starter *bareStarter, counts bool) error {
	listening, answer, err := starter.start()
	if err == nil && counts {
		b.listening.add(listening)
		b.answer.add(answer)
	}
	return err
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

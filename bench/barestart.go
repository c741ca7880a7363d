package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// bareStart starts the app again and again inside one container and prints how
// long each start took until a connection was accepted, and until the answer to
// a request on that connection was there. The first answer of an app has work of
// its own to do, so it is what an edit's first answer is compared with.
const bareStart = `import { spawn } from 'node:child_process';
import net from 'node:net';
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
for (let i = 0; i < Number(process.argv[1]); i++) await once();
`

// bare are starts of an app without any restarter, to both of their ends.
type bare struct{ listening, answer series }

// bareStarts adds starts of the chosen app.
func (p *project) bareStarts(rounds int, into *bare) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	out, err := p.command(ctx, p.b.bin, "run", "--", "node", "--input-type=module", "-e", bareStart, "--", strconv.Itoa(rounds)).Output()
	if err != nil {
		return fmt.Errorf("measure bare starts: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		var listening, answer float64
		if _, err := fmt.Sscan(line, &listening, &answer); err != nil {
			return fmt.Errorf("measure bare starts: %q: %w", line, err)
		}
		into.listening.add(milliseconds(listening))
		into.answer.add(milliseconds(answer))
	}
	return nil
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

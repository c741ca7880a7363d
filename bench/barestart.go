package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

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
for (let i = 0; i < Number(process.argv[1]); i++) await once();
`

// bareStarts adds starts of the chosen app without any restarter.
func (p *project) bareStarts(rounds int, into *series) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	out, err := p.command(ctx, p.b.bin, "run", "--", "node", "--input-type=module", "-e", bareStart, "--", strconv.Itoa(rounds)).Output()
	if err != nil {
		return fmt.Errorf("measure bare starts: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		ms, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
		if err != nil {
			return fmt.Errorf("measure bare starts: %q: %w", line, err)
		}
		into.add(time.Duration(ms * float64(time.Millisecond)))
	}
	return nil
}

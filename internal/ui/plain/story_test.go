package plain

import (
	"time"

	"github.com/devbox-node/devbox/internal/session"
)

var storyServices = []string{"web", "worker", "db"}

// story is a morning with devbox: a first `up`, edits, a crash, an engine that
// goes away, and the end. Times are in milliseconds since its beginning.
func story() []session.Event {
	began := time.Date(2026, 11, 20, 12, 4, 11, 0, time.UTC)
	one, zero, killed := 1, 0, 137
	type e = session.Event
	at := func(ms int, ev e) e {
		ev.Time = began.Add(time.Duration(ms) * time.Millisecond)
		return ev
	}
	return []e{
		at(0, e{Kind: session.Rendered, Files: []string{"Dockerfile", ".dockerignore", "compose.yaml", "compose.prod.yaml"}}),
		at(10, e{Kind: session.Building, Service: "web", Text: "[base 1/2] FROM node:26.10.0-bookworm-slim"}),
		at(20, e{Kind: session.Building, Service: "web", Text: "[base 2/2] RUN npm install --global npm@11.21.2"}),
		at(30, e{Kind: session.Building, Service: "web", Text: "[base 2/2] RUN npm install --global npm@11.21.2: cached", Done: true}),
		at(40, e{Kind: session.Building, Service: "web", Text: "[deps 1/3] COPY package.json package-lock.json ./"}),
		at(50, e{Kind: session.Building, Service: "web", Text: "[deps 2/3] RUN npm ci"}),
		at(60, e{Kind: session.Building, Service: "web", Text: "[deps 1/3] COPY package.json package-lock.json ./: 0.0s", Done: true}),
		at(900, e{Kind: session.Building, Service: "web", Text: "added 67 packages in 1s", Output: true}),
		at(1900, e{Kind: session.Building, Service: "web", Text: "[deps 2/3] RUN npm ci: 1.9s", Done: true}),
		at(2100, e{Kind: session.Built, Service: "web", Text: "chat_web:dev", MS: 2100}),
		at(2110, e{Kind: session.Installing, Service: "web", Volume: "chat_web_node_modules_a1b2c3d4e5f6"}),
		at(4010, e{Kind: session.Installed, Service: "web", Volume: "chat_web_node_modules_a1b2c3d4e5f6", MS: 1900}),
		at(4100, e{Kind: session.Creating, Text: "container chat-db-1 creating"}),
		at(4200, e{Kind: session.Creating, Text: "container chat-db-1 started", Done: true}),
		at(4300, e{Kind: session.Creating, Text: "container chat-web-1 started", Done: true}),
		at(4310, e{Kind: session.WatchedMode, Text: "events", Count: 14}),
		at(4400, e{Kind: session.Started, Service: "web"}),
		at(4500, e{Kind: session.Log, Service: "db", Stream: "stderr", Line: "LOG:  database system is ready to accept connections"}),
		at(4700, e{Kind: session.Log, Service: "web", Stream: "stdout", Line: "\x1b[32mlistening\x1b[39m on 3000"}),
		at(4800, e{Kind: session.Ready, Service: "web", Port: 3000, URL: "http://127.0.0.1:3000", MS: 400}),
		at(4900, e{Kind: session.Ready, Service: "worker"}),
		at(5000, e{Kind: session.Warned, Service: "worker", Text: "the app listens on port 4000, but devbox.yaml says 3000", Hint: "set `port: 4000`, or listen on process.env.PORT"}),

		at(20000, e{Kind: session.Restarting, Service: "web", Files: []string{"src/index.js"}}),
		at(20010, e{Kind: session.Started, Service: "web"}),
		at(20100, e{Kind: session.Log, Service: "web", Stream: "stdout", Line: "listening on 3000"}),
		at(20118, e{Kind: session.Restarted, Service: "web", Files: []string{"src/index.js"}, MS: 118, Port: 3000, URL: "http://127.0.0.1:3000"}),
		at(21000, e{Kind: session.Changed, Files: []string{"README.md"}}),
		at(22000, e{Kind: session.Restarting, Service: "web", Files: []string{"src/a.js", "src/b.js", "src/c.js"}}),
		at(22000, e{Kind: session.Restarting, Service: "worker", Text: "as you asked"}),
		at(22090, e{Kind: session.Restarted, Service: "worker", MS: 90}),
		at(23500, e{Kind: session.Log, Service: "web", Stream: "stdout", Line: "closing 3 connections"}),
		at(24000, e{Kind: session.Log, Service: "web", Stream: "stderr", Line: "Error: Cannot find module './b'"}),
		at(24010, e{Kind: session.Crashed, Service: "web", Code: &one, Files: []string{"src/a.js", "src/b.js", "src/c.js"}}),
		at(30000, e{Kind: session.Restarting, Service: "web", Files: []string{"src/b.js"}}),
		at(30120, e{Kind: session.Restarted, Service: "web", Files: []string{"src/b.js"}, MS: 1120}),
		at(31000, e{Kind: session.Crashed, Service: "worker", Code: &killed, Signal: "SIGSEGV"}),
		at(33000, e{Kind: session.Exited, Service: "db", Code: &killed, Text: "killed: out of memory"}),
		at(40000, e{Kind: session.Failed, Text: "npm ci: exit code 1\nnpm error code EUSAGE\nnpm error\n\tMissing: lodash@4.17.21 from lock file\n", Hint: "run `devbox lock status`"}),
		at(41000, e{Kind: session.EngineLost, Text: "no answer for 2 s"}),
		at(44000, e{Kind: session.EngineBack}),
		at(45000, e{Kind: session.WatchedMode, Text: "polling: too many folders for inotify", Count: 9000, Hint: "raise fs.inotify.max_user_watches"}),
		at(50000, e{Kind: session.Stopping}),
		at(50100, e{Kind: session.Exited, Service: "web", Code: &killed}),
		at(50200, e{Kind: session.Exited, Service: "worker", Code: &zero}),
		at(50300, e{Kind: session.Stopped}),
	}
}

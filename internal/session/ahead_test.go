package session

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/engine/enginetest"
	"github.com/devbox-node/devbox/internal/watch"
)

func TestWhoIsHaltedAhead(t *testing.T) {
	up := func() *app {
		return &app{port: 3000, state: AppListening, container: engine.Container{ID: "c", State: engine.Running}}
	}
	restart := func(services ...string) Reaction {
		return Reaction{{Action: Restart, Services: services, Files: []string{"a.js"}}}
	}
	for name, c := range map[string]struct {
		reaction Reaction
		change   func(o *outlook, web *app)
		want     string
	}{
		"the app that the file restarts":   {restart("web"), nil, "web"},
		"all that it restarts":             {restart("web", "worker"), nil, "web worker"},
		"one that has no port and runs":    {restart("web"), func(_ *outlook, a *app) { a.port, a.state = 0, AppRunning }, "web"},
		"a settle time that is not long":   {restart("web"), func(o *outlook, _ *app) { o.settle = 50 * time.Millisecond }, "web"},
		"a long settle time":               {restart("web"), func(o *outlook, _ *app) { o.settle = 51 * time.Millisecond }, ""},
		"something else under way":         {restart("web"), func(o *outlook, _ *app) { o.busy = true }, ""},
		"a file that concerns nobody":      {Reaction{{Files: []string{"README.md"}}}, nil, ""},
		"nothing at all":                   {nil, nil, ""},
		"a file left to a tool":            {Reaction{{Services: []string{"web"}, Why: "nodemon"}}, nil, ""},
		"a file left to a tool of another": {append(restart("web"), Step{Services: []string{"worker"}, Why: "nodemon"}), nil, ""},
		"an install":                       {Reaction{{Action: Reinstall, Services: []string{"web"}}}, nil, ""},
		"an install of another":            {append(Reaction{{Action: Reinstall, Services: []string{"worker"}}}, restart("web")...), nil, ""},
		"a migration":                      {Reaction{{Action: Migrate, Services: []string{"web"}}}, nil, ""},
		"one that starts":                  {restart("web"), func(_ *outlook, a *app) { a.state = AppRunning }, ""},
		"one that has crashed":             {restart("web"), func(_ *outlook, a *app) { a.state = AppCrashed }, ""},
		"one on a wrong port":              {restart("web"), func(_ *outlook, a *app) { a.state = AppWrongPort }, ""},
		"one of two that is not up":        {restart("worker", "web"), func(_ *outlook, a *app) { a.state = AppStarting }, ""},
		"one whose container has ended":    {restart("web"), func(_ *outlook, a *app) { a.container.State = engine.Exited }, ""},
		"one that is to restart already":   {restart("web"), func(_ *outlook, a *app) { a.pending = &restartNow }, ""},
		"one that was not told yet":        {restart("web"), func(_ *outlook, a *app) { a.untold = true }, ""},
		"one that is halted":               {restart("web"), func(_ *outlook, a *app) { a.halted = "c" }, ""},
		"one without a supervisor":         {restart("web"), func(_ *outlook, a *app) { a.plain = true }, ""},
		"a companion":                      {restart("web"), func(_ *outlook, a *app) { a.companion = true }, ""},
		"one that is not known":            {restart("web", "nobody"), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := outlook{reaction: c.reaction, apps: map[string]*app{"web": up(), "worker": up()}}
			for service, a := range o.apps {
				a.service = service
			}
			if c.change != nil {
				c.change(&o, o.apps["web"])
			}
			var got []string
			for _, a := range o.halts() {
				got = append(got, a.service)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("halted: %q, want %q", got, c.want)
			}
		})
	}
}

var restartNow restart

// settledRun is a run whose app has been up for a while, and the words to its
// supervisor.
func settledRun(t *testing.T, o RunOptions) (r *run, words func() []string) {
	t.Helper()
	s := newScene(t)
	var heard []string
	s.fake.OnWord = func(_ *enginetest.Fake, _, line string) {
		word, _, _ := strings.Cut(line, " ")
		heard = append(heard, word)
	}
	r = bare(t, s, o)
	if _, err := r.watchOptions(); err != nil {
		t.Fatal(err)
	}
	r.look(t.Context(), sight(t, s))
	web := r.apps["web"]
	for late := time.After(20 * time.Second); !web.settled(); {
		select {
		case rep := <-r.reports:
			r.report(rep)
		case <-late:
			t.Fatalf("the app does not come up: %+v", web)
		}
	}
	before := time.Now().Add(-time.Minute)
	web.startedAt, web.listensAt = before, before
	return r, func() []string { return heard }
}

// Whatever the batch turns out to be, what was halted for it runs again.
func TestAHaltedAppIsStartedAgain(t *testing.T) {
	edited := func(files ...string) (b watch.Batch) {
		for _, f := range files {
			b.Changes = append(b.Changes, watch.Change{Path: f, Op: watch.Modified})
		}
		return b
	}
	for name, c := range map[string]struct {
		then func(r *run)
		want []string
	}{
		"the edit":                {func(r *run) { r.changed(t.Context(), edited("index.js")) }, []string{"halt", "restart"}},
		"the edit and another":    {func(r *run) { r.changed(t.Context(), edited("index.js", "a.js")) }, []string{"halt", "restart"}},
		"the edit undone":         {func(r *run) { r.changed(t.Context(), watch.Batch{Touched: []string{"index.js"}}) }, []string{"halt", "start"}},
		"the edit and an install": {func(r *run) { r.changed(t.Context(), edited("index.js", "package.json")) }, []string{"halt", "start"}},
		"a folder in its place": {func(r *run) {
			r.changed(t.Context(), watch.Batch{Changes: []watch.Change{{Path: "index.js", Dir: true}}})
		}, []string{"halt", "start"}},
		"a wish to restart, then that": {func(r *run) {
			r.obey(t.Context(), Intent{Wish: WishRestart})
			r.changed(t.Context(), edited("README.md"))
		}, []string{"halt", "restart"}},
		"the end of who only watches": {func(r *run) { r.opts.Adopt = true; _ = r.shutdown(t.Context()) }, []string{"halt", "start"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, words := settledRun(t, RunOptions{})
			r.haltAhead("index.js")
			c.then(r)
			if got := words(); !slices.Equal(got, c.want) {
				t.Errorf("words: %q, want %q", got, c.want)
			}
			r.changed(t.Context(), watch.Batch{Touched: []string{"index.js"}})
			if got := words(); len(got) != len(c.want) {
				t.Errorf("and later: %q", got)
			}
		})
	}
}

func TestNothingIsHaltedAheadWhileSomethingIsUnderWay(t *testing.T) {
	for name, begin := range map[string]func(r *run){
		"a converge":                     func(r *run) { r.converging = true },
		"one that has failed":            func(r *run) { r.unapplied = &Unapplied{} },
		"a restart that is put off":      func(r *run) { r.loops.held = []string{"index.js"} },
		"an app that has just come up":   func(r *run) { r.apps["web"].listensAt = time.Now() },
		"a file that devbox has written": func(r *run) { r.written["index.js"] = true },
		"no connection":                  func(r *run) { r.words.drop(r.apps["web"].container.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			r, words := settledRun(t, RunOptions{})
			begin(r)
			r.haltAhead("index.js")
			r.startHalted(t.Context())
			if got := words(); len(got) > 0 {
				t.Errorf("words: %q", got)
			}
		})
	}
}

// An edit is told to the supervisor twice: at once, and when it has settled. Nobody
// who listens to the session sees the first.
func TestAnEditStopsTheAppBeforeItHasSettled(t *testing.T) {
	s := newScene(t)
	var said atomic.Pointer[[]string]
	said.Store(&[]string{})
	s.fake.OnWord = func(f *enginetest.Fake, id, line string) {
		word, wordID, _ := strings.Cut(line, " ")
		all := append(slices.Clone(*said.Load()), word)
		said.Store(&all)
		switch word {
		case "halt":
			f.Print(id, fmt.Sprintf("\x1e"+`{"devbox":"stopping","id":%q}`, wordID))
			f.Print(id, "\x1e"+`{"devbox":"exited","id":"","code":143,"signal":"SIGTERM","expected":true}`)
		case "restart":
			s.supervisorSays(id, wordID)
		}
	}
	var later atomic.Int64 // the app has been up for so long when it is edited
	s.start(RunOptions{Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
	s.has(1, Ready)
	s.has(1, WatchedMode)
	// A machine that is busy may be too late with one, so it has several edits.
	halted := func() bool { return slices.Contains(*said.Load(), "halt") }
	for i := 1; !halted() && i <= 50; i++ {
		later.Store(int64(time.Duration(i) * time.Minute))
		s.write("index.js", fmt.Sprint("// edit ", i))
		s.has(i, Restarted)
	}
	all := *said.Load()
	if got, want := all[max(len(all)-2, 0):], []string{"halt", "restart"}; !slices.Equal(got, want) {
		t.Errorf("the last words: %q, want %q", got, want)
	}
	for _, kind := range []Kind{Crashed, Exited, Stopping, Stopped} {
		if list := s.has(0, kind); len(list) > 0 {
			t.Errorf("said of a restart: %+v", list)
		}
	}
}

package logs

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLevelsAreFound(t *testing.T) {
	tests := []struct {
		line string
		want Level
	}{
		{`{"level":10,"msg":"pino"}`, LevelTrace},
		{`{"level":20}`, LevelDebug},
		{`{"level":30,"time":1}`, LevelInfo},
		{`{"name":"app","hostname":"h","pid":1,"level":40,"msg":"bunyan","time":"2026-01-01T00:00:00Z","v":0}`, LevelWarn},
		{`{"time":1,"level":50}`, LevelError},
		{`{"level":60}`, LevelFatal},
		{`{"level":35}`, LevelInfo},
		{`{"level":99999999999}`, LevelFatal},
		{`{"level":-5}`, LevelNone},
		{`{"level":"warn","message":"winston"}`, LevelWarn},
		{`{"level":"\u001b[31merror\u001b[39m","message":"in colour"}`, LevelError},
		{`{"level":"silly"}`, LevelTrace},
		{`{"severity":"CRITICAL"}`, LevelFatal},
		{`{"log.level":"info"}`, LevelInfo},
		{`{"msg":"level 50"}`, LevelNone},
		{`{"level":50`, LevelNone},
		{`ERROR something`, LevelError},
		{`12:04:11 INFO  started`, LevelInfo},
		{`2026-03-01T12:00:00.000Z [warn] deprecated`, LevelWarn},
		{`<debug> x`, LevelDebug},
		{`[Nest] 29  - 03/01/2026, 12:00:00 PM     LOG [NestFactory] Starting`, LevelNone},
		{`[Nest] 29  - 03/01/2026, 12:00:00 PM   ERROR [ExceptionsHandler] boom`, LevelError},
		{`error: winston's simple format`, LevelError},
		{`info: listening`, LevelInfo},
		{`ts=1 level=info msg=x`, LevelInfo},
		{`level="error" msg=x`, LevelError},
		{`npm ERR! code ELIFECYCLE`, LevelError},
		{`npm error code ENOENT`, LevelError},
		{`npm warn deprecated x`, LevelWarn},
		{`npm WARN deprecated x`, LevelWarn},
		{`npm run build`, LevelNone},
		{`TypeError: x is not a function`, LevelError},
		{`Uncaught Error: x`, LevelError},
		{`AssertionError [ERR_ASSERTION]: x`, LevelError},
		{`(node:7) DeprecationWarning: x`, LevelWarn},
		{`(node:7) [DEP0040] DeprecationWarning: x`, LevelWarn},
		{`2026-03-01 12:00:00.000 UTC [27] FATAL:  password authentication failed`, LevelFatal},
		{`2026-03-01 12:00:00.000 UTC [27] LOG:  checkpoint`, LevelInfo},
		{`src/a.ts(1,2): error TS2304: x`, LevelNone},
		{`an error happened`, LevelNone},
		{`Error`, LevelError},
		{`Errors are listed below`, LevelNone},
		{`GET /error 200`, LevelNone},
		{`GET /api?level=error 200`, LevelNone},
		{`no-error: x`, LevelNone},
		{`http://host/`, LevelNone},
		{"\x1b[31mERROR\x1b[0m x", LevelError},
		{``, LevelNone},
		{strings.Repeat("x", 200) + " ERROR", LevelNone},
	}
	for _, tt := range tests {
		s := storeOf(Entry{Text: tt.line})
		c, i := s.at(0)
		for range 2 { // found out, and remembered
			if got := c.level(i); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.line, got, tt.want)
			}
		}
	}
}

func TestJSONBecomesReadable(t *testing.T) {
	tests := []struct {
		name, line string
		want       []string
	}{
		{"pino", `{"level":30,"time":1772366651000,"pid":1,"hostname":"c0ffee","msg":"listening","port":3000}`, []string{"12:04:11 INFO listening port=3000"}},
		{"bunyan", `{"name":"api","hostname":"h","pid":1,"level":40,"msg":"slow","time":"2026-03-01T12:04:11.123Z","v":0}`, []string{"12:04:11 WARN api: slow"}},
		{"winston", `{"level":"error","message":"no","timestamp":"2026-03-01T13:04:11+01:00"}`, []string{"12:04:11 ERROR no"}},
		{"seconds", `{"ts":1772366651.5,"msg":"x"}`, []string{"12:04:11 x"}},
		{"a time that is none", `{"time":"yesterday","msg":"x"}`, []string{"yesterday x"}},
		{"objects", `{"msg":"x","req":{"method":"GET","headers":{"host":"a"},"q":{}},"l":[1,2],"e":{}}`, []string{`x req.method=GET req.headers={…} req.q={} l=[1,2] e={}`}},
		{"quotes", `{"a":"","b":"c d","e":"f=g","h":"i"}`, []string{`a="" b="c d" e="f=g" h=i`}},
		{"a pino error", `{"level":50,"msg":"boom","err":{"type":"TypeError","message":"boom","stack":"TypeError: boom\n    at f (/app/a.js:1:2)","code":"E"}}`, []string{"ERROR boom err.code=E", "TypeError: boom", "    at f (/app/a.js:1:2)"}},
		{"a winston error", `{"level":"error","message":"boom","stack":"Error: boom\n    at g (b.js:3:4)"}`, []string{"ERROR boom", "Error: boom", "    at g (b.js:3:4)"}},
		{"an error without a stack", `{"err":{"message":"boom"},"error":"x"}`, []string{"err.message=boom error=x"}},
		{"a message of several lines", `{"msg":"a\nb\n\nc\n"}`, []string{"a", "b", "", "c"}},
		{"escapes are no control characters", `{"msg":"a\u001b]52;c;x\u0007b\u202ec","\u001b[2Jk":"v\rw"}`, []string{`abc \u001b[2Jk=v␍w`}},
		{"a name only", `{"name":"x"}`, []string{"name=x"}},
		{"an empty object", `{}`, []string{""}},
		{"blanks", `{ "level" : 30 , "msg" : "x" }`, []string{"INFO x"}},
		{"a broken object", `{"msg":"x"`, []string{`{"msg":"x"`}},
		{"no JSON", `{ not json }`, []string{`{ not json }`}},
		{"something behind it", `{"a":1} {"b":2}`, []string{`a=1`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := viewOf(200, 20, Entry{Text: tt.line})
			expect(t, v, tt.want...)
			v.SetOptions(Options{Raw: true})
			if got := screen(v); len(got) != 1 || got[0] != tt.line {
				t.Errorf("raw is %q", got)
			}
		})
	}
}

func TestFilesOfTheProjectAreFound(t *testing.T) {
	tests := []struct {
		text string
		want []Location
	}{
		{"    at f (/app/src/a.js:10:5)", []Location{{"src/a.js", 10, 5}}},
		{"    at file:///app/src/a.mjs:3:1", []Location{{"src/a.mjs", 3, 1}}},
		{"/app/index.js:7", []Location{{"index.js", 7, 0}}},
		{"src/a.ts(10,5): error TS1 src/b.ts:1:2", []Location{{"src/a.ts", 10, 5}, {"src/b.ts", 1, 2}}},
		{"./src/App.tsx:4:2", []Location{{"src/App.tsx", 4, 2}}},
		{"    at g (node:internal/modules:1:2)", nil},
		{"    at h (/app/node_modules/x/i.js:1:2)", nil},
		{"node_modules/x/i.js:1:2", nil},
		{"/usr/lib/x.js:1:2", nil},
		{"../x.js:1:2", nil},
		{"/app/../etc/x.js:1:2", nil},
		{"/application/x.js:1:2", nil},
		{"http://localhost:3000/a.js:1", nil},
		{"12:04:11 listening on :3000", nil},
		{"a.js: 5", nil},
		{"a.js:0", nil},
		{"a.js(1,2", nil},
		{".js:1", nil},
	}
	for _, tt := range tests {
		var got []Location
		for _, r := range locations(tt.text, "/app") {
			got = append(got, *r.value)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

// FuzzDecoding looks for lines that break the decoder or let anything through
// that a terminal obeys.
func FuzzDecoding(f *testing.F) {
	for _, seed := range []string{`{"level":30,"msg":"x","err":{"stack":"a\nb"}}`, `{"a":{"b":[1,"\u001b"]}}`, "\x1b[31mx\x1b[0m /app/a.js:1:2", `npm ERR! x`, `{"time":1e300}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := storeOf(Entry{Service: "s", Text: text})
		c, i := s.at(0)
		c.level(i)
		lookup(c.line(i), "a.b")
		logfmt(c.line(i), "a")
		lines, ok := readable(c.line(i), time.UTC, true)
		for _, l := range lines {
			if harmful(l.text) {
				t.Errorf("%q becomes %q", text, l.text)
			}
		}
		if ok && len(lines) == 0 {
			t.Errorf("%q becomes nothing", text)
		}
	})
}

package project

import (
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Sources is what the code of an app says, as far as a bounded look goes.
type Sources struct {
	// Port is the port of a call that opens a server.
	Port Fact
	// Reads are the variables of the environment that the code names, with the
	// file and, where there is one, the value that stands in for them.
	Reads map[string]EnvRead
	// Loopback is a server that listens on the container's own loopback, where
	// nobody finds it.
	Loopback Fact
	// Hosts are the host names of database URLs and settings in the code.
	Hosts []Fact
	// Passwords are the places of URLs with a password in them. The passwords
	// themselves are not kept.
	Passwords []string
	// Listens tells that some file opens a server.
	Listens bool
	// Partial tells that there was more than was looked at.
	Partial bool
}

// EnvRead is a variable that the code reads.
type EnvRead struct {
	// File is where it was seen first.
	File string
	// Default tells that the code goes on without it; Text is the value that it
	// takes then, if that is a plain one.
	Default bool
	Text    string
	// Direct tells that it was read from the environment in so many words, and
	// not only named.
	Direct bool
}

// Bounds of the look into sources: enough for an app, and quick in a
// repository of any size.
const (
	mostSources    = 400 // over all apps of a project
	leastSources   = 60  // of one
	mostEntriesDir = 5000
	deepestSource  = 7
	sourceSize     = 64 << 10
)

// notSources are folders that hold no code of the app itself.
var notSources = wordSet(`node_modules bower_components dist build out output coverage public static assets vendor test tests
	__tests__ __mocks__ spec specs e2e cypress docs doc examples example fixtures tmp temp logs target venv`)

var (
	sourceName = lazy(`\.(?:[cm]?[jt]s|[jt]sx)$`)
	notAnApp   = lazy(`\.d\.[cm]?ts$|\.min\.js$|\.(?:test|spec|e2e|stories|config|setup)\.[cm]?[jt]sx?$|\.e2e-spec\.ts$|(?:^|/)(?:health-?check|hc)\.[cm]?[jt]s$`)
)

// readSources looks through the code of a folder, the files at the top first.
// The folders of other packages are left out.
func readSources(fsys fs.FS, others []string, most int) Sources {
	s := Sources{Reads: map[string]EnvRead{}}
	files, partial := sourceFiles(fsys, others, most)
	s.Partial = partial
	for _, name := range files {
		s.read(name, peekAt(fsys, name, sourceSize))
	}
	return s
}

// sourceFiles lists the code of a folder, breadth first. Symlinks are not
// followed, so that there is no circle.
func sourceFiles(fsys fs.FS, others []string, most int) (files []string, partial bool) {
	seen := 0
	for dirs := []string{"."}; len(dirs) > 0; dirs = dirs[1:] {
		entries, err := fs.ReadDir(fsys, dirs[0])
		if err != nil {
			continue
		}
		for _, e := range entries {
			name := path.Join(dirs[0], e.Name())
			if seen++; seen > mostEntriesDir || len(files) == most {
				return files, true
			}
			switch {
			case strings.HasPrefix(e.Name(), "."):
			case e.IsDir():
				if !notSources[e.Name()] && !slices.Contains(others, name) && strings.Count(name, "/") < deepestSource {
					dirs = append(dirs, name)
				}
			case e.Type().IsRegular() && sourceName().MatchString(e.Name()) && !notAnApp().MatchString(e.Name()):
				files = append(files, name)
			}
		}
	}
	return files, false
}

var (
	envDirect = lazy(`(?:process\.env|Bun\.env|\benv)(?:\.|\[['"\x60])([A-Z][A-Z0-9_]*)(?:['"\x60]\])?(\s*\)?\s*(?:\|\||\?\?)\s*(?:["'\x60]([^"'\x60\n$]{0,200})["'\x60]|(\d+))?)?`)
	envCall   = lazy(`\b(?:env|getOrThrow|[cC]onfig(?:Service)?\.get(?:<\w+>)?)(?:\.\w+)?\(\s*['"\x60]([A-Z][A-Z0-9_]*)['"\x60](\s*,\s*(?:["'\x60]([^"'\x60\n$]{0,200})["'\x60])?)?`)
	envGroup  = lazy(`\{([^{}]{1,900})\}\s*=\s*process\.env\b`)
	envWord   = lazy(`^[A-Z][A-Z0-9_]+$`)

	// listenPort is how code says the port that a server listens on.
	listenPorts = []func() *regexp.Regexp{
		func() *regexp.Regexp { return portPatterns[0] },
		lazy(`\bset\(\s*["']port["']\s*,[^)\n]{0,80}?\b(\d{2,5})\s*\)`),
		lazy(`\.listen\(\s*(?:\{[^}]{0,200}?\bport:\s*)?(\d{2,5})\b`),
		lazy(`\bBun\.serve\(\s*\{[^}]{0,200}?\bport:[^,}\n]{0,60}?\b(\d{2,5})\b`),
		lazy(`\bserve\(\s*\{[^}]{0,200}?\bport:[^,}\n]{0,60}?\b(\d{2,5})\b`),
		lazy(`\bPORT["']?\s*[:=][^\n]{0,120}?(?:default\(\s*|devDefault\(\s*|default:\s*)["']?(\d{2,5})\b`),
		lazy(`\bPORT:\s*\{[^}]{0,200}?\bdefault:\s*["']?(\d{2,5})\b`),
	}
	// anyPort is a number that goes by the name of port in a file that opens a server.
	anyPort  = lazy(`(?i)\b(?:const|let|var)\s+(?:server_?|http_?|app_?)?port\b[^=\n]{0,40}=[^;\n]{0,120}?\b(\d{4,5})\b`)
	loopback = lazy(`\.listen\([^)]{0,200}?["'](127\.0\.0\.1|localhost|::1)["']|\.listen\(\s*\{[^}]{0,200}?\bhost:\s*["'](127\.0\.0\.1|localhost|::1)["']`)

	dataURL  = lazy(`\b(postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|redis|rediss|amqps?)://(?:([^:@/\s"'\x60$]*)(?::([^@/\s"'\x60]*))?@)?([A-Za-z0-9_.-]+)`)
	dataHost = lazy(`\bhost(?:name)?["']?\s*:\s*(?:process\.env\.\w+\s*(?:\|\||\?\?)\s*)?["']([A-Za-z][A-Za-z0-9_-]{0,62})["']`)
)

// has tells whether a text has one of some words. Expressions are slow in
// large repositories, and most files have nothing for them.
func has(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

// codeOf is a text without the lines that are comments as a whole.
func codeOf(text string) string {
	if !has(text, "//", "/*", "*") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for line := range strings.Lines(text) {
		if start := strings.TrimLeft(line, " \t"); !strings.HasPrefix(start, "//") && !strings.HasPrefix(start, "*") && !strings.HasPrefix(start, "/*") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// read takes what one file shows; what was found first stays.
func (s *Sources) read(name, text string) {
	text = codeOf(text)
	opens := has(text, ".listen(", "createServer(", "serve(") && opensServer.MatchString(text)
	s.Listens = s.Listens || opens
	s.readPort(name, text, opens)
	s.readExport(name, text)
	s.readVariables(name, text)
	if opens && s.Loopback.Text == "" && has(text, "127.0.0.1", "localhost", "::1") {
		if m := loopback().FindStringSubmatch(text); m != nil {
			s.Loopback = Fact{m[1] + m[2], name}
		}
	}
	s.readHosts(name, text)
}

func (s *Sources) readHosts(name, text string) {
	if has(text, "postgres", "mysql:", "mariadb:", "mongodb", "redis", "amqp") && strings.Contains(text, "://") {
		for _, m := range dataURL().FindAllStringSubmatch(text, -1) {
			s.Hosts = append(s.Hosts, Fact{m[4], name})
			if m[3] != "" && !strings.HasPrefix(m[3], "$") {
				s.Passwords = append(s.Passwords, name)
			}
		}
	}
	if strings.Contains(text, "host") {
		for _, m := range dataHost().FindAllStringSubmatch(text, -1) {
			s.Hosts = append(s.Hosts, Fact{m[1], name})
		}
	}
}

func (s *Sources) readPort(name, text string, opens bool) {
	if s.Port.Text != "" || !opens && !has(text, "PORT", "port'", `port"`, "listen(") {
		return
	}
	patterns := listenPorts
	if opens {
		patterns = append(slices.Clone(patterns), anyPort)
	}
	for _, pattern := range patterns {
		if m := pattern().FindStringSubmatch(text); m != nil && validPort(m[1]) {
			s.Port = Fact{m[1], name}
			return
		}
	}
}

// note takes a variable that a file reads.
func (s *Sources) note(file, variable string, read EnvRead) {
	old, there := s.Reads[variable]
	if !there {
		read.File = file
		s.Reads[variable] = read
		return
	}
	old.Direct = old.Direct || read.Direct
	if read.Default {
		old.Default = true
		if old.Text == "" {
			old.Text = read.Text
		}
	}
	s.Reads[variable] = old
}

func (s *Sources) readVariables(name, text string) {
	for line := range strings.Lines(text) {
		if has(line, "env.", "env[") {
			for _, m := range envDirect().FindAllStringSubmatch(line, -1) {
				s.note(name, m[1], EnvRead{Direct: true, Default: m[2] != "", Text: m[3] + m[4]})
			}
		}
		if has(line, "env(", "env.", "getOrThrow", "onfig") {
			for _, m := range envCall().FindAllStringSubmatch(line, -1) {
				s.note(name, m[1], EnvRead{Direct: true, Default: m[2] != "", Text: m[3]})
			}
		}
	}
	if has(text, "= process.env", "=process.env") {
		s.readGroups(name, text)
	}
	eachConstant(text, func(variable string) {
		if _, there := s.Reads[variable]; !there {
			s.note(name, variable, EnvRead{})
		}
	})
}

// readGroups reads the names in { A, B = 'x' } = process.env.
func (s *Sources) readGroups(file, text string) {
	for _, m := range envGroup().FindAllStringSubmatch(text, -1) {
		for item := range strings.SplitSeq(m[1], ",") {
			variable, value, assigned := strings.Cut(item, "=")
			variable, _, _ = strings.Cut(strings.TrimSpace(variable), ":")
			if variable = strings.TrimSpace(variable); envWord().MatchString(variable) {
				s.note(file, variable, EnvRead{Direct: true, Default: assigned, Text: strings.Trim(strings.TrimSpace(value), `"'`)})
			}
		}
	}
}

// eachConstant calls yield for the names of a text that may be variables of an
// environment: upper-case words joined by _, and those that need none.
func eachConstant(text string, yield func(string)) {
	isWord := func(c byte) bool {
		return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
	}
	for i := 0; i < len(text); i++ {
		if !isWord(text[i]) {
			continue
		}
		start, upper, joined := i, text[i] >= 'A' && text[i] <= 'Z', false
		for ; i < len(text) && isWord(text[i]); i++ {
			upper = upper && !(text[i] >= 'a' && text[i] <= 'z')
			joined = joined || text[i] == '_'
		}
		if word := text[start:i]; upper && (joined || plainVariables[word]) {
			yield(strings.Clone(word))
		}
	}
}

var plainVariables = wordSet("HOST PORT HOSTNAME PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE")

// peekAt is the start of a regular file, at most so many bytes of it.
func peekAt(fsys fs.FS, name string, most int64) string {
	file, err := fsys.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, most))
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(string(data), byteOrderMark)
}

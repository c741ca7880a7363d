package project

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// YAML is the smallest devbox.yaml that loads as this model, with a few words
// for who opens it first. Text from elsewhere is quoted wherever YAML could
// see more in it than text.
func (m *Model) YAML() []byte {
	w := &yamlWriter{}
	w.line(0, "name: "+yamlText(m.Name), "")
	w.line(0, "services:", "")
	for i, s := range m.Services {
		w.line(1, yamlText(s.Name)+":", "")
		w.service(s, i == 0)
	}
	for _, b := range m.Backing {
		w.line(1, yamlText(b.Name)+":", "")
		w.backing(b)
	}
	w.line(0, fmt.Sprintf("lock: {dev: %s, prod: %s}", yamlText(string(m.Lock.Dev)), yamlText(string(m.Lock.Prod))), "")
	w.settings(m.Watch)
	if len(m.Compose) > 0 {
		w.value(0, "compose:", m.Compose)
	}
	if m.Files != "" {
		w.line(0, "files: "+yamlText(string(m.Files)), "")
	}
	return w.bytes()
}

func (w *yamlWriter) settings(s WatchSettings) {
	var pairs []string
	if s.Settle != 0 {
		pairs = append(pairs, "settle: "+yamlDuration(s.Settle))
	}
	if s.Ceiling != 0 {
		pairs = append(pairs, "ceiling: "+yamlDuration(s.Ceiling))
	}
	if s.Poll {
		pairs = append(pairs, "poll: true")
	}
	if len(pairs) > 0 {
		w.line(0, "watch: {"+strings.Join(pairs, ", ")+"}", "")
	}
}

// yamlDuration is a time in the units that devbox.yaml takes.
func yamlDuration(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64) + "ms"
}

// yamlWriter collects lines, and sets the comments of a file under each other.
type yamlWriter struct{ lines []yamlLine }

type yamlLine struct{ text, comment string }

func (w *yamlWriter) line(level int, text, comment string) {
	w.lines = append(w.lines, yamlLine{strings.Repeat("  ", level) + text, comment})
}

func (w *yamlWriter) bytes() []byte {
	const gap, widest = 3, 60
	column := 0
	for _, l := range w.lines {
		if l.comment != "" && len(l.text) <= widest {
			column = max(column, len(l.text)+gap)
		}
	}
	var out strings.Builder
	for _, l := range w.lines {
		out.WriteString(l.text)
		if l.comment != "" {
			fmt.Fprintf(&out, "%s# %s", strings.Repeat(" ", max(column-len(l.text), gap)), l.comment)
		}
		out.WriteByte('\n')
	}
	return []byte(out.String())
}

func (w *yamlWriter) service(s Service, commented bool) {
	says := func(text string) string {
		if commented {
			return text
		}
		return ""
	}
	image := ""
	if exactNode.MatchString(s.Node) {
		image = says("exact: image " + BaseImage(s))
	}
	w.text("dir", s.Dir)
	w.line(2, "node: "+yamlText(s.Node), image)
	w.line(2, "package-manager: "+yamlText(s.PackageManager.String()), says("exact"))
	w.line(2, "port: "+strconv.Itoa(s.Port), "")
	if s.Publish != 0 {
		w.line(2, "publish: "+strconv.Itoa(s.Publish), "")
	}
	w.line(2, "dev: "+yamlCommand(s.Dev), says("exec form; a shell only where the words need one"))
	if len(s.Build) > 0 {
		w.line(2, "build: "+yamlCommand(s.Build), "")
	}
	// Without prod, plain node would run in production as well.
	if len(s.Prod) > 0 || isPlainNode(s.Dev) && !s.Dockerfile.used() {
		w.line(2, "prod: "+yamlCommand(s.Prod), "")
	}
	w.text("health", s.Health)
	w.mapping("environment", anyMap(s.Environment))
	if len(s.Watch.Paths)+len(s.Watch.Ignore) > 0 {
		w.line(2, "watch:", "")
		w.list(3, "paths:", s.Watch.Paths)
		w.list(3, "ignore:", s.Watch.Ignore)
	}
	w.text("standby", string(s.Standby))
	w.surroundings(s)
	w.mapping("compose", s.Compose)
	w.mapping("compose-dev", s.ComposeDev)
	w.mapping("compose-prod", s.ComposeProd)
}

func anyMap(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

func anyList(list []string) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// mapping writes a mapping of a service, which is left out when it is empty.
func (w *yamlWriter) mapping(key string, m map[string]any) {
	if len(m) > 0 {
		w.value(2, key+":", m)
	}
}

// list writes a list, which is left out when it is empty.
func (w *yamlWriter) list(level int, before string, list []string) {
	if len(list) > 0 {
		w.value(level, before, anyList(list))
	}
}

// value writes a value behind a key with its colon, or behind the dash of a
// list.
func (w *yamlWriter) value(level int, before string, v any) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			break
		}
		w.line(level, before, "")
		for _, k := range slices.Sorted(maps.Keys(v)) {
			w.value(level+1, yamlText(k)+":", v[k])
		}
		return
	case []any:
		if len(v) == 0 {
			break
		}
		w.line(level, before, "")
		for _, e := range v {
			w.value(level+1, "-", e)
		}
		return
	}
	w.line(level, before+" "+yamlScalar(v), "")
}

// yamlScalar is a value that has nothing in it.
func yamlScalar(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return yamlText(v)
	case float64:
		return yamlFloat(v)
	case map[string]any:
		return "{}"
	case []any:
		return "[]"
	}
	return fmt.Sprint(v) // integers and booleans
}

// yamlFloat is a number that reads back as one with a fraction.
func yamlFloat(f float64) string {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if f == math.Trunc(f) && !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// yamlCommand is a command in people's words where these lead back to it,
// else in exec form.
func yamlCommand(c Command) string {
	if text, ok := c.text(); ok {
		return yamlText(text)
	}
	words := make([]string, len(c))
	for i, w := range c {
		words[i] = yamlQuoted(w)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

var (
	// plainStart and plainRest are what unquoted text is made of, far less than
	// YAML allows: what a reader would have to think about is quoted.
	plainText = regexp.MustCompile(`^[A-Za-z0-9_/.][A-Za-z0-9_/.@=+,:;&|<>()$'" ^~%*?!-]*$`)
	// oldWords are booleans, numbers and times in YAML 1.1, which other programs
	// still read.
	oldWords = regexp.MustCompile(`(?i)^(?:y|n|yes|no|on|off|[0-9_:.]+)$`)
)

// yamlText is text as a YAML scalar on one line.
func yamlText(text string) string {
	if plainText.MatchString(text) && (exactNode.MatchString(text) || !oldWords.MatchString(text)) && readsBack(text) {
		return text
	}
	return yamlQuoted(text)
}

// yamlQuoted is text in double quotes. Go escapes what is not printable in the
// same words as YAML.
func yamlQuoted(text string) string { return strconv.Quote(text) }

// readsBack asks the parser whether it sees unquoted text as itself.
func readsBack(text string) bool {
	var document yaml.Node
	if err := yaml.Load([]byte("k: "+text+" # c\n"), &document); err != nil || len(document.Content) != 1 {
		return false
	}
	pair := document.Content[0].Content
	return len(pair) == 2 && pair[1].Kind == yaml.ScalarNode && pair[1].ShortTag() == "!!str" && pair[1].Value == text && pair[1].Style == 0
}

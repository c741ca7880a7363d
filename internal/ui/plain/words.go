package plain

import (
	"fmt"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/term"
)

// duration is short and has the precision that a person cares for: 118 ms,
// 1.9 s, 34 s, 2 min 5 s.
func duration(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", ms)
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Truncate(time.Second).Seconds())
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// seconds is for times that are of interest roughly: 0.4 s.
func seconds(ms int64) string {
	const tenth = 100
	if ms >= 10_000 {
		return duration(ms)
	}
	return fmt.Sprintf("%.1f s", time.Duration(max(ms, tenth)*int64(time.Millisecond)).Seconds())
}

// in adds how long something took, where that is known.
func in(what string, ms int64) string {
	if ms <= 0 {
		return what
	}
	return what + " in " + duration(ms)
}

// maxPathWidth is how much of a path is shown.
const maxPathWidth = 72

// fileList names files: all of them up to most, else the first one and how many
// more there are. Of a long path, the end is shown.
func (s Stream) fileList(files []string, most int) string {
	shown := files
	if len(files) > most {
		shown = files[:1]
	}
	paths := make([]string, len(shown))
	for i, f := range shown {
		paths[i] = term.CutLeft(s.clean(f), maxPathWidth, s.ellipsis())
	}
	switch more := len(files) - len(shown); {
	case len(files) == 0:
		return ""
	case more > 0:
		return paths[0] + " and " + term.Thousands(more) + " more"
	case len(paths) == 1:
		return paths[0]
	}
	last := len(paths) - 1
	return strings.Join(paths[:last], ", ") + " and " + paths[last]
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return term.Thousands(n) + " " + noun + "s"
}

// treeName is the name of what is in a node_modules volume: node_modules and the
// beginning of the key that the volume's name ends in.
func treeName(volume string) string {
	const shortKey = 6
	if _, key, ok := strings.Cut(volume, "_node_modules_"); ok && key != "" {
		return "node_modules " + key[:min(len(key), shortKey)]
	}
	return strings.TrimSpace("node_modules " + volume)
}

// ending says how a process ended, with a word for how to put it.
func ending(code *int, signal string) string {
	switch {
	case signal != "":
		return "killed by " + signal
	case code != nil:
		return fmt.Sprintf("exit code %d", *code)
	}
	return ""
}

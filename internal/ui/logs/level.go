package logs

import (
	"bytes"
	"strings"
)

// Level is how serious a line is.
type Level uint8

// The levels, from LevelNone for lines that tell none to the most serious.
const (
	LevelNone Level = iota
	LevelTrace
	LevelDebug
	LevelInfo
	LevelWarn
	LevelError
	LevelFatal
)

var levelNames = [...]string{"", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}

// String is the level in capitals, empty for LevelNone.
func (l Level) String() string { return levelNames[l] }

// role is how the level's word is drawn.
func (l Level) role() Role {
	if l == LevelNone {
		return RoleText
	}
	return RoleTrace + Role(l-LevelTrace)
}

// levelWords are the names of levels in lower case: of pino, bunyan, winston,
// npm, syslog and PostgreSQL.
var levelWords = map[string]Level{
	"trace": LevelTrace, "silly": LevelTrace,
	"debug": LevelDebug, "verbose": LevelDebug, "verb": LevelDebug, "dbg": LevelDebug,
	"info": LevelInfo, "information": LevelInfo, "notice": LevelInfo, "http": LevelInfo, "log": LevelInfo, "inf": LevelInfo,
	"warn": LevelWarn, "warning": LevelWarn, "wrn": LevelWarn,
	"error": LevelError, "err": LevelError, "err!": LevelError, "severe": LevelError,
	"fatal": LevelFatal, "critical": LevelFatal, "crit": LevelFatal, "panic": LevelFatal, "emerg": LevelFatal, "alert": LevelFatal,
}

// maxLevelWord is the length of the longest of them.
const maxLevelWord = len("information")

func wordLevel(word []byte) Level {
	if len(word) == 0 || len(word) > maxLevelWord {
		return LevelNone
	}
	var lower [maxLevelWord]byte
	for i, b := range word {
		if b >= 'A' && b <= 'Z' {
			b |= 0x20
		}
		lower[i] = b
	}
	return levelWords[string(lower[:len(word)])]
}

// numberLevel is a level as pino and bunyan number it: 10 is trace, 60 fatal,
// and what is between belongs to the one below.
func numberLevel(n int) Level {
	if n < 10 {
		return LevelNone
	}
	return Level(min(n/10, int(LevelFatal)))
}

// maxLooked is how far from its beginning a line is looked at for its level.
const maxLooked = 96

// textLevel finds the level of a line that is no JSON, and the word that says so.
func textLevel(line []byte) (level Level, begin, end int) {
	line = line[:min(len(line), maxLooked)]
	if l, b, e := npmLevel(line); l != LevelNone {
		return l, b, e
	}
	if l, b, e := pairLevel(line); l != LevelNone {
		return l, b, e
	}
	if end := errorHead(line); end > 0 {
		return LevelError, 0, end
	}
	return tokenLevel(line)
}

// npmLevel reads npm's lines: `npm ERR! code`, `npm warn deprecated`.
func npmLevel(line []byte) (level Level, begin, end int) {
	const npm = "npm "
	if !bytes.HasPrefix(line, []byte(npm)) {
		return LevelNone, 0, 0
	}
	end = len(npm)
	for end < len(line) && line[end] != ' ' {
		end++
	}
	return wordLevel(line[len(npm):end]), len(npm), end
}

// pairLevel reads `level=info` and its like.
func pairLevel(line []byte) (level Level, begin, end int) {
	for _, key := range []string{"level=", "lvl=", "severity="} {
		i := bytes.Index(line, []byte(key))
		if i < 0 || i > 0 && line[i-1] != ' ' {
			continue
		}
		begin = i + len(key)
		if begin < len(line) && line[begin] == '"' {
			begin++
		}
		end = begin
		for end < len(line) && isLetter(line[end]) {
			end++
		}
		if l := wordLevel(line[begin:end]); l != LevelNone {
			return l, begin, end
		}
	}
	return LevelNone, 0, 0
}

// errorHead is the length of an error's name at the beginning of a line, such as
// `TypeError: x`, `Uncaught Error [ERR_X]: y` or `UnhandledPromiseRejection`.
func errorHead(line []byte) int {
	i := 0
	if rest, ok := bytes.CutPrefix(line, []byte("Uncaught ")); ok {
		i = len(line) - len(rest)
	}
	begin := i
	for i < len(line) && (isLetter(line[i]) || line[i] == '_' || i > begin && line[i] >= '0' && line[i] <= '9') {
		i++
	}
	name := line[begin:i]
	if len(name) == 0 || name[0] < 'A' || name[0] > 'Z' {
		return 0
	}
	ends := bytes.HasSuffix(name, []byte("Error")) || bytes.HasSuffix(name, []byte("Exception")) || bytes.HasSuffix(name, []byte("Rejection"))
	if !ends || i < len(line) && line[i] != ':' && line[i] != ' ' || bytes.HasPrefix(line[i:], []byte(" ")) && !bytes.HasPrefix(line[i:], []byte(" [")) {
		return 0
	}
	return i
}

// tokenLevel looks for a word among the first ones of a line that names a level
// as words of sentences do not: in capitals, in brackets, or before a colon.
func tokenLevel(line []byte) (level Level, begin, end int) {
	const maxTokens = 8
	for i, n := 0, 0; i < len(line) && n < maxTokens; n++ {
		for i < len(line) && !isLetter(line[i]) {
			i++
		}
		begin = i
		for i < len(line) && (isLetter(line[i]) || line[i] >= '0' && line[i] <= '9' || line[i] == '_') {
			i++
		}
		if l := wordLevel(line[begin:i]); l != LevelNone && stands(line, begin, i, n == 0) {
			return l, begin, i
		}
		if bytes.HasSuffix(line[begin:i], []byte("Warning")) && i < len(line) && line[i] == ':' {
			return LevelWarn, begin, i
		}
	}
	return LevelNone, 0, 0
}

// stands tells whether the word between begin and end is there to name a level.
func stands(line []byte, begin, end int, first bool) bool {
	before, after := byte(' '), byte(' ')
	if begin > 0 {
		before = line[begin-1]
	}
	if end < len(line) {
		after = line[end]
	}
	switch {
	case before == '[' && after == ']', before == '<' && after == '>', before == '(' && after == ')', before == '|' && after == '|':
		return true
	case before == '/' || before == '.' || before == '-' || after == '/' || after == '=' || after == '-':
		return false
	case after == ':' && end+1 < len(line) && line[end+1] != ' ': // http://
		return false
	case after == ':' && (first || before == ' '):
		return true
	}
	word := string(line[begin:end])
	return word == strings.ToUpper(word) && (after == ' ' || after == ']' || after == ':') && word != "LOG" && word != "HTTP"
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// level is the level of an entry; it is found out once.
func (c *chunk) level(i int) Level {
	r := &c.records[i]
	if r.flags&levelSet == 0 {
		r.flags |= levelSet | flags(c.findLevel(i))<<levelShift
	}
	return Level(r.flags >> levelShift)
}

func (c *chunk) findLevel(i int) Level {
	r, line := &c.records[i], c.line(i)
	switch {
	case r.kind == Notice:
		return LevelInfo
	case r.kind == Trouble:
		return LevelError
	case r.flags&isJSON != 0:
		if l, ok := jsonLevel(line); ok {
			return l
		}
	case r.flags&coloured != 0:
		line = plainText(nil, line[:min(len(line), 4*maxLooked)])
	}
	l, _, _ := textLevel(line)
	return l
}

package logs

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// fields goes through the members of a JSON object without decoding them: names
// without their quotes, values as they stand. It ends where yield returns false,
// and returns false where the object is none.
//
// It reads each line of a log once or twice a filter, which encoding/json is an
// order of magnitude too slow for.
func fields(object []byte, yield func(name, value []byte) bool) bool {
	p := skipSpace(object)
	if len(p) == 0 || p[0] != '{' {
		return false
	}
	p = skipSpace(p[1:])
	if len(p) > 0 && p[0] == '}' {
		return true
	}
	for {
		name, rest, ok := cutValue(p)
		if !ok || len(name) < 2 || name[0] != '"' {
			return false
		}
		rest = skipSpace(rest)
		if len(rest) == 0 || rest[0] != ':' {
			return false
		}
		value, rest, ok := cutValue(skipSpace(rest[1:]))
		if !ok {
			return false
		}
		if !yield(name[1:len(name)-1], value) {
			return true
		}
		rest = skipSpace(rest)
		if len(rest) == 0 || rest[0] != ',' {
			return len(rest) > 0 && rest[0] == '}'
		}
		p = skipSpace(rest[1:])
	}
}

func skipSpace(p []byte) []byte {
	for len(p) > 0 && (p[0] == ' ' || p[0] == '\t') {
		p = p[1:]
	}
	return p
}

// cutValue takes the first value off p.
func cutValue(p []byte) (value, rest []byte, ok bool) {
	if len(p) == 0 {
		return nil, nil, false
	}
	n := 0
	switch p[0] {
	case '"':
		n = stringLength(p)
	case '{', '[':
		n = nestedLength(p)
	default:
		for n < len(p) && p[n] != ',' && p[n] != '}' && p[n] != ']' && p[n] != ' ' && p[n] != '"' && p[n] != ':' {
			n++
		}
	}
	return p[:n], p[n:], n > 0
}

// stringLength is the length of the string that p begins with, with its quotes;
// 0 where it does not end.
func stringLength(p []byte) int {
	for i := 1; i < len(p); i++ {
		j := bytes.IndexByte(p[i:], '"')
		if j < 0 {
			return 0
		}
		i += j
		slashes := 0
		for p[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
	return 0
}

// nestedLength is the length of the object or array that p begins with.
func nestedLength(p []byte) int {
	depth := 0
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '"':
			n := stringLength(p[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// lookup finds a field by its name, which may name one within objects: `req.url`
// is also the member url of the member req.
func lookup(object []byte, path string) (value []byte, found bool) {
	fields(object, func(name, v []byte) bool {
		switch rest, below := strings.CutPrefix(path, string(name)); {
		case !below:
		case rest == "":
			value, found = v, true
		case rest[0] == '.' && v[0] == '{':
			value, found = lookup(v, rest[1:])
		}
		return !found
	})
	return value, found
}

// unquote is a value as text: a string without quotes and escapes, anything else
// as it stands. It is not harmless yet: an escape may stand for any character.
func unquote(value []byte) string {
	if len(value) < 2 || value[0] != '"' {
		return string(value)
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1])
	}
	var s string
	if json.Unmarshal(value, &s) != nil {
		return string(value[1 : len(value)-1])
	}
	return s
}

// The names of the fields that loggers agree upon, by what they mean.
var (
	levelKeys = []string{"level", "severity", "lvl", "log.level", "levelname"}
	timeKeys  = []string{"time", "timestamp", "ts", "@timestamp", "t"}
	textKeys  = []string{"msg", "message"}
	errorKeys = []string{"err", "error"}
	// dullKeys are the same on every line of a service, or say nothing to a reader.
	dullKeys = []string{"pid", "hostname", "v"}
)

func isOne(name []byte, of []string) bool {
	for _, s := range of {
		if string(name) == s {
			return true
		}
	}
	return false
}

// jsonLevel is the level of a line of JSON. It reports false where it is none.
func jsonLevel(line []byte) (level Level, ok bool) {
	ok = fields(line, func(name, value []byte) bool {
		if isOne(name, levelKeys) {
			level = valueLevel(value)
		}
		return level == LevelNone
	})
	return level, ok
}

// valueLevel reads a level, a number or a word. Winston's may be in colour.
func valueLevel(value []byte) Level {
	if value[0] != '"' {
		n, _ := strconv.Atoi(string(value))
		return numberLevel(n)
	}
	word := value[1 : len(value)-1]
	if bytes.IndexByte(word, '\\') >= 0 {
		word = plainText(nil, []byte(unquote(value)))
	}
	return wordLevel(word)
}

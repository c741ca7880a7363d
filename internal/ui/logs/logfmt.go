package logs

import "bytes"

// logfmt finds the value of `name=value` in a line of text.
func logfmt(line []byte, name string) (value []byte, found bool) {
	for from := 0; ; {
		i := bytes.Index(line[from:], []byte(name))
		if i < 0 {
			return nil, false
		}
		i += from
		from = i + len(name)
		if from < len(line) && line[from] == '=' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return logfmtValue(line[from+1:]), true
		}
	}
}

func logfmtValue(p []byte) []byte {
	if len(p) > 0 && p[0] == '"' {
		if n := stringLength(p); n > 0 {
			return p[:n]
		}
	}
	if i := bytes.IndexAny(p, " \t"); i >= 0 {
		return p[:i]
	}
	return p
}

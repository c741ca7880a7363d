package project

import "strings"

// jsonStyle is how a JSON document is written, as far as new parts of it have
// to look the same.
type jsonStyle struct {
	// newline is empty where the whole document is one line.
	newline string
	// unit is one level of indentation.
	unit string
	// colon stands between a name and its value, space behind a comma in a line.
	colon, space string
}

// styleOf reads the style off the first member of a document.
func styleOf(data []byte, root jsonValue) jsonStyle {
	s := jsonStyle{newline: "\n", unit: "  ", colon: ": ", space: " "}
	list := entries(data, root)
	if len(list) == 0 {
		if strings.Contains(string(data), "\r\n") {
			s.newline = "\r\n"
		}
		return s
	}
	s.colon = colonOf(list[0].key)
	if s.colon == ":" {
		s.space = ""
	}
	lead := lineLead(list)
	at := strings.LastIndexByte(lead, '\n')
	if at < 0 {
		s.newline, s.unit = "", ""
		return s
	}
	s.unit = lead[at+1:]
	if strings.HasSuffix(lead[:at], "\r") {
		s.newline = "\r\n"
	}
	return s
}

// colonOf is the part of a member's key, as it is written, behind the name.
func colonOf(key string) string { return key[strings.LastIndexByte(key, '"')+1:] }

// nameOf is the name in a member's key, quotes included.
func nameOf(key string) string { return key[:strings.LastIndexByte(key, '"')+1] }

// lineIndent is the indentation of what stands behind some white space.
// It is empty where that does not begin a line.
func lineIndent(space string) string {
	at := strings.LastIndexByte(space, '\n')
	if at < 0 {
		return ""
	}
	return space[at+1:]
}

// spacing is the white space in a container that stands in a line with that
// indentation: before the first entry, before the others, and behind the last.
func (s jsonStyle) spacing(indent string) (first, between, tail string) {
	if s.newline == "" {
		return "", s.space, ""
	}
	inner := s.newline + indent + s.unit
	return inner, inner, s.newline + indent
}

// format writes a value of another document in this style.
func (s jsonStyle) format(data []byte, v jsonValue, indent string) string {
	if v.kind != jsonObject && v.kind != jsonArray {
		return string(data[v.offset:v.end])
	}
	list := entries(data, v)
	open, end := string(data[v.offset]), string(data[v.end-1])
	first, between, tail := s.spacing(indent)
	var b strings.Builder
	for i, en := range list {
		if i > 0 {
			b.WriteString("," + between)
		}
		if v.kind == jsonObject {
			b.WriteString(nameOf(en.key) + s.colon)
		}
		b.WriteString(s.format(data, en.value, indent+s.unit))
	}
	if b.Len() == 0 {
		return open + end
	}
	return open + first + b.String() + tail + end
}

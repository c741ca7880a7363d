package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// jsonKind is the type of a JSON value, in the words that messages use.
type jsonKind string

const (
	jsonObject  jsonKind = "an object"
	jsonArray   jsonKind = "a list"
	jsonString  jsonKind = "text"
	jsonNumber  jsonKind = "a number"
	jsonBoolean jsonKind = "a boolean"
	jsonNull    jsonKind = "null"
)

// jsonValue is a JSON value that knows where it stood.
type jsonValue struct {
	kind    jsonKind
	text    string // of a string
	truth   bool   // of a boolean
	items   []jsonValue
	members []jsonMember
	// offset is where it begins, end is behind its last byte.
	offset, end int
}

// jsonMember is a key of an object and its value, in the order of the file.
type jsonMember struct {
	name   string
	offset int
	value  jsonValue
}

// parseJSON reads a document of a limited size and depth. On what is no JSON
// the problem says where.
func parseJSON(data []byte) (jsonValue, *Problem) {
	if len(data) > maxJSONSize {
		p := tooLarge(maxJSONSize)
		return jsonValue{}, &p
	}
	if p, bad := checkText(data); bad {
		return jsonValue{}, &p
	}
	if offset := tooDeep(data); offset >= 0 {
		p := problemAt(data, offset, fmt.Sprintf("nested deeper than %d levels", maxDepth), "")
		return jsonValue{}, &p
	}
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		p := jsonProblem(data, err)
		return jsonValue{}, &p
	}
	d := jsonReader{data: data, Decoder: json.NewDecoder(bytes.NewReader(data))}
	d.UseNumber()
	value, err := d.value()
	if err != nil {
		p := jsonProblem(data, err)
		return jsonValue{}, &p
	}
	return value, nil
}

// tooDeep finds the bracket that opens one level too many, or -1.
func tooDeep(data []byte) int {
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return i
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return -1
}

func jsonProblem(data []byte, err error) Problem {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return Problem{Text: "not JSON: " + err.Error()}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return Problem{Text: "the file is empty", Suggestion: "an empty object is {}"}
	}
	offset := int(syntax.Offset)
	if !strings.Contains(syntax.Error(), "unexpected end") {
		offset-- // the offset counts the byte that is wrong
	}
	return problemAt(data, offset, "not JSON: "+syntax.Error(), "")
}

// jsonReader builds values from the tokens of a document that is known to be
// JSON.
type jsonReader struct {
	*json.Decoder
	data []byte
}

// next is the place of the token that follows.
func (d jsonReader) next() int {
	offset := int(d.InputOffset())
	for offset < len(d.data) && strings.IndexByte(" \t\r\n,:", d.data[offset]) >= 0 {
		offset++
	}
	return offset
}

func (d jsonReader) value() (jsonValue, error) {
	v, err := d.read()
	v.end = int(d.InputOffset())
	return v, err
}

func (d jsonReader) read() (jsonValue, error) {
	v := jsonValue{offset: d.next()}
	token, err := d.Token()
	if err != nil {
		return v, err
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return d.object(v)
		}
		return d.array(v)
	case string:
		v.kind, v.text = jsonString, token
	case json.Number:
		v.kind = jsonNumber
	case bool:
		v.kind, v.truth = jsonBoolean, token
	default:
		v.kind = jsonNull
	}
	return v, nil
}

func (d jsonReader) object(v jsonValue) (jsonValue, error) {
	v.kind = jsonObject
	for d.More() {
		m := jsonMember{offset: d.next()}
		token, err := d.Token()
		if err != nil {
			return v, err
		}
		m.name, _ = token.(string)
		if m.value, err = d.value(); err != nil {
			return v, err
		}
		v.members = append(v.members, m)
	}
	_, err := d.Token()
	return v, err
}

func (d jsonReader) array(v jsonValue) (jsonValue, error) {
	v.kind = jsonArray
	for d.More() {
		item, err := d.value()
		if err != nil {
			return v, err
		}
		v.items = append(v.items, item)
	}
	_, err := d.Token()
	return v, err
}

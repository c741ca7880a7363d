package project

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// manifestEditor changes one document into what another one says.
type manifestEditor struct {
	was, now []byte
	style    jsonStyle
}

// entry is one member of an object or one item of a list, with the white space
// before it.
type entry struct {
	// id tells it from its siblings: a member's name, or what an item says.
	id string
	// lead is the white space between the bracket or comma before and the entry.
	lead string
	// text is the entry itself; trail is what stands between it and the comma.
	text, trail string
	value       jsonValue
	// key is a member's name as it is written, with everything up to the value.
	key string
	// added marks an entry that was not in the document.
	added bool
}

// root edits the sections of the whole document and leaves other members alone.
func (e manifestEditor) root(was, now jsonValue) []byte {
	keep := func(name string) bool { return !slices.Contains(editedSections, name) }
	return []byte(e.container(was, now, "", keep))
}

// value is the text of a value that is to say what now says. indent is the
// indentation of the line that it begins in.
func (e manifestEditor) value(was, now jsonValue, indent string) string {
	text := string(e.was[was.offset:was.end])
	switch {
	case e.same(was, now):
		return text
	case was.kind == now.kind && was.kind == jsonObject, was.kind == now.kind && was.kind == jsonArray && e.distinct(was, now):
		return e.container(was, now, indent, func(string) bool { return false })
	}
	return e.style.format(e.now, now, indent)
}

// same compares what two values say.
func (e manifestEditor) same(was, now jsonValue) bool {
	var a, b any
	// Both were parsed before.
	_ = decodeNumbers(e.was[was.offset:was.end], &a)
	_ = decodeNumbers(e.now[now.offset:now.end], &b)
	return reflect.DeepEqual(a, b)
}

// distinct tells whether the items of lists differ from each other, so that
// what they say can stand for them, and whether those in both lists are in the
// same order.
func (e manifestEditor) distinct(was, now jsonValue) bool {
	a, b := entries(e.was, was), entries(e.now, now)
	return !repeats(a) && !repeats(b) && sameOrder(a, b)
}

func repeats(list []entry) bool {
	seen := map[string]bool{}
	for _, en := range list {
		if seen[en.id] {
			return true
		}
		seen[en.id] = true
	}
	return false
}

// sameOrder tells whether the entries that are in both lists come in the same order.
func sameOrder(a, b []entry) bool {
	only := func(list, other []entry) []string {
		var ids []string
		for _, en := range list {
			if indexOf(other, en.id) >= 0 && !slices.Contains(ids, en.id) {
				ids = append(ids, en.id)
			}
		}
		return ids
	}
	return slices.Equal(only(a, b), only(b, a))
}

func indexOf(list []entry, id string) int {
	return slices.IndexFunc(list, func(en entry) bool { return en.id == id })
}

// container edits an object or a list. Members that keep names are left as
// they are and stay.
func (e manifestEditor) container(was, now jsonValue, indent string, keep func(string) bool) string {
	have, want := entries(e.was, was), entries(e.now, now)
	open, end := string(e.was[was.offset]), string(e.was[was.end-1])
	list := e.kept(have, want, keep)
	list = e.insert(list, have, want, indent, keep)
	if len(list) == 0 {
		return open + end
	}
	return open + e.join(list, have, was, indent) + end
}

// kept are the entries that stay, with the values that they are to have. Of
// members with the same name only the last counts, so only that is changed.
func (e manifestEditor) kept(have, want []entry, keep func(string) bool) []entry {
	var list []entry
	for i, en := range have {
		if keep(en.id) {
			list = append(list, en)
			continue
		}
		at := indexOf(want, en.id)
		if at < 0 {
			continue
		}
		if i == lastIndex(have, en.id) {
			en.text = en.key + e.value(en.value, last(want, en.id).value, lineIndent(en.lead))
		}
		list = append(list, en)
	}
	return list
}

func last(list []entry, id string) entry { return list[lastIndex(list, id)] }

func lastIndex(list []entry, id string) int {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].id == id {
			return i
		}
	}
	return -1
}

// insert puts in what is new: behind the entry that it follows in the result
// where both are in the same order, which is how a sorted list stays sorted;
// else at the end.
func (e manifestEditor) insert(list, have, want []entry, indent string, keep func(string) bool) []entry {
	ordered := sameOrder(have, want)
	at := 0
	for i, w := range want {
		if there := lastIndex(list, w.id); there >= 0 {
			at = there + 1
			continue
		}
		if keep(w.id) || i != lastIndex(want, w.id) {
			continue
		}
		if !ordered {
			at = len(list)
		}
		inner := indent + e.style.unit
		if len(have) > 0 {
			inner = lineIndent(lineLead(have))
		}
		text := e.style.format(e.now, w.value, inner)
		if w.key != "" {
			text = nameOf(w.key) + e.colon(have) + text
		}
		list = slices.Insert(list, at, entry{id: w.id, text: text, added: true})
		at++
	}
	return list
}

// colon is what stands between a name and its value among siblings.
func (e manifestEditor) colon(have []entry) string {
	if len(have) == 0 {
		return e.style.colon
	}
	return colonOf(have[0].key)
}

// join writes entries one after the other: those that were there with their own
// white space, new ones with that of their siblings.
func (e manifestEditor) join(list, have []entry, was jsonValue, indent string) string {
	first, between, tail := e.style.spacing(indent)
	if len(have) > 0 {
		first, tail = have[0].lead, string(e.was[have[len(have)-1].end():was.end-1])
		between = spaceBetween(have, e.style)
	}
	var b strings.Builder
	for i, en := range list {
		lead := en.lead
		switch {
		case i == 0:
			lead = first
		case en.added, len(have) > 0 && en.value.offset == have[0].value.offset:
			lead = between
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(lead + en.text)
		if i < len(list)-1 {
			b.WriteString(en.trail)
		}
	}
	return b.String() + tail
}

// lineLead is the white space before the first entry that begins a line, empty
// where none does.
func lineLead(have []entry) string {
	for _, en := range have {
		if strings.Contains(en.lead, "\n") {
			return en.lead
		}
	}
	return ""
}

// spaceBetween is the white space that stands before an entry which is not the first.
func spaceBetween(have []entry, style jsonStyle) string {
	lead := lineLead(have)
	switch {
	case lead != "":
		return style.newline + lineIndent(lead) // without blank lines
	case len(have) > 1:
		return have[1].lead
	}
	return style.space
}

func (en entry) end() int { return en.value.end }

// entries takes an object or a list apart.
func entries(data []byte, v jsonValue) []entry {
	var list []entry
	at := v.offset + 1
	add := func(id string, start int, value jsonValue) {
		en := entry{id: id, lead: string(data[at:start]), key: string(data[start:value.offset]), text: string(data[start:value.end]), value: value}
		at = value.end
		comma := at + len(data[at:]) - len(bytes.TrimLeft(data[at:], " \t\r\n"))
		if comma < len(data) && data[comma] == ',' {
			en.trail, at = string(data[at:comma]), comma+1
		}
		list = append(list, en)
	}
	for _, m := range v.members {
		add(m.name, m.offset, m.value)
	}
	for _, item := range v.items {
		var compact bytes.Buffer
		// It was parsed before.
		_ = json.Compact(&compact, data[item.offset:item.end])
		add(compact.String(), item.offset, item)
	}
	return list
}

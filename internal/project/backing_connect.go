package project

import (
	"slices"
	"strconv"
	"strings"
)

// connections are the variables by which an app finds what it needs, in order.
// Where two services would set the same one, the first that the app needs gets
// it, and each of them has it under its own name too: ORDERS_DATABASE_URL.
func connections(m *Model, s Service, mode Mode) []Variable {
	type origin struct {
		service string
		Variable
	}
	var all []origin
	holders := map[string]int{}
	for _, name := range s.Needs {
		b, ok := m.BackingService(name)
		k, known := b.kind()
		if !ok || !known || !b.RunsIn(mode) {
			continue
		}
		password := ""
		if k.password {
			password = b.password()
		}
		for _, v := range k.connect(b.Name, password) {
			all = append(all, origin{b.Name, v})
			holders[v.Name]++
		}
	}
	var list []Variable
	for _, v := range all {
		if !slices.ContainsFunc(list, func(l Variable) bool { return l.Name == v.Name }) {
			list = append(list, v.Variable)
		}
		if holders[v.Name] > 1 && !isLibraryWord(v.Name) {
			list = append(list, Variable{envName(v.service) + "_" + v.Name, v.Value})
		}
	}
	return list
}

// LeftOut is a service that an app needs and that has no part in a mode.
type LeftOut struct {
	Backing
	// Variables are those by which the app finds it where it has a part.
	Variables []string
}

// LeftOut lists what of an app's needs has no part in a mode.
func (m *Model) LeftOut(s Service, mode Mode) []LeftOut {
	var list []LeftOut
	for _, name := range s.Needs {
		b, ok := m.BackingService(name)
		if !ok || b.RunsIn(mode) {
			continue
		}
		k, _ := b.kind()
		out := LeftOut{Backing: b}
		for _, v := range k.connect(b.Name, "") {
			out.Variables = append(out.Variables, v.Name)
		}
		list = append(list, out)
	}
	return list
}

// isLibraryWord tells variables that libraries look for, which mean nothing to
// them under another name.
func isLibraryWord(name string) bool {
	return strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "AWS_")
}

// connect adds them to an app's environment, where it says nothing of its own.
func connect(c map[string]any, m *Model, s Service, mode Mode) {
	env := c["environment"].(map[string]any)
	for _, v := range connections(m, s, mode) {
		if _, own := s.Environment[v.Name]; !own {
			env[v.Name] = v.Value
		}
	}
}

// CheckPassword says why a password cannot be part of an address, or nothing.
func CheckPassword(password string) string {
	const longest = 128
	for _, r := range password {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' || r == '~'
		if !plain {
			return "it may hold letters, digits, -, _, . and ~ only, since it is part of addresses such as DATABASE_URL"
		}
	}
	if len(password) > longest {
		return "it has more than " + strconv.Itoa(longest) + " letters"
	}
	return ""
}

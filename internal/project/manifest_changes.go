package project

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// dependencySections are the sections of package.json that name packages.
var dependencySections = []string{"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"}

// DependencyChange is a changed wish of a package.json.
type DependencyChange struct {
	// File is the package.json, relative to the project.
	File    string `json:"file"`
	Section string `json:"section"`
	Name    string `json:"name"`
	// From and To are what stands behind the name; empty where it is not there.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// String is one line: + express ^5.1.0 in devDependencies.
func (c DependencyChange) String() string {
	mark, spec := "+", c.To
	switch {
	case c.To == "":
		mark, spec = "-", c.From
	case c.From != "":
		mark, spec = "~", c.From+" -> "+c.To
	}
	return fmt.Sprintf("%s %s %s in %s of %s", mark, c.Name, spec, c.Section, c.File)
}

// DependencyChanges tells what became of the dependencies in a package.json,
// sorted by section and name. What cannot be read has none.
func DependencyChanges(file string, was, now []byte) []DependencyChange {
	before, after := dependenciesIn(was), dependenciesIn(now)
	var list []DependencyChange
	for _, section := range dependencySections {
		names := map[string]bool{}
		for name := range before[section] {
			names[name] = true
		}
		for name := range after[section] {
			names[name] = true
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			c := DependencyChange{File: file, Section: section, Name: name, From: before[section][name], To: after[section][name]}
			if c.From != c.To {
				list = append(list, c)
			}
		}
	}
	return list
}

func dependenciesIn(data []byte) map[string]map[string]string {
	var raw map[string]json.RawMessage
	out := map[string]map[string]string{}
	if json.Unmarshal(bytes.TrimPrefix(data, []byte(byteOrderMark)), &raw) != nil {
		return out
	}
	for _, section := range dependencySections {
		var deps map[string]string
		if json.Unmarshal(raw[section], &deps) == nil {
			out[section] = deps
		}
	}
	return out
}

// DirectNames lists the packages that a package.json names in any section.
func DirectNames(data []byte) []string {
	names := map[string]bool{}
	for _, deps := range dependenciesIn(data) {
		for name := range deps {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// UnaskedError says that a package manager changed more of package.json than it
// was asked for.
type UnaskedError struct {
	Manager string
	Changes []DependencyChange
}

func (e *UnaskedError) Error() string {
	var list []string
	for _, c := range e.Changes {
		list = append(list, c.String())
	}
	return fmt.Sprintf("%s would change more of package.json than it was asked for, so nothing was written: %s", e.Manager, strings.Join(list, "; "))
}

// CheckAsked makes sure that a package manager changed what it was asked for and
// nothing else. Packages whose names only they themselves tell may be any new ones.
func CheckAsked(manager string, c PackageChange, changes []DependencyChange) error {
	if c.Verb == UpdatePackages && len(c.Packages) == 0 {
		return nil
	}
	asked, unnamed := map[string]bool{}, 0
	for _, arg := range c.Packages {
		name := arg
		if c.Verb == AddPackages {
			spec, err := ParsePackageSpec(arg)
			if err != nil {
				return err
			}
			name = spec.Name
		}
		if name == "" {
			unnamed++
			continue
		}
		asked[name] = true
	}
	var unasked []DependencyChange
	strangers := map[string]bool{}
	for _, ch := range changes {
		switch {
		case asked[ch.Name]:
		case unnamed > 0 && ch.To != "" && (strangers[ch.Name] || len(strangers) < unnamed):
			strangers[ch.Name] = true
		default:
			unasked = append(unasked, ch)
		}
	}
	if len(unasked) > 0 {
		return &UnaskedError{Manager: manager, Changes: unasked}
	}
	return nil
}

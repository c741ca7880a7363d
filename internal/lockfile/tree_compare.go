package lockfile

import (
	"cmp"
	"fmt"
	"slices"
)

// ParseInstalled reads node_modules/.package-lock.json, in which npm keeps
// what it installed.
func ParseInstalled(data []byte) ([]Installed, error) {
	const file = "node_modules/.package-lock.json"
	text, bad := readable(file, data)
	if bad != nil {
		return nil, bad
	}
	l, err := parseNPM(file, text)
	if err != nil {
		return nil, err
	}
	return l.Tree(Platform{}), nil
}

// TreeDifference is one place at which a tree is not what it should be.
type TreeDifference struct {
	Mismatch Mismatch `json:"mismatch"` // Missing, Extra or Changed
	// Location is empty where only names and versions were compared.
	Location string `json:"location,omitempty"`
	Name     string `json:"name"`
	// Wanted and Found are versions, or the folder of a link.
	Wanted string `json:"wanted,omitempty"`
	Found  string `json:"found,omitempty"`
}

// String is a line for a terminal.
func (d TreeDifference) String() string {
	where := plain(cmp.Or(d.Location, d.Name))
	switch d.Mismatch {
	case Missing:
		return fmt.Sprintf("%s: %s is not installed", where, plain(d.Wanted))
	case Extra:
		return fmt.Sprintf("%s: %s is installed, the lock does not have it", where, plain(d.Found))
	}
	return fmt.Sprintf("%s: %s is installed, the lock has %s", where, plain(d.Found), plain(d.Wanted))
}

// CompareTree tells where an installed tree is not what the lock asks for,
// place by place, or, where expected has no locations, by name and version.
// What packages bundle counts only where the lock names it.
func CompareTree(expected, installed []Installed) []TreeDifference {
	byPlace := len(expected) > 0 && expected[0].Location != ""
	key := func(in Installed) string {
		if byPlace {
			return in.Location
		}
		return in.Name + "@" + in.Version
	}
	found := map[string]Installed{}
	for _, in := range installed {
		found[key(in)] = in
	}
	var all []TreeDifference
	wanted := map[string]bool{}
	for _, want := range expected {
		k := key(want)
		wanted[k] = true
		got, there := found[k]
		d := TreeDifference{Location: want.Location, Name: want.Name, Wanted: want.what(want.Name)}
		switch {
		case !there:
			d.Mismatch = Missing
		case got.what(want.Name) != d.Wanted && (want.Version != "" || want.Link != "" || got.Link != ""):
			d.Mismatch, d.Found = Changed, got.what(want.Name)
		default:
			continue
		}
		all = append(all, d)
	}
	for _, got := range installed {
		if k := key(got); !wanted[k] && !got.Bundled {
			wanted[k] = true
			all = append(all, TreeDifference{Mismatch: Extra, Location: got.Location, Name: got.Name, Found: got.what(got.Name)})
		}
	}
	slices.SortStableFunc(all, func(a, b TreeDifference) int {
		return cmp.Or(cmp.Compare(a.Location, b.Location), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Wanted, b.Wanted))
	})
	return all
}

// what is the version, with the name where that is not the expected one.
func (in Installed) what(name string) string {
	if in.Link != "" {
		return "a link to " + in.Link
	}
	if in.Name != name {
		return in.Name + "@" + in.Version
	}
	return in.Version
}

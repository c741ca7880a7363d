package volumes

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Listed is one set of node_modules volumes of a project.
type Listed struct {
	Name string
	Key  string
	// Members are the other volumes of its set.
	Members []string
	// Created and LastUsed are when devbox made it and when it last gave it to a
	// container; LastUsed is zero where that is not known.
	Created, LastUsed time.Time
	// InUse says that a container has it, Wanted that the folder as it is asks for it.
	InUse, Wanted bool
	// Others says that another checkout has it, or keeps it.
	Others bool
}

// used is when the volume was last of use.
func (l Listed) used() time.Time {
	if l.LastUsed.After(l.Created) {
		return l.LastUsed
	}
	return l.Created
}

// SortListed puts the volumes that were used last first.
func SortListed(list []Listed) {
	slices.SortFunc(list, func(a, b Listed) int {
		if c := b.used().Compare(a.used()); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// KeptOf are the volumes that a checkout keeps of those that it used: the last
// few, by when it used them.
func KeptOf(uses map[string]time.Time, keep int) []string {
	names := slices.SortedFunc(maps.Keys(uses), func(a, b string) int {
		return cmp.Or(uses[b].Compare(uses[a]), strings.Compare(a, b))
	})
	return names[:min(len(names), keep)]
}

// Prune decides which volumes are removed: all but the keep that were used
// last. One that is in use or wanted stays, and counts. What another checkout
// keeps stays too, and counts only where this one has used it.
func Prune(list []Listed, keep int) []Listed {
	sorted := slices.Clone(list)
	SortListed(sorted)
	for _, l := range list {
		if l.InUse || l.Wanted {
			keep--
		}
	}
	var remove []Listed
	for _, l := range sorted {
		switch {
		case l.InUse || l.Wanted:
		case l.Others && l.LastUsed.IsZero():
		case keep > 0:
			keep--
		case l.Others:
		default:
			remove = append(remove, l)
		}
	}
	return remove
}

package volumes

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/devbox-node/devbox/internal/project"
)

// Wanted is a set of volumes that a service is to have: one for its package's
// node_modules, and one for that of each member.
type Wanted struct {
	// Name is the first one's, from which those of the others are made.
	Name    string
	Service string
	Key     string
	// Dir is the package's folder, Members are the others'; relative to the project.
	Dir     string
	Members []string
	// Group and Sketch tell which trees an install can start from.
	Group, Sketch string
	// Image is where the install runs. Where it holds a tree itself, because its
	// Dockerfile is not devbox's, the volume gets a copy of that.
	Image     string
	FromImage bool
	// User owns the tree, as uid:gid.
	User string
}

// Names are the volumes of the set: the package's first, then the members'.
func (w Wanted) Names() []string { return w.set(w.Name) }

// set are the volumes that a set of the same members has under another name.
func (w Wanted) set(name string) []string {
	names := []string{name}
	for _, dir := range w.Members {
		names = append(names, project.MemberVolume(name, dir))
	}
	return names
}

// Observed is what the engine shows of one volume that is there already.
type Observed struct {
	// Complete says that the marker was seen, and fits the tree.
	Complete bool
	// InUse says that a running container mounts it.
	InUse bool
	// Group and Sketch are those that it was made with.
	Group, Sketch string
	Created       time.Time
}

// Step is one thing to do to a volume before its service may start.
type Step struct {
	Wanted
	// Renew says that an unfinished volume of that name is removed first.
	Renew bool
	// Donors are the volumes whose tree the install may start from, the nearest
	// first. Whether they are complete is still to be looked at.
	Donors []string
	// There are the names of all volumes of the project.
	There []string
}

// String describes the step in one line.
func (s Step) String() string {
	what := "volume " + s.Name
	if n := len(s.Members); n > 0 {
		what += fmt.Sprintf(" and those of %d members", n)
	}
	verb := "create and fill"
	if s.Renew {
		verb = "remove, create and fill"
	}
	from := "by an install in " + s.Image
	if s.FromImage {
		from = "from " + s.Image
	}
	text := fmt.Sprintf("%s %s for %s %s", verb, what, s.Service, from)
	if len(s.Donors) > 0 {
		text += ", starting from " + strings.Join(s.Donors, " or ")
	}
	return text
}

// Plan is what has to be done, in order.
type Plan []Step

// String is one line a step; an empty plan says so.
func (p Plan) String() string {
	if len(p) == 0 {
		return "volumes: nothing to do\n"
	}
	var b strings.Builder
	for _, s := range p {
		b.WriteString(s.String() + "\n")
	}
	return b.String()
}

// MakePlan compares what is wanted with what is there. Services that want the
// same volume share a step. A volume that a running container mounts is left
// alone: nothing that was not complete was ever given to one, and what a person
// has installed there since is meant to stay while it runs.
func MakePlan(wanted []Wanted, there map[string]Observed) Plan {
	var plan Plan
	seen := map[string]bool{}
	for _, w := range wanted {
		if seen[w.Name] {
			continue
		}
		seen[w.Name] = true
		have, exists := there[w.Name]
		if exists && (have.Complete && w.all(there) || have.InUse) {
			continue
		}
		plan = append(plan, Step{Wanted: w, Renew: exists || w.any(there), Donors: donors(w, there), There: slices.Sorted(maps.Keys(there))})
	}
	slices.SortStableFunc(plan, func(a, b Step) int { return strings.Compare(a.Name, b.Name) })
	return plan
}

// all and any tell whether the volumes of the set are there.
func (w Wanted) all(there map[string]Observed) bool {
	return !slices.ContainsFunc(w.Names(), func(name string) bool { _, ok := there[name]; return !ok })
}

func (w Wanted) any(there map[string]Observed) bool {
	return slices.ContainsFunc(w.Names(), func(name string) bool { _, ok := there[name]; return ok })
}

// mostDonors bounds how many volumes are looked into before an install starts
// from nothing.
const mostDonors = 3

// donors are the volumes of the same group, the most similar first, of equally
// similar ones the newest.
func donors(w Wanted, there map[string]Observed) []string {
	if w.FromImage {
		return nil
	}
	var names []string
	for name, o := range there {
		if name != w.Name && o.Group != "" && o.Group == w.Group {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(
			cmp.Compare(Similarity(w.Sketch, there[b].Sketch), Similarity(w.Sketch, there[a].Sketch)),
			there[b].Created.Compare(there[a].Created), strings.Compare(a, b),
		)
	})
	return names[:min(len(names), mostDonors)]
}

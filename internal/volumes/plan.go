package volumes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Wanted is one volume that a service is to have.
type Wanted struct {
	Name    string
	Service string
	Key     string
	// Group and Sketch tell which trees an install can start from.
	Group, Sketch string
	// Image is where the install runs. Where it holds a tree itself, because its
	// Dockerfile is not devbox's, the volume gets a copy of that.
	Image     string
	FromImage bool
	// User owns the tree, as uid:gid.
	User string
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
}

// String describes the step in one line.
func (s Step) String() string {
	verb := "create and fill"
	if s.Renew {
		verb = "remove, create and fill"
	}
	from := "by an install in " + s.Image
	if s.FromImage {
		from = "from " + s.Image
	}
	text := fmt.Sprintf("%s volume %s for %s %s", verb, s.Name, s.Service, from)
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
		if exists && (have.Complete || have.InUse) {
			continue
		}
		plan = append(plan, Step{Wanted: w, Renew: exists, Donors: donors(w, there)})
	}
	slices.SortStableFunc(plan, func(a, b Step) int { return strings.Compare(a.Name, b.Name) })
	return plan
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
		if name != w.Name && o.Group == w.Group {
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

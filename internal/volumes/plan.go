package volumes

import (
	"fmt"
	"slices"
	"strings"
)

// Marker is the file at the top of a node_modules tree that says that its
// install ended well. A volume without it is never used.
const Marker = ".devbox-complete"

// Wanted is one volume that a service is to have.
type Wanted struct {
	Name    string
	Service string
	Key     string
	// Image holds the tree that the volume is filled from.
	Image string
	// User owns the tree, as uid:gid.
	User string
}

// Observed is what the engine shows of one volume that is there already.
type Observed struct {
	// Complete says that the marker was seen.
	Complete bool
	// InUse says that a running container mounts it.
	InUse bool
}

// Step is one thing to do to a volume before its service may start.
type Step struct {
	Wanted
	// Renew says that an unfinished volume of that name is removed first.
	Renew bool
}

// String describes the step in one line.
func (s Step) String() string {
	verb := "create and fill"
	if s.Renew {
		verb = "remove, create and fill"
	}
	return fmt.Sprintf("%s volume %s for %s from %s", verb, s.Name, s.Service, s.Image)
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
// same volume share a step. A volume that a running container mounts is in
// order: nothing that was not complete was ever given to one.
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
		plan = append(plan, Step{Wanted: w, Renew: exists})
	}
	slices.SortStableFunc(plan, func(a, b Step) int { return strings.Compare(a.Name, b.Name) })
	return plan
}

package lockfile

import (
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/semver"
)

// classicInStep looks for name@spec, as yarn 1 does. It stops for the root's
// wishes only; what a member asks for anew it resolves without the lock.
func classicInStep(l *Lock, manifests []*Manifest) []Difference {
	var all []Difference
	root := manifestAt(manifests, ".")
	members := map[string]*Manifest{}
	for _, m := range manifests {
		members[m.Name] = m
	}
	for _, m := range manifests {
		for _, d := range m.Dependencies {
			if d.Kind == Peer || d.Kind == OptionalPeer || l.graph.resolve(m.Path, d) != nil || root.overrides(d.Name) || strings.HasPrefix(d.Spec, "link:") {
				continue
			}
			found := Difference{Mismatch: Missing, Importer: m.Path, Name: d.Name, Kind: d.Kind, Wanted: d.Spec, Refused: m.Path == "."}
			if member := members[d.Name]; member != nil {
				if in, known := semver.Satisfies(member.Version, d.Spec); in || !known {
					continue
				}
				found.Mismatch, found.Locked, found.Refused = Unmet, member.Version, true
			}
			all = append(all, found)
		}
	}
	return all
}

func (m *Manifest) overrides(name string) bool {
	return m != nil && slices.ContainsFunc(m.Overrides, func(o Override) bool { return o.Name == name })
}

package lockfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mismatch is how a lock and package.json disagree about one package.
type Mismatch string

// The ways to disagree.
const (
	// Missing: package.json asks for it, the lock holds nothing for it.
	Missing Mismatch = "missing"
	// Extra: the lock was made when package.json still asked for it.
	Extra Mismatch = "extra"
	// Changed: the lock was made for another spec.
	Changed Mismatch = "changed"
	// Unmet: the locked version is not what the spec asks for.
	Unmet Mismatch = "unmet"
)

// Difference is one package about which the lock and package.json disagree, or
// about which the lock disagrees with itself.
type Difference struct {
	Mismatch Mismatch `json:"mismatch"`
	// Importer is the folder of the package.json; it is empty where a locked
	// package asks, whose ID By is then.
	Importer string `json:"importer,omitempty"`
	By       string `json:"by,omitempty"`
	Name     string `json:"name"`
	// Kind is the section of package.json, of Extra that in the lock.
	Kind Kind `json:"kind,omitempty"`
	// Wanted is the spec now, Recorded the one that the lock was made for,
	// Locked the version that it holds. What does not apply is empty.
	Wanted   string `json:"wanted,omitempty"`
	Recorded string `json:"recorded,omitempty"`
	Locked   string `json:"locked,omitempty"`
	// Refused tells that the package manager's exact install stops at this.
	// What it does not refuse, it installs around.
	Refused bool `json:"refused"`
}

// String is a line for a terminal: lodash: package.json asks for ^5, the lock
// has 4.17.21.
func (d Difference) String() string {
	who := "package.json"
	switch {
	case d.By != "":
		who = plain(d.By)
	case d.Importer != "" && d.Importer != ".":
		who = plain(d.Importer) + "/package.json"
	}
	wanted := plain(cmp.Or(withoutPassword(d.Wanted), "any version"))
	name := plain(d.Name)
	switch d.Mismatch {
	case Missing:
		return fmt.Sprintf("%s: %s asks for %s, the lock does not have it", name, who, wanted)
	case Extra:
		return fmt.Sprintf("%s: the lock has it, %s does not ask for it", name, who)
	case Unmet:
		return fmt.Sprintf("%s: %s asks for %s, the lock has %s", name, who, wanted, plain(withoutPassword(d.Locked)))
	}
	return fmt.Sprintf("%s: %s asks for %s, the lock was made for %s", name, who, wanted,
		plain(cmp.Or(withoutPassword(d.Recorded), "any version")))
}

func withoutPassword(spec string) string {
	_, shown := withoutSecrets(spec)
	return shown
}

// Refused are the differences at which an exact install stops.
func Refused(all []Difference) []Difference {
	var refused []Difference
	for _, d := range all {
		if d.Refused {
			refused = append(refused, d)
		}
	}
	return refused
}

// InStep tells how a lock disagrees with the package.json files that it should
// be for. It follows what the exact install of each package manager looks at:
// npm ci wants every locked version to be one that was asked for, the others
// want the same specs as when the lock was made. What cannot be told without
// the registry counts as in step. Manifests are those of the root and of all
// workspace members; with the root's alone, members are taken as the lock has
// them.
//
// As long as nothing is reported for a lock that records package.json, the
// installed tree depends on the lock alone. A difference that is not refused
// may change what is installed: then the tree depends on package.json as well,
// as it always does for npm's version 1 and yarn classic, which record none.
func (l *Lock) InStep(manifests []*Manifest) []Difference {
	var all []Difference
	switch l.Format {
	case NPM:
		all = npmInStep(l, manifests)
	case YarnClassic:
		all = classicInStep(l, manifests)
	case YarnBerry:
		all = berryInStep(l, manifests)
	case PNPM:
		all = pnpmInStep(l, manifests)
	case Bun:
		all = bunInStep(l, manifests)
	}
	all = append(all, l.membersLess(manifests)...)
	slices.SortStableFunc(all, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(rankOf(a), rankOf(b)), cmp.Compare(a.Importer, b.Importer), cmp.Compare(a.Name, b.Name), cmp.Compare(a.By, b.By))
	})
	return all
}

// membersLess are the workspace members of the lock that are gone.
func (l *Lock) membersLess(manifests []*Manifest) []Difference {
	var all []Difference
	for _, i := range l.Importers {
		if len(manifests) < 2 || i.Path == "." || !i.Recorded || manifestAt(manifests, i.Path) != nil || l.Format == NPM && !l.isMember(i.Path) {
			continue
		}
		all = append(all, Difference{
			Mismatch: Extra, Importer: ".", Name: cmp.Or(i.Name, i.Path), Recorded: "workspace:" + i.Path, Refused: l.Format == YarnBerry,
		})
	}
	return all
}

// rankOf puts what is refused first, and package.json's own wishes before those
// of locked packages.
func rankOf(d Difference) int {
	rank := 0
	if !d.Refused {
		rank += 2
	}
	if d.By != "" {
		rank++
	}
	return rank
}

// manifestAt is the manifest of a folder, nil where there is none.
func manifestAt(manifests []*Manifest, folder string) *Manifest {
	i := slices.IndexFunc(manifests, func(m *Manifest) bool { return m.Path == folder })
	if i < 0 {
		return nil
	}
	return manifests[i]
}

// recorded compares the specs that a lock was made for with those of now.
func recorded(i *Importer, m *Manifest, refused func(Mismatch, Dependency) bool) []Difference {
	var all []Difference
	was := map[string]Dependency{}
	for _, d := range i.Dependencies {
		was[d.Name] = d
	}
	is := map[string]bool{}
	for _, d := range m.Dependencies {
		is[d.Name] = true
		old, known := was[d.Name]
		switch {
		case !known:
			all = append(all, Difference{Mismatch: Missing, Importer: m.Path, Name: d.Name, Kind: d.Kind, Wanted: d.Spec, Refused: refused(Missing, d)})
		case (old.Spec != d.Spec || old.Kind != d.Kind) && !m.asks(old):
			all = append(all, Difference{
				Mismatch: Changed, Importer: m.Path, Name: d.Name, Kind: d.Kind, Wanted: d.Spec, Recorded: old.Spec, Refused: refused(Changed, d),
			})
		}
	}
	for _, d := range i.Dependencies {
		if !is[d.Name] {
			all = append(all, Difference{Mismatch: Extra, Importer: m.Path, Name: d.Name, Kind: d.Kind, Recorded: d.Spec, Refused: refused(Extra, d)})
		}
	}
	return all
}

// asks tells whether package.json has a wish as a lock recorded it. One that stands
// in several sections is recorded once.
func (m *Manifest) asks(recorded Dependency) bool {
	return slices.ContainsFunc(m.Dependencies, func(d Dependency) bool {
		return d.Name == recorded.Name && d.Spec == recorded.Spec && d.Kind == recorded.Kind
	})
}

// summary joins differences for a message of one line.
func summary(all []Difference, most int) string {
	var lines []string
	for _, d := range all[:min(len(all), most)] {
		lines = append(lines, d.String())
	}
	if len(all) > most {
		lines = append(lines, fmt.Sprintf("and %d more", len(all)-most))
	}
	return strings.Join(lines, "; ")
}

// OutOfStep is the error of an exact install that cannot go on, because the
// lock and package.json disagree.
type OutOfStep struct {
	File   string
	Format Format
	// Differences are those that the package manager refuses.
	Differences []Difference
}

// Error names the first packages.
func (e *OutOfStep) Error() string {
	return fmt.Sprintf("%s and package.json disagree: %s", e.File, summary(e.Differences, 5))
}

// Hint says how to bring them together.
func (e *OutOfStep) Hint() string { return MendHint(e.File, e.Format) }

// MendHint says how a lock that is out of step is brought in step again, with no
// more changed than has to be.
func MendHint(file string, f Format) string {
	command := installCommand(file)
	switch f {
	case YarnBerry:
		command += " --mode=update-lockfile" // an install would also take away what Plug'n'Play has in the folder
	case PNPM:
		command += " --lockfile-only" // an install links members, whose node_modules may not be there yet
	}
	return fmt.Sprintf("`%s` brings the lock in step, and `devbox update` takes the newest versions as well", command)
}

// ProjectInvalid marks the errors that a file of the project causes.
func (e *OutOfStep) ProjectInvalid() bool { return true }

// Check is an *OutOfStep where the exact install would refuse, else nil.
func (l *Lock) Check(manifests []*Manifest) error {
	if refused := Refused(l.InStep(manifests)); len(refused) > 0 {
		return &OutOfStep{File: l.File, Format: l.Format, Differences: refused}
	}
	return nil
}

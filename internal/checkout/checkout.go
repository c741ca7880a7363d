// Package checkout tells the folders of one repository apart: the first keeps the
// project's plain name and its documented ports, every other one has a name and
// ports of its own. It decides on plain data; the session asks the engine and the
// folder, and carries out what is decided here.
package checkout

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Checkout is one folder of a repository. It is kept twice, in the folder and on
// the engine, so that either can be lost.
type Checkout struct {
	// Project is the name in devbox.yaml, Name the one of the Compose project.
	Project string `json:"project"`
	Name    string `json:"name"`
	// Dir is the folder, an absolute path without symlinks.
	Dir string `json:"dir"`
	// Ports are the ports of the host that it has instead of the documented ones,
	// by the variables that the Compose files have for them.
	Ports map[string]int `json:"ports,omitempty"`
}

// Equal compares checkouts.
func (c Checkout) Equal(o Checkout) bool {
	return c.Project == o.Project && c.Name == o.Name && c.Dir == o.Dir && maps.Equal(c.Ports, o.Ports)
}

// Plain tells whether it has the plain name, and with it the documented ports.
func (c Checkout) Plain() bool { return c.Name == c.Project }

// FormatPorts is the form of ports in a label.
func FormatPorts(ports map[string]int) string {
	list := make([]string, 0, len(ports))
	for _, name := range slices.Sorted(maps.Keys(ports)) {
		list = append(list, fmt.Sprintf("%s=%d", name, ports[name]))
	}
	return strings.Join(list, ",")
}

// ParsePorts reads what FormatPorts wrote; what makes no sense is left out.
func ParsePorts(text string) map[string]int {
	var ports map[string]int
	for pair := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(pair, "=")
		const last = 65535
		if port, err := strconv.Atoi(value); err == nil && name != "" && port > 0 && port <= last {
			if ports == nil {
				ports = map[string]int{}
			}
			ports[name] = port
		}
	}
	return ports
}

// Situation is what the name of a checkout depends on.
type Situation struct {
	// Project is the name in devbox.yaml, Dir the folder.
	Project, Dir string
	// Worktree is the top of the linked git worktree that the folder is in, or empty.
	Worktree string
	// Chosen is the name that the user asks for, or empty.
	Chosen string
	// Kept is what the folder keeps of itself. A copy of a folder has that of the
	// original.
	Kept Checkout
	// Claims are the checkouts that the engine knows.
	Claims []Checkout
	// There tells whether a folder is still a project, and Gone whether it certainly
	// is none any more: of one on a disk that is not mounted neither is true.
	There, Gone func(dir string) bool
}

// Candidate is a name that a checkout may get.
type Candidate struct {
	Name string
	// OnlyOwn says that it is to be had only where it is the folder's already.
	OnlyOwn bool
}

// Candidates are the names that the folder may get, the best first.
func (s Situation) Candidates() []Candidate {
	if s.Chosen != "" {
		return []Candidate{{Name: s.Chosen}}
	}
	var list []Candidate
	add := func(name string, onlyOwn bool) {
		if !slices.ContainsFunc(list, func(c Candidate) bool { return c.Name == name && c.OnlyOwn == onlyOwn }) {
			list = append(list, Candidate{name, onlyOwn})
		}
	}
	own := s.owned()
	if slices.Contains(own, s.Kept.Name) {
		add(s.Kept.Name, false)
	}
	for _, name := range own {
		add(name, false)
	}
	if s.keepsItsOwn() {
		add(s.Kept.Name, false)
	}
	// What was made before checkouts had names of their own has the plain one.
	add(s.Project, s.Worktree != "")
	top := s.Worktree
	if top == "" {
		top = s.Dir
	}
	name := Name(s.Project, top)
	if !reserved(name) {
		add(name, false)
	}
	add(withDigest(name, s.Dir), false)
	return list
}

// owned are the names that the engine has for this folder.
func (s Situation) owned() []string {
	var names []string
	for _, c := range s.Claims {
		if c.Dir == s.Dir && c.Project == s.Project {
			names = append(names, c.Name)
		}
	}
	slices.Sort(names)
	return names
}

// keepsItsOwn tells whether what the folder keeps is about this folder: it never
// moved, or it moved and its old place is empty. Else it is a copy.
func (s Situation) keepsItsOwn() bool {
	k := s.Kept
	return k.Name != "" && k.Project == s.Project && (k.Dir == s.Dir || !s.There(k.Dir))
}

// Claim finds what the engine knows under a name.
func (s Situation) Claim(name string) (Checkout, bool) {
	i := slices.IndexFunc(s.Claims, func(c Checkout) bool { return c.Name == name })
	if i < 0 {
		return Checkout{}, false
	}
	return s.Claims[i], true
}

// Verdict says whether a checkout may have a name.
type Verdict struct {
	// Owner is the folder that has it, where that is another one that is there.
	Owner string
	// Former is the folder that had it and is gone, unless this is that folder,
	// moved.
	Former string
	// Refused says that it may not.
	Refused bool
}

// Judge decides on a candidate. owners are the folders that have it.
func (s Situation) Judge(c Candidate, owners []string) Verdict {
	if slices.Contains(owners, s.Dir) {
		return Verdict{}
	}
	v := Verdict{Refused: c.OnlyOwn}
	for _, dir := range owners {
		moved := dir == s.Kept.Dir && c.Name == s.Kept.Name
		switch {
		case s.There(dir), !moved && !s.Gone(dir):
			return Verdict{Owner: dir, Refused: true}
		case !moved:
			v.Former = dir
		}
	}
	return v
}

// Ports are the ports that the checkout of a name has so far: those on the
// engine, else those in the folder.
func (s Situation) Ports(name string) map[string]int {
	if c, ok := s.Claim(name); ok && len(c.Ports) > 0 {
		return maps.Clone(c.Ports)
	}
	if s.keepsItsOwn() && s.Kept.Name == name {
		return maps.Clone(s.Kept.Ports)
	}
	return nil
}

// Renamed are the names that this folder had under other names in devbox.yaml.
func (s Situation) Renamed() []string {
	var names []string
	for _, c := range s.Claims {
		if c.Dir == s.Dir && c.Project != s.Project {
			names = append(names, c.Name)
		}
	}
	slices.Sort(names)
	return names
}

// LinkedWorktree finds the top of the linked git worktree that a folder is in; it
// is empty where the folder is in a main one, in none, or where the repository
// has no main worktree that could have the plain name.
func LinkedWorktree(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		link, found := readGitLink(at)
		if found {
			if link == "" || filepath.Base(commonDir(link)) != gitDir {
				return ""
			}
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

package lockfile

import (
	"fmt"
	"strings"
)

// String is a text for a terminal: a line that counts, then one line for each
// package. Those that somebody should look at come first, with an exclamation
// mark and the reason.
func (c *Changes) String() string {
	var b strings.Builder
	b.WriteString(c.Summary() + "\n")
	if c.OldFormat != "" {
		fmt.Fprintf(&b, "  format: %s -> %s\n", c.OldFormat, c.NewFormat)
	}
	for _, p := range c.Packages {
		b.WriteString("  " + p.String() + "\n")
	}
	for _, key := range c.Settings {
		fmt.Fprintf(&b, "  setting %s changed\n", plain(key))
	}
	return b.String()
}

// Summary is one line: package-lock.json: 2 added, 1 removed.
func (c *Changes) Summary() string {
	counts := map[ChangeKind]int{}
	for _, p := range c.Packages {
		counts[p.Kind]++
	}
	var parts []string
	for _, kind := range []ChangeKind{Added, Removed, Upgraded, Downgraded, Replaced} {
		if counts[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[kind], kind))
		}
	}
	if len(parts) == 0 {
		parts = []string{"no package changed"}
	}
	return c.File + ": " + strings.Join(parts, ", ")
}

var marks = map[ChangeKind]string{Added: "+", Removed: "-", Upgraded: "^", Downgraded: "v", Replaced: "="}

// String is one line: + express 4.21.2 (direct).
func (c Change) String() string {
	var b strings.Builder
	if c.Loud() {
		b.WriteString("! ")
	}
	fmt.Fprintf(&b, "%s %s %s", marks[c.Kind], plain(c.Name), c.versions())
	var notes []string
	if where := c.where(); where != "" {
		notes = append(notes, where)
	}
	if c.Dev {
		notes = append(notes, "dev")
	}
	if len(notes) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(notes, ", "))
	}
	for _, reason := range c.reasons() {
		b.WriteString(": " + reason)
	}
	return b.String()
}

func (c Change) versions() string {
	switch {
	case c.From == "" || c.From == c.To:
		return plain(c.To)
	case c.To == "":
		return plain(c.From)
	}
	return plain(c.From) + " -> " + plain(c.To)
}

// where names the workspace members that ask for it.
func (c Change) where() string {
	switch {
	case !c.Direct():
		return ""
	case len(c.Importers) == 1 && c.Importers[0] == ".":
		return "direct"
	}
	var folders []string
	for _, i := range c.Importers {
		if i == "." {
			i = "the root"
		}
		folders = append(folders, plain(i))
	}
	return "direct in " + strings.Join(folders, ", ")
}

// reasons are what somebody should look at.
func (c Change) reasons() []string {
	var all []string
	if c.IntegrityChanged {
		all = append(all, "the same version has other content, its integrity changed")
	}
	switch {
	case c.SourceTo == nil:
	case c.SourceFrom == nil:
		all = append(all, "comes from "+c.SourceTo.String())
	default:
		all = append(all, fmt.Sprintf("comes from %s, before from %s", c.SourceTo, c.SourceFrom))
	}
	if c.InstallScript {
		all = append(all, "runs a script when it is installed")
	}
	return all
}

// String names the kind and, where there is one, the address.
func (s *Source) String() string {
	switch {
	case s.Kind == Registry && s.URL != "":
		return "the registry " + plain(host(s.raw))
	case s.Kind == Registry:
		return "the registry"
	case s.URL == "":
		return string(s.Kind)
	}
	return string(s.Kind) + " " + plain(s.URL)
}

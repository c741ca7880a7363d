package main

import (
	"fmt"
	"strings"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/term"
)

// Widths of the table of what init found.
const (
	foundWidth = 80
	mostKey    = 16
	mostValue  = 34
)

// sayFound tells what was found and from where.
func (d *deps) sayFound(findings []project.Finding) {
	fmt.Fprint(d.err, foundTable(findings))
}

// foundTable lists findings by service: what it is, what was decided, and why.
// It fits a terminal of 80 columns but for values that are longer by themselves.
func foundTable(findings []project.Finding) string {
	var b strings.Builder
	key, value := columns(findings)
	service := ""
	for _, f := range inOrder(findings) {
		if f.Service != service {
			service = f.Service
			fmt.Fprintf(&b, "%s\n", term.Clean(service))
		}
		writeFinding(&b, f, key, value)
	}
	return b.String()
}

// inOrder puts the findings of a service together; those of none come first.
func inOrder(findings []project.Finding) []project.Finding {
	var order []string
	by := map[string][]project.Finding{}
	for _, f := range findings {
		if _, seen := by[f.Service]; !seen && f.Service != "" {
			order = append(order, f.Service)
		}
		by[f.Service] = append(by[f.Service], f)
	}
	list := by[""]
	for _, service := range order {
		list = append(list, by[service]...)
	}
	return list
}

// columns are the widths of the first two columns.
func columns(findings []project.Finding) (key, value int) {
	for _, f := range findings {
		key = max(key, min(len(f.What), mostKey))
		if w := term.Width(term.Clean(f.Value)); w <= mostValue {
			value = max(value, w)
		}
	}
	return key, value
}

func writeFinding(b *strings.Builder, f project.Finding, key, value int) {
	mark := " "
	if f.Warning {
		mark = "!"
	}
	fmt.Fprintf(b, "%s %-*s  ", mark, key, f.What)
	text, source := term.Clean(f.Value), term.Clean(f.Source)
	indent := len("! ") + key + len("  ")
	if text == "" {
		b.WriteString(wrapped(source, indent) + "\n")
		return
	}
	b.WriteString(text)
	at := indent + value + len("  ")
	switch width := term.Width(text); {
	case source == "":
	case width <= value && at+term.Width(source) <= foundWidth:
		b.WriteString(strings.Repeat(" ", value-width+len("  ")) + source)
	default:
		b.WriteString("\n" + strings.Repeat(" ", indent) + "  " + wrapped(source, indent+len("  ")))
	}
	b.WriteString("\n")
}

// wrapped breaks a text into lines that begin in a column.
func wrapped(text string, indent int) string {
	var b strings.Builder
	at := indent
	for i, word := range strings.Fields(text) {
		width := term.Width(word)
		switch {
		case i == 0:
		case at+1+width > foundWidth:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += width
	}
	return b.String()
}

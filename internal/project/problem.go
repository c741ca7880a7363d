package project

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxProblems is how many problems of one file are shown: more than that is
// one mistake that has many faces.
const maxProblems = 20

// Problem is one thing that is wrong in a file.
type Problem struct {
	// Line and Column count from 1; 0 means that the whole file is meant.
	Line, Column int
	// Text says what is wrong. What it quotes from the file is escaped, so it
	// is safe to print.
	Text string
	// Suggestion says what to write instead. It may be empty.
	Suggestion string
}

// ConfigError holds everything that is wrong in one file of a project.
type ConfigError struct {
	File     string
	Problems []Problem
	// Omitted is how many more problems there are than Problems holds.
	Omitted int
}

// Error is one line for each problem: file:line:column: text; suggestion.
func (e *ConfigError) Error() string {
	lines := make([]string, 0, len(e.Problems)+1)
	for _, p := range e.Problems {
		lines = append(lines, p.at(e.File))
	}
	if e.Omitted > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %d more", e.File, e.Omitted))
	}
	return strings.Join(lines, "\n")
}

// Hint is empty: each problem comes with its own suggestion.
func (e *ConfigError) Hint() string { return "" }

// ProjectInvalid marks the errors that a file of the project causes.
func (e *ConfigError) ProjectInvalid() bool { return true }

func (p Problem) at(file string) string {
	var b strings.Builder
	b.WriteString(file)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, max(p.Column, 1))
	}
	b.WriteString(": " + p.Text)
	if p.Suggestion != "" {
		b.WriteString("; " + p.Suggestion)
	}
	return b.String()
}

// configError sorts problems by place and keeps the first of them. It is nil
// when there are none.
func configError(file string, problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	sorted := slices.Clone(problems)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	kept := sorted[:min(len(sorted), maxProblems)]
	return &ConfigError{File: file, Problems: kept, Omitted: len(sorted) - len(kept)}
}

// show quotes text from a file for a message: escaped, and cut when it is
// long.
func show(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return strconv.Quote(string(runes[:most])) + "…"
	}
	return strconv.Quote(text)
}

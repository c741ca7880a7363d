package project

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong in a file of the project.
type Problem struct {
	// Line and Column count from 1; 0 where they are not known.
	Line, Column int
	Text         string
}

// InvalidError says what is wrong in a file of the project: all of it at once.
type InvalidError struct {
	File     string
	Problems []Problem
	// Remedy says what to do; often the problems say it themselves.
	Remedy string
}

// mostProblems is how many problems are worth reading in one go.
const mostProblems = 20

func (e *InvalidError) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i == mostProblems {
			fmt.Fprintf(&b, "\n… and %d more", len(e.Problems)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		if p.Column > 0 {
			fmt.Fprintf(&b, ":%d", p.Column)
		}
		b.WriteString(": " + p.Text)
	}
	return b.String()
}

// Hint says what to do about it.
func (e *InvalidError) Hint() string { return e.Remedy }

// ProjectInvalid marks the errors that a file of the project causes.
func (e *InvalidError) ProjectInvalid() bool { return true }

func invalid(file, format string, args ...any) *InvalidError {
	return &InvalidError{File: file, Problems: []Problem{{Text: fmt.Sprintf(format, args...)}}}
}

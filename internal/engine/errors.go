package engine

import (
	"errors"
	"fmt"
)

// Kind is what went wrong, for errors.Is.
type Kind string

// Error makes a Kind usable as the target of errors.Is.
func (k Kind) Error() string { return string(k) }

// The kinds of failures that devbox tells apart.
const (
	ErrNoEngine      Kind = "no Docker engine answers"
	ErrNoPermission  Kind = "no permission to use the Docker engine"
	ErrNotResponding Kind = "the Docker engine does not respond"
	ErrTooOld        Kind = "the Docker engine is too old"
	ErrBadHost       Kind = "the Docker host or context cannot be used"
	ErrImageNotFound Kind = "image not found"
	ErrPortTaken     Kind = "port is taken"
	ErrDiskFull      Kind = "disk is full"
	ErrBuild         Kind = "build failed"
	ErrNotFound      Kind = "not found"
	ErrConflict      Kind = "conflict"
)

// Error is a failure of the engine in devbox's words.
type Error struct {
	Kind Kind
	// Op says what was being done and to what: `start container "chat-web-1"`.
	Op string
	// Note is what is known beyond the kind, in one line.
	Note string
	// Detail is what a failing step printed last, for people to read.
	Detail []string
	// Remedy says what the user can do.
	Remedy string
	// Err is the cause as the library gave it.
	Err error
}

// Error names the operation, the kind and what is known.
func (e *Error) Error() string {
	text := string(e.Kind)
	if e.Note != "" {
		text += ": " + e.Note
	}
	if e.Op == "" {
		return text
	}
	return fmt.Sprintf("%s: %s", e.Op, text)
}

// Unwrap gives the library's error.
func (e *Error) Unwrap() error { return e.Err }

// Is matches an error's kind.
func (e *Error) Is(target error) bool {
	var k Kind
	return errors.As(target, &k) && k == e.Kind
}

// Details are the lines that a person wants to see with the error.
func (e *Error) Details() []string { return e.Detail }

// Hint says what the user can do about it.
func (e *Error) Hint() string { return e.Remedy }

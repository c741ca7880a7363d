package logs

import (
	"context"
	"io"
)

// Format is how entries are exported.
type Format uint8

// The formats of an export.
const (
	// Readable is what the view shows, with time and service.
	Readable Format = iota
	// Raw is each line as it came, without colours.
	Raw
	// JSONLines is an object a line, as of `devbox logs --json`.
	JSONLines
)

// Export writes the entries that the filter keeps; nil keeps all. What comes
// meanwhile is left out. It may run beside everything else.
func (s *Store) Export(_ context.Context, _ io.Writer, _ Format, _ *Filter, _ ...string) error {
	return nil
}

// Tail are the last n lines of output of a service, without colours.
func (s *Store) Tail(_ string, _ int) []string { return nil }

// Copy is the text of the entries from one number to another, both included,
// of those that the view keeps: as it shows them, without time and service.
func (v *View) Copy(_, _ Seq) string { return "" }

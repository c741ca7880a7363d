package plain

import (
	"strings"

	"github.com/devbox-node/devbox/internal/term"
)

// maxNameWidth is how wide the column of names gets. Longer names stick out.
const maxNameWidth = 20

// names is the column of service names in front of lines. Its width fits the
// services that are known at the start; others join as they come.
type names struct {
	stream  Stream
	width   int
	colours map[string]Colour
	// padded and bars are finished: names in their colours, without and with the
	// bar that a line of output follows.
	padded, bars map[string]string
}

func newNames(s Stream, services []string) *names {
	n := &names{stream: s, colours: map[string]Colour{}, padded: map[string]string{}, bars: map[string]string{}}
	for _, service := range services {
		n.add(service)
	}
	return n
}

// add gives a service its colour and makes the column wide enough for it.
func (n *names) add(service string) {
	if _, ok := n.colours[service]; ok {
		return
	}
	n.colours[service] = serviceColours[len(n.colours)%len(serviceColours)]
	if w := min(term.Width(n.stream.clean(service)), maxNameWidth); w > n.width {
		n.width = w
		clear(n.padded)
		clear(n.bars)
	}
}

// pad is the name as it stands in the column.
func (n *names) pad(service string) string {
	if s, ok := n.padded[service]; ok {
		return s
	}
	n.add(service)
	name := n.stream.clean(service)
	blanks := strings.Repeat(" ", max(0, n.width-term.Width(name)))
	n.padded[service] = n.stream.paint(n.colours[service], name) + blanks
	return n.padded[service]
}

// bar is what stands in front of a line of a service's output.
func (n *names) bar(service string) string {
	if s, ok := n.bars[service]; ok {
		return s
	}
	s := n.pad(service) + " " + n.stream.paint(n.colours[service], "|") + " "
	n.bars[service] = s
	return s
}

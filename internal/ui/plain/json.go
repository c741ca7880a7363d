package plain

import (
	"bytes"
	"encoding/json"
	"io"
	"time"

	"github.com/devbox-node/devbox/internal/session"
	"github.com/devbox-node/devbox/internal/term"
)

// jsonTime is RFC 3339 with milliseconds, in UTC.
const jsonTime = "2006-01-02T15:04:05.000Z07:00"

// JSONPrinter prints a session's events as `up --json` does: one object a line,
// the event's own JSON with the time in milliseconds. Values are as they came,
// with escapes for everything that a terminal could obey; only bytes that are
// not UTF-8 are replaced. It is for one goroutine.
type JSONPrinter struct {
	w   io.Writer
	buf []byte
}

// NewJSONPrinter makes a printer that writes to w.
func NewJSONPrinter(w io.Writer) *JSONPrinter { return &JSONPrinter{w: w} }

// jsonEvent is an event whose time is written in another form.
type jsonEvent struct {
	Time string `json:"time"`
	session.Event
}

// Print prints events, in one write.
func (p *JSONPrinter) Print(events ...session.Event) error {
	p.buf = p.buf[:0]
	for _, e := range events {
		var err error
		if p.buf, err = appendJSON(p.buf, jsonEvent{FormatTime(e.Time), e}, ""); err != nil {
			return err
		}
	}
	_, err := p.w.Write(p.buf)
	return err
}

// WriteJSON prints one value as the other commands do with `--json`: indented,
// and harmless as JSONPrinter makes it.
func WriteJSON(w io.Writer, v any) error {
	out, err := appendJSON(nil, v, "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(out)
	return err
}

// FormatTime is how times are written in every JSON that devbox prints.
func FormatTime(t time.Time) string { return t.UTC().Format(jsonTime) }

func appendJSON(dst []byte, v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return dst, err
	}
	return term.EscapeJSON(dst, b.Bytes()), nil
}

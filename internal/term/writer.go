package term

import "io"

// Writer makes what is written to it harmless and passes it on, line by line.
type Writer struct {
	w   io.Writer
	z   *Sanitizer
	buf []byte
}

// NewWriter makes a Writer on w. What is left of an unfinished line is written
// by Close, which does not close w.
func NewWriter(w io.Writer, o Options) *Writer { return &Writer{w: w, z: NewSanitizer(o)} }

// Write passes on the lines that p finishes.
func (w *Writer) Write(p []byte) (int, error) {
	w.buf = w.z.Append(w.buf[:0], p)
	return len(p), w.pass()
}

// Close passes on an unfinished last line.
func (w *Writer) Close() error {
	w.buf = w.z.Flush(w.buf[:0])
	return w.pass()
}

func (w *Writer) pass() error {
	if len(w.buf) == 0 {
		return nil
	}
	_, err := w.w.Write(w.buf)
	return err
}

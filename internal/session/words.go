package session

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// words speaks to the supervisors in containers: a line on their standard
// input. Connections are kept, since making one costs more than the word.
type words struct {
	engine Engine
	conns  map[string]io.WriteCloser
	count  atomic.Int64
}

func newWords(e Engine) *words { return &words{engine: e, conns: map[string]io.WriteCloser{}} }

// id makes an id that no other word of any devbox has.
func (w *words) id() string { return fmt.Sprintf("%d-%d", os.Getpid(), w.count.Add(1)) }

// say sends a word to a container's supervisor, and returns the id by which it
// will answer. A connection that has broken is made anew once; where none can
// be made, SIGHUP says "restart" as well, and is answered without an id.
func (w *words) say(ctx context.Context, container, word, id string) (string, error) {
	line := []byte(word + " " + id + "\n")
	if conn := w.conns[container]; conn != nil {
		if _, err := conn.Write(line); err == nil {
			return id, nil
		}
		w.drop(container)
	}
	if err := w.connect(ctx, container); err != nil {
		return "", w.engine.Signal(ctx, container, "HUP")
	}
	_, err := w.conns[container].Write(line)
	return id, err
}

// whisper says a word that may as well not be said: only where there is a
// connection, and never by SIGHUP. It reports whether it was said.
func (w *words) whisper(container, word, id string) bool {
	conn := w.conns[container]
	if conn == nil {
		return false
	}
	if _, err := conn.Write([]byte(word + " " + id + "\n")); err != nil {
		w.drop(container)
		return false
	}
	return true
}

// connect makes sure of a connection.
func (w *words) connect(ctx context.Context, container string) error {
	if w.conns[container] != nil {
		return nil
	}
	conn, err := w.engine.Input(ctx, container)
	if err != nil {
		return err
	}
	w.conns[container] = conn
	return nil
}

func (w *words) drop(container string) {
	if conn := w.conns[container]; conn != nil {
		_ = conn.Close()
		delete(w.conns, container)
	}
}

func (w *words) close() {
	for id := range w.conns {
		w.drop(id)
	}
}

package docker

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/moby/moby/client"

	"github.com/devbox-node/devbox/internal/engine"
)

// Logs reads a container's output and hands it on chunk by chunk until it
// ends, the container stops, or ctx does. The chunk's data is only good until
// the callback returns. ctx ending is no error.
func (c *Client) Logs(ctx context.Context, id string, o engine.LogOptions, each func(engine.Chunk)) error {
	opts := client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Follow: o.Follow, Timestamps: true, Tail: "all"}
	if o.Tail >= 0 {
		opts.Tail = fmt.Sprint(o.Tail)
	}
	if !o.Since.IsZero() {
		opts.Since = engineTime(o.Since)
	}
	r, err := c.api.ContainerLogs(ctx, id, opts)
	if err != nil {
		return quiet(ctx, translate("read the log of container", err))
	}
	defer r.Close()
	if o.TTY {
		return quiet(ctx, rawChunks(r, each))
	}
	return quiet(ctx, translate("read the log of container", frames(r, each)))
}

// frames takes the engine's multiplexed stream apart. Every frame is one
// message as the log driver stored it, with its own time stamp: reading frames
// here, and not through a copier, is what keeps the stamps of the 16 KiB pieces
// of a long line out of the line.
func frames(r io.Reader, each func(engine.Chunk)) error {
	var head [8]byte
	var buf []byte
	for {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return ignoreEOF(err)
		}
		size := int(binary.BigEndian.Uint32(head[4:]))
		const sane = 64 << 20
		if head[0] > 2 || size > sane {
			return fmt.Errorf("broken log frame (stream %d, %d bytes)", head[0], size)
		}
		if cap(buf) < size {
			buf = make([]byte, size)
		}
		buf = buf[:size]
		if _, err := io.ReadFull(r, buf); err != nil {
			return ignoreEOF(err)
		}
		at, data := stamp(buf)
		stream := "stdout"
		if head[0] == 2 {
			stream = "stderr"
		}
		each(engine.Chunk{Time: at, Stream: stream, Data: data})
	}
}

// stamp cuts the RFC 3339 time stamp off a message.
func stamp(b []byte) (time.Time, []byte) {
	i := bytes.IndexByte(b, ' ')
	const longest = 40
	if i < 0 || i > longest {
		return time.Time{}, b
	}
	at, err := time.Parse(time.RFC3339Nano, string(b[:i]))
	if err != nil {
		return time.Time{}, b
	}
	return at, b[i+1:]
}

// rawChunks passes on a terminal's stream, whose lines begin with stamps too.
func rawChunks(r io.Reader, each func(engine.Chunk)) error {
	buf := make([]byte, 32<<10)
	atLine := true
	for {
		n, err := r.Read(buf)
		for _, line := range bytes.SplitAfter(buf[:n], []byte("\n")) {
			if len(line) == 0 {
				continue
			}
			at, data := time.Time{}, line
			if atLine {
				at, data = stamp(line)
			}
			atLine = line[len(line)-1] == '\n'
			each(engine.Chunk{Time: at, Stream: "stdout", Data: data})
		}
		if err != nil {
			return ignoreEOF(err)
		}
	}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// quiet drops an error that only says that the caller ended the call.
func quiet(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

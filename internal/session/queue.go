package session

import (
	"sync"
	"time"
)

// How many lines of output may wait for a listener, and how much text. When
// either is reached, reading of the logs waits; the engine keeps what was not read.
const (
	maxQueuedLogs  = 4096
	maxQueuedBytes = 4 << 20
)

// queue hands events from many goroutines to one listener, in order. Only log
// lines can be made to wait: a terminal that is stopped must not stop restarts.
type queue struct {
	mu     sync.Mutex
	moved  *sync.Cond
	events []Event
	logs   int
	bytes  int // of the lines
	closed bool
	done   chan struct{}
	now    func() time.Time
}

// newQueue starts handing events to listen. The owner calls close.
func newQueue(now func() time.Time, listen func(...Event)) *queue {
	q := &queue{done: make(chan struct{}), now: now}
	q.moved = sync.NewCond(&q.mu)
	go q.deliver(listen)
	return q
}

// emit queues an event and gives it the present time where it has none.
func (q *queue) emit(e Event) {
	if e.Time.IsZero() {
		e.Time = q.now()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if e.Kind == Log {
		for (q.logs >= maxQueuedLogs || q.bytes >= maxQueuedBytes) && !q.closed {
			q.moved.Wait()
		}
		q.logs++
		q.bytes += len(e.Line)
	}
	if !q.closed {
		q.events = append(q.events, e)
		q.moved.Broadcast()
	}
}

func (q *queue) deliver(listen func(...Event)) {
	defer close(q.done)
	for {
		q.mu.Lock()
		for len(q.events) == 0 && !q.closed {
			q.moved.Wait()
		}
		batch := q.events
		q.events, q.logs, q.bytes = nil, 0, 0
		ended := q.closed && len(batch) == 0
		q.moved.Broadcast()
		q.mu.Unlock()
		if ended {
			return
		}
		listen(batch...)
	}
}

// close delivers what is queued and returns when the listener has it all.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.moved.Broadcast()
	q.mu.Unlock()
	<-q.done
}

package docker

import (
	"sync"
	"time"
)

const (
	// answerTime is how long an engine may take for a first answer. A frozen engine
	// accepts connections and stays silent, so only a clock can tell; one on a machine
	// that has too much to do has needed more than five seconds.
	answerTime = 20 * time.Second
	// slowTime is when somebody is told that it takes its time.
	slowTime = 2 * time.Second
)

// patience is the waiting for the first answers of an engine.
type patience struct {
	// slow is told, once, how long an engine that is slow will be waited for; it may
	// be nil.
	slow func(most time.Duration)
	once sync.Once
}

// during runs a call, and tells of it where it takes long. Nobody is told any more
// when it returns.
func (p *patience) during(call func()) {
	told := make(chan struct{})
	timer := time.AfterFunc(slowTime, func() {
		defer close(told)
		if p.slow != nil {
			p.once.Do(func() { p.slow(answerTime) })
		}
	})
	call()
	if !timer.Stop() {
		<-told
	}
}

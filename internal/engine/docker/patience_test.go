package docker

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAnEngineThatIsSlowIsSpokenOfOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []time.Duration
		began := time.Now()
		p := &patience{slow: func(most time.Duration) {
			told = append(told, most)
			if at := time.Since(began); at != slowTime {
				t.Errorf("told after %s, want %s", at, slowTime)
			}
		}}
		p.during(func() { time.Sleep(slowTime - time.Millisecond) })
		if len(told) > 0 {
			t.Errorf("told of one that is quick")
		}
		began = time.Now()
		p.during(func() { time.Sleep(2 * slowTime) })
		p.during(func() { time.Sleep(2 * slowTime) })
		if len(told) != 1 || told[0] != answerTime {
			t.Errorf("told %v, want once, and %s", told, answerTime)
		}
		(&patience{}).during(func() { time.Sleep(2 * slowTime) }) // where nobody listens
	})
}

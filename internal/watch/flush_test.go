package watch

import (
	"testing"
	"time"
)

// takenBy takes batches until everything from before the flush was delivered.
func (r *rig) takenBy(flushed <-chan struct{}) {
	r.t.Helper()
	late := time.After(patience)
	for {
		select {
		case b := <-r.w.Batches():
			r.keep(b)
		case <-flushed:
			return
		case <-late:
			r.t.Fatal("a flush does not end")
		}
	}
}

func TestFlushDeliversWhatWouldStillWait(t *testing.T) {
	for name, o := range map[string]Options{
		"events":  {Quiet: time.Hour, Ceiling: time.Hour},
		"polling": {Quiet: time.Hour, Ceiling: time.Hour, ForcePoll: true, PollInterval: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			r := newTree(t, "a.js", "dir/b.js", "dir/gone.js")
			r.watch(o, patientSystem())
			r.write("a.js", "edited")
			r.write("dir/new.js", "")
			r.remove("dir/gone.js")
			r.takenBy(r.w.Flush())
			got := r.reported()
			want := map[string]Op{"a.js": Modified, "dir/new.js": Created, "dir/gone.js": Removed}
			for path, op := range want {
				if got[path] != op {
					t.Errorf("%s: %v, want %v", path, got[path], op)
				}
			}
			if len(got) != len(want) {
				t.Errorf("reported: %v", got)
			}
			r.must(r.w.Close())
		})
	}
}

func TestFlushWithNothingToDeliverEndsAtOnce(t *testing.T) {
	r := watched(t, "a.js")
	r.takenBy(r.w.Flush())
	if len(r.reported()) != 0 {
		t.Errorf("reported: %v", r.reported())
	}
	r.must(r.w.Close())
	select {
	case <-r.w.Flush():
		t.Error("a flush of a watcher that has ended")
	default:
	}
}

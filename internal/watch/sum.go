package watch

import (
	"context"
	"hash/maphash"
	"io"
	"os"
	"sync"
	"time"
)

// sumSeed makes sums comparable within this process, which is all they are for.
var sumSeed = maphash.MakeSeed()

// sumBudget bounds how many bytes are read in the background after one look, so
// that a tree full of media files does not keep a disk busy. Files beyond it are
// judged by their times.
const sumBudget = 64 << 20

// contentSum returns a sum of a file's bytes or a symlink's target, and what the
// file was while it was read; false if it cannot be read, is too large, or
// changed meanwhile.
func contentSum(path string, k kind) (sum uint64, m meta, ok bool) {
	if k == link {
		target, err := os.Readlink(path)
		return maphash.String(sumSeed, target), meta{}, err == nil
	}
	f, err := openFile(path)
	if err != nil {
		return 0, meta{}, false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSum {
		return 0, meta{}, false
	}
	var h maphash.Hash
	h.SetSeed(sumSeed)
	if _, err := io.Copy(&h, io.LimitReader(f, maxSum+1)); err != nil {
		return 0, meta{}, false
	}
	after, err := f.Stat()
	if err != nil {
		return 0, meta{}, false
	}
	m = metaOf(after, time.Now())
	return h.Sum64(), m, m.sameStat(metaOf(info, time.Now()))
}

// sum reads a node's content now. What is written during the reading sends an
// event and is compared with this sum, so it does not matter what it caught.
func (s *snapshot) sum(n *node) (uint64, bool) {
	if n.kind == file && n.size > maxSum {
		return 0, false
	}
	sum, m, ok := contentSum(s.abs(n.path()), n.kind)
	return sum, ok || m.kind == file
}

// sumChanged reads the content of a new or changed path, at once where the sum
// is needed now and else when there is time: a burst should not wait for it.
func (s *snapshot) sumChanged(n *node, before meta) {
	base, touched := s.was[n.path()]
	if !touched {
		base = before
	}
	comesBack := base.summed && base.size == n.size
	// The start waits for a tick of a fine clock, not for one of a coarse clock.
	fresh := n.fresh(s.coarse) && !(s.starting && n.tick(s.coarse) == clockTick)
	if n.kind == link || comesBack || fresh {
		n.sum, n.summed = s.sum(n)
		return
	}
	if n.size <= maxSum {
		s.unsummed = append(s.unsummed, n)
	}
}

// sumJob is a file to read, and then the sum of what was read.
type sumJob struct {
	path string
	want meta // what the file must still be for the sum to count
	sum  uint64
}

// sumJobs hands over what shall be read, within the budget.
func (s *snapshot) sumJobs() []sumJob {
	jobs := make([]sumJob, 0, len(s.unsummed))
	budget := int64(sumBudget)
	for _, n := range s.unsummed {
		if budget -= n.size; budget < 0 {
			break
		}
		jobs = append(jobs, sumJob{path: n.path(), want: n.meta})
	}
	s.unsummed = nil
	return jobs
}

// summed takes the sum of a job, unless the file is another by now.
func (s *snapshot) summed(job sumJob) {
	if n := s.top.find(job.path); n != nil && !n.summed && n.sameStat(job.want) {
		n.sum, n.meta.summed = job.sum, true
	}
}

// do reads the file of a job.
func (j *sumJob) do(s string) bool {
	sum, is, ok := contentSum(s, j.want.kind)
	j.sum = sum
	return ok && is.sameStat(j.want)
}

// summer reads files in the background, one at a time.
type summer struct {
	abs  func(path string) string
	done chan sumJob
	wake chan struct{}

	mu   sync.Mutex
	jobs []sumJob
}

func newSummer(abs func(string) string) *summer {
	return &summer{abs: abs, done: make(chan sumJob, 64), wake: make(chan struct{}, 1)}
}

func (s *summer) add(jobs []sumJob) {
	if len(jobs) == 0 {
		return
	}
	s.mu.Lock()
	s.jobs = append(s.jobs, jobs...)
	s.mu.Unlock()
	poke(s.wake)
}

func (s *summer) take() []sumJob {
	s.mu.Lock()
	defer s.mu.Unlock()
	jobs := s.jobs
	s.jobs = nil
	return jobs
}

// run ends with ctx.
func (s *summer) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for _, job := range s.take() {
			if !job.do(s.abs(job.path)) {
				continue
			}
			select {
			case <-ctx.Done():
				return
			case s.done <- job:
			}
		}
	}
}

// poke wakes a loop that waits on a channel of capacity one.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

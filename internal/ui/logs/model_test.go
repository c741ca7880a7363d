package logs

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// randomEntries are lines of three services, some with traces, and separators.
func randomEntries(r *rand.Rand, n int) []Entry {
	var entries []Entry
	for range n {
		e := Entry{Time: noon, Service: []string{"web", "api", "db"}[r.IntN(3)], Kind: Kind(r.IntN(2))}
		switch r.IntN(12) {
		case 0:
			e.Kind, e.Text = Notice, "restarted"
		case 1, 2, 3:
			e.Text = fmt.Sprintf("    at f (/app/a.js:%d:1)", r.IntN(10))
		case 4:
			e.Text = fmt.Sprintf(`{"level":%d,"n":%d}`, 10*r.IntN(7), r.IntN(10))
		default:
			e.Text = fmt.Sprintf("%s %d", []string{"Error: x", "GET", "[warn]"}[r.IntN(3)], r.IntN(10))
		}
		entries = append(entries, e)
	}
	return entries
}

// keptOneByOne is what a filter keeps of a view's store, found without the view.
// Only of traces whose first line was dropped the view knows more.
func keptOneByOne(v *View, f *Filter) []Seq {
	s := v.store
	tester := tester{s: s, filter: f}
	var kept []Seq
	for seq := s.first(); seq < s.next; seq++ {
		members := s.members(nil, seq)
		c, i := s.at(members[0])
		keep := tester.keeps(members)
		if c.records[i].prev > 0 {
			p := v.kept.parts[s.chunkOf(seq)]
			keep = p.keep.has(int(seq - p.first))
		}
		if keep {
			kept = append(kept, seq)
		}
	}
	return kept
}

// TestAViewKeepsWhatAFilterKeepsHoweverItCame compares a view that lines come to
// in pieces, while others are dropped and filters change, with a filter that is
// asked about each entry.
func TestAViewKeepsWhatAFilterKeepsHoweverItCame(t *testing.T) {
	filters := []string{"", "1", "-1", "level>=error", "n>5", "service:web -get", "/[2-4]/ stream:stderr"}
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 1))
		v := NewView(NewStore(Limits{Lines: 200 + r.IntN(20_000)}))
		v.SetSize(60, 10)
		f, search := (*Filter)(nil), ""
		for step := range 40 {
			v.store.Append(randomEntries(r, r.IntN(700))...)
			switch r.IntN(8) {
			case 0:
				f, _ = ParseFilter(filters[r.IntN(len(filters))])
				v.SetFilter(f)
			case 1:
				search = []string{"", "1", "Error", "at f"}[r.IntN(4)]
				_ = v.Search(search, false)
			case 2:
				v.Scroll(r.IntN(40)-20, 0)
			case 3:
				v.Next()
			}
			if r.IntN(2) == 0 {
				for !v.Work(time.Second) {
				}
				want := keptOneByOne(v, f)
				compareView(t, v, want, search)
				if t.Failed() {
					t.Fatalf("seed %d, step %d, filter %s", seed, step, f)
				}
			}
		}
	}
}

func compareView(t *testing.T, v *View, want []Seq, search string) {
	t.Helper()
	var down, up []Seq
	for seq, ok := v.kept.next(0, false); ok; seq, ok = v.kept.next(seq+1, false) {
		down = append(down, seq)
	}
	for seq, ok := v.kept.prev(v.store.next, false); ok; seq, ok = v.kept.prev(seq-1, false) {
		up = append(up, seq)
	}
	slices.Reverse(up)
	if !slices.Equal(down, want) || !slices.Equal(up, want) {
		t.Errorf("%d are kept, %d upwards, want %d", len(down), len(up), len(want))
	}
	lines, matches := 0, 0
	for _, seq := range want {
		c, i := v.store.at(seq)
		if c.records[i].kind.Output() {
			lines++
			if search != "" && (&tester{s: v.store}).has(textPattern(search), c, i) {
				matches++
			}
		}
	}
	s := v.Status()
	if s.Kept != lines || s.Matches != matches || s.Pending {
		t.Errorf("the status is %+v, want %d kept, %d found", s, lines, matches)
	}
	rows := v.Rows()
	if len(rows) != min(len(want), 10) {
		t.Errorf("%d rows", len(rows))
	}
	for i := 1; i < len(rows); i++ {
		if at, ok := slices.BinarySearch(want, rows[i].Seq); !ok || at == 0 || want[at-1] != rows[i-1].Seq {
			t.Errorf("row %d shows %d after %d", i, rows[i].Seq, rows[i-1].Seq)
		}
	}
}

func TestWorkIsDoneInSlices(t *testing.T) {
	s := NewStore(Limits{})
	for range 40 {
		s.Append(randomEntries(rand.New(rand.NewPCG(1, 2)), 5000)...)
	}
	v := NewView(s)
	v.SetSize(60, 10)
	_ = v.Search("nowhere", false)
	v.GoTo(100_000)
	v.kept.retest()
	v.kept.research()
	steps := 0
	for !v.Work(0) {
		steps++
		if p := v.kept.parts[s.chunkOf(100_000)]; steps == 1 && p.tested == 0 {
			t.Error("the work does not begin at the view's place")
		}
	}
	if steps < 200 {
		t.Errorf("200,000 lines took %d steps", steps)
	}
}

func TestAStoreIsAppendedToWhileItIsRead(t *testing.T) {
	s := NewStore(Limits{Lines: 5000})
	v := NewView(s)
	v.SetSize(80, 20)
	f, _ := ParseFilter("level>=warn")
	v.SetFilter(f)
	var wg sync.WaitGroup
	wg.Go(func() {
		r := rand.New(rand.NewPCG(3, 4))
		for range 200 {
			s.Append(randomEntries(r, 100)...)
		}
	})
	wg.Go(func() {
		for s.Counts().Next < 20_000 {
			if err := s.Export(context.Background(), io.Discard, ExportOptions{Filter: f}); err != nil {
				t.Error(err)
			}
			s.Tail("web", 10)
			s.Services()
		}
	})
	for s.Counts().Next < 20_000 {
		checkFrame(t, v, "a flood")
		v.Scroll(-3, 0)
		v.Work(time.Millisecond)
		_ = v.Search("x", false)
		v.Next()
		v.Status()
	}
	wg.Wait()
	for !v.Work(time.Second) {
	}
	v.Bottom()
	if got := screen(v); len(got) != 20 || strings.TrimSpace(got[0]) == "" {
		t.Errorf("shows %q", got)
	}
}

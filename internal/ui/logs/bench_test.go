package logs

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// benchLine is a line of about 100 bytes.
func benchLine(i int) string {
	switch i % 10 {
	case 0:
		return fmt.Sprintf("2026-03-01T12:00:00.000Z ERROR request %08d failed: connect ECONNREFUSED 10.0.0.7:5432 retry in 500 ms", i)
	case 1:
		return fmt.Sprintf("\x1b[0mPOST /api/sessions/%08d \x1b[32m201\x1b[0m 12.114 ms - 1289 \"curl/8.0\" \"-\" and some text behind", i)
	}
	return fmt.Sprintf("GET /api/users/%08d 200 3.114 ms - 1289 \"Mozilla/5.0 (X11; Linux x86_64)\" \"-\" keep-alive worker-%02d", i, i%16)
}

func benchJSON(i int) string {
	return fmt.Sprintf(`{"level":%d,"time":%d,"pid":7,"hostname":"c0ffee","req":{"method":"GET","url":"/api/%d"},"res":{"statusCode":%d},"msg":"done"}`, 10*(1+i%6), 1772366651000+i, i, 200+i%400)
}

// million is a store of a million lines. The limit of text is out of the way.
func million(line func(int) string) *Store {
	s := NewStore(Limits{Bytes: 1 << 30})
	batch := make([]Entry, 0, 1000)
	for i := range 1_000_000 {
		batch = append(batch, Entry{Time: noon.Add(time.Duration(i) * time.Millisecond), Service: []string{"web", "api", "db"}[i%3], Text: line(i)})
		if len(batch) == cap(batch) {
			s.Append(batch...)
			batch = batch[:0]
		}
	}
	return s
}

func BenchmarkAppend(b *testing.B) {
	const n = 100_000
	batch := make([]Entry, n)
	for i := range batch {
		batch[i] = Entry{Time: noon.Add(time.Duration(i) * 10 * time.Microsecond), Service: "web", Text: benchLine(i)}
	}
	s := NewStore(Limits{})
	b.ReportAllocs()
	for b.Loop() {
		for from := 0; from < n; from += 1000 {
			s.Append(batch[from : from+1000]...)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "lines/s")
}

func BenchmarkMemoryOfAMillionLines(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := million(benchLine)
		v := NewView(s)
		v.SetSize(120, 40)
		v.Work(time.Minute)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
		b.ReportMetric(float64(s.Counts().Bytes)/1e6, "MB-text")
		runtime.KeepAlive(v)
	}
}

func BenchmarkSearchAMillionLines(b *testing.B) {
	v := NewView(million(benchLine))
	v.SetSize(120, 40)
	v.Work(time.Minute)
	for _, search := range []struct {
		text  string
		regex bool
	}{
		{"econnrefused", false},
		{"ECONNREFUSED", false},
		{"users/00999", false},
		{"e", false},
		{"nowhere", false},
		{`failed: .* retry in \d+`, true},
		{`worker-1[0-5]$`, true},
		{`\d{3} 1[0-9]\.\d+ ms`, true},
		{"zürich", false},
	} {
		b.Run(strings.ReplaceAll(search.text, "/", "|"), func(b *testing.B) {
			for b.Loop() {
				_ = v.Search(search.text, search.regex)
				v.Work(time.Minute)
			}
			b.ReportMetric(float64(v.Status().Matches), "matches")
			b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/search")
		})
	}
}

func BenchmarkFilterAMillionLines(b *testing.B) {
	for _, kind := range []struct {
		name    string
		line    func(int) string
		filters []string
	}{
		{"text", benchLine, []string{"econnrefused", "service:web", "level>=warn", "-get level>=error", `/retry in \d+/`}},
		{"JSON", benchJSON, []string{"done", "level>=warn", "res.statusCode>=500", "req.url~/api/99", `"INFO done"`}},
	} {
		v := NewView(million(kind.line))
		v.SetSize(120, 40)
		for _, text := range kind.filters {
			f, err := ParseFilter(text)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(kind.name+"|"+strings.ReplaceAll(text, "/", "|"), func(b *testing.B) {
				for b.Loop() {
					v.SetFilter(f)
					v.Work(time.Minute)
				}
				b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/filter")
			})
		}
	}
}

func BenchmarkFrameOfAMillionLines(b *testing.B) {
	for _, kind := range []struct {
		name string
		line func(int) string
	}{{"text", benchLine}, {"JSON", benchJSON}} {
		v := NewView(million(kind.line))
		v.SetSize(200, 60)
		v.SetOptions(Options{Wrap: true, Times: true, ServiceWidth: 8})
		_ = v.Search("done", false)
		v.Work(time.Minute)
		b.Run(kind.name+"/following a flood", func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				for n := range 100 {
					v.store.Append(Entry{Time: noon, Service: "web", Text: kind.line(i + n)})
				}
				v.Rows()
				v.Status()
			}
		})
		b.Run(kind.name+"/scrolling", func(b *testing.B) {
			v.GoTo(500_000)
			for i := 0; b.Loop(); i++ {
				v.Scroll(1-i%40/20*2, 0)
				v.Rows()
				v.Status()
			}
		})
	}
}

func BenchmarkFrameOfLongLines(b *testing.B) {
	s := NewStore(Limits{})
	for _, unit := range []string{"x", "日本語", "\x1b[31ma\x1b[32mb", "\t", "👩‍💻"} {
		for range 20 {
			s.Append(Entry{Service: "web", Text: strings.Repeat(unit, 10<<20/len(unit))})
		}
	}
	for _, wrap := range []bool{false, true} {
		v := NewView(s)
		v.SetSize(200, 60)
		v.SetOptions(Options{Wrap: wrap})
		v.Work(time.Minute)
		b.Run(fmt.Sprintf("wrap=%v", wrap), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				v.relay() // nothing was laid out yet
				v.Scroll(-1, 0)
				v.Rows()
			}
		})
	}
}

// BenchmarkCalls goes through what a user does with a million lines of
// JSON, and tells how long each call took, in the median. The budget of Work is
// 8 ms.
func BenchmarkCalls(b *testing.B) {
	v := NewView(million(benchJSON))
	v.SetSize(200, 60)
	v.SetOptions(Options{Wrap: true, Times: true, ServiceWidth: 8})
	f, err := ParseFilter(`res.statusCode>=300 "done"`)
	if err != nil {
		b.Fatal(err)
	}
	calls := []struct {
		name string
		call func()
	}{
		{"SetFilter", func() { v.SetFilter(f) }},
		{"Search", func() { _ = v.Search(`[02468]{3}\D`, true) }},
		{"Next", func() { v.Next() }},
		{"Rows", func() { v.Rows() }},
		{"Status", func() { v.Status() }},
		{"Top", v.Top},
		{"Prev", func() { v.Prev() }},
		{"Rows", func() { v.Rows() }},
		{"GoTo", func() { v.GoTo(500_000) }},
		{"Page", func() { v.Page(3) }},
		{"Work", func() { v.Work(8 * time.Millisecond) }},
		{"Search for nothing", func() { _ = v.Search("nowhere", false) }},
		{"Next to nothing", func() { v.Next() }},
		{"Bottom", v.Bottom},
	}
	took := map[string][]time.Duration{}
	for b.Loop() {
		for _, c := range calls {
			start := time.Now()
			c.call()
			took[c.name] = append(took[c.name], time.Since(start))
		}
	}
	for name, all := range took {
		slices.Sort(all)
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, strings.ReplaceAll(name, " ", "-")+"-ms")
	}
}

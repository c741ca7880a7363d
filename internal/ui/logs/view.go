package logs

import "time"

// Options say how lines are shown.
type Options struct {
	// Wrap shows long lines on several rows; otherwise they are cut, and shown
	// from the column that View.Scroll moved to.
	Wrap bool
	// Times puts the time at which a line was printed in front of it.
	Times bool
	// Raw shows JSON as it came; otherwise as readable lines.
	Raw bool
	// ServiceWidth is the width of the column of service names, 0 for none.
	ServiceWidth int
	// Zone is the zone of all times that are shown; nil is UTC.
	Zone *time.Location
	// Root is the folder of the container that the project's is mounted at, by
	// default /app. Files below it are shown as places in the project.
	Root string
	// ASCII uses no marks beyond ASCII. The lines themselves are not changed.
	ASCII bool
}

// View is a window on a store: what it filters, where it is, what it searches.
// It is for one goroutine; the store may be appended to in another meanwhile.
type View struct {
	store         *Store
	kept          kept
	width, height int
	opts          Options

	follow bool
	top    Seq // the entry at the top, where the view does not follow
	part   int // the row of it that is at the top
	column int // the first column that is shown, where lines are cut

	current Seq // the line that Next or Prev went to
	has     bool
	laid    map[Seq][]Row // entries that were laid out; see rows
}

// The budgets of calls that go on with the work without being asked to: little
// enough not to be noticed, and much for what usually came in between.
const (
	frameBudget  = 3 * time.Millisecond
	changeBudget = 6 * time.Millisecond
)

// NewView makes a view that follows the newest line.
func NewView(s *Store) *View {
	return &View{store: s, kept: kept{t: tester{s: s}}, follow: true, laid: map[Seq][]Row{}}
}

// SetSize says how many cells and rows there are. Anything below 0 is 0.
func (v *View) SetSize(width, height int) {
	width, height = max(0, width), max(0, height)
	if width != v.width {
		v.relay()
	}
	v.width, v.height = width, height
}

// SetOptions changes how lines are shown. The line at the top stays there.
func (v *View) SetOptions(o Options) {
	v.opts = o
	if o.Wrap {
		v.column = 0
	}
	v.relay()
}

// Options are those that were set.
func (v *View) Options() Options { return v.opts }

// relay forgets how entries were laid out.
func (v *View) relay() { clear(v.laid) }

// SetFilter shows what the filter keeps, of the services that are named; of
// all, where none is. Separators are shown for those services whatever else the
// filter asks for. The line at the top, or its nearest neighbour that is kept,
// stays there.
func (v *View) SetFilter(f *Filter, services ...string) {
	v.lock()
	defer v.store.mu.Unlock()
	v.kept.t.filter, v.kept.t.services = f, services
	v.kept.retest()
	v.work(changeBudget)
}

// lock locks the store and takes in what changed in it.
func (v *View) lock() {
	v.store.mu.Lock()
	v.kept.sync()
}

func (v *View) work(budget time.Duration) bool {
	return v.kept.work(v.top, v.follow, time.Now().Add(budget))
}

// Work goes on with filtering and searching for about as long as budget. It
// reports true when all entries were looked at. Entries that were not are not
// shown and not counted yet; those around the view's place come first. The
// store is locked meanwhile.
func (v *View) Work(budget time.Duration) (done bool) {
	v.lock()
	defer v.store.mu.Unlock()
	return v.work(budget)
}

// Following tells whether the view follows the newest lines.
func (v *View) Following() bool { return v.follow }

// Status is where a view is.
type Status struct {
	// Held and Kept are lines of output in the store, and those of them that the
	// filter keeps.
	Held, Kept int
	// Dropped are lines that the store let go of.
	Dropped int
	// Percent is how much of what is kept is above the view's last row, 100 at the
	// end.
	Percent   int
	Following bool
	// Above and Below are how many kept entries begin outside of the view.
	Above, Below int
	// Matches is how many kept lines the search found, Match which of them Next
	// or Prev went to, from 1; 0 for none.
	Matches, Match int
	// Pending is true where Work has something left: the counts still change.
	Pending bool
}

// Status tells where the view is.
func (v *View) Status() Status {
	v.lock()
	defer v.store.mu.Unlock()
	pending := !v.work(frameBudget)
	s := Status{Held: v.store.outputs, Dropped: v.store.dropped, Following: v.follow, Pending: pending, Percent: 100}
	for _, p := range v.kept.parts {
		s.Kept += p.lines
	}
	entries, matches := v.kept.before(v.store.next)
	s.Matches = matches
	if v.has && v.kept.isMatch(v.current) {
		_, above := v.kept.before(v.current)
		s.Match = above + 1
	}
	rows := v.visible()
	if len(rows) == 0 {
		return s
	}
	s.Above, _ = v.kept.before(rows[0].Seq)
	last, _ := v.kept.before(rows[len(rows)-1].Seq + 1)
	s.Below = entries - last
	if entries > 0 && s.Below > 0 {
		s.Percent = int(int64(last) * 100 / int64(entries))
	}
	return s
}

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
	width, height int
	opts          Options
	follow        bool
}

// NewView makes a view that follows the newest line.
func NewView(s *Store) *View { return &View{store: s, follow: true} }

// SetSize says how many cells and rows there are. Anything below 0 is 0.
func (v *View) SetSize(width, height int) { v.width, v.height = max(0, width), max(0, height) }

// SetOptions changes how lines are shown. The line at the top stays there.
func (v *View) SetOptions(o Options) { v.opts = o }

// Options are those that were set.
func (v *View) Options() Options { return v.opts }

// SetFilter shows what the filter keeps, of the services that are named; of
// all, where none is. Separators are shown for those services whatever else the
// filter asks for. The line at the top, or its nearest neighbour that is kept,
// stays there.
func (v *View) SetFilter(_ *Filter, _ ...string) {}

// Work goes on with filtering and searching for about as long as budget. It
// reports true when all entries were looked at. Entries that were not are not
// shown and not counted yet; those around the view's place come first.
func (v *View) Work(_ time.Duration) (done bool) { return true }

// Rows are the visible rows, at most as many as the view is high.
func (v *View) Rows() []Row { return nil }

// Follow shows the newest lines as they come, or stays where the view is.
func (v *View) Follow(on bool) { v.follow = on }

// Following tells whether the view follows the newest lines.
func (v *View) Following() bool { return v.follow }

// Scroll moves by rows, down where rows is above 0. At the end the view follows
// again. Where lines are cut, columns moves to the right.
func (v *View) Scroll(_, _ int) {}

// Page moves by pages, less one row.
func (v *View) Page(_ int) {}

// Top goes to the oldest entry that is kept.
func (v *View) Top() {}

// Bottom goes to the newest entry and follows.
func (v *View) Bottom() { v.follow = true }

// GoTo puts an entry at the middle of the view; where it is not kept or not
// held, its nearest neighbour.
func (v *View) GoTo(_ Seq) {}

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
func (v *View) Status() Status { return Status{} }

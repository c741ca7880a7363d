package logs

// Search marks a text, or with regex a regular expression, and finds the lines
// that have it. Upper and lower case are the same where the text is all lower
// case. It looks at what is shown. An empty text ends the search. The error is a
// *FilterError.
func (v *View) Search(_ string, _ bool) error { return nil }

// Next goes to the next line that has what is searched for, below the current
// one or from the view's place, and on from the top. It reports false where
// there is none.
func (v *View) Next() bool { return false }

// Prev is Next upwards.
func (v *View) Prev() bool { return false }

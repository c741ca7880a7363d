package logs

// Filter decides which entries are kept. Its language is described in
// docs/logs.md. The nil Filter keeps everything.
type Filter struct {
	source string
}

// FilterError says what is wrong with a filter, and where.
type FilterError struct {
	// Begin and End are the bytes of the text that it is about.
	Begin, End int
	Problem    string
}

func (e *FilterError) Error() string { return e.Problem }

// ParseFilter reads a filter. An empty one, which keeps everything, is nil. The
// error is a *FilterError.
func ParseFilter(text string) (*Filter, error) {
	if text == "" {
		return nil, nil
	}
	return &Filter{source: text}, nil
}

// String is the text that the filter was read from.
func (f *Filter) String() string {
	if f == nil {
		return ""
	}
	return f.source
}

package logs

// Role says what a piece of text means, so that its style can be chosen.
type Role uint8

// The roles of text on a row.
const (
	RoleText      Role = iota
	RoleTime           // the time in front of a line
	RoleService        // the service's name in front of a line
	RoleBar            // what stands between the name and the line
	RoleTrace          // level words, by their level
	RoleDebug          //
	RoleInfo           //
	RoleWarn           //
	RoleError          //
	RoleFatal          //
	RoleKey            // a field's name and its `=`
	RoleValue          // a field's value
	RoleStack          // a frame of a stack trace
	RoleFile           // a file and line; Span.File has them
	RoleSeparator      // a restart
	RoleTrouble        // a crash
	RoleMore           // the mark where a line is cut
)

// Match tells whether a piece of text was searched for.
type Match uint8

// What a piece of text has to do with the search.
const (
	NoMatch Match = iota
	Matched
	Current // it is on the line that Next or Prev went to
)

// Span is a piece of text of one meaning. It has no control characters.
type Span struct {
	Text  string
	Role  Role
	Match Match
	// SGR are the parameters of the colours that the app gave the text, such as
	// "1;38;5;208", in the canonical form of package term. It is often empty.
	SGR string
	// File is the place in the project that the text names, if it names one.
	File *Location
}

// Row is one row of the view, at most as wide as the view.
type Row struct {
	Seq Seq // the entry that it shows
	// Part counts the rows of an entry from 0.
	Part int
	Kind Kind
	// Service is an index of Store.Services.
	Service int
	// Current marks the entry that Next or Prev went to.
	Current bool
	Spans   []Span
}

// Text is the row's text without its meaning.
func (r Row) Text() string {
	var n int
	for _, s := range r.Spans {
		n += len(s.Text)
	}
	text := make([]byte, 0, n)
	for _, s := range r.Spans {
		text = append(text, s.Text...)
	}
	return string(text)
}

// Location is a place in a file of the project.
type Location struct {
	Path string // relative to the project's folder, with forward slashes
	Line int
	Col  int // 0 where it is not known
}

package ui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// dialog is what lies over the screen and gets the keys first.
type dialog interface {
	// key takes a key. It reports true when the dialog is to be closed.
	key(m *root, k tea.KeyPressMsg) (closed bool, cmd tea.Cmd)
	// wheel scrolls.
	wheel(by int)
	// view returns the size that it would like, at most w x h, and its rows.
	view(s *styles, w, h int) (box, []string, int)
}

// choice is one entry of a list.
type choice struct {
	text, detail string
	group        string
	do           func(*root) tea.Cmd
}

// list is a dialog to choose by typing.
type list struct {
	title   string
	input   textinput.Model
	typed   bool
	choices []choice
	shown   []choice
	at      int
	first   int
}

func newList(title, prompt string, choices []choice) *list {
	in := newInput(prompt)
	l := &list{title: title, input: in, choices: choices, typed: true}
	l.filter()
	return l
}

// newInput is a line to type in, with the terminal's own cursor.
func newInput(prompt string) textinput.Model {
	in := textinput.New()
	in.Prompt = prompt
	in.SetVirtualCursor(false)
	const most = 400
	in.CharLimit = most
	in.Focus()
	return in
}

func (l *list) filter() {
	l.shown = match(l.choices, l.input.Value())
	l.at = min(l.at, max(0, len(l.shown)-1))
}

func (l *list) key(m *root, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch k.String() {
	case "esc":
		return true, nil
	case "enter":
		if len(l.shown) == 0 {
			return true, nil
		}
		// The dialog is closed first: what is chosen may open another.
		m.dialogs = m.dialogs[:len(m.dialogs)-1]
		return false, l.shown[l.at].do(m)
	case "up", "ctrl+p", "shift+tab":
		l.wheel(-1)
	case "down", "ctrl+n", "tab":
		l.wheel(1)
	case "pgup":
		l.wheel(-10)
	case "pgdown":
		l.wheel(10)
	default:
		l.edit(k)
	}
	return false, nil
}

// edit passes a key or a paste on to the line to type in.
func (l *list) edit(msg tea.Msg) {
	before := l.input.Value()
	l.input, _ = l.input.Update(msg)
	if l.input.Value() != before {
		l.at = 0
		l.filter()
	}
}

func (l *list) wheel(by int) { l.at = max(0, min(len(l.shown)-1, l.at+by)) }

func (l *list) view(s *styles, w, h int) (box, []string, int) {
	const most, widest = 18, 76
	w = min(w, widest)
	typed, _ := s.typed(l.input, w-2-s.width(l.input.Prompt))
	rows := []string{" " + s.input.Render(l.input.Prompt) + s.plain.Render(typed), ""}
	room := max(1, min(h-2, most, len(l.choices)))
	l.first = max(min(l.first, l.at), l.at-room+1)
	for i := l.first; i < min(len(l.shown), l.first+room); i++ {
		c := l.shown[i]
		mark, style := "  ", s.plain
		if i == l.at {
			mark, style = s.borderActive.Render("▌")+" ", s.selected
		}
		detail := s.faint.Render(c.detail + " ")
		const roomy = 50
		if c.group != "" && w < roomy {
			detail = s.key.Render(c.detail + " ")
		} else if l.typed && c.group != "" {
			detail = s.faint.Render(c.group+"  ") + s.key.Render(c.detail+" ")
		}
		rows = append(rows, s.between(mark+style.Render(s.cut(c.text, w-s.width(detail)-4)), detail, w))
	}
	if len(l.shown) == 0 {
		rows = append(rows, s.faint.Render("  nothing fits"))
	}
	for len(rows) < room+2 {
		rows = append(rows, "")
	}
	return box{title: s.title.Render(l.title), active: true}, rows, w
}

// sheet is a dialog with text to read.
type sheet struct {
	title string
	rows  func(s *styles, w int) []string
	first int
	page  int
	total int
}

func (d *sheet) key(_ *root, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch k.String() {
	case "up", "k":
		d.first--
	case "down", "j":
		d.first++
	case "pgup", "ctrl+u":
		d.first -= d.page
	case "pgdown", "ctrl+d", "space":
		d.first += d.page
	case "home", "g":
		d.first = 0
	case "end", "G":
		d.first = d.total
	default:
		return true, nil
	}
	return false, nil
}

func (d *sheet) wheel(by int) { d.first += by }

func (d *sheet) view(s *styles, w, h int) (box, []string, int) {
	const widest = 92
	w = min(w, widest)
	rows := d.rows(s, w)
	d.total, d.page = len(rows), max(1, h-1)
	d.first = max(0, min(d.first, len(rows)-h))
	right := ""
	if len(rows) > h {
		right = s.faint.Render(itoa(min(d.first+h, len(rows))) + "/" + itoa(len(rows)))
	}
	return box{title: s.title.Render(d.title), right: right, active: true}, rows[d.first:min(len(rows), d.first+h)], w
}

// question is a dialog with a few answers, each with its key.
type question struct {
	title   string
	text    []string
	answers []answer
	at      int
}

type answer struct {
	key, text string
	do        func(*root) tea.Cmd
}

func (d *question) key(m *root, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch k.String() {
	case "esc":
		return true, nil
	case "up", "k", "shift+tab":
		d.at = max(0, d.at-1)
		return false, nil
	case "down", "j", "tab":
		d.at = min(len(d.answers)-1, d.at+1)
		return false, nil
	}
	for i, a := range d.answers {
		if k.String() == a.key || k.String() == "enter" && i == d.at {
			m.dialogs = m.dialogs[:len(m.dialogs)-1]
			return false, a.do(m)
		}
	}
	return false, nil
}

func (d *question) wheel(int) {}

func (d *question) view(s *styles, w, _ int) (box, []string, int) {
	const widest = 58
	w = min(w, widest)
	var rows []string
	for _, t := range d.text {
		rows = append(rows, " "+s.quiet.Render(t))
	}
	rows = append(rows, "")
	for i, a := range d.answers {
		mark, style := "  ", s.plain
		if i == d.at {
			mark, style = s.borderActive.Render("▌")+" ", s.selected
		}
		rows = append(rows, mark+s.key.Render(a.key)+"  "+style.Render(a.text))
	}
	return box{title: s.title.Render(d.title), active: true}, rows, w
}

// match picks the choices that a typed text fits, best first: its letters have
// to come in order, and those that begin a word or follow one another count more.
func match(choices []choice, typed string) []choice {
	typed = strings.ToLower(strings.TrimSpace(typed))
	if typed == "" {
		return choices
	}
	type scored struct {
		choice
		score int
	}
	var found []scored
	for _, c := range choices {
		if n, ok := fuzzy(strings.ToLower(c.text), typed); ok {
			found = append(found, scored{c, n})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return b.score - a.score })
	out := make([]choice, 0, len(found))
	for _, f := range found {
		// Where the text is there as it was typed, single letters of others are noise.
		if f.score < whole && found[0].score >= whole {
			break
		}
		out = append(out, f.choice)
	}
	return out
}

// whole is the score of a text that is there as it was typed.
const whole = 1000

// fuzzy scores how well a typed text fits into another one; both in lower case.
func fuzzy(text, typed string) (score int, ok bool) {
	const start, adjacent = 8, 5
	if i := strings.Index(text, typed); i >= 0 {
		score = 2*whole - min(i, whole)
		if i == 0 || text[i-1] == ' ' {
			score += whole
		}
		return score, true
	}
	at := -2
	runes := []rune(text)
	i := 0
	for _, r := range typed {
		if r == ' ' {
			continue
		}
		for i < len(runes) && runes[i] != r {
			i++
		}
		if i == len(runes) {
			return 0, false
		}
		score++
		if i == 0 || runes[i-1] == ' ' {
			score += start
		}
		if i == at+1 {
			score += adjacent
		}
		at = i
		i++
	}
	return score, true
}

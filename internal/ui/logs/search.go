package logs

// Search marks a text, or with regex a regular expression, and finds the lines
// that have it, as they came or as they are shown. Upper and lower case are the
// same where the text is all lower case. The view stays where it is. An empty
// text ends the search. The error is a *FilterError.
func (v *View) Search(text string, regex bool) error {
	var p *pattern
	if text != "" {
		p = textPattern(text)
	}
	if text != "" && regex {
		var err error
		if p, err = regexPattern(text); err != nil {
			return regexError(err, 0, len(text))
		}
	}
	v.lock()
	defer v.store.mu.Unlock()
	v.kept.pattern, v.has = p, false
	v.kept.research()
	v.relay()
	v.work(changeBudget)
	return nil
}

// Searching tells whether there is a search.
func (v *View) Searching() bool { return v.kept.pattern != nil }

// Next goes to the next line that has what is searched for, below the current
// one or from the top of the view on, and on from the oldest line. It reports
// false where none was found yet.
func (v *View) Next() bool {
	return v.goOn(func(k *kept, from Seq) (Seq, bool) {
		if v.has {
			from++
		}
		seq, ok := k.next(from, true)
		if !ok {
			return k.next(0, true)
		}
		return seq, ok
	})
}

// Prev goes to the line before, above the current one or from the bottom of the
// view up, and on from the newest line.
func (v *View) Prev() bool {
	return v.goOn(func(k *kept, from Seq) (Seq, bool) {
		if v.has {
			from--
		} else if rows := v.visible(); len(rows) > 0 {
			from = rows[len(rows)-1].Seq
		}
		seq, ok := k.prev(from, true)
		if !ok {
			return k.prev(v.store.next, true)
		}
		return seq, ok
	})
}

func (v *View) goOn(step func(k *kept, from Seq) (Seq, bool)) bool {
	v.lock()
	defer v.store.mu.Unlock()
	if v.kept.pattern == nil {
		return false
	}
	v.work(changeBudget)
	at, _ := v.at()
	from := at.seq
	if v.has {
		from = v.current
	}
	seq, ok := step(&v.kept, from)
	if !ok {
		return false
	}
	delete(v.laid, v.current)
	delete(v.laid, seq)
	v.current, v.has = seq, true
	v.show(seq)
	return true
}

// maxMarked is how many matches of one line are marked.
const maxMarked = 1000

// markMatches marks what is searched for. Where the current entry only has it as
// it came, all of its first line is marked.
func (v *View) markMatches(lines []shown, current bool) {
	p := v.kept.pattern
	if p == nil {
		return
	}
	kind := Matched
	if current {
		kind = Current
	}
	marked := false
	for i := range lines {
		for _, loc := range p.all([]byte(lines[i].text), maxMarked) {
			lines[i].matches = append(lines[i].matches, run[Match]{loc[0], loc[1], kind})
			marked = true
		}
	}
	if current && !marked {
		lines[0].matches = []run[Match]{{0, len(lines[0].text), kind}}
	}
}

package ui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/devbox-node/devbox/internal/session"
)

// action is one thing that can be done. The table of actions is the key map:
// keys, hints, help, command palette and the table in the documentation are all
// made from it.
type action struct {
	binding key.Binding
	group   string
	// hint is the word for the line at the bottom; empty leaves it out of there.
	hint string
	// when says whether it makes sense now; nil means always.
	when func(*root) bool
	do   func(*root) tea.Cmd // nil where the keys are seen to elsewhere
}

// title is what the action does, in words.
func (a action) title() string { return a.binding.Help().Desc }

// keys are how its keys are written for people.
func (a action) keys() string { return a.binding.Help().Key }

func bind(title string, keys ...string) key.Binding {
	shown := make([]string, len(keys))
	for i, k := range keys {
		shown[i] = keyName(k)
	}
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(strings.Join(shown, " "), title))
}

// keyName writes a key for people.
func keyName(k string) string {
	names := map[string]string{"up": "↑", "down": "↓", "left": "←", "right": "→", "pgup": "PgUp", "pgdown": "PgDn", "home": "Home", "end": "End", "enter": "Enter", "esc": "Esc", "tab": "Tab", "shift+tab": "Shift-Tab", "space": "Space"}
	if n, ok := names[k]; ok {
		return n
	}
	if rest, ok := strings.CutPrefix(k, "ctrl+"); ok {
		return "Ctrl-" + strings.ToUpper(rest)
	}
	return k
}

const (
	groupServices = "Services"
	groupLogs     = "Logs"
	groupProject  = "Project"
	groupScreen   = "Screen"
)

// allActions are the actions in the order in which help shows them.
func allActions(panels []Panel) []action {
	return slices.Concat(serviceActions(), logActions(), panelActions(panels), projectActions(), screenActions())
}

func hasService(m *root) bool { return m.selected() != nil }

func serviceActions() []action {
	return []action{
		{bind("restart the selected service", "r"), groupServices, "restart", hasService, wishSelected(session.WishRestart, "restarting")},
		{bind("restart all services", "R"), groupServices, "", nil, wishAll(session.WishRestart, "restarting everything")},
		{bind("rebuild the images", "b"), groupServices, "rebuild", nil, wishAll(session.WishRebuild, "rebuilding")},
		{bind("stop the selected service", "x"), groupServices, "", hasService, wishSelected(session.WishStop, "stopping")},
		{bind("start the selected service", "u"), groupServices, "", hasService, wishSelected(session.WishStart, "starting")},
		{bind("open a shell in a container of the selected service", "s"), groupServices, "shell", hasShell, (*root).shell},
		{bind("run a script of package.json", "p"), groupServices, "", hasShell, (*root).readScripts},
		{bind("open the selected service in the browser", "o"), groupServices, "open", hasURL, (*root).open},
		{bind("show only the selected service's logs, or all", "enter"), groupServices, "", hasService, (*root).soloSelected},
		{bind("show all logs", "0"), groupServices, "", nil, func(m *root) tea.Cmd { m.logs.only(""); return nil }},
	}
}

func logActions() []action {
	return []action{
		{bind("search", "/"), groupLogs, "search", nil, (*root).askSearch},
		{bind("next match", "n"), groupLogs, "", searching, func(m *root) tea.Cmd { m.logs.next(1); return nil }},
		{bind("previous match", "N"), groupLogs, "", searching, func(m *root) tea.Cmd { m.logs.next(-1); return nil }},
		{bind("filter: text, /regex/, level>=warn, stream:, service:, field=", "f"), groupLogs, "filter", nil, (*root).askFilter},
		{bind("lowest level that is shown: all, info, warn, error", "e"), groupLogs, "", nil, (*root).nextLevel},
		{bind("drop search and filter", "F"), groupLogs, "", nil, (*root).dropFilter},
		{bind("follow the newest lines", "G", "end"), groupLogs, "", nil, func(m *root) tea.Cmd { m.logs.bottom(); return nil }},
		{bind("go to the oldest line", "g", "home"), groupLogs, "", nil, func(m *root) tea.Cmd { m.logs.top(); return nil }},
		{bind("scroll a page up", "pgup", "ctrl+u"), groupLogs, "", nil, func(m *root) tea.Cmd { m.logs.page(-1); return nil }},
		{bind("scroll a page down", "pgdown", "ctrl+d", "space"), groupLogs, "", nil, func(m *root) tea.Cmd { m.logs.page(1); return nil }},
		{bind("move along lines that are cut", "left", "right"), groupLogs, "", nil, nil},
		{bind("timestamps", "t"), groupLogs, "", nil, func(m *root) tea.Cmd { m.say(m.logs.toggleTimes()); return nil }},
		{bind("wrap long lines, or cut them", "w"), groupLogs, "", nil, func(m *root) tea.Cmd { m.say(m.logs.toggleWrap()); return nil }},
		{bind("JSON as it was printed, or readable", "J"), groupLogs, "", nil, func(m *root) tea.Cmd { m.say(m.logs.toggleRaw()); return nil }},
		{bind("copy the visible lines", "y"), groupLogs, "", nil, (*root).copyVisible},
		{bind("write the shown lines to a file", "E"), groupLogs, "", canExport, (*root).export},
		{bind("clear the screen of lines", "c"), groupLogs, "", nil, func(m *root) tea.Cmd { m.logs.clear(); return nil }},
	}
}

func projectActions() []action {
	list := []action{
		{bind("leave it running and quit", "D"), groupProject, "", nil, (*root).detach},
		{bind("quit: asks once what that means", "q"), groupProject, "quit", nil, (*root).quit},
		{bind("ask again what q means", ""), groupProject, "", func(m *root) bool { return m.prefs.Quit != "" }, (*root).forgetQuit},
		{bind("stop the environment; a second time, at once", "ctrl+c"), groupProject, "", nil, (*root).interrupt},
	}
	return list
}

func screenActions() []action {
	return []action{
		{bind("next pane", "tab"), groupScreen, "", nil, func(m *root) tea.Cmd { m.turnFocus(1); return nil }},
		{bind("previous pane", "shift+tab"), groupScreen, "", nil, func(m *root) tea.Cmd { m.turnFocus(-1); return nil }},
		{bind("up in the pane that has the focus", "up", "k"), groupScreen, "", nil, func(m *root) tea.Cmd { m.move(-1); return nil }},
		{bind("down in the pane that has the focus", "down", "j"), groupScreen, "", nil, func(m *root) tea.Cmd { m.move(1); return nil }},
		{bind("logs on the whole screen, or not", "z"), groupScreen, "", nil, func(m *root) tea.Cmd { m.zoom = !m.zoom; return nil }},
		{bind("leave the mouse to the terminal, to select text", "m"), groupScreen, "", nil, (*root).toggleMouse},
		{bind("close what is open, drop a search, dismiss a problem", "esc"), groupScreen, "", nil, (*root).escape},
		{bind("all commands, by typing", ":", "ctrl+p"), groupScreen, "commands", nil, (*root).openPalette},
		{bind("this help", "?", "f1"), groupScreen, "help", nil, (*root).openHelp},
		{bind("suspend; `fg` comes back", "ctrl+z"), groupScreen, "", nil, (*root).suspend},
	}
}

// panelActions are for what cmd wires in: lock status, volumes and so on.
func panelActions(list []Panel) []action {
	var out []action
	for _, p := range list {
		out = append(out, action{bind(p.Title, p.Key), groupProject, p.Hint, nil, func(m *root) tea.Cmd { return m.openPanel(p) }})
	}
	return out
}

func wishSelected(w session.Wish, doing string) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd {
		name := m.selected().Name
		m.wish(session.Intent{Wish: w, Services: []string{name}}, doing+" "+name)
		return nil
	}
}

func wishAll(w session.Wish, doing string) func(*root) tea.Cmd {
	return func(m *root) tea.Cmd {
		m.wish(session.Intent{Wish: w}, doing)
		return nil
	}
}

func hasURL(m *root) bool    { s := m.selected(); return s != nil && s.URL != "" }
func hasShell(m *root) bool  { return hasService(m) && m.selected().Node != "" && m.opts.Aside != nil }
func searching(m *root) bool { return m.logs.searching() }
func canExport(m *root) bool { return m.opts.Export != nil }

// find is the action of a key, if it makes sense now.
func (m *root) find(k tea.KeyPressMsg) (action, bool) {
	for _, a := range m.actions {
		if key.Matches(k, a.binding) {
			return a, a.do != nil && (a.when == nil || a.when(m))
		}
	}
	return action{}, false
}

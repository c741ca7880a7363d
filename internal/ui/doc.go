// Package ui is the dashboard: one screen for a project's whole environment. It
// shows a session's events and sends intents, and knows no Docker. The root
// model routes messages and lays out; panes are plain structs that take typed
// calls and return rows of text; one table of actions is key map, help and
// command palette at once. Update never waits: what takes time runs in commands
// or beside the program and comes back as a message.
package ui

package project

// plain is the command of a task that does no more than start an app with node, as it
// runs at the top of the workspace. Nx takes in no edits for such a task: devbox does
// that for the command. still is a task that takes in none either and that a command
// cannot stand for.
func (t nxTarget) plain() (command Command, still bool) {
	switch t.executor() {
	case "", "run-commands":
	default:
		watches, said := t.Options["watch"].(bool)
		return nil, t.ofNx() && said && !watches
	}
	command, err := ParseCommand(t.command())
	if err != nil {
		return nil, false
	}
	style := DevStyleOf(command, nil)
	if style.Entry == "" || style.Reloads != "" {
		return nil, false
	}
	if command.IsShell() || len(t.DependsOn) > 0 || !t.onlyCommand() {
		return nil, true
	}
	return command, false
}

// onlyCommand tells whether nothing but the command is set for a task that runs one: no
// other folder, environment or arguments.
func (t nxTarget) onlyCommand() bool {
	for name := range t.Options {
		if name != "command" {
			return false
		}
	}
	return len(t.Configurations[t.DefaultConfiguration]) == 0
}

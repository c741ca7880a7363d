package project

import (
	"regexp"
	"slices"
	"strings"
)

// fromText is a command as another tool's file has it, in the way that devbox
// runs it: a script's own words in place of the package manager, no restarter,
// no install before it.
func (c commandFinder) fromText(subject, words string) (Command, []Finding, error) {
	line, err := lexShell(strings.TrimSpace(words))
	if err != nil {
		return nil, nil, err
	}
	if line, err = lexShell(c.withoutInstalls(line)); err != nil {
		return nil, nil, err
	}
	if script, chained := c.chained(line); chained {
		pick, err := c.fromScript(subject, script)
		if err != nil || len(pick.findings) == 0 {
			return pick.command, nil, err
		}
		return pick.command, pick.findings[1:], nil
	}
	pick := commandPick{}
	command, err := ParseCommand(c.plain(subject, line, &pick))
	return command, pick.findings, err
}

// withoutInstalls takes the installs out of a sequence of commands.
func (c commandFinder) withoutInstalls(line shellLine) string {
	commands, ok := line.sequence()
	if line.opaque || !ok || len(commands) < 2 {
		return line.src
	}
	var kept []string
	for i, tokens := range commands {
		if len(tokens) == 0 || i < len(commands)-1 && isInstall(runWords(line, tokens)) {
			continue
		}
		kept = append(kept, line.src[tokens[0].start:tokens[len(tokens)-1].end])
	}
	return strings.Join(kept, " && ")
}

// isInstall tells a command that installs the project's packages.
func isInstall(words []string) bool {
	if len(words) == 0 || !slices.Contains(managerNames, words[0]) {
		return false
	}
	if len(words) == 1 {
		return words[0] == "yarn"
	}
	return slices.Contains([]string{"install", "i", "ci", "--frozen-lockfile", "clean-install"}, words[1])
}

var ownPrograms = regexp.MustCompile(`^(?:\./)?node_modules/\.bin/`)

// fromCommand is fromText for a command in exec form that ran in another folder.
func (c commandFinder) fromCommand(subject string, command Command, workdir string) (Command, []Finding, error) {
	command = withoutInit(command)
	words := command.String()
	if len(command) == 3 && slices.Contains([]string{"sh", "bash", "/bin/sh", "/bin/bash", "ash", "/bin/ash"}, command[0]) && command[1] == "-c" {
		words = withoutExec(command[2])
	}
	if workdir != "" && workdir != "/" {
		words = strings.ReplaceAll(words, workdir+"/", "")
	}
	return c.fromText(subject, ownPrograms.ReplaceAllString(words, ""))
}

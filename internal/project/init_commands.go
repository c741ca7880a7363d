package project

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Scripts of package.json that start an app, the likeliest first.
var (
	devScripts  = []string{"dev", "start:dev", "dev:server", "develop", "development", "serve", "start"}
	prodScripts = []string{"start:prod", "start:production", "prod", "production", "start"}
)

// commandPick is a command of a project and how it was found. There is none
// when command is empty.
type commandPick struct {
	command  Command
	findings []Finding
	// assigned are variables that the script sets before the words of a simple
	// command, env those that it should have beside, NAME=value.
	assigned, words, env []string
	// envFiles are files of variables that the script reads.
	envFiles []string
}

func (c *commandPick) note(subject, note string, warning bool) {
	if note != "" {
		c.findings = append(c.findings, Finding{What: subject, Source: note, Warning: warning})
	}
}

// commandFinder turns scripts into commands.
type commandFinder struct {
	facts   *Facts
	manager string
}

// dev is the command for development: a script, else the file that the app
// starts with.
func (c commandFinder) dev() (commandPick, error) {
	if nx := c.facts.nx(); nx != nil {
		return nx.dev(c), nil
	}
	for _, name := range devScripts {
		if c.script(name) == "" {
			continue
		}
		pick, err := c.fromScript("dev", name)
		if err != nil || !c.isBuilt(pick.command) {
			return pick, err
		}
		return c.beforeBuilt(pick), nil
	}
	if pick, ok := c.fromNodemon(); ok {
		return pick, nil
	}
	return c.fromFile("dev"), nil
}

// prod is the command for production. A script that is a tool of development
// is none: production has no development dependencies.
func (c commandFinder) prod() (commandPick, error) {
	if nx := c.facts.nx(); nx != nil {
		return nx.prod(), nil
	}
	var refused []Finding
	for _, name := range prodScripts {
		if c.script(name) == "" {
			continue
		}
		pick, err := c.fromScript("prod", name)
		if err != nil {
			return pick, err
		}
		tool := c.developmentTool(pick.command)
		if tool == "" {
			return c.withoutTypes(pick), nil
		}
		refused = append(refused, Finding{
			What: "prod", Source: fmt.Sprintf("scripts.%s runs %s, which is there for development only", name, tool),
		})
	}
	pick := c.fromBuild()
	if len(pick.command) == 0 && !c.bundles() {
		pick = c.fromFile("prod")
	}
	pick.findings = append(refused, pick.findings...)
	return pick, nil
}

// withoutTypes lets ts-node run where the declarations of types are not: they are
// development dependencies as a rule, and the check would fail for want of them.
func (c commandFinder) withoutTypes(pick commandPick) commandPick {
	const flag = "--transpile-only"
	words := pick.command
	if words.IsShell() || len(words) == 0 || words[0] != "ts-node" || slices.Contains(words, flag) || slices.Contains(words, "-T") || !c.facts.Package.hasDevTypes() {
		return pick
	}
	pick.command = slices.Insert(slices.Clone(words), 1, flag)
	for i, f := range pick.findings {
		if f.Value == words.String() {
			pick.findings[i].Value = pick.command.String()
		}
	}
	pick.note("prod", flag+" is added, because production has no declarations of types to check against", false)
	return pick
}

// build is the script that builds the app, run through the package manager:
// no signal has to reach it, and its hooks run.
func (c commandFinder) build() commandPick {
	if nx := c.facts.nx(); nx != nil {
		return nx.build()
	}
	script := c.script("build")
	if script == "" {
		return c.compile()
	}
	if buildsImage().MatchString(script) {
		return commandPick{findings: []Finding{{What: "build", Source: "scripts.build is left out, because it builds an image of Docker's"}}}
	}
	command := c.run("build")
	return commandPick{command: command, findings: []Finding{{What: "build", Value: command.String(), Source: "package.json scripts.build"}}}
}

// buildsImage finds a build of Docker's in a script: none runs inside another.
var buildsImage = lazy(`(?:^|[\s;&|])(?:docker|podman|docker-compose)\s+(?:compose\s+|buildx\s+|image\s+)?build\b`)

func (c commandFinder) script(name string) string {
	if c.facts.Package == nil {
		return ""
	}
	return strings.TrimSpace(c.facts.Package.Scripts[name])
}

func (c commandFinder) run(script string) Command { return Command{c.manager, "run", script} }

// fromFile is the command for a project without a script: node with main or
// with one of the usual files.
func (c commandFinder) fromFile(subject string) commandPick {
	file, source := c.facts.Entry.Main, "package.json main"
	if file == "" {
		file, source = c.facts.Entry.File, "the file is there"
	}
	if file == "" || isTyped(file) {
		return commandPick{}
	}
	command := Command{"node", file}
	return commandPick{command: command, findings: []Finding{{What: subject, Value: command.String(), Source: source}}}
}

// fromScript is the command behind a script. Where the script has to be run by
// the package manager, a finding says why.
func (c commandFinder) fromScript(subject, name string) (commandPick, error) {
	pick := commandPick{}
	source := name
	for range len(c.facts.Package.Scripts) {
		if why := c.needsManager(subject, name); why != "" {
			pick.command = c.run(name)
			pick.note(subject, why+"; signals reach the app only through "+c.manager, true)
			break
		}
		line, err := lexShell(strings.Trim(c.script(name), " \t\r\n"))
		if err != nil {
			return pick, scriptError(name, err)
		}
		next, chained := c.chained(line)
		if chained && next != name {
			name = next
			continue
		}
		if pick.command, err = ParseCommand(c.plain(subject, line, &pick)); err != nil {
			return pick, scriptError(name, err)
		}
		break
	}
	if len(pick.command) == 0 { // scripts that call each other in a circle
		pick.command = c.run(name)
	}
	found := Finding{What: subject, Value: pick.command.String(), Source: "package.json scripts." + source}
	pick.findings = append([]Finding{found}, pick.findings...)
	return pick, nil
}

var npmVariable = regexp.MustCompile(`\$\{?npm_`)

func scriptError(name string, err error) error {
	return configError(packageFile, []Problem{{Text: fmt.Sprintf("scripts.%s: %v", name, err)}})
}

// needsManager says why a script cannot be run without the package manager.
func (c commandFinder) needsManager(subject, name string) string {
	for _, hook := range []string{"pre" + name, "post" + name} {
		text := c.script(hook)
		if text == "" || subject == "prod" && c.builds(text) {
			continue // a production image is built before it runs
		}
		return fmt.Sprintf("scripts.%s goes with scripts.%s", hook, name)
	}
	if npmVariable.MatchString(c.script(name)) {
		return fmt.Sprintf("scripts.%s uses variables of npm's", name)
	}
	if setsSecret(c.script(name)) {
		return fmt.Sprintf("scripts.%s has a secret in it, which is not copied", name)
	}
	return ""
}

// setsSecret tells whether a script has a password in it.
func setsSecret(text string) bool {
	if m := dataURL().FindStringSubmatch(text); m != nil && m[3] != "" {
		return true
	}
	return slices.ContainsFunc(strings.Fields(text), func(word string) bool {
		name, value, found := strings.Cut(word, "=")
		return found && value != "" && envWord().FindString(name) == name && envSecret().MatchString(name)
	})
}

// builds tells whether a script does no more than run the build.
func (c commandFinder) builds(text string) bool {
	if text == c.script("build") {
		return true
	}
	line, err := lexShell(text)
	next, chained := c.chained(line)
	return err == nil && chained && next == "build"
}

// fromNodemon is the command that nodemon's settings name where no script does.
func (c commandFinder) fromNodemon() (commandPick, bool) {
	settings := c.facts.Survey.Nodemon
	if settings.Source == "" || settings.Exec == "" && settings.Script == "" {
		return commandPick{}, false
	}
	words, ok := c.underNodemon(nil)
	if !ok {
		return commandPick{}, false
	}
	pick := commandPick{command: words, words: words}
	for _, name := range slices.Sorted(maps.Keys(settings.Env)) {
		if pair := name + "=" + settings.Env[name]; !isSecret(name, settings.Env[name]) && name != "NODE_ENV" {
			pick.env = append(pick.env, pair)
		}
	}
	pick.findings = []Finding{{What: "dev", Value: pick.command.String(), Source: settings.Source}}
	pick.note("dev", leftOut("nodemon"), false)
	return pick, true
}

// chained is the script that a line like `npm run x` runs and does nothing
// else.
func (c commandFinder) chained(line shellLine) (string, bool) {
	words, ok := line.words()
	if !ok || len(words) < 2 || !slices.Contains(managerNames, words[0]) {
		return "", false
	}
	args := slices.DeleteFunc(slices.Clone(words[1:]), func(w string) bool { return w == "--silent" || w == "-s" })
	if len(args) == 2 && (args[0] == "run" || args[0] == "run-script") {
		return args[1], c.script(args[1]) != ""
	}
	// npm start is short for a script; yarn and pnpm take any script's name.
	short := words[0] == "yarn" || words[0] == "pnpm" || len(args) == 1 && args[0] == "start"
	if len(args) == 1 && short {
		return args[0], c.script(args[0]) != ""
	}
	return "", false
}

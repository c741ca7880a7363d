package project

import (
	"slices"
	"strings"
)

// bundles tells whether a bundler runs in development. Then the project's
// files are for a browser, and node cannot run them.
func (c commandFinder) bundles() bool {
	return slices.ContainsFunc(devScripts, func(name string) bool {
		command, err := ParseCommand(c.script(name))
		return err == nil && toolIn(bundlers, programWords(command)) != ""
	})
}

// developmentTool is the program of a command when that has no place in
// production: it restarts or bundles an app, or production does not install it.
func (c commandFinder) developmentTool(command Command) string {
	words := programWords(command)
	if len(words) == 0 {
		return ""
	}
	if tool := toolIn(append(slices.Clone(restartingTools), bundlers...), words); tool != "" {
		return tool
	}
	name := words[0]
	if owner, ok := programs[name]; ok {
		name = owner
	}
	only := func(name string) bool {
		p := c.facts.Package
		return p != nil && p.hasDev(name) && p.Dependencies[name] == ""
	}
	if only(name) {
		return words[0]
	}
	if names := preloads(words); slices.ContainsFunc(names, only) {
		return names[slices.IndexFunc(names, only)]
	}
	return ""
}

// preloads are the packages that node loads before a file: --import tsx.
func preloads(words []string) []string {
	var names []string
	for i := 1; words[0] == "node" && i < scriptAt(words); i++ {
		flag, value, joined := strings.Cut(words[i], "=")
		if !listed("--import -r --require --loader --experimental-loader", flag) {
			continue
		}
		if !joined && i+1 < len(words) {
			i++
			value = words[i]
		}
		parts := strings.SplitN(value, "/", 3)
		name := parts[0]
		if strings.HasPrefix(name, "@") && len(parts) > 1 {
			name += "/" + parts[1]
		}
		names = append(names, name)
	}
	return names
}

// toolIn finds the tool that a command runs: its first word or first two.
func toolIn(tools, words []string) string {
	two := strings.Join(words[:min(2, len(words))], " ")
	i := slices.IndexFunc(tools, func(tool string) bool { return two == tool || len(words) > 0 && words[0] == tool })
	if i < 0 {
		return ""
	}
	return tools[i]
}

// programWords are the words of a command from its first program on.
func programWords(command Command) []string {
	if !command.IsShell() {
		return command
	}
	line, err := lexShell(command[2])
	if err != nil {
		return nil
	}
	var words []string
	for _, t := range line.tokens {
		if !t.operator && !line.assigns(t) && t.text != "exec" {
			words = append(words, t.text)
		}
	}
	return words
}

// Tools of development, by what they do.
var (
	restartingTools = []string{"nodemon", "ts-node-dev", "node-dev", "tsx watch", "nest start", "node --watch"}
	bundlers        = []string{
		"vite", "next dev", "nuxt dev", "nuxi dev", "astro dev", "ng", "react-scripts start", "vue-cli-service serve", "webpack serve",
		"webpack-dev-server", "parcel", "gatsby develop", "remix dev",
	}
)

// programs are the packages that programs of another name belong to.
var programs = map[string]string{
	"ng": "@angular/cli", "nest": "@nestjs/cli", "vue-cli-service": "@vue/cli-service", "tsc": "typescript",
	"remix": "@remix-run/dev", "remix-serve": "@remix-run/serve", "webpack": "webpack-cli", "babel-node": "@babel/node",
}

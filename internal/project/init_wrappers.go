package project

import (
	"path"
	"slices"
	"strings"
)

// unwrap takes off what only sets up another command: npx, the way to a
// program in node_modules, cross-env and env, loaders of .env files, and scripts
// that are such a beginning of a command. What it does not understand stays.
func (c commandFinder) unwrap(subject string, assignments, words []string, pick *commandPick) (set, rest []string) {
	const most = 5 // wrappers in wrappers
	for range most {
		words = directProgram(words)
		inner := words
		switch words[0] {
		case "cross-env", "env":
			added, rest := crossEnv(words[1:])
			if len(rest) == 0 {
				return assignments, words
			}
			assignments, inner = append(assignments, added...), rest
			if words[0] == "cross-env" {
				pick.note(subject, "cross-env is left out, because a shell in Linux sets variables by itself", false)
			}
		case "dotenv", "env-cmd", "dotenvx":
			files, rest, ok := envLoader(words)
			if !ok {
				return assignments, words
			}
			inner = rest
			pick.envFiles = append(pick.envFiles, files...)
			pick.note(subject, words[0]+" is left out, because devbox reads .env files itself", false)
		case "npx", "bunx":
			rest := words[1:]
			if words[0] == "bunx" && len(rest) > 0 && rest[0] == "--bun" {
				break // it says which runtime runs it
			}
			if len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
				inner = rest
			}
		case "pnpx":
			if len(words) > 1 && path.Base(words[1]) == "dotenvx" {
				inner = append([]string{"dotenvx"}, words[2:]...)
			}
		case "npm", "yarn", "pnpm", "bun":
			if begun, ok := c.begunBy(words); ok {
				inner = begun
			}
		}
		if slices.Equal(inner, words) {
			return assignments, words
		}
		words = inner
	}
	return assignments, words
}

// begunBy is the command of which a script is the beginning: with the script
// "run": "cross-env A=b", `pnpm run run node x.js` is cross-env A=b node x.js.
func (c commandFinder) begunBy(words []string) ([]string, bool) {
	rest := words[1:]
	run := len(rest) > 0 && (rest[0] == "run" || rest[0] == "run-script")
	if run {
		rest = rest[1:]
	}
	if !run && words[0] != "pnpm" && words[0] != "yarn" || len(rest) < 2 {
		return nil, false
	}
	name, more := rest[0], rest[1:]
	flags := strings.HasPrefix(more[0], "-") && more[0] != "--"
	if flags || c.needsManager("dev", name) != "" {
		return nil, false // flags may be the package manager's own
	}
	line, err := lexShell(c.script(name))
	begin, ok := line.words()
	if err != nil || !ok || len(begin) == 0 {
		return nil, false
	}
	if more[0] == "--" && words[0] == "npm" {
		more = more[1:]
	}
	return slices.Concat(begin, more), len(more) > 0
}

// directProgram is a command with the plain name of a program of node_modules,
// which the image's PATH has.
func directProgram(words []string) []string {
	program := words[0]
	if program == "node" && len(words) > 1 && strings.Contains(words[1], "node_modules/.bin/") {
		words, program = words[1:], words[1]
	}
	inside, ok := afterLast(program, "node_modules/")
	if !ok {
		return words
	}
	if bin, isBin := strings.CutPrefix(inside, ".bin/"); isBin {
		return append([]string{bin}, words[1:]...)
	}
	// nodemon/bin/nodemon.js is the program nodemon.
	name := strings.TrimSuffix(path.Base(inside), path.Ext(inside))
	if first, _, _ := strings.Cut(inside, "/"); first != name {
		return words
	}
	return append([]string{name}, words[1:]...)
}

// afterLast is what follows the last of a separator.
func afterLast(text, sep string) (after string, found bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return "", false
	}
	return text[i+len(sep):], true
}

// envLoader takes dotenv, dotenvx and env-cmd apart: the files that they read,
// and the command under them.
func envLoader(words []string) (files, rest []string, ok bool) {
	args := words[1:]
	if words[0] == "dotenvx" {
		if len(args) == 0 || args[0] != "run" {
			return nil, nil, false
		}
		args = args[1:]
	}
	for i := 0; i < len(args); i++ {
		flag, value, joined := strings.Cut(args[i], "=")
		switch {
		case args[i] == "--":
			return withDefault(files), args[i+1:], i+1 < len(args)
		case slices.Contains([]string{"-e", "-f", "--file", "--env-file"}, flag):
			if !joined {
				if i++; i == len(args) {
					return nil, nil, false
				}
				value = args[i]
			}
			files = append(files, path.Clean(value))
		case strings.HasPrefix(args[i], "-"):
			return nil, nil, false
		default:
			return withDefault(files), args[i:], true
		}
	}
	return nil, nil, false
}

func withDefault(files []string) []string {
	if len(files) == 0 {
		return []string{".env"}
	}
	return files
}

// missingEnvFiles takes the flags off with which node and its like read a file
// of variables that is not there: they would not start.
func (c commandFinder) missingEnvFiles(subject string, words []string, pick *commandPick) []string {
	if !slices.Contains([]string{"node", "tsx", "bun", "ts-node"}, words[0]) {
		return words
	}
	var rest []string
	for i := 0; i < len(words); i++ {
		flag, file, joined := strings.Cut(words[i], "=")
		if flag != "--env-file" {
			rest = append(rest, words[i])
			continue
		}
		if !joined && i+1 < len(words) {
			file = words[i+1]
		}
		if slices.Contains(c.facts.Survey.EnvFiles, path.Clean(file)) {
			rest = append(rest, words[i])
			continue
		}
		if !joined {
			i++
		}
		pick.note(subject, "--env-file="+file+" is left out, because there is no such file; with one, add `env-file: ["+file+"]`", true)
	}
	return rest
}

package project

import (
	"path"
	"slices"
	"strings"
)

// testRunners are programs that test and end.
var testRunners = wordSet("jest vitest mocha ava tap tape jasmine karma cypress playwright testcafe wdio codeceptjs nightwatch cucumber-js c8 nyc uvu")

// testWords are the words by which people name services and scripts that test.
var testWords = wordSet("test tests e2e cypress playwright unittest unittests integration spec specs")

// tests tells whether a service tests the others and ends: its command does, or,
// where it has none, its name or its image says so. One with a port of the host is
// there for people to look at.
func (s UserService) tests() bool {
	if list, _ := s.Words["ports"].([]any); len(list) > 0 {
		return false
	}
	command := commandWords(s.Words["command"])
	if len(command) == 0 {
		image := text(s.Words["image"])
		return isTester(s.Name) && imageKind(image) == "" || strings.HasPrefix(image, "cypress/") || strings.Contains(image, "playwright")
	}
	if len(command) == 3 && command[1] == "-c" {
		line, err := lexShell(command[2])
		commands, ok := line.sequence()
		if err != nil || !ok {
			return false
		}
		if command, ok = plainWords(commands[len(commands)-1]); !ok {
			return false
		}
	}
	return runsTests(command)
}

// isTester tells whether a service's name, such as e2e, api-tests or test-runner, is
// one that tests. What is tested, or is there for tests, is named for them in front:
// test-db, integration-api.
func isTester(name string) bool {
	parts := nameParts(name)
	return len(parts) > 0 && (testWords[parts[len(parts)-1]] || testWords[parts[0]] && parts[len(parts)-1] == "runner")
}

// namesTests tells whether a script's name, such as e2e or test:unit, is one for tests.
func namesTests(name string) bool {
	parts := nameParts(name)
	return len(parts) > 0 && (testWords[parts[0]] || testWords[parts[len(parts)-1]])
}

func nameParts(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("-_:.", r) })
}

// runsTests tells whether the words of a command are a runner of tests, or a script
// that is named for tests.
func runsTests(words []string) bool {
	if len(words) == 0 {
		return false
	}
	switch program := path.Base(words[0]); {
	case program == "npx" || program == "pnpx" || program == "bunx":
		return runsTests(words[1:])
	case program == "node":
		return slices.Contains(words, "--test")
	case slices.Contains(managerNames, program):
		rest := slices.DeleteFunc(slices.Clone(words[1:]), func(w string) bool { return strings.HasPrefix(w, "-") || listed("run run-script exec dlx", w) })
		return len(rest) > 0 && (testRunners[rest[0]] || namesTests(rest[0]) && !listed("serve start dev watch", lastPart(rest[0])))
	default:
		return testRunners[program]
	}
}

func lastPart(script string) string { return script[strings.LastIndex(script, ":")+1:] }

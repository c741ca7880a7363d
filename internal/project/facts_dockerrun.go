package project

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// run notes what a RUN does, as far as the model can say it.
func (r *dockerfileReader) run(s *UserStage, c *instructions.RunCommand, vars scope, line int) {
	text := strings.Join(c.CmdLine, " ")
	if !c.PrependShell {
		text = Command(c.CmdLine).String()
	}
	for _, f := range c.Files {
		text = f.Data // a here-document is the script
	}
	parsed, err := lexShell(strings.TrimSpace(withoutComments(text)))
	commands, ok := parsed.sequence()
	if err != nil || parsed.opaque || !ok {
		s.Misfits = append(s.Misfits, lined[string]{"RUN " + firstLine(text), line})
		return
	}
	for _, tokens := range commands {
		words := runWords(parsed, tokens)
		if len(words) == 0 {
			continue
		}
		for i, w := range words {
			words[i] = r.expand(w, vars)
		}
		if !s.knows(words, line) {
			s.Misfits = append(s.Misfits, lined[string]{"RUN " + strings.Join(words, " "), line})
		}
	}
}

func withoutComments(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			kept = append(kept, strings.TrimRight(line, "\n"))
		}
	}
	return strings.Join(kept, "\n")
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// runWords are a command's words without assignments and redirections.
func runWords(l shellLine, tokens []shellToken) []string {
	var words []string
	for i, t := range tokens {
		switch {
		case t.operator, len(words) == 0 && l.assigns(t), i > 0 && tokens[i-1].operator:
		default:
			words = append(words, t.text)
		}
	}
	return words
}

// preparations are programs that make files and users, for what devbox does in
// its own way.
var preparations = wordSet(`mkdir chown chmod rm mv cp ln touch ls cat echo printf true set cd sync id whoami find pwd
	addgroup adduser groupadd useradd usermod groupmod deluser userdel update-ca-certificates
	tsc next nuxt vite nest prisma ng gatsby react-scripts webpack rollup esbuild astro remix vue-cli-service turbo lerna export`)

// knows notes what one command of a RUN does; false is for what nobody can tell.
func (s *UserStage) knows(words []string, line int) bool {
	program, rest := path.Base(words[0]), words[1:]
	switch program {
	case "apt-get", "apt", "apk":
		s.installs(program, rest, line)
		return true
	case "npm", "yarn", "pnpm", "bun", "npx", "bunx", "corepack":
		s.managerRuns(program, rest, line)
		return true
	case "node":
		return slices.ContainsFunc(rest, func(w string) bool { return w == "--version" || w == "-v" })
	case "curl", "wget", "git":
		return false
	}
	return preparations[program]
}

// installs notes the packages of apt-get install and apk add.
func (s *UserStage) installs(program string, words []string, line int) {
	job, i := "", 0
	for ; i < len(words) && job == ""; i++ {
		if !strings.HasPrefix(words[i], "-") {
			job = words[i]
		}
	}
	if job != "install" && job != "add" {
		return
	}
	skip := false
	for _, w := range words[i:] {
		switch {
		case skip, strings.HasPrefix(w, "."):
			skip = false
		case w == "-t" || w == "--virtual" || w == "--repository" || w == "-X" || w == "-o":
			skip = true
		case strings.HasPrefix(w, "-") || strings.Contains(w, "://"):
		default:
			name, _, _ := strings.Cut(w, "=")
			name, _, _ = strings.Cut(name, "~")
			if program == "apk" {
				name = "apk:" + name
			}
			s.Packages = append(s.Packages, lined[string]{name, line})
		}
	}
}

// managerRuns notes what a package manager installs beside the project.
func (s *UserStage) managerRuns(program string, words []string, line int) {
	global := slices.ContainsFunc(words, func(w string) bool { return w == "-g" || w == "--global" || w == "--location=global" }) ||
		program == "yarn" && len(words) > 0 && words[0] == "global"
	if !global {
		return
	}
	for _, w := range words {
		if strings.HasPrefix(w, "-") || slices.Contains([]string{"install", "i", "add", "global", "config", "set", "update", "upgrade"}, w) {
			continue
		}
		s.Globals = append(s.Globals, lined[string]{w, line})
	}
}

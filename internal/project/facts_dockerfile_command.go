package project

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// command takes one instruction of a stage in. vars are the variables of the stage,
// global those from before the first FROM.
func (r *dockerfileReader) command(s *UserStage, c instructions.Command, vars, global scope) {
	line := lineOf(c.Location())
	misfit := func(text string) { s.Misfits = append(s.Misfits, lined[string]{text, line}) }
	switch c := c.(type) {
	case *instructions.ArgCommand:
		r.arguments(c, vars, global)
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			value := r.expand(kv.Value, vars)
			vars[kv.Key] = value
			s.Env = append(s.Env, lined[[2]string]{[2]string{kv.Key, value}, line})
		}
	case *instructions.WorkdirCommand:
		s.Workdir = dirFrom(s.Workdir, r.expand(c.Path, vars))
	case *instructions.ExposeCommand:
		s.Expose = append(s.Expose, r.exposed(c, vars, line)...)
	case *instructions.CmdCommand:
		s.Cmd = lined[Command]{commandLine(c.ShellDependantCmdLine), line}
	case *instructions.EntrypointCommand:
		s.Entrypoint = lined[Command]{commandLine(c.ShellDependantCmdLine), line}
		if !plainEntrypoint(s.Entrypoint.Value) {
			misfit("ENTRYPOINT " + s.Entrypoint.Value.String())
		}
	case *instructions.HealthCheckCommand:
		if p := healthOf(c); p != "" {
			s.Health = lined[string]{p, line}
		}
	case *instructions.UserCommand:
		s.User = lined[string]{c.User, line}
	case *instructions.CopyCommand:
		if c.From != "" && r.find(r.expand(c.From, vars)) < 0 {
			misfit("COPY --from=" + c.From)
		}
	case *instructions.AddCommand:
		for _, source := range c.SourcePaths {
			if strings.Contains(source, "://") || strings.HasPrefix(source, "git@") {
				misfit("ADD " + source)
			}
		}
	case *instructions.RunCommand:
		r.run(s, c, vars, line)
	case *instructions.VolumeCommand, *instructions.ShellCommand, *instructions.OnbuildCommand:
		misfit(strings.ToUpper(c.Name()))
	}
}

// arguments takes an ARG in: without a default of its own it has that from before the
// first FROM.
func (r *dockerfileReader) arguments(c *instructions.ArgCommand, vars, global scope) {
	for _, a := range c.Args {
		if v, ok := global[a.Key]; ok && a.Value == nil {
			vars[a.Key] = v
		}
	}
	r.variables(vars, []instructions.ArgCommand{*c})
}

// dirFrom is a folder in a container, which may be given relative to another one.
func dirFrom(workdir, dir string) string {
	if path.IsAbs(dir) {
		return path.Clean(dir)
	}
	return path.Join("/", workdir, dir)
}

// exposed are the ports that an instruction names.
func (r *dockerfileReader) exposed(c *instructions.ExposeCommand, vars scope, line int) []lined[int] {
	var list []lined[int]
	for _, p := range c.Ports {
		number, _, _ := strings.Cut(r.expand(p, vars), "/")
		if port, err := strconv.Atoi(number); err == nil && validPort(number) {
			list = append(list, lined[int]{port, line})
		}
	}
	return list
}

// commandLine is a command of a Dockerfile in exec form.
func commandLine(c instructions.ShellDependantCmdLine) Command {
	if !c.PrependShell {
		return Command(c.CmdLine)
	}
	command, err := ParseCommand(strings.Join(c.CmdLine, " "))
	if err != nil {
		return Command{shell[0], shell[1], strings.Join(c.CmdLine, " ")}
	}
	return command
}

// plainEntrypoint tells an entrypoint that a command in the model can stand for:
// a small init, which devbox has already, the official images' own, or Node.
func plainEntrypoint(c Command) bool {
	c = withoutInit(c)
	return len(c) == 0 || startsNode(c) || c[0] == "docker-entrypoint.sh" || c[0] == "/usr/local/bin/docker-entrypoint.sh"
}

// withoutInit is a command without the small init before it.
func withoutInit(c Command) Command {
	if len(c) > 0 && slices.Contains([]string{"tini", "dumb-init"}, path.Base(c[0])) {
		c = c[1:]
		for len(c) > 0 && strings.HasPrefix(c[0], "-") {
			c = c[1:]
		}
	}
	if len(c) > 0 && path.Base(c[0]) == "docker-entrypoint.sh" {
		c = c[1:]
	}
	return c
}

// nodePrograms run an app of Node's or its package manager.
var nodePrograms = wordSet(`node nodejs npm npx yarn pnpm bun bunx nodemon ts-node ts-node-dev tsx tsnd pm2 pm2-runtime pm2-dev next nuxt vite astro
	nest ng gatsby react-scripts vue-cli-service webpack webpack-dev-server parcel remix remix-serve fastify concurrently`)

// startsNode tells whether a command runs an app of Node's.
func startsNode(c Command) bool {
	if len(c) == 0 {
		return false
	}
	if c.IsShell() || len(c) == 3 && slices.Contains([]string{"sh", "bash", "/bin/bash"}, c[0]) && c[1] == "-c" {
		return slices.ContainsFunc(strings.Fields(c[2]), func(w string) bool { return nodePrograms[w] })
	}
	return nodePrograms[path.Base(c[0])]
}

var healthURL = regexp.MustCompile(`https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::[$\w{}:-]+)?(/[\w./-]*)?`)

// healthOf is the path that a HEALTHCHECK asks the app for; empty where it does not.
func healthOf(c *instructions.HealthCheckCommand) string {
	if c.Health == nil {
		return ""
	}
	return healthPathIn(strings.Join(c.Health.Test, " "))
}

// healthPathIn is the path that a health check asks the app itself for.
func healthPathIn(test string) string {
	m := healthURL.FindStringSubmatch(test)
	if m == nil || m[1] == "" || m[1] == "/" {
		return ""
	}
	return m[1]
}

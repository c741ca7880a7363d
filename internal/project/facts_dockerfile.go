package project

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	dockershell "github.com/moby/buildkit/frontend/dockerfile/shell"
)

// UserDockerfile is what a Dockerfile of the user's own says, stage by stage.
type UserDockerfile struct {
	// File is its name, relative to the project.
	File   string
	Stages []UserStage
}

// UserStage is one stage of it.
type UserStage struct {
	// Name is empty where it has none; Line is that of its FROM.
	Name string
	Line int
	// Base is the image that it starts from, Parent the stage, or -1.
	Base   string
	Parent int
	// Node is the version in the tag of a Node image, as it is written there.
	Node string
	// Workdir is where its last commands run.
	Workdir string
	Env     []lined[[2]string]
	Expose  []lined[int]
	// Cmd and Entrypoint are the last ones of the stage itself.
	Cmd, Entrypoint lined[Command]
	// Health is the URL path of its health check.
	Health lined[string]
	// Packages are what apt-get and apk install; Globals what the package manager
	// installs outside of the project.
	Packages, Globals []lined[string]
	// Users are the plain users that it runs as.
	User lined[string]
	// Misfits are what the model cannot say, with the lines that say it.
	Misfits []lined[string]
}

// lined is a value and the line that it was found on.
type lined[T any] struct {
	Value T
	Line  int
}

// maxDockerfileSize is far above what people write.
const maxDockerfileSize = 1 << 20

// ParseDockerfile reads a Dockerfile by BuildKit's own parser. args are values
// that the build gets in place of the defaults of its ARGs. A Dockerfile that
// BuildKit would refuse is an error that names the line.
func ParseDockerfile(file string, data []byte, args map[string]string) (*UserDockerfile, error) {
	if p, bad := checkText(data); bad {
		return nil, configError(file, []Problem{p})
	}
	parsed, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, dockerfileError(file, err)
	}
	stages, metaArgs, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return nil, dockerfileError(file, err)
	}
	r := &dockerfileReader{file: &UserDockerfile{File: file}, args: args, lex: dockershell.NewLex(parsed.EscapeToken)}
	global := r.variables(nil, metaArgs)
	for _, s := range stages {
		r.stage(s, global)
	}
	if len(r.file.Stages) == 0 {
		return nil, configError(file, []Problem{{Text: "there is no FROM in it"}})
	}
	return r.file, nil
}

var errorLine = regexp.MustCompile(`(?:line |lines? )(\d+)`)

func dockerfileError(file string, err error) error {
	p := Problem{Text: err.Error()}
	var located *parser.LocationError
	if errors.As(err, &located) && len(located.Locations) > 0 {
		p.Line = lineOf(located.Locations[0])
	} else if m := errorLine.FindStringSubmatch(err.Error()); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
	}
	if p.Line > 0 {
		p.Column = 1
	}
	return configError(file, []Problem{p})
}

// dockerfileReader takes the stages of a Dockerfile apart.
type dockerfileReader struct {
	file *UserDockerfile
	args map[string]string
	lex  *dockershell.Lex
}

// scope are the variables that a line of a stage sees.
type scope map[string]string

// Get is how BuildKit's lexer asks for one.
func (s scope) Get(name string) (string, bool) {
	v, ok := s[name]
	return v, ok
}

// Keys lists them.
func (s scope) Keys() []string {
	var names []string
	for name := range s {
		names = append(names, name)
	}
	return names
}

// mostExpanded bounds, in bytes, what the variables of a word come to: a few lines
// that each name the one before twice would fill the memory.
const mostExpanded = 64 << 10

// expand fills in variables. What would become too long stays as it is written.
func (r *dockerfileReader) expand(text string, vars scope) string {
	longest := 0
	for _, v := range vars {
		longest = max(longest, len(v))
	}
	if strings.Count(text, "$")*longest > mostExpanded {
		return text
	}
	out, _, err := r.lex.ProcessWord(text, vars)
	if err != nil {
		return text
	}
	return out
}

// variables adds ARGs to a scope.
func (r *dockerfileReader) variables(vars scope, list []instructions.ArgCommand) scope {
	if vars == nil {
		vars = scope{"BUILDPLATFORM": "linux/amd64", "TARGETPLATFORM": "linux/amd64"}
	}
	for _, c := range list {
		for _, a := range c.Args {
			if v, ok := r.args[a.Key]; ok {
				vars[a.Key] = v
			} else if a.Value != nil {
				vars[a.Key] = r.expand(*a.Value, vars)
			}
		}
	}
	return vars
}

func lineOf(ranges []parser.Range) int {
	if len(ranges) == 0 {
		return 0
	}
	return ranges[0].Start.Line
}

var nodeImage = regexp.MustCompile(`^(?:(?:docker\.io|public\.ecr\.aws/docker)/)?(?:library/)?node(?::(\S+))?$`)

func (r *dockerfileReader) stage(s instructions.Stage, global scope) {
	out := UserStage{Name: s.Name, Line: lineOf(s.Location), Parent: -1}
	vars := scope{}
	base := r.expand(s.BaseName, global)
	if i := r.find(base); i >= 0 {
		parent := r.file.Stages[i]
		out.Parent, out.Node, out.Workdir = i, parent.Node, parent.Workdir
	} else {
		out.Base = base
		m := nodeImage.FindStringSubmatch(strings.SplitN(base, "@", 2)[0])
		if m == nil {
			out.Misfits = append(out.Misfits, lined[string]{"FROM " + base, out.Line})
		} else if v := tagVersion.FindStringSubmatch(m[1]); v != nil {
			out.Node = v[1]
		} else if m[1] == "lts" || strings.HasPrefix(m[1], "lts-") {
			out.Node = "lts/*"
		}
	}
	for _, c := range s.Commands {
		r.command(&out, c, vars, global)
	}
	r.file.Stages = append(r.file.Stages, out)
}

// find is the index of a stage by its name, or -1.
func (r *dockerfileReader) find(name string) int { return r.file.stage(name) }

// stage is the index of a stage by its name or number, -1 where there is none.
func (d *UserDockerfile) stage(name string) int {
	i := slices.IndexFunc(d.Stages, func(s UserStage) bool { return s.Name != "" && strings.EqualFold(s.Name, name) })
	if n, err := strconv.Atoi(name); i < 0 && err == nil && n < len(d.Stages) {
		return n
	}
	return i
}

// chain lists a stage and those that it is made from, the first one first.
func (d *UserDockerfile) chain(i int) []UserStage {
	var list []UserStage
	for ; i >= 0; i = d.Stages[i].Parent {
		list = append([]UserStage{d.Stages[i]}, list...)
	}
	return list
}

// misfits of a stage and those that it is made from.
func (d *UserDockerfile) misfits(i int) []lined[string] {
	var list []lined[string]
	for _, s := range d.chain(i) {
		list = append(list, s.Misfits...)
	}
	return list
}

// at is a place in the file, for people.
func (d *UserDockerfile) at(line int) string { return fmt.Sprintf("%s:%d", d.File, line) }

// title is the name of a stage, or its number.
func (d *UserDockerfile) title(i int) string {
	if d.Stages[i].Name != "" {
		return d.Stages[i].Name
	}
	return strconv.Itoa(i)
}

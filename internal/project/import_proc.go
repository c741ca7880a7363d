package project

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// procLine is a process of a Procfile.
type procLine struct {
	name, command string
	line          int
}

const procFile = "Procfile"

var procPattern = regexp.MustCompile(`^([A-Za-z0-9_-]+):\s*(.+)$`)

// readProcfile reads the processes of a Procfile; what is no such line is passed over.
func readProcfile(fsys fs.FS) []procLine {
	var list []procLine
	number := 0
	for line := range strings.Lines(peek(fsys, procFile)) {
		number++
		if m := procPattern.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			list = append(list, procLine{m[1], m[2], number})
		}
	}
	return list
}

// processes makes a service of each process of a Procfile but web, which is the
// app itself: the same packages, another command, no port.
func (in *Imports) processes(m *Model, f *Facts) []Finding {
	web := slices.IndexFunc(m.Services, func(s Service) bool { return s.Dir == "" })
	if web < 0 || f.Package == nil {
		return nil
	}
	var findings []Finding
	for _, p := range in.Procfile {
		at := fmt.Sprintf("%s:%d", procFile, p.line)
		switch p.name {
		case "web":
			continue
		case "release":
			findings = append(findings, in.release(&m.Services[web], p, at)...)
			continue
		}
		name := Slug(p.name)
		if slices.Contains(m.Names(), name) {
			continue
		}
		if _, taken := m.BackingService(name); taken {
			continue
		}
		s := m.Services[web].clone()
		s.Name, s.Port, s.Health, s.Build, s.Migrate, s.Seed, s.Compose, s.ComposeDev, s.Publish = name, 0, "", nil, nil, nil, nil, nil, 0
		finder := commandFinder{facts: f, manager: s.PackageManager.Name}
		dev, devNotes, err := finder.fromText("dev", p.command)
		if err != nil {
			findings = append(findings, Finding{What: "services", Source: fmt.Sprintf("%s: %s is left out: %v", at, p.name, err), Warning: true})
			continue
		}
		s.Dev = dev
		if s.Prod, _, err = finder.fromText("prod", p.command); err != nil || finder.developmentTool(s.Prod) != "" {
			s.Prod = nil
		}
		m.Services = append(m.Services, s)
		findings = append(findings, Finding{What: "services", Value: name, Source: at + ": " + s.Dev.String()})
		findings = append(findings, devNotes...)
	}
	return findings
}

// release is what runs before each start of a release, so the app's migration.
func (in *Imports) release(s *Service, p procLine, at string) []Finding {
	command, err := ParseCommand(p.command)
	if err != nil || len(s.Migrate) > 0 {
		return nil
	}
	s.Migrate = command
	return []Finding{{What: "migrate", Value: command.String(), Source: at + " release"}}
}

// devContainer is what a devcontainer.json says that devbox minds.
type devContainer struct {
	file    string
	Image   string `json:"image"`
	Forward []any  `json:"forwardPorts"`
	Created any    `json:"postCreateCommand"`
}

// readDevContainer reads the file of a development container, nil where there is none.
func readDevContainer(fsys fs.FS) *devContainer {
	for _, name := range []string{".devcontainer/devcontainer.json", ".devcontainer.json"} {
		data := peek(fsys, name)
		if data == "" {
			continue
		}
		c := &devContainer{file: name}
		if json.Unmarshal(plainJSON([]byte(data)), c) == nil {
			return c
		}
	}
	return nil
}

// plainJSON takes comments and trailing commas out of JSON as editors write it.
func plainJSON(data []byte) []byte {
	var out bytes.Buffer
	inText := false
	for i := 0; i < len(data); i++ {
		rest := data[i:]
		switch {
		case inText && data[i] == '\\' && len(rest) > 1:
			out.Write(rest[:2])
			i++
			continue
		case data[i] == '"':
			inText = !inText
		case inText:
		case bytes.HasPrefix(rest, []byte("//")):
			if end := bytes.IndexByte(rest, '\n'); end >= 0 {
				i += end - 1
				continue
			}
			return out.Bytes()
		case bytes.HasPrefix(rest, []byte("/*")):
			end := bytes.Index(rest, []byte("*/"))
			if end < 0 {
				return out.Bytes()
			}
			i += end + 1
			continue
		case data[i] == ',':
			next := bytes.TrimLeft(plainStart(rest[1:]), " \t\r\n")
			if len(next) > 0 && (next[0] == '}' || next[0] == ']') {
				continue
			}
		}
		out.WriteByte(data[i])
	}
	return out.Bytes()
}

// plainStart is text without the comments that it begins with.
func plainStart(data []byte) []byte {
	for {
		data = bytes.TrimLeft(data, " \t\r\n")
		switch {
		case bytes.HasPrefix(data, []byte("//")):
			end := bytes.IndexByte(data, '\n')
			if end < 0 {
				return nil
			}
			data = data[end:]
		case bytes.HasPrefix(data, []byte("/*")):
			end := bytes.Index(data, []byte("*/"))
			if end < 0 {
				return nil
			}
			data = data[end+2:]
		default:
			return data
		}
	}
}

var containerImage = regexp.MustCompile(`(?:javascript-node|typescript-node|node):(?:\d+-)?(\d+)`)

// wishes are the Node version and the port that it asks for.
func (c *devContainer) wishes() (node, port Fact) {
	if c == nil {
		return Fact{}, Fact{}
	}
	if m := containerImage.FindStringSubmatch(path.Base(c.Image)); m != nil {
		node = Fact{m[1], c.file + " image"}
	}
	for _, p := range c.Forward {
		if number, ok := p.(float64); ok && validPort(strconv.Itoa(int(number))) {
			return node, Fact{strconv.Itoa(int(number)), c.file + " forwardPorts"}
		}
	}
	return node, Fact{}
}

// remarks are what its file asks for and the model has no place for.
func (c *devContainer) remarks() []Finding {
	if c == nil || c.Created == nil {
		return nil
	}
	command := fmt.Sprint(c.Created)
	if list, ok := c.Created.([]any); ok {
		command = strings.Trim(fmt.Sprint(list), "[]")
	}
	return []Finding{{What: "devcontainer", Source: fmt.Sprintf("%s runs %s after it was made; devbox installs packages by itself, so run it by hand if it does more", c.file, show(command))}}
}

package project

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

func readNode(r *reader, n *yaml.Node, s *Service) {
	// A version such as 26 or 26.1 is a number to YAML; its own message says
	// more than that it must be text.
	if text, ok := r.scalar(n, "node of service "+show(s.Name)); ok {
		s.Node = text
		r.judge(n, "node of service "+show(s.Name), checkNodeVersion(text))
	}
}

func readManager(r *reader, n *yaml.Node, s *Service) {
	where := "package-manager of service " + show(s.Name)
	if text, ok := r.text(n, where); ok {
		r.judge(n, where, checkManager(text))
		name, version, _ := strings.Cut(text, "@")
		s.PackageManager = PackageManager{Name: name, Version: version}
	}
}

func readPort(r *reader, n *yaml.Node, s *Service) {
	s.Port = r.port(n, "port of service "+show(s.Name))
}

func (r *reader) port(n *yaml.Node, where string) int {
	text, ok := r.scalar(n, where)
	if !ok {
		return 0
	}
	if n.ShortTag() != "!!int" {
		hint := ""
		if isDigits(text) {
			hint = "write it without quotes: " + text
		}
		r.add(n, hint, "%s must be a number, not %s", where, kindOf(n))
		return 0
	}
	r.judge(n, where, checkPort(text))
	port, _ := strconv.Atoi(text)
	return port
}

func readHealth(r *reader, n *yaml.Node, s *Service) {
	where := "health of service " + show(s.Name)
	if text, ok := r.text(n, where); ok {
		s.Health = text
		r.judge(n, where, checkHealth(text))
	}
}

func readEnvironment(r *reader, n *yaml.Node, s *Service) {
	s.Environment = r.environment(n, s.Name)
}

func (r *reader) environment(n *yaml.Node, service string) map[string]string {
	where := "environment of service " + show(service)
	var env map[string]string
	for name, value := range r.pairs(n, where) {
		r.judge(name, where, checkVariable(name.Value))
		if text, ok := r.scalar(value, "variable "+show(name.Value)+" of service "+show(service)); ok {
			if env == nil {
				env = map[string]string{}
			}
			env[name.Value] = text
		}
	}
	return env
}

func readWatch(r *reader, n *yaml.Node, s *Service) {
	readKeys(r, n, "watch of service "+show(s.Name), watchKeys, &s.Watch)
}

func readStandby(r *reader, n *yaml.Node, s *Service) {
	where := "standby of service " + show(s.Name)
	text, ok := r.scalar(n, where)
	if !ok {
		return
	}
	switch s.Standby = Standby(text); s.Standby {
	case StandbyAuto, StandbyOn, StandbyOff:
	default:
		r.add(n, "", "%s must be auto, on or off, not %s", where, show(text))
	}
}

func (r *reader) patterns(n *yaml.Node, where string) []string {
	if !r.is(n, yaml.SequenceNode, where, "a list") {
		return nil
	}
	var list []string
	for _, item := range n.Content {
		if text, ok := r.text(item, "a pattern in "+where); ok {
			r.judge(item, "a pattern in "+where, checkPattern(text))
			list = append(list, text)
		}
	}
	return list
}

// command reads a command: a string in people's words, or a list of at least
// so many words.
func (r *reader) command(n *yaml.Node, s *Service, key string, least int) Command {
	where := key + " of service " + show(s.Name)
	if n.Kind != yaml.SequenceNode {
		text, ok := r.text(n, where)
		if !ok {
			return nil
		}
		command, err := ParseCommand(text)
		if err != nil {
			r.add(n, "", "%s: %v", where, err)
		}
		return command
	}
	if !r.is(n, yaml.SequenceNode, where, "a list") {
		return nil
	}
	words := Command{}
	for _, item := range n.Content {
		if word, ok := r.scalar(item, "a word in "+where); ok {
			words = append(words, word)
		}
	}
	if len(n.Content) < least || len(words) > 0 && words[0] == "" {
		r.add(n, "", "%s: the command is empty", where)
	}
	if len(words) == 0 {
		return nil
	}
	return words
}

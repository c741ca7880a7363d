package project

import (
	"path"
	"slices"
	"strings"
)

// takeEnv moves what commands set before they run into the service's
// environment, where it holds for both modes. What only one of two commands
// sets stays with it.
func (s *Service) takeEnv(dev, prod commandPick) []Finding {
	for _, pair := range slices.Concat(dev.env, prod.env) {
		name, value, _ := strings.Cut(pair, "=")
		s.setEnv(name, value)
	}
	alone := len(s.Prod) == 0
	var moved []string
	shared := func(pair string) bool {
		return slices.Contains(dev.assigned, pair) && (alone || slices.Contains(prod.assigned, pair))
	}
	for _, pair := range dev.assigned {
		if name, value, _ := strings.Cut(pair, "="); shared(pair) {
			s.setEnv(name, value)
			moved = append(moved, pair)
		}
	}
	s.Dev = dev.without(moved, s.Dev)
	s.Prod = prod.without(moved, s.Prod)
	if len(moved) == 0 {
		return nil
	}
	return []Finding{{What: "environment", Value: strings.Join(moved, " "), Source: "what the command sets before it"}}
}

// without is the command without some of the assignments before it.
func (p commandPick) without(pairs []string, command Command) Command {
	if len(pairs) == 0 || len(p.words) == 0 || len(p.assigned) == 0 {
		return command
	}
	left := slices.DeleteFunc(slices.Clone(p.assigned), func(a string) bool { return slices.Contains(pairs, a) })
	again, err := ParseCommand(joinCommand(left, p.words))
	if err != nil {
		return command
	}
	return again
}

// takeEnvFiles adds the files of variables that the commands read, where they
// are there.
func (s *Service) takeEnvFiles(f *Facts, dev, prod commandPick) {
	add := func(into *[]string, names []string) {
		for _, name := range names {
			if file := path.Join(s.Dir, name); slices.Contains(f.Survey.EnvFiles, name) && !slices.Contains(*into, file) {
				*into = append(*into, file)
			}
		}
	}
	add(&s.EnvFiles.Dev, dev.envFiles)
	add(&s.EnvFiles.Prod, prod.envFiles)
}

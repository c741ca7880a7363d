package project

import "slices"

// starterServices is what a starter needs beside its app. A package.json tells
// which libraries an app has, not which versions it was written for.
type starterServices struct {
	backing       []Backing
	migrate, seed Command
	health        string
}

var servicesOfStarters = map[string]starterServices{
	"api-postgres": {
		backing: []Backing{{Name: "db", Use: "postgres", Version: "15"}, {Name: "cache", Use: "redis", Version: "7"}},
		migrate: Command{"node-pg-migrate", "up"},
		seed:    Command{"node", "seed.js"},
		health:  "/healthz",
	},
}

// UseStarter gives a new model the services that a starter's app was written for,
// and names them. Starters that need none leave it as it is.
func (m *Model) UseStarter(name string) []Finding {
	extra, ok := servicesOfStarters[name]
	if !ok {
		return nil
	}
	m.Backing = slices.Clone(extra.backing)
	s := &m.Services[0]
	s.Migrate, s.Seed, s.Health, s.Needs = extra.migrate, extra.seed, extra.health, nil
	var findings []Finding
	for _, b := range extra.backing {
		s.Needs = append(s.Needs, b.Name)
		findings = append(findings, Finding{What: "services", Value: b.Name + " (" + b.String() + ")", Source: "the template " + name})
	}
	return findings
}

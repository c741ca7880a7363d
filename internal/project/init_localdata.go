package project

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// An app of a workspace often has its database in a local package: the driver,
// the schema and the migrations are there, and the app depends on it.

// storesData tells whether a package has a driver of a database or a tool for
// migrations.
func (p *PackageJSON) storesData() bool {
	return p != nil && (slices.ContainsFunc(drivers, func(d driver) bool { return p.Has(d.name) }) ||
		slices.ContainsFunc(migrators, func(m migrator) bool { return slices.ContainsFunc(m.packages, p.Has) }))
}

// dataLocals are the local packages with data that an app depends on.
func (f *Facts) dataLocals(dir string) []AppFacts {
	return slices.DeleteFunc(f.locals(dir), func(a AppFacts) bool { return !a.Package.storesData() })
}

// withData gives the apps their facts with what their local packages say of data.
func withData(f *Facts, places []appPlace) {
	for i := range places {
		places[i].data = places[i].facts
		if locals := f.dataLocals(places[i].dir); len(locals) > 0 {
			places[i].data = places[i].facts.withLocals(locals)
		}
	}
}

// withLocals are the facts of an app with the variables that its local packages
// read, the databases that these name, and what their .env files say.
func (f *Facts) withLocals(locals []AppFacts) *Facts {
	out := *f
	out.Survey.Data = slices.Clone(f.Survey.Data)
	out.Survey.Sources.Reads, out.Survey.Env.Set = maps.Clone(f.Survey.Sources.Reads), maps.Clone(f.Survey.Env.Set)
	if out.Survey.Sources.Reads == nil {
		out.Survey.Sources.Reads = map[string]EnvRead{}
	}
	if out.Survey.Env.Set == nil {
		out.Survey.Env.Set = map[string]EnvSet{}
	}
	out.Survey.Env.Wanted = slices.Clone(f.Survey.Env.Wanted)
	for _, local := range locals {
		for _, fact := range local.Survey.Data {
			out.Survey.Data = append(out.Survey.Data, Fact{fact.Text, local.Dir + "/" + fact.Source})
		}
		for name, read := range local.Survey.Sources.Reads {
			if _, own := out.Survey.Sources.Reads[name]; !own {
				out.Survey.Sources.Reads[name] = read
			}
		}
		for name, set := range local.Survey.Env.Set {
			if _, own := out.Survey.Env.Set[name]; !own {
				out.Survey.Env.Set[name] = set
			}
		}
	}
	return &out
}

// pickPlaceData decides which services an app wants from what it is, and from the
// local packages that it depends on.
func (f *Facts) pickPlaceData(place appPlace) ([]dataPick, []Finding) {
	picks, findings := pickData(place.facts)
	for _, local := range f.dataLocals(place.dir) {
		more, remarks := pickData(local.Facts)
		findings = append(findings, remarks...)
		for _, pick := range more {
			if place.data.elsewhere(pick.kind) != "" {
				continue
			}
			for i, source := range pick.sources {
				pick.sources[i] = local.Dir + "/" + source
			}
			i := slices.IndexFunc(picks, func(p dataPick) bool { return p.kind == pick.kind })
			if i < 0 {
				picks = append(picks, pick)
				continue
			}
			picks[i].sources = append(picks[i].sources, pick.sources...)
			picks[i].sure = picks[i].sure || pick.sure
		}
	}
	return picks, findings
}

// localMigrate finds the migration in the local packages of an app, as a command
// that runs in the app's folder. taken are the packages whose migration another
// app runs already.
func (f *Facts) localMigrate(place appPlace, s Service, taken map[string]bool) (Command, []Finding) {
	for _, local := range f.dataLocals(place.dir) {
		own := local.inherit(f)
		command, found := findMigrate(own)
		from, err := filepath.Rel(filepath.FromSlash("/"+place.dir), filepath.FromSlash("/"+local.Dir))
		if len(command) == 0 || taken[local.Dir] || err != nil {
			continue
		}
		from = filepath.ToSlash(from)
		text := "cd " + quoteWord(from, false) + " && " + command.String()
		if script, ok := scriptOf(command); ok {
			text = scriptIn(s.PackageManager.Name, from, script)
		}
		if tool := own.developmentMigrator(command); tool != "" && s.hasProd() {
			found = append(found, developmentStep(tool, local.Dir, s.Dockerfile.used()))
		}
		if command, err = ParseCommand(text); err != nil {
			continue
		}
		taken[local.Dir] = true
		found[0].Value, found[0].Source = command.String(), local.Dir+"/"+found[0].Source
		return command, found
	}
	return nil, nil
}

// scriptOf is the script of package.json that a command runs by a package manager.
func scriptOf(command Command) (string, bool) {
	if len(command) == 3 && slices.Contains(managerNames, command[0]) && command[1] == "run" && !strings.HasPrefix(command[2], "-") {
		return command[2], true
	}
	return "", false
}

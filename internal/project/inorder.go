package project

import (
	"maps"
	"slices"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
)

// Stage is one part of a start: services that are brought up together when all
// parts before it are done.
type Stage struct {
	// Services are brought up; Await are those of them that have to be healthy
	// before the next stage begins.
	Services, Await []string
	// Step is an app's step that runs to its end, such as its migration; App is
	// whose it is.
	Step, App string
	Seed      bool
}

// Stages is the order in which a loaded project starts: what backs the apps,
// then what brings their data up to date, then the apps. An app that another's
// step needs starts before that, after its own steps. Where nothing has to wait
// it is one stage.
func (m *Model) Stages(c *Compose) []Stage {
	var backing, await []string
	for _, b := range m.Backing {
		if _, there := c.Services[b.Name]; !there {
			continue
		}
		backing = append(backing, b.Name)
		if b.HasHealth(c) && m.isNeeded(b.Name) {
			await = append(await, b.Name)
		}
	}
	stages := m.stepStages(c, backing)
	if len(await) > 0 || len(stages) > 0 && len(backing) > 0 {
		stages = slices.Insert(stages, 0, Stage{Services: backing, Await: await})
	}
	// The last stage has those of before too: containers carry what they depend on
	// as a label, by which they are stopped in order.
	var all []string
	for _, name := range slices.Sorted(maps.Keys(c.Services)) {
		if !slices.Contains(m.OneOffServices(), name) {
			all = append(all, name)
		}
	}
	return append(stages, Stage{Services: all})
}

// stepStages are the steps of the apps, and before each what of the apps it needs;
// backing is up already.
func (m *Model) stepStages(c *Compose, backing []string) []Stage {
	var stages []Stage
	up := backing
	for _, s := range m.inNeedOrder(m.Names()) {
		var steps []Stage
		for _, step := range []Stage{{Step: MigrateService(s.Name), App: s.Name}, {Step: SeedService(s.Name), App: s.Name, Seed: true}} {
			if _, there := c.Services[step.Step]; there && slices.Contains(m.OneOffServices(), step.Step) {
				steps = append(steps, step)
			}
		}
		if len(steps) == 0 {
			continue
		}
		apps := Stage{Services: slices.Clone(up)}
		for _, needed := range m.inNeedOrder(s.Needs) {
			if _, there := c.Services[needed.Name]; there && !slices.Contains(up, needed.Name) {
				apps.Services = append(apps.Services, needed.Name)
			}
			if c.Services[steps[0].Step].DependsOn[needed.Name].Condition == types.ServiceConditionHealthy {
				apps.Await = append(apps.Await, needed.Name)
			}
		}
		if len(apps.Services) > len(up) {
			stages, up = append(stages, apps), apps.Services
		}
		stages = append(stages, steps...)
	}
	return stages
}

// inNeedOrder lists apps and all the apps that they need, each after those that it
// needs. There are no circles.
func (m *Model) inNeedOrder(names []string) []Service {
	var list []Service
	var add func(names []string)
	add = func(names []string) {
		for _, name := range names {
			s, app := m.Service(name)
			if !app || slices.ContainsFunc(list, func(l Service) bool { return l.Name == name }) {
				continue
			}
			add(s.Needs)
			list = append(list, s)
		}
	}
	add(names)
	return list
}

// WithQuickChecks is a copy of a loaded project in which services of known kinds
// are checked several times a second while they start. The rendered file has no
// such word: older engines refuse it.
func (m *Model) WithQuickChecks(c *Compose) *Compose {
	const interval = types.Duration(250 * time.Millisecond)
	out := *c
	out.Services = maps.Clone(c.Services)
	for _, b := range m.Backing {
		s, there := c.Services[b.Name]
		if _, known := b.kind(); !there || !known || s.HealthCheck == nil || s.HealthCheck.StartInterval != nil {
			continue
		}
		check, every := *s.HealthCheck, interval
		if slowChecks[b.Use] {
			every = types.Duration(2 * time.Second)
		}
		check.StartInterval = &every
		s.HealthCheck = &check
		out.Services[b.Name] = s
	}
	return &out
}

func (m *Model) isNeeded(name string) bool {
	return slices.ContainsFunc(m.Services, func(s Service) bool { return slices.Contains(s.Needs, name) })
}

// OnlyServices is a copy of a loaded project that has some of its services, for
// somebody who sees to what the model says they wait for: what is not among them
// is left out, and for healthy ones Compose has not to wait again.
func (m *Model) OnlyServices(c *Compose, names ...string) *Compose {
	out := *c
	out.Services = make(map[string]ComposeService, len(names))
	for _, name := range names {
		s, there := c.Services[name]
		if !there {
			continue
		}
		needs := types.DependsOnConfig{}
		for need, how := range s.DependsOn {
			if !slices.Contains(names, need) {
				continue
			}
			if _, ours := m.BackingService(need); ours && m.isNeeded(need) {
				how.Condition = types.ServiceConditionStarted
			}
			needs[need] = how
		}
		s.DependsOn = needs
		out.Services[name] = s
	}
	return &out
}

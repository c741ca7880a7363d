package project

import (
	"slices"
	"strconv"
)

// prodProject is compose.prod.yaml before the model's own Compose words are
// merged over it: the image as it is, nothing mounted and nothing writable.
func prodProject(m *Model, images []image, f RenderFacts) map[string]any {
	services := map[string]any{}
	for _, s := range m.Services {
		if s.hasProd() {
			services[s.Name] = prodService(m, s, imageOf(images, s.Name))
		}
	}
	project := declareSecrets(withSecrets(map[string]any{"name": ProdName(checkoutName(m)), "services": services}, f), m)
	addBacking(project, m, Prod)
	addNeeds(project, m, Prod)
	for _, g := range images {
		g.giveTools(services, checkoutName(m))
	}
	return project
}

// migrateStage is the stage of the image for migrations that take tools of
// development.
const migrateStage = "migrate"

// tooled are the services of the image whose migration needs that stage. One with
// a Dockerfile or a build of its own has what it needs in there.
func (g image) tooled() []Service {
	var list []Service
	for _, s := range g.Services {
		if slices.Contains(g.Facts.Tooled, s.Name) && len(s.Migrate) > 0 && s.hasProd() && !g.Own.used() && s.ownWord("build", Prod) == nil {
			list = append(list, s)
		}
	}
	return list
}

// giveTools has migrations run in that image. Like an app's it is built for the
// first that needs it, and shared by the others.
func (g image) giveTools(services map[string]any, project string) {
	tooled := g.tooled()
	for i, s := range tooled {
		c, _ := services[MigrateService(s.Name)].(map[string]any)
		c["image"] = project + "-" + MigrateService(tooled[0].Name) + ":" + string(Prod)
		c["pull_policy"] = "never" // no registry has it
		if i == 0 {
			c["build"] = buildSection(g.target(migrateStage), g.Facts)
			delete(c, "pull_policy")
		}
	}
}

func prodService(m *Model, s Service, g image) map[string]any {
	c := commonService(s, g, "production")
	connect(c, m, s, Prod)
	addSurroundings(c, m, s, Prod)
	g.addImage(c, checkoutName(m), s, Prod)
	if s.workingDir() != g.dir() && !s.Dockerfile.used() {
		c["working_dir"] = s.workingDir()
	}
	c["command"] = literals(s.Prod)
	c["read_only"] = true
	c["tmpfs"] = []any{"/tmp"}
	c["restart"] = "unless-stopped"
	c["logging"] = logRotation()
	if s.Port != 0 {
		c["ports"] = []any{publish(s.Port, ProdPortVar(s.Name))}
		c["healthcheck"] = healthCheck(s)
	}
	s.ownProd(c)
	return c
}

// logRotation keeps a container's output from filling the disk.
func logRotation() map[string]any {
	return map[string]any{"driver": "json-file", "options": map[string]any{"max-size": "10m", "max-file": "3"}}
}

// The health checks run in Node.js itself, because the image has neither curl
// nor wget. They get the port and the path as arguments.
const (
	checkHTTP = `require('http').get({host:'127.0.0.1',port:process.argv[1],path:process.argv[2],timeout:4000},` +
		`r=>process.exit(r.statusCode<400?0:1)).on('timeout',()=>process.exit(1)).on('error',()=>process.exit(1))`
	checkTCP = `require('net').connect({host:'127.0.0.1',port:process.argv[1],timeout:4000},` +
		`()=>process.exit(0)).on('timeout',()=>process.exit(1)).on('error',()=>process.exit(1))`
)

func healthCheck(s Service) map[string]any {
	test := []any{"CMD", "node", "-e", checkTCP, strconv.Itoa(s.Port)}
	if s.Health != "" {
		test = []any{"CMD", "node", "-e", checkHTTP, strconv.Itoa(s.Port), literal(s.Health)}
	}
	return map[string]any{"test": test, "interval": "5s", "timeout": "5s", "retries": 3, "start_period": "30s"}
}

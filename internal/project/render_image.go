package project

import (
	"fmt"
	"path"
	"slices"
)

// image is what services of one package with the same Node.js, package manager
// and Debian packages share: the stages of the Dockerfile that are theirs, and
// the images built from them.
type image struct {
	// Suffix tells the stages of the second and later images apart.
	Suffix   string
	Node     string
	Manager  PackageManager
	Rules    managerRules
	Facts    RenderFacts
	Services []Service
	// Own is the user's Dockerfile that makes it, where there is one.
	Own OwnDockerfile
}

// takes tells whether a service of a package can share the image.
func (g image) takes(s Service, dir string) bool {
	first := g.Services[0]
	return g.Facts.Dir == dir && g.Node == s.Node && g.Manager == s.PackageManager && g.Own == s.Dockerfile &&
		slices.Equal(first.BuildPackages, s.BuildPackages) && slices.Equal(first.SystemPackages, s.SystemPackages)
}

// dir is the package's folder in the image.
func (g image) dir() string { return path.Join(AppDir, g.Facts.Dir) }

// groupImages sorts services by the image that they need, in their order.
func groupImages(services []Service, facts RenderFacts) ([]image, error) {
	var list []image
	for _, s := range services {
		f := facts.of(s.Name)
		i := slices.IndexFunc(list, func(g image) bool { return g.takes(s, f.Dir) })
		if i >= 0 {
			list[i].Services = append(list[i].Services, s)
			continue
		}
		rules, err := s.PackageManager.rules()
		if err != nil {
			return nil, fmt.Errorf("service %q: %w", s.Name, err)
		}
		g := image{Node: s.Node, Manager: s.PackageManager, Rules: rules, Facts: f, Own: s.Dockerfile, Services: []Service{s}}
		if len(list) > 0 {
			g.Suffix = "-" + s.Name
		}
		list = append(list, g)
	}
	return list, nil
}

// owner is the service that the image of a service is built and named for: the
// first that shares it. A service with words of its own for its build shares
// with nobody. Only the owner has a build in Compose's file, because Compose
// gives an image labels of the service that it is built for, so that two builds
// under one name would take turns.
func (g image) owner(s Service, mode Mode) string {
	if s.changesBuild(mode) {
		return s.Name
	}
	i := slices.IndexFunc(g.Services, func(o Service) bool {
		return !o.changesBuild(mode) && (mode == Dev || o.hasProd())
	})
	return g.Services[i].Name
}

// changesBuild tells whether the service has words of its own for its image.
func (s Service) changesBuild(mode Mode) bool {
	return s.ownWord("build", mode) != nil || s.ownWord("image", mode) != nil
}

// ownWord is what the service's own Compose words say under a key; nil for nothing.
func (s Service) ownWord(key string, mode Mode) any {
	var word any
	for _, section := range sectionsOf(s, mode) {
		own := section.Config["services"].(map[string]any)[s.Name].(map[string]any)
		if own[key] != nil {
			word = own[key]
		}
	}
	return word
}

// addImage puts the image into a service, and how it is built where the image is its own.
func (g image) addImage(c map[string]any, project string, s Service, mode Mode) {
	owner := g.owner(s, mode)
	c["image"] = project + "-" + owner + ":" + string(mode)
	if owner == s.Name {
		c["build"] = buildSection(g.target(string(mode)), g.Facts)
		if g.Own.used() {
			c["build"] = g.Own.buildSection(mode)
		}
		return
	}
	c["pull_policy"] = "never" // no registry has it
}

// target is the stage of that name.
func (g image) target(stage string) string { return stage + g.Suffix }

// imageOf finds the image of a service.
func imageOf(images []image, service string) image {
	i := slices.IndexFunc(images, func(g image) bool {
		return slices.ContainsFunc(g.Services, func(s Service) bool { return s.Name == service })
	})
	return images[i]
}

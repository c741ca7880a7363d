package project

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// writesKeys say what an app writes in the project's folder.
var writesKeys = []key[Service]{
	{"writes", keyDoc{
		Type: "list of folders",
		Text: "Folders, relative to the project, that the app or its tools write in development, beside those that devbox knows of. Each gets a volume of its own, so that it can be written whoever owns the project, and is not seen on the host. Services that name the same folder share it. With ! in front, a folder that devbox knows stays in the project.",
		// The list is long; docs/adopting.md has it.
		Default: "what frameworks keep for themselves, such as .next, .nuxt, .svelte-kit, .astro, .angular and node_modules/.vite, where the framework is among the dependencies",
		Example: "writes: [dist, src/generated, \"!.next\"]",
		Schema:  map[string]any{"type": "array", "items": map[string]any{"type": "string", "minLength": 1}},
	}, readWrites},
}

func readWrites(r *reader, n *yaml.Node, s *Service) {
	where := "writes of service " + show(s.Name)
	if !r.is(n, yaml.SequenceNode, where, "a list") {
		return
	}
	for _, item := range n.Content {
		text, ok := r.text(item, "a folder in "+where)
		if !ok {
			continue
		}
		name, out := strings.CutPrefix(text, without)
		r.judge(item, "a folder in "+where, checkWritten(name))
		if name = path.Clean(name); out {
			name = without + name
		}
		if !slices.Contains(s.Writes, name) {
			s.Writes = append(s.Writes, name)
		}
	}
}

// checkWritten is the rule for folders that a volume is to be mounted on.
func checkWritten(name string) verdict {
	if v := checkPath(name); v.text != "" {
		return v
	}
	clean := path.Clean(name)
	parts := strings.Split(clean, "/")
	switch {
	case name == "" || clean == ".":
		return verdict{"is the whole project, which the app sees as it is", "name the folder that it writes"}
	case path.Base(clean) == nodeModules:
		return verdict{"is " + show(name) + ", which has a volume already", ""}
	case slices.Contains(parts, ".git") || parts[0] == StateDir:
		return verdict{"is " + show(name) + ", which is not the app's", ""}
	case !plainPath.MatchString(clean):
		return verdict{fmt.Sprintf("is %s, on which devbox cannot mount", show(name)), "use letters, digits and @ % + = . _ - in the folder's name"}
	}
	return verdict{}
}

// checkWrites makes sure that no volume hides the source of a service.
func (r *reader) checkWrites(services *yaml.Node, m *Model) {
	for _, s := range m.Services {
		for i, folder := range s.Writes {
			hidden := slices.IndexFunc(m.Services, func(other Service) bool {
				return other.Dir != "" && (other.Dir == folder || strings.HasPrefix(other.Dir, folder+"/"))
			})
			if hidden < 0 {
				continue
			}
			n := valueOf(valueOf(services, s.Name), "writes")
			if i < len(n.Content) {
				n = n.Content[i]
			}
			r.add(n, "name the folder below it that is written", "writes of service %s would hide %s, the folder of service %s",
				show(s.Name), show(m.Services[hidden].Dir), show(m.Services[hidden].Name))
		}
	}
}

package project

import (
	"path/filepath"
	"regexp"
	"strings"
)

// devBaseStage is the stage of a rendered Dockerfile that holds Node.js and the
// package manager, and no packages.
const devBaseStage = "dev-base"

// stageLine is a stage's first line: FROM base AS name.
var stageLine = regexp.MustCompile(`(?mi)^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)[ \t]+AS[ \t]+(\S+)[ \t]*\r?$`)

// buildStage is one stage of a Dockerfile.
type buildStage struct{ name, from, text string }

func stagesOf(dockerfile []byte) []buildStage {
	var list []buildStage
	starts := stageLine.FindAllSubmatchIndex(dockerfile, -1)
	for i, m := range starts {
		end := len(dockerfile)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		list = append(list, buildStage{
			name: string(dockerfile[m[4]:m[5]]), from: string(dockerfile[m[2]:m[3]]), text: string(dockerfile[m[0]:end]),
		})
	}
	return list
}

// stageChain is the text of a stage and of those that it is made from. It is
// empty where there is no such stage.
func stageChain(dockerfile []byte, name string) string {
	list := stagesOf(dockerfile)
	var chain strings.Builder
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].name == name {
			chain.WriteString(list[i].text)
			name = list[i].from
		}
	}
	return chain.String()
}

// StageBase is the image that a stage of the project's Dockerfile starts from, over
// all stages between; empty where that cannot be told.
func (p *Project) StageBase(name string) string {
	base := stageBase(p.dockerfile(), name)
	if base == name || base == "scratch" || strings.Contains(base, "$") {
		return ""
	}
	return base
}

func stageBase(dockerfile []byte, name string) string {
	list := stagesOf(dockerfile)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].name == name {
			name = list[i].from
		}
	}
	return name
}

var copyLine = regexp.MustCompile(`(?mi)^[ \t]*(?:COPY|ADD)[ \t]`)

// StageDigest is the digest of what a stage of the rendered Dockerfile is made
// of. It is false where that cannot be told: the Dockerfile is not as devbox
// rendered it, or the stage takes in files of the folder.
func (p *Project) StageDigest(name string) (string, bool) {
	if !p.OwnsDockerfile() {
		return "", false
	}
	chain := stageChain(p.dockerfile(), name)
	if chain == "" || copyLine.MatchString(chain) {
		return "", false
	}
	return bodyDigest([]byte(chain)), true
}

// DockerfileDigest is the digest of a Dockerfile that is not as devbox rendered
// it: what it installs may depend on every line. It is empty for devbox's own.
func (p *Project) DockerfileDigest() string {
	if p.OwnsDockerfile() {
		return ""
	}
	return bodyDigest(p.dockerfile())
}

// UseBaseImages returns a copy of the project in which development images come
// without packages, where their Dockerfile has such a stage, since devbox mounts
// those from a volume that it fills itself. They get names of their own: plain
// Compose needs the others as they are. bare names their services.
func (p *Project) UseBaseImages(c *Compose) (out *Compose, bare map[string]bool) {
	dockerfile := p.dockerfile()
	renamed, target := map[string]string{}, map[string]string{}
	for name, s := range c.Services {
		if s.Build == nil || filepath.Clean(s.Build.Context) != p.Dir || s.Build.Dockerfile != p.Model.Files.Name(DockerFile) || s.Build.DockerfileInline != "" {
			continue
		}
		suffix, isDev := strings.CutPrefix(s.Build.Target, string(Dev))
		if isDev && stageChain(dockerfile, devBaseStage+suffix) != "" {
			target[name] = devBaseStage + suffix
			renamed[s.Image] = s.Image + "-base"
		}
	}
	copied := *c
	copied.Services, bare = make(map[string]ComposeService, len(c.Services)), map[string]bool{}
	for _, s := range p.Model.Services {
		if s.Dockerfile.used() {
			bare[s.Name] = true // its packages are installed in it
		}
	}
	for name, s := range c.Services {
		if to, ok := renamed[s.Image]; ok && (s.Build == nil || target[name] != "") {
			bare[name] = true
			s.Image = to
			if s.Build != nil {
				build := *s.Build
				build.Target = target[name]
				s.Build = &build
			}
		}
		copied.Services[name] = s
	}
	return &copied, bare
}

// OwnsDockerfile tells whether the Dockerfile is as devbox renders it, so that
// what it depends on is known.
func (p *Project) OwnsDockerfile() bool {
	_, own := p.readDockerfile()
	return own
}

func (p *Project) dockerfile() []byte {
	text, _ := p.readDockerfile()
	return text
}

// readDockerfile gives the Dockerfile that counts, without devbox's header:
// somebody's own where there is one, else the rendered one. It looks once.
func (p *Project) readDockerfile() (text []byte, own bool) {
	if p.usedDockerfile != nil {
		return p.usedDockerfile.Data, p.usedDockerfile.Name == DockerFile
	}
	plan, err := p.Plan()
	if err != nil {
		return nil, false
	}
	for _, f := range plan.Files {
		if f.Name != p.Model.Files.Name(DockerFile) {
			continue
		}
		used := File{Name: DockerFile, Data: body(f.Data)}
		if f.Action == KeepEdited || f.Action == KeepForeign {
			used = File{Data: body(f.Existing)}
		}
		p.usedDockerfile = &used
		return used.Data, used.Name == DockerFile
	}
	return nil, false
}

package project

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// renderDockerfile writes the stages of all images. It keeps to what the
// Dockerfile frontend of Docker 20.10 knows, because there is no `# syntax`
// line: that would need a registry.
func renderDockerfile(m *Model, images []image) []byte {
	var d dockerfile
	for _, g := range images {
		if g.Own.used() {
			continue
		}
		p := installPlan(m, g)
		d.base(m, g)
		d.buildBase(g)
		d.devBase(g)
		d.deps(g, p)
		d.dev(g, p)
		if slices.ContainsFunc(g.Services, Service.hasProd) {
			d.source(g)
			d.build(g)
			d.prodDeps(g, p)
			d.prod(g, p)
			d.migrate(g, p)
		}
	}
	return d.Bytes()
}

// dockerfile is written line by line. Only names that were checked come into
// it unquoted.
type dockerfile struct{ bytes.Buffer }

func (d *dockerfile) line(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

func (d *dockerfile) stage(why, from, name string) {
	if d.Len() > 0 {
		d.line("")
	}
	d.line("# %s\nFROM %s AS %s", why, from, name)
}

// run writes a RUN with its mounts, one a line.
func (d *dockerfile) run(mounts []string, command string) {
	d.WriteString("RUN ")
	for _, m := range mounts {
		d.WriteString("--mount=" + m + " \\\n    ")
	}
	d.line("%s", command)
}

func (d *dockerfile) base(m *Model, g image) {
	d.stage("Exact versions. node_modules is there, so that a volume that is mounted on it starts out as the plain user's.",
		BaseImage(g.Services[0]), g.target("base"))
	d.debian(g.Services[0].SystemPackages)
	d.line("ENV PATH=%s/node_modules/.bin:$PATH NPM_CONFIG_UPDATE_NOTIFIER=false", g.dir())
	if g.Rules.Env != "" {
		d.line("ENV %s", strings.ReplaceAll(g.Rules.Env, placeOfModules, path.Join(g.dir(), nodeModules)))
	}
	if v := g.Manager.Version; v != "" {
		d.run([]string{
			fmt.Sprintf("type=cache,id=devbox-%s-setup,target=%s", m.Name, cacheDir),
			"type=secret,id=" + g.Facts.secret() + ",target=/root/.npmrc",
		}, g.setup())
	}
	d.line("WORKDIR %s", g.dir())
	d.line("RUN mkdir node_modules && chown node:node . node_modules")
}

// devBase is what devbox itself runs in development: no lock comes into it, so
// no change of one builds an image.
func (d *dockerfile) devBase(g image) {
	d.stage("Development without packages, which devbox mounts from a volume. Whoever owns the source may also write where tools keep their things.",
		g.tools(), g.target(devBaseStage))
	d.line("RUN chmod 1777 /home/node node_modules")
	d.line("ENV NODE_ENV=development HOME=/home/node")
	d.line("USER node")
}

func (d *dockerfile) deps(g image, p installs) {
	d.stage("All dependencies. An edit of the source does not come by here.", g.target(devBaseStage), g.target("deps"))
	d.install(g, p, p.Dev, p.DevFiles)
}

// install copies what an install reads, and installs.
func (d *dockerfile) install(g image, p installs, command string, files []string) {
	if command == "" {
		return
	}
	d.copyFiles(g, files)
	if !slices.Equal(files, []string{"."}) {
		command = g.stubBins() + command
	}
	d.run(p.Mounts, command+p.makeFolders())
}

func (d *dockerfile) dev(g image, p installs) {
	d.stage("Development: the source is mounted over "+AppDir+".", g.target("deps"), g.target(string(Dev)))
	d.line("RUN chmod 1777 %s", strings.Join(append([]string{nodeModules}, p.Folders...), " "))
	d.makeWritable(g)
	d.workdir(g, g.Services[0])
	d.line("CMD %s", execForm(g.Services[0].Dev))
}

// workdir goes into the folder of a service, where that is not the package's.
func (d *dockerfile) workdir(g image, s Service) {
	if s.workingDir() != g.dir() {
		d.line("WORKDIR %s", s.workingDir())
	}
}

func (d *dockerfile) source(g image) {
	d.stage("The source, readable for everybody whatever the modes are on this machine.", g.tools(), g.target("source"))
	d.line("USER node")
	d.copyFolders(g, ".")
	d.line("RUN chmod -R u=rwX,go=rX %s", strings.Join(append([]string{"."}, g.outside()...), " "))
}

func (d *dockerfile) build(g image) {
	builds := g.builds()
	if len(builds) == 0 {
		return
	}
	d.stage("The build sees all dependencies, and leaves none behind.", g.target("source"), g.target("build"))
	var mounts []string
	for _, dir := range g.Facts.modules() {
		at := path.Join(AppDir, dir)
		mounts = append(mounts, fmt.Sprintf("type=bind,from=%s,source=%s,target=%s,rw", g.target("deps"), at, at))
	}
	at := g.dir()
	for _, s := range builds {
		if s.workingDir() != at {
			at = s.workingDir()
			d.line("WORKDIR %s", at)
			d.line("ENV PATH=%s/node_modules/.bin:$PATH", at)
		}
		d.run(mounts, execForm(s.Build))
	}
}

// builds are services of the image with different build commands.
func (g image) builds() []Service {
	var list []Service
	for _, s := range g.Services {
		same := func(o Service) bool { return o.Dir == s.Dir && slices.Equal(o.Build, s.Build) }
		if len(s.Build) > 0 && !slices.ContainsFunc(list, same) {
			list = append(list, s)
		}
	}
	return list
}

func (d *dockerfile) prodDeps(g image, p installs) {
	const why = "Without development dependencies."
	if p.Prune {
		d.stage(why, g.target("deps"), g.target("prod-deps"))
		d.run(p.Mounts, p.Prod+p.makeFolders())
	} else {
		d.stage(why, g.tools(), g.target("prod-deps"))
		d.line("USER node")
		d.install(g, p, p.Prod, p.ProdFiles)
	}
	if g.Facts.WholeFolder && len(p.Folders) > 0 {
		d.line(`RUN find %s -name node_modules -prune -o ! -type d -exec rm -f {} +`, strings.Join(append([]string{"."}, g.outside()...), " "))
	}
}

func (d *dockerfile) prod(g image, p installs) {
	d.stage("Production: root owns the files, the plain user runs them.", g.target("base"), g.target("prod"))
	d.production(g, p, "prod-deps")
	if ports := g.ports(); ports != "" {
		d.line("EXPOSE %s", ports)
	}
	first := slices.IndexFunc(g.Services, Service.hasProd)
	d.workdir(g, g.Services[first])
	d.line("CMD %s", execForm(g.Services[first].Prod))
}

// migrate is production with all dependencies, for migrations whose tool is one of
// development.
func (d *dockerfile) migrate(g image, p installs) {
	tooled := g.tooled()
	if len(tooled) == 0 {
		return
	}
	d.stage("Migrations in production: the tool is a development dependency. No app runs in it.", g.target("base"), g.target(migrateStage))
	d.production(g, p, "deps")
	d.workdir(g, tooled[0])
	d.line("CMD %s", execForm(tooled[0].Migrate))
}

// production is what an image of production has: the app, and the packages of a
// stage.
func (d *dockerfile) production(g image, p installs, packages string) {
	from := "source"
	if len(g.builds()) > 0 {
		from = "build"
	}
	d.line("ENV NODE_ENV=production")
	d.line("RUN chown root:root . node_modules")
	if len(p.Folders) > 0 {
		d.line("COPY --chown=root:root --from=%s %s %s", g.target(packages), AppDir, AppDir)
	} else {
		d.line("COPY --chown=root:root --from=%s %s/node_modules ./node_modules", g.target(packages), g.dir())
	}
	d.line("COPY --chown=root:root --from=%s %s ./", g.target(from), g.dir())
	for _, dir := range g.outside() {
		d.line("COPY --chown=root:root --from=%s %s %s", g.target(from), dir, dir)
	}
	d.line("USER node")
}

// ports lists the ports of the image's services, each once.
func (g image) ports() string {
	var list []string
	for _, s := range g.Services {
		if p := strconv.Itoa(s.Port); s.Port != 0 && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return strings.Join(list, " ")
}

// execForm is a command as a JSON array. What cannot be seen is escaped, so
// that the line reads as what it does.
func execForm(c Command) string {
	words := make([]string, len(c))
	for i, w := range c {
		words[i] = quote(w)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func quote(s string) string {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	// A string always encodes.
	_ = enc.Encode(s)
	var out strings.Builder
	for _, r := range strings.TrimSuffix(buf.String(), "\n") {
		switch {
		case unicode.IsPrint(r):
			out.WriteRune(r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}

package project

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// native is what a package needs of the system beside Node.js.
type native struct {
	// build are the Debian packages that building it takes, run those that it
	// uses when it runs.
	build, run string
	// from is the first version that comes ready built from the registry; zero
	// where none does.
	from version
}

// compiler is what node-gyp works with.
const compiler = "g++ make python3"

// nativePackages are the packages that are compiled at an install, or whose
// ready-built form comes from somewhere else than the registry, where it may
// not be had; and those that call programs of the system. sharp, esbuild and
// others come ready built for every platform, and are not here.
var nativePackages = map[string]native{
	"@prisma/client":      {run: "openssl"},
	"argon2":              {build: compiler, from: version{0, 40}},
	"bcrypt":              {build: compiler, from: version{6}},
	"better-sqlite3":      {build: compiler},
	"canvas":              {build: compiler + " libcairo2-dev libgif-dev libjpeg-dev libpango1.0-dev librsvg2-dev pkg-config", run: "libcairo2 libgif7 libjpeg62-turbo libpango-1.0-0 libpangocairo-1.0-0 librsvg2-2"},
	"gl":                  {build: compiler + " libgl1-mesa-dev libglew-dev libxi-dev pkg-config", run: "libgl1 libxi6"},
	"gm":                  {run: "graphicsmagick"},
	"hiredis":             {build: compiler},
	"integer":             {build: compiler},
	"isolated-vm":         {build: compiler},
	"kerberos":            {build: compiler + " libkrb5-dev", run: "libgssapi-krb5-2"},
	"libpq":               {build: compiler + " libpq-dev", run: "libpq5"},
	"libxmljs":            {build: compiler},
	"libxmljs2":           {build: compiler},
	"node-expat":          {build: compiler},
	"node-libcurl":        {build: compiler + " libcurl4-openssl-dev libssl-dev", run: "libcurl4"},
	"node-pty":            {build: compiler},
	"node-sass":           {build: compiler},
	"pg-native":           {build: compiler + " libpq-dev", run: "libpq5"},
	"prisma":              {run: "openssl"},
	"re2":                 {build: compiler},
	"sodium-native":       {build: compiler, from: version{1}},
	"sqlite3":             {build: compiler},
	"unix-dgram":          {build: compiler},
	"usb":                 {build: compiler + " libudev-dev", run: "libudev1", from: version{1}},
	"@mongodb-js/zstd":    {build: compiler},
	"@vscode/sqlite3":     {build: compiler},
	"fluent-ffmpeg":       {run: "ffmpeg"},
	"imagemagick":         {run: "imagemagick"},
	"deasync":             {build: compiler},
	"microtime":           {build: compiler, from: version{3}},
	"node-rdkafka":        {build: compiler + " libsasl2-dev libssl-dev zlib1g-dev", run: "libsasl2-2"},
	"zeromq":              {build: compiler + " cmake", from: version{6}},
	"bufferutil":          {build: compiler, from: version{4}},
	"utf-8-validate":      {build: compiler, from: version{5}},
	"leveldown":           {build: compiler, from: version{5}},
	"sse4_crc32":          {build: compiler},
	"farmhash":            {build: compiler},
	"node-webcrypto-ossl": {build: compiler},
}

// pickNative decides the Debian packages of an app from what it and what it
// depends on have of native code.
func pickNative(f *Facts, s *Service) []Finding {
	var findings []Finding
	build, run := map[string]bool{}, map[string]bool{}
	var builders, runners []string
	for _, name := range slices.Sorted(maps.Keys(nativePackages)) {
		n, spec := nativePackages[name], f.Package.spec(name)
		locked, inLock := f.Survey.Locked[name]
		if locked == "" {
			locked = spec
		}
		if !inLock && spec == "" || n.from != (version{}) && leastOf(locked).compare(n.from) >= 0 {
			continue
		}
		if n.build != "" {
			builders = append(builders, name)
			addWords(build, n.build)
		}
		if n.run != "" {
			runners = append(runners, name)
			addWords(run, n.run)
		}
	}
	if f.NodeGyp {
		builders = append(builders, "binding.gyp")
		addWords(build, compiler)
	}
	s.BuildPackages, s.SystemPackages = slices.Sorted(maps.Keys(build)), slices.Sorted(maps.Keys(run))
	if len(builders) > 0 {
		findings = append(findings, Finding{What: "build-packages", Value: strings.Join(s.BuildPackages, " "), Source: listSome(builders) + " may have to be compiled"})
	}
	if len(runners) > 0 {
		findings = append(findings, Finding{What: "system-packages", Value: strings.Join(s.SystemPackages, " "), Source: fmt.Sprintf("%s %s", listSome(runners), plural(len(runners), "uses", "use")+" "+plural(len(run), "it", "them"))})
	}
	return findings
}

// shareNative gives all apps of a workspace the same Debian packages: they have
// one install, which needs those of every member, and so one image.
func shareNative(services []Service, places []appPlace) {
	var shared []int
	build, run := map[string]bool{}, map[string]bool{}
	for i, place := range places {
		if place.facts.Survey.Root == nil && (place.dir != "" || !place.facts.workspaces()) {
			continue
		}
		shared = append(shared, i)
		addWords(build, strings.Join(services[i].BuildPackages, " "))
		addWords(run, strings.Join(services[i].SystemPackages, " "))
	}
	for _, i := range shared {
		services[i].BuildPackages, services[i].SystemPackages = slices.Sorted(maps.Keys(build)), slices.Sorted(maps.Keys(run))
	}
}

func addWords(set map[string]bool, words string) {
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
}

// spec is what package.json asks of a dependency; empty where it is none.
func (p *PackageJSON) spec(name string) string {
	if p == nil {
		return ""
	}
	for _, list := range []map[string]string{p.Dependencies, p.DevDependencies, p.OptionalDependencies} {
		if spec, there := list[name]; there {
			return spec + " " // never empty
		}
	}
	return ""
}

// leastOf is the version that a range starts from; zero where that cannot
// be told.
func leastOf(spec string) version {
	r, ok := parseRange(strings.TrimSpace(spec))
	if !ok {
		return version{}
	}
	return r.least()
}

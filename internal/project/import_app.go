package project

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// app takes a Compose service's words into the app that it is.
func (in *Imports) app(app *Service, facts *Facts, s UserService, c Choices) []Finding {
	p := placeOf(s, in.isFile)
	d := in.Dockerfiles[p.dockerfile]
	a := &composeApp{appImport: appImport{s: app, f: facts, c: c}, u: in.Compose, words: s.Words, plain: s.Plain, place: p}
	if p.dir != "" {
		a.note("dir", p.dir, in.Compose.at(s.Name, "build", "context"))
	}
	if d != nil {
		a.found = append(a.found, a.dockerfile(d, p.context, p.target)...)
		plan, last := d.plan(p.target), len(d.Stages)-1
		a.workdir = d.workdir(plan.dev)
		a.served = !plan.own && p.target == "" && d.foreignBase(last) && len(d.misfits(last)) > 0
	}
	a.take()
	for i := range a.found {
		a.found[i].Service = s.Name
	}
	return a.found
}

// isFile answers from what was read, for a folder that is no longer at hand.
func (in *Imports) isFile(name string) bool {
	return in.Apps[topIsEmpty(path.Dir(name))] != nil
}

// withWishes are an app's facts with what the project's top, its Dockerfile and
// its image say of the Node version.
func (in *Imports) withWishes(facts *Facts, s UserService, p composePlace) *Facts {
	d := in.Dockerfiles[p.dockerfile]
	out := *facts
	out.Imports = nil
	out.Node = slices.Clone(facts.Node)
	if d != nil && d.File != path.Join(p.dir, DockerFile) {
		if i := d.plan(p.target).dev; d.Stages[i].Node != "" {
			out.Node = append(out.Node, Fact{d.Stages[i].Node, d.File + " FROM"})
		}
	}
	if m := nodeImage.FindStringSubmatch(text(s.Words["image"])); m != nil {
		if v := tagVersion.FindStringSubmatch(m[1]); v != nil {
			out.Node = append(out.Node, Fact{v[1], in.Compose.at(s.Name, "image")})
		}
	}
	return &out
}

// composeApp takes a Compose service's words into an app.
type composeApp struct {
	appImport
	u *UserCompose
	// words are in Compose's long forms, plain as they are written.
	words, plain map[string]any
	place        composePlace
	workdir      string
	// served tells that Compose runs a stage with another server than the app's own.
	served bool
	found  []Finding
}

func (a *composeApp) note(what, value, source string) {
	a.found = append(a.found, Finding{What: what, Value: value, Source: source})
}

func (a *composeApp) at(keys ...string) string { return a.u.at(a.s.Name, keys...) }

// devboxWords are for what devbox has its own way: the image, the command, the
// user, mounts of source, and what restarts or checks an app.
var devboxWords = wordSet(`build image command entrypoint working_dir user ports volumes environment env_file depends_on links healthcheck secrets
	container_name restart init stdin_open tty expose profiles scale deploy develop platform pull_policy extends read_only annotations`)

func (a *composeApp) take() {
	if dir := text(a.words["working_dir"]); dir != "" {
		a.workdir = path.Clean(dir)
	}
	for _, m := range mountsOf(a.words) {
		if dir, ok := inProject(m.source); ok && m.kind == "bind" && dir == a.place.dir && a.workdir == "" {
			a.workdir = m.target
		}
	}
	a.environment()
	a.ports()
	a.command()
	a.needs()
	a.secrets()
	a.mounts()
	if check, ok := a.words["healthcheck"].(map[string]any); ok {
		if p := healthPathIn(fmt.Sprint(check["test"])); p != "" && healthPath.MatchString(p) {
			a.s.Health = p
			a.note("health", p, a.at("healthcheck"))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(a.words)) {
		switch {
		case !devboxWords[key]:
			v, written := a.plain[key]
			if !written {
				v = a.words[key]
			}
			a.keep(key, cloneValue(v))
			a.note("compose", key, a.at(key))
		case slices.Contains([]string{"container_name", "user", "deploy", "scale", "restart", "platform", "read_only"}, key):
			a.note("compose", "", fmt.Sprintf("%s: %s is left out, because devbox has its own", a.at(key), key))
		}
	}
}

// keep puts a key into the app's own Compose words.
func (a *composeApp) keep(key string, v any) {
	if a.s.Compose == nil {
		a.s.Compose = map[string]any{}
	}
	a.s.Compose[key] = v
}

// ports takes the first port as the app's own; the others, such as an
// inspector's, stay in Compose's words, on this machine only.
func (a *composeApp) ports() {
	var more []any
	list, _ := a.words["ports"].([]any)
	first := true
	for _, e := range list {
		m, _ := e.(map[string]any)
		target, err := strconv.Atoi(fmt.Sprint(m["target"]))
		published, pubErr := strconv.Atoi(publishedDefault(text(m["published"])))
		if err != nil || text(m["protocol"]) == "udp" {
			if m != nil {
				more = append(more, cloneValue(m))
			}
			continue
		}
		if first {
			first = false
			if a.c.Port < 0 && !a.served {
				a.s.Port = target
			}
			if pubErr == nil && published != a.s.Port && published > 0 {
				a.s.Publish = published
			}
			a.found = slices.DeleteFunc(a.found, func(f Finding) bool { return f.What == "port" })
			a.note("port", strconv.Itoa(a.s.Port), a.at("ports"))
			if a.s.Publish != 0 {
				a.note("publish", strconv.Itoa(a.s.Publish), a.at("ports"))
			}
			continue
		}
		more = append(more, fmt.Sprintf("127.0.0.1:%s:%d", text(m["published"]), target))
	}
	if len(more) > 0 {
		a.s.ComposeDev = map[string]any{"ports": more}
		a.note("compose-dev", "ports", a.at("ports"))
	}
}

// publishedDefault is a port, or the default of the variable that stands for it.
func publishedDefault(p string) string {
	if m := dockerVar.FindStringSubmatch(p); m != nil && m[0] == p {
		return m[2]
	}
	return p
}

// command takes a command for development that runs Node; where there is none,
// the image's own has been looked at already.
func (a *composeApp) command() {
	if a.c.Dev != "" {
		return
	}
	command, key := commandWords(a.words["command"]), "command"
	if entry := commandWords(a.words["entrypoint"]); len(entry) > 0 {
		command, key = slices.Concat(withoutInit(entry), command), "entrypoint"
	}
	if len(command) == 0 {
		return
	}
	if !startsNode(command) {
		a.note("dev", "", fmt.Sprintf("%s: %s is left out, because it does not run Node", a.at(key), command))
		return
	}
	dev, notes, err := a.finder().fromCommand("dev", command, a.workdir)
	if err != nil || len(dev) == 0 {
		return
	}
	a.s.Dev = dev
	a.found = slices.DeleteFunc(a.found, func(f Finding) bool { return f.What == "dev" })
	a.note("dev", dev.String(), a.at(key))
	a.found = append(a.found, notes...)
}

// commandWords are a command in exec form, or a text that Compose splits.
func commandWords(v any) Command {
	switch v := v.(type) {
	case string:
		if line, err := lexShell(v); err == nil {
			var words Command
			for _, t := range line.tokens {
				words = append(words, t.text)
			}
			return words
		}
	case []any:
		var words Command
		for _, e := range v {
			words = append(words, strings.ReplaceAll(fmt.Sprint(e), "$$", "$"))
		}
		return words
	}
	return nil
}

// needs are the services that it depends on or links to.
func (a *composeApp) needs() {
	depends, _ := a.words["depends_on"].(map[string]any)
	names := slices.Sorted(maps.Keys(depends))
	links, _ := a.words["links"].([]any)
	for _, l := range links {
		name, _, _ := strings.Cut(fmt.Sprint(l), ":")
		names = union(names, []string{name})
	}
	if len(names) > 0 {
		a.s.Needs = names
		a.note("needs", strings.Join(names, ", "), a.at("depends_on"))
	}
}

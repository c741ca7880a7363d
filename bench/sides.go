package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// side is one way to get from an edit to the new code's answer.
type side struct {
	name string
	// up makes the project and starts its app.
	up func(b *bench) (*project, error)
	// saved is called after each save; most see it by themselves.
	saved func(p *project) error
	// missing says why the side cannot be measured here.
	missing func() string

	// peer tells it from devbox. Of saves of the app that is measured it has not seen
	// lost; it is gone when it saw none any more, also started anew.
	peer, gone  bool
	saves, lost int
	project     *project
}

func sides() []*side {
	return []*side{
		{name: "devbox up", up: func(b *bench) (*project, error) { return b.upDevbox("auto") }},
		{name: "devbox up, standby: off", up: func(b *bench) (*project, error) { return b.upDevbox("off") }},
		{name: "devbox up, standby: on", up: func(b *bench) (*project, error) { return b.upDevbox("on") }},
		{name: "nodemon in the same image", up: func(b *bench) (*project, error) {
			return b.upCommand("nodemon", "nodemon --quiet --ext js,ts index.js")
		}, peer: true},
		{name: "node --watch in the same image, saved in place", up: (*bench).upNodeWatch, peer: true},
		{name: "container restart by the API", up: func(b *bench) (*project, error) { return b.upCommand("restart", "node index.js") }, saved: (*project).restartContainer, peer: true},
		{name: "docker compose watch, sync+restart", up: (*bench).upComposeWatch, missing: noCompose, peer: true},
	}
}

// newSide is a project with all apps in it and what every side needs installed.
func (b *bench) newSide(name string) (*project, error) {
	p, err := b.newProject(name, "express")
	if err != nil {
		return nil, err
	}
	if _, err := p.devbox("run", "npm", "install", "--save-dev", "nodemon@3.1.10"); err != nil {
		return nil, err
	}
	return p, p.addApps()
}

// upDevbox runs devbox itself with one of the settings for the standby.
func (b *bench) upDevbox(standby string) (*project, error) {
	p, err := b.newSide("devbox" + standby)
	if err != nil {
		return nil, err
	}
	if err := p.setWeb("standby: " + standby + "\n    " + plainDev); err != nil {
		return nil, err
	}
	return p, p.start(b.bin, "up", "--json")
}

// upCommand runs a command in the container, and devbox watches nothing.
func (b *bench) upCommand(name, command string) (*project, error) {
	p, err := b.newSide(name)
	if err != nil {
		return nil, err
	}
	if command != "node index.js" {
		if err := p.setWeb("dev: " + command); err != nil {
			return nil, err
		}
	}
	_, err = p.devbox("up", "--detach", "--no-watch")
	return p, err
}

// upNodeWatch is saved in place: once a file was replaced, node --watch goes on
// watching the one that is gone, and sees no further save of it. The command begins
// with env, because devbox leaves --watch out of what begins with node.
func (b *bench) upNodeWatch() (*project, error) {
	p, err := b.upCommand("nodewatch", "env node --watch index.js")
	if err == nil {
		p.inPlace = true
	}
	return p, err
}

func noCompose() string {
	if err := exec.Command("docker", "compose", "version").Run(); err != nil {
		return "docker compose is not installed"
	}
	return ""
}

const composeWatch = `services:
  web:
    image: %[1]s-web:watch
    build: {context: ., dockerfile: watch.Dockerfile, target: watch}
    init: true
    command: [node, index.js]
    ports: ["127.0.0.1:%[2]d:3000"]
    develop:
      watch:
        - {action: sync+restart, path: ., target: /app, ignore: [node_modules/, .devbox/]}
`

// upComposeWatch runs the plugin's watcher on an image with the source in it.
func (b *bench) upComposeWatch() (*project, error) {
	p, err := b.newSide("compose")
	if err != nil {
		return nil, err
	}
	rendered, err := os.ReadFile(filepath.Join(p.dir, "Dockerfile"))
	if err != nil {
		return nil, err
	}
	if err := p.write("watch.Dockerfile", string(rendered)+"\nFROM dev AS watch\nCOPY --chown=node:node . /app\n"); err != nil {
		return nil, err
	}
	if err := p.write("watch.yaml", fmt.Sprintf(composeWatch, p.name, p.port)); err != nil {
		return nil, err
	}
	files := []string{"compose", "--project-name", p.name, "--file", "watch.yaml"}
	if _, err := p.run("docker", append(files, "build")...); err != nil {
		return nil, err
	}
	return p, p.start("docker", append(files, "up", "--watch")...)
}

// answer makes an app answer with words, and tells how long that took from the
// save on. A peer that loses a save gets another one, and that one is timed; a
// peer that loses this one too is started anew first, since a tool that has lost
// track of a file may see no save of it any more. For devbox it is an error.
func (s *side) answer(a app, words string) (time.Duration, error) {
	took, err := s.saveAndAwait(a, words)
	for again := 1; errors.Is(err, errNoAnswer) && s.peer && again <= 2; again++ {
		s.lost++
		if again > 1 {
			if err := s.project.startAgain(); err != nil {
				return 0, err
			}
		}
		took, err = s.saveAndAwait(a, fmt.Sprintf("%s again %d", words, again))
	}
	return took, err
}

func (s *side) saveAndAwait(a app, words string) (time.Duration, error) {
	s.saves++
	began := time.Now()
	if err := s.project.write(a.edited, a.source(words)); err != nil {
		return 0, err
	}
	if s.saved != nil {
		if err := s.saved(s.project); err != nil {
			return 0, err
		}
	}
	return s.project.awaitAnswer(words, began)
}

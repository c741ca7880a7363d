package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// lockState is a package.json with its lock, and what the app answers with it.
type lockState struct{ manifest, lock, answer string }

// versionsServer answers with the versions of two packages that it finds.
const versionsServer = `import fs from 'node:fs';
import http from 'node:http';
import express from 'express';
const version = (name) => { try { return JSON.parse(fs.readFileSync('node_modules/' + name + '/package.json')).version; } catch { return '-'; } };
const app = express();
const words = version('is-number') + ' ' + version('ms-of-ours');
app.get('/', (request, response) => response.send(words));
const server = http.createServer(app);` + listen

// someVersions of a package are a lock with one package more each.
var someVersions = []string{"2.1.3", "2.1.2", "2.1.1", "2.0.0", "1.0.0", "0.7.3", "0.7.2", "0.7.1", "0.7.0"}

// bigTree is a package of some 8,000 small files; five versions of it are 40,000.
var bigTree = map[string]string{
	"d0": "npm:date-fns@2.30.0", "d1": "npm:date-fns@2.29.3", "d2": "npm:date-fns@2.29.2", "d3": "npm:date-fns@2.29.1", "d4": "npm:date-fns@2.28.0",
}

// locks measures what a developer waits for after a switch of branches: from the
// change of package.json and lock to the first answer with the other packages.
func (b *bench) locks() error { return b.lockSwitches("small", "express app", nil) }

// bigLocks does the same where node_modules is big.
func (b *bench) bigLocks() error {
	return b.lockSwitches("big", "express app with 40,000 more files", bigTree)
}

// plainCompose is what people write by hand: an anonymous volume brings back the
// packages of the image, and is made anew with each container.
const plainCompose = `name: %[1]s
services:
  web:
    image: %[1]s-web:plain
    build: {context: ., target: dev}
    init: true
    command: [node, index.js]
    user: "1000:1000"
    ports: ["127.0.0.1:%[2]d:3000"]
    volumes: [".:/app", "/app/node_modules"]
`

// lockSide is one way to follow the lock.
type lockSide struct {
	p *project
	// follow is called after each change; devbox sees it by itself.
	follow func() error
	// known are switches between two locks, fresh are locks never seen before.
	known, fresh series
}

func (b *bench) lockSwitches(name, what string, more map[string]string) error {
	ours, states, err := b.newLocks("locks"+name, more)
	if err != nil {
		return err
	}
	if err := ours.start(b.bin, "up", "--json"); err != nil {
		return err
	}
	all := []*lockSide{{p: ours, follow: func() error { return nil }}}
	if missing := noCompose(); missing == "" {
		theirs, _, err := b.newLocks("plain"+name, more)
		if err != nil {
			return err
		}
		if err := theirs.write("plain.yaml", fmt.Sprintf(plainCompose, theirs.name, theirs.port)); err != nil {
			return err
		}
		all = append(all, &lockSide{p: theirs, follow: func() error {
			_, err := theirs.run("docker", "compose", "--file", "plain.yaml", "up", "--detach", "--build", "--renew-anon-volumes")
			return err
		}})
	}
	if err := measureLocks(all, states, b.rounds); err != nil {
		return err
	}
	rows := func(pick func(*lockSide) series) []row {
		list := []row{{"devbox up", pick(all[0])}, {"docker compose up -d --build -V", series{}}}
		if len(all) > 1 {
			list[1].series = pick(all[1])
		}
		return list
	}
	fmt.Fprintf(b.out, "\n%s: a lock that was there before, to the first answer\n", what)
	printTable(b.out, rows(func(s *lockSide) series { return s.known }), all[0].known)
	fmt.Fprintf(b.out, "\n%s: a lock with one package more, to the first answer\n", what)
	printTable(b.out, rows(func(s *lockSide) series { return s.fresh }), all[0].fresh)
	return nil
}

// newLocks makes a project and its states: two to go back and forth between,
// and then one for each version.
func (b *bench) newLocks(name string, more map[string]string) (*project, []lockState, error) {
	p, err := b.newProject(name, "express")
	if err != nil {
		return nil, nil, err
	}
	if err := p.write("index.js", versionsServer); err != nil {
		return nil, nil, err
	}
	var states []lockState
	add := func(number, ms string) {
		if err == nil {
			var s lockState
			s, err = p.lockState(number, ms, more)
			states = append(states, s)
		}
	}
	add("6.0.0", "")
	add("7.0.0", "")
	for _, version := range someVersions[:min(b.rounds, len(someVersions))] {
		add("7.0.0", version)
	}
	return p, states, err
}

func (p *project) lockState(number, ms string, more map[string]string) (lockState, error) {
	deps := map[string]string{"express": "^5.0.0", "is-number": number}
	s := lockState{answer: number + " -"}
	if ms != "" {
		deps["ms-of-ours"], s.answer = "npm:ms@"+ms, number+" "+ms
	}
	for k, v := range more {
		deps[k] = v
	}
	data, err := json.MarshalIndent(map[string]any{"name": p.name, "version": fmt.Sprintf("0.0.%d", p.b.run), "private": true, "type": "module", "dependencies": deps}, "", "  ")
	if err != nil {
		return s, err
	}
	s.manifest = string(data) + "\n"
	if err := p.write("package.json", s.manifest); err != nil {
		return s, err
	}
	if _, err := p.devbox("run", "npm", "install", "--package-lock-only", "--no-audit", "--no-fund"); err != nil {
		return s, err
	}
	lock, err := os.ReadFile(filepath.Join(p.dir, "package-lock.json"))
	s.lock = string(lock)
	return s, err
}

// measureLocks goes back and forth between the first two states, and then through
// the others, the sides in turn.
func measureLocks(sides []*lockSide, states []lockState, rounds int) error {
	each := func(to lockState, into func(*lockSide) *series) error {
		for _, s := range sides {
			took, err := s.change(to)
			if err != nil {
				return err
			}
			if into != nil {
				into(s).add(took)
			}
		}
		return nil
	}
	for _, state := range []lockState{states[0], states[1], states[0]} { // now both are known
		if err := each(state, nil); err != nil {
			return err
		}
	}
	for i := range rounds {
		if err := each(states[1-i%2], func(s *lockSide) *series { return &s.known }); err != nil {
			return err
		}
	}
	for _, state := range states[2:] {
		if err := each(state, func(s *lockSide) *series { return &s.fresh }); err != nil {
			return err
		}
	}
	return nil
}

// change writes a state and waits for the app to answer with it.
func (s *lockSide) change(to lockState) (time.Duration, error) {
	time.Sleep(500 * time.Millisecond)
	began := time.Now()
	if err := s.p.write("package-lock.json", to.lock); err != nil {
		return 0, err
	}
	if err := s.p.write("package.json", to.manifest); err != nil {
		return 0, err
	}
	if err := s.follow(); err != nil {
		return 0, err
	}
	return s.p.awaitAnswer(to.answer, began)
}

package project

import (
	"testing"
)

func TestWatchersInContainersDoNotSeeWhatDevboxWrites(t *testing.T) {
	p := projectOf(t, map[string]string{
		"package.json": `{}`,
		ModelFile:      "services:\n  web: {node: 26.10.0, dev: node x.js}\n  own: {node: 26.10.0, dev: node x.js}\n",
	})
	mount := ComposeMount{Type: "bind", Source: p.Dir, Target: AppDir}
	before := &Compose{Services: map[string]ComposeService{
		"web": {Volumes: []ComposeMount{mount}},
		"own": {Volumes: []ComposeMount{{Type: "bind", Source: "/elsewhere", Target: AppDir}}},
	}}
	after := p.HideState(before)
	hidden := ComposeMount{Type: "tmpfs", Target: "/app/.devbox"}
	if got := after.Services["web"].Volumes; len(got) != 2 || got[1].Type != hidden.Type || got[1].Target != hidden.Target {
		t.Errorf("web mounts %+v, want %+v as well", got, hidden)
	}
	if n := len(after.Services["own"].Volumes); n != 1 {
		t.Errorf("a folder that is no project's has %d mounts", n)
	}
	if n := len(before.Services["web"].Volumes); n != 1 {
		t.Errorf("the project itself has changed: %d mounts", n)
	}
}

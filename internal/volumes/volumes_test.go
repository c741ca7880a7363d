package volumes

import (
	"testing"
)

func base() Inputs {
	return Inputs{
		Lock: []byte("lock"), Exact: true, Dependencies: []byte("deps"), Manager: "npm@11.21.2", Node: "26.10.0",
		Platform: "linux/amd64", Image: "node:26.10.0-bookworm-slim", Settings: []string{"a", "b"}, User: "1000:1000",
	}
}

func TestKeyChangesExactlyWithWhatTheTreeDependsOn(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*Inputs)
		differs bool
	}{
		{"nothing", func(*Inputs) {}, false},
		{"the lock", func(i *Inputs) { i.Lock = []byte("lock2") }, true},
		{"dependencies while a lock governs", func(i *Inputs) { i.Dependencies = []byte("other") }, false},
		{"dependencies while the lock may change", func(i *Inputs) { i.Exact, i.Dependencies = false, []byte("other") }, true},
		{"the package manager", func(i *Inputs) { i.Manager = "npm@10.9.0" }, true},
		{"the Node version", func(i *Inputs) { i.Node = "24.21.0" }, true},
		{"the platform", func(i *Inputs) { i.Platform = "linux/arm64" }, true},
		{"the base image", func(i *Inputs) { i.Image = "node:26.10.0-alpine" }, true},
		{"a setting", func(i *Inputs) { i.Settings = []string{"a", "c"} }, true},
		{"the order of settings", func(i *Inputs) { i.Settings = []string{"b", "a"} }, false},
		{"how settings are split", func(i *Inputs) { i.Settings = []string{"a,1:b"} }, true},
		{"the owner", func(i *Inputs) { i.User = "1001:1001" }, true},
		{"no lock any more", func(i *Inputs) { i.Lock = nil }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := base()
			tt.change(&in)
			if got := in.Key() != base().Key(); got != tt.differs {
				t.Errorf("key differs = %v, want %v", got, tt.differs)
			}
		})
	}
}

func TestKeyWithoutALockFollowsTheDependencies(t *testing.T) {
	a, b := base(), base()
	a.Lock, b.Lock = nil, nil
	b.Dependencies = []byte("other")
	if a.Key() == b.Key() {
		t.Error("two sets of dependencies have one key")
	}
	if len(a.Key()) != keyLength {
		t.Errorf("key %q has %d digits, want %d", a.Key(), len(a.Key()), keyLength)
	}
}

func TestMakePlan(t *testing.T) {
	w := Wanted{Name: "chat_web_node_modules_k1", Service: "web", Key: "k1", Image: "chat-web:dev", User: "1000:1000"}
	worker := w
	worker.Service = "worker"
	tests := []struct {
		name   string
		wanted []Wanted
		there  map[string]Observed
		plan   string
	}{
		{"a new key is created and filled", []Wanted{w}, nil, "create and fill volume chat_web_node_modules_k1 for web from chat-web:dev\n"},
		{"a known key costs nothing", []Wanted{w}, map[string]Observed{w.Name: {Complete: true}}, "volumes: nothing to do\n"},
		{"an install that was cut short is made anew", []Wanted{w}, map[string]Observed{w.Name: {}}, "remove, create and fill volume chat_web_node_modules_k1 for web from chat-web:dev\n"},
		{"a volume in use is left alone", []Wanted{w}, map[string]Observed{w.Name: {InUse: true}}, "volumes: nothing to do\n"},
		{"two services share one volume", []Wanted{w, worker}, nil, "create and fill volume chat_web_node_modules_k1 for web from chat-web:dev\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := MakePlan(tt.wanted, tt.there).String(); got != tt.plan {
				t.Errorf("plan:\n%swant:\n%s", got, tt.plan)
			}
		})
	}
}

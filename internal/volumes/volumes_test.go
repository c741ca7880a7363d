package volumes

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

func base() Inputs {
	return Inputs{
		Lock: []byte("lock"), Dependencies: []byte("deps"), Manager: "npm@11.21.2", Node: "26.10.0",
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
		{"the dependencies", func(i *Inputs) { i.Dependencies = []byte("other") }, true},
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

func TestKeyIsTheSameWhateverTheLineEnds(t *testing.T) {
	unix, dos := base(), base()
	unix.Lock, dos.Lock = []byte("a\nb\n"), []byte("a\r\nb\r\n")
	if unix.Key() != dos.Key() {
		t.Error("a checkout with other line ends has another key")
	}
}

func TestGroupIsAllButTheDependencies(t *testing.T) {
	lock, manifest, settings := base(), base(), base()
	lock.Lock, manifest.Dependencies, settings.Settings = []byte("other"), []byte("other"), nil
	if lock.Group() != base().Group() || manifest.Group() != base().Group() {
		t.Error("other dependencies make another group")
	}
	if settings.Group() == base().Group() {
		t.Error("other settings are in the same group")
	}
}

func TestMakePlan(t *testing.T) {
	w := Wanted{Name: "chat_node_modules_k1", Service: "web", Key: "k1", Group: "g", Sketch: Sketch([]byte("a\nb\nc")), Image: "chat-web:dev-base"}
	worker, foreign := w, w
	worker.Service = "worker"
	foreign.FromImage = true
	const install = " volume chat_node_modules_k1 for web by an install in chat-web:dev-base"
	other := func(group, lock string, day int) Observed {
		return Observed{Group: group, Sketch: Sketch([]byte(lock)), Created: time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC)}
	}
	others := map[string]Observed{
		"far": other("g", "x\ny\nz", 9), "near": other("g", "a\nb\nd", 1), "nearer": other("g", "a\nb\nc\nd", 1),
		"farther": other("g", "x\ny\nz", 8), "another group": other("h", "a\nb\nc", 9),
	}
	tests := []struct {
		name   string
		wanted []Wanted
		there  map[string]Observed
		plan   string
	}{
		{"a new key is installed", []Wanted{w}, nil, "create and fill" + install + "\n"},
		{"a known key costs nothing", []Wanted{w}, map[string]Observed{w.Name: {Complete: true}}, "volumes: nothing to do\n"},
		{"an install that was cut short is made anew", []Wanted{w}, map[string]Observed{w.Name: {}}, "remove, create and fill" + install + "\n"},
		{"a volume in use is left alone", []Wanted{w}, map[string]Observed{w.Name: {InUse: true}}, "volumes: nothing to do\n"},
		{"two services share one volume", []Wanted{w, worker}, nil, "create and fill" + install + "\n"},
		{"it starts from the nearest trees", []Wanted{w}, others, "create and fill" + install + ", starting from nearer or near or far\n"},
		{"a Dockerfile of somebody's own fills it", []Wanted{foreign}, others, "create and fill volume chat_node_modules_k1 for web from chat-web:dev-base\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := MakePlan(tt.wanted, tt.there).String(); got != tt.plan {
				t.Errorf("plan:\n%swant:\n%s", got, tt.plan)
			}
		})
	}
}

func TestSimilarityTellsNearFromFar(t *testing.T) {
	lock := func(packages ...int) []byte {
		var b bytes.Buffer
		for _, n := range packages {
			fmt.Fprintf(&b, "    \"integrity\": \"sha512-%d\",\n", n)
		}
		return b.Bytes()
	}
	var all, oneMore, half, none []int
	for n := range 200 {
		all, oneMore, none = append(all, n), append(oneMore, n), append(none, n+1000)
		half = append(half, n+100)
	}
	oneMore = append(oneMore, 500)
	sketch := Sketch(lock(all...))
	if len(sketch) != 8*sketchSize {
		t.Errorf("sketch of %d digits, want %d", len(sketch), 8*sketchSize)
	}
	same, near, far, apart := Similarity(sketch, Sketch(lock(all...))), Similarity(sketch, Sketch(lock(oneMore...))),
		Similarity(sketch, Sketch(lock(half...))), Similarity(sketch, Sketch(lock(none...)))
	if same != sketchSize || near < same-2 || far >= near || far == 0 || apart != 0 {
		t.Errorf("similarity: same %d, one more %d, half %d, none %d", same, near, far, apart)
	}
	if n := Similarity(Sketch(nil), sketch); n != 0 {
		t.Errorf("an empty lock has a similarity of %d", n)
	}
}

func TestIsComplete(t *testing.T) {
	witness := []byte("tree")
	tests := []struct {
		name            string
		marker, witness []byte
		want            bool
	}{
		{"as it was installed", MarkerContent(witness), witness, true},
		{"without a witness", MarkerContent(nil), nil, true},
		{"no marker", nil, witness, false},
		{"no marker and no witness", nil, nil, false},
		{"an empty marker", []byte{}, nil, false},
		{"installed into since", MarkerContent(witness), []byte("another tree"), false},
		{"the witness was removed", MarkerContent(witness), nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := IsComplete(tt.marker, tt.witness); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestPruneKeepsTheNewestAndWhatIsUsed(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	list := []Listed{
		{Name: "old", Created: day(1)},
		{Name: "old but used lately", Created: day(1), LastUsed: day(8)},
		{Name: "new", Created: day(7)},
		{Name: "in use", Created: day(2), InUse: true},
		{Name: "wanted", Created: day(3), Wanted: true},
		{Name: "middle", Created: day(5)},
	}
	tests := []struct {
		keep int
		want []string
	}{
		{10, nil},
		{6, nil},
		{5, []string{"old"}},
		{4, []string{"middle", "old"}},
		{3, []string{"new", "middle", "old"}},
		{2, []string{"old but used lately", "new", "middle", "old"}},
		{0, []string{"old but used lately", "new", "middle", "old"}},
	}
	for _, tt := range tests {
		var got []string
		for _, l := range Prune(list, tt.keep) {
			got = append(got, l.Name)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("keep %d: removed %q, want %q", tt.keep, got, tt.want)
		}
	}
}

func TestInstallTaskCannotWriteTheFolder(t *testing.T) {
	step := Step{Wanted: Wanted{Name: "v", Image: "i", User: "1001:1002"}}
	in := project.Install{Dir: "/app", Command: "npm ci", Onward: "npm install", Witness: ".package-lock.json", Files: []project.File{{Name: "package.json", Data: []byte("{}")}}}
	fresh, onward := InstallTask(step, in, "cache", "", nil, nil), InstallTask(step, in, "cache", "donor", nil, nil)
	for _, task := range []engine.Task{fresh, onward} {
		if task.User != "1001:1002" || len(task.Capabilities) != 0 {
			t.Errorf("it runs as %s with %q", task.User, task.Capabilities)
		}
		for _, m := range task.Mounts {
			if m.Bind != "" || m.Volume == "donor" && !m.ReadOnly {
				t.Errorf("it can write to %+v", m)
			}
		}
	}
	if !slices.Contains(fresh.Command, "npm ci") || !slices.Contains(onward.Command, "npm install") {
		t.Errorf("commands %q and %q", fresh.Command, onward.Command)
	}
	last := fresh.Files[len(fresh.Files)-1]
	if last.Path != "/app/package.json" || last.UID != 1001 || last.GID != 1002 {
		t.Errorf("package.json is copied as %+v", last)
	}
	if m := MarkerFiles(fresh, step.User, nil)[0]; m.Path != "/app/node_modules/"+Marker {
		t.Errorf("the marker is at %s", m.Path)
	}
}

func TestASetIsMadeAnewUnlessAllOfItIsThere(t *testing.T) {
	w := Wanted{Name: "v", Service: "web", Group: "g", Image: "i", User: "1000:1000", Members: []string{"apps/web", "libs/db"}}
	complete, member := Observed{Complete: true, Group: "g"}, Observed{}
	tests := []struct {
		name         string
		there        map[string]Observed
		plans, renew bool
	}{
		{"nothing", nil, true, false},
		{"all", map[string]Observed{"v": complete, "v_apps_web": member, "v_libs_db": member}, false, false},
		{"one is missing", map[string]Observed{"v": complete, "v_apps_web": member}, true, true},
		{"the first is missing", map[string]Observed{"v_apps_web": member, "v_libs_db": member}, true, true},
		{"the first is not complete", map[string]Observed{"v": {}, "v_apps_web": member, "v_libs_db": member}, true, true},
		{"it is in use", map[string]Observed{"v": {InUse: true}}, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plan := MakePlan([]Wanted{w}, tt.there)
			if (len(plan) > 0) != tt.plans || tt.plans && plan[0].Renew != tt.renew {
				t.Errorf("%d steps, %+v", len(plan), plan)
			}
			if tt.plans && len(plan[0].Donors) > 0 {
				t.Errorf("members are no donors: %q", plan[0].Donors)
			}
		})
	}
	if names := w.Names(); !slices.Equal(names, []string{"v", "v_apps_web", "v_libs_db"}) {
		t.Errorf("the set is %q", names)
	}
}

func TestMembersAreInstalledBesideTheTree(t *testing.T) {
	step := Step{Wanted: Wanted{Name: "v", Image: "i", User: "1000:1000", Members: []string{"apps/web"}}}
	in := project.Install{Dir: "/app", Members: []string{"/app/apps/web"}, Command: "npm ci", Files: []project.File{{Name: "apps/web/package.json"}}}
	task := InstallTask(step, in, "cache", "", nil, nil)
	i := slices.IndexFunc(task.Mounts, func(m engine.Mount) bool { return m.Volume == "v_apps_web" })
	if i < 0 || task.Mounts[i].Target == "/app/apps/web/node_modules" {
		t.Fatalf("the member's volume is mounted at %+v", task.Mounts)
	}
	if n := len(task.Command); !slices.Equal(task.Command[n-2:], []string{"/app/apps/web/node_modules", task.Mounts[i].Target}) {
		t.Errorf("what is copied: %q", task.Command)
	}
	for _, dir := range []string{"/app", "/app/apps", "/app/apps/web", task.Mounts[i].Target} {
		if !slices.ContainsFunc(task.Files, func(f engine.TaskFile) bool { return f.Path == dir && f.UID == 1000 && f.Mode.IsDir() }) {
			t.Errorf("%s is not the user's", dir)
		}
	}
}

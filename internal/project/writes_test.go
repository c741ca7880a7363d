package project

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatToolsKeepForThemselvesHasVolumes(t *testing.T) {
	tests := []struct {
		name, manifest, keys string
		want                 []string
	}{
		{"an app without tools", `{"dependencies":{"express":"5"}}`, "", nil},
		{"a framework", `{"dependencies":{"next":"15"}}`, "", []string{".next"}},
		{"a framework on Vite", `{"devDependencies":{"@sveltejs/kit":"2","vite":"7"}}`, "", []string{".svelte-kit", "node_modules/.vite"}},
		{"a runner with files of the user's beside its own", `{"devDependencies":{"nx":"22"}}`, "", []string{".nx/cache", ".nx/workspace-data"}},
		{"a tool with data of the user's beside its own files", `{"devDependencies":{"wrangler":"4"}}`, "", []string{".wrangler/tmp"}},
		{"an older runner, which would use the folder of the newer where it is there", `{"devDependencies":{"nx":"16.2.1"}}`, "", []string{"node_modules/.cache"}},
		{"a runner of the newest version", `{"devDependencies":{"nx":"latest"}}`, "", []string{".nx/cache", ".nx/workspace-data"}},
		{"folders of its own beside them", `{"devDependencies":{"vite":"7"}}`, "writes: [dist, ./gen/, dist]", []string{"dist", "gen", "node_modules/.vite"}},
		{"one that stays in the project", `{"devDependencies":{"vite":"7","next":"15"}}`, `writes: ["!.next", dist]`, []string{"dist", "node_modules/.vite"}},
		{"an image of the user's, of which nothing is known", `{"devDependencies":{"vite":"7"}}`, "writes: [dist]\n    dockerfile: own.Dockerfile", []string{"dist"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := projectOf(t, map[string]string{
				"package.json": tt.manifest, "own.Dockerfile": "FROM scratch AS dev\n",
				ModelFile: "services:\n  web:\n    node: 26.10.0\n    package-manager: npm@11.21.2\n    dev: node x.js\n    " + tt.keys + "\n",
			})
			if got := p.Writes(); !slices.Equal(got, tt.want) {
				t.Errorf("it writes %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAMembersToolsWriteInTheMember(t *testing.T) {
	p := projectOf(t, map[string]string{
		"package.json": `{"workspaces":["apps/*"],"devDependencies":{"turbo":"2"}}`, "package-lock.json": "{}",
		"apps/web/package.json": `{"name":"web","dependencies":{"next":"15"}}`,
		"apps/api/package.json": `{"name":"api"}`,
		ModelFile:               "services:\n  web: {dir: apps/web, node: 26.10.0, dev: next dev}\n  api: {dir: apps/api, node: 26.10.0, dev: node x.js}\n",
	})
	web, _ := p.Model.Service("web")
	api, _ := p.Model.Service("api")
	if got, want := p.PackageOf(web).Writes(web), []string{".turbo", "apps/web/.next"}; !slices.Equal(got, want) {
		t.Errorf("web writes %q, want %q", got, want)
	}
	if got, want := p.PackageOf(api).Writes(api), []string{".turbo"}; !slices.Equal(got, want) {
		t.Errorf("api writes %q, want %q", got, want)
	}
	if got, want := p.mountPoints(), []string{".turbo", "apps/api/node_modules", "apps/web/.next", "apps/web/node_modules", "node_modules"}; !slices.Equal(got, want) {
		t.Errorf("mount points are %q, want %q", got, want)
	}
}

// Plain Compose has to come by folders that the app's user can write, too: a new
// volume takes over what the image has there.
func TestWrittenFoldersAreMountedAndInTheImage(t *testing.T) {
	p := projectOf(t, map[string]string{
		"package.json": `{"devDependencies":{"vite":"7"}}`,
		ModelFile:      "services:\n  web: {node: 26.10.0, dev: vite, writes: [dist, data]}\n  worker: {node: 26.10.0, dev: node x.js, writes: [dist]}\n",
	})
	files, err := p.Render()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		ComposeFile: {
			"source: writes-dist\n        target: /app/dist\n", "source: writes-data\n        target: /app/data\n", "target: /app/node_modules/.vite\n",
			"  writes-dist:\n    labels:\n      dev.devbox.writes: output\n", "  writes-data:\n    labels:\n      dev.devbox.writes: data\n",
		},
		DockerFile: {"USER root\nRUN mkdir -p /app/data /app/dist /app/node_modules/.vite && chmod 1777 /app/data /app/dist /app/node_modules/.vite\nUSER node\n"},
	} {
		text := string(files[slices.IndexFunc(files, func(f File) bool { return f.Name == name })].Data)
		for _, words := range want {
			if !strings.Contains(text, words) {
				t.Errorf("%s lacks %q:\n%s", name, words, text)
			}
		}
	}
	if _, ok := p.StageDigest("dev-base"); !ok {
		t.Error("the digest of the stage that devbox uses cannot be told")
	}
}

// What an app writes must not make devbox install its packages anew.
func TestWrittenFoldersChangeNoInstall(t *testing.T) {
	digest := func(keys string) string {
		d, _ := projectOf(t, map[string]string{"package.json": "{}", ModelFile: "name: x\nservices:\n  web: {node: 26.10.0, dev: node x.js" + keys + "}\n"}).StageDigest(devBaseStage)
		return d
	}
	if with, without := digest(", writes: [dist]"), digest(""); with != without {
		t.Errorf("the stage of installs has the digest %s, and without it %s", with, without)
	}
}

func TestFoldersThatNothingCanBeMountedOnAreRefused(t *testing.T) {
	for folder, words := range map[string]string{
		".": "the whole project", "../x": "inside of the project", "/x": "inside of the project", "node_modules": "has a volume already",
		"a/node_modules": "has a volume already", ".git": "not the app's", ".devbox/x": "not the app's", "a b": "cannot mount", "!..": "inside of the project",
	} {
		_, err := Load([]byte("services:\n  web: {dev: node x.js, writes: ['"+folder+"']}\n"), "x", nil)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: Load gives %v, want %q", folder, err, words)
		}
	}
}

func TestNoVolumeHidesTheSourceOfAService(t *testing.T) {
	const text = "services:\n  web: {dir: apps/web, dev: node x.js, writes: [dist, apps]}\n  api: {dir: apps/api, dev: node x.js}\n"
	_, err := Load([]byte(text), "x", nil)
	if want := `devbox.yaml:2:`; err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `writes of service "web" would hide "apps/web"`) {
		t.Errorf("error %v", err)
	}
	if _, err := Load([]byte(strings.Replace(text, ", apps]", ", apps/web/dist]", 1)), "x", nil); err != nil {
		t.Errorf("a folder below a service's: %v", err)
	}
}

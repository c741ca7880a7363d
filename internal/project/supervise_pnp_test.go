package project

import (
	"slices"
	"testing"
)

func TestFilesOfPlugAndPlayAreHiddenInContainers(t *testing.T) {
	tests := []struct {
		name, manager string
		files         map[string]string
		hidden        []string
	}{
		{"yarn 3 with Plug'n'Play", "yarn@3.8.7", map[string]string{".pnp.cjs": "x", ".pnp.loader.mjs": "x"}, []string{"/app/.pnp.cjs", "/app/.pnp.loader.mjs"}},
		{"none in the folder", "yarn@4.18.1", nil, nil},
		{"another package manager", "npm@11.21.2", map[string]string{".pnp.cjs": "x"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{ModelFile: "name: chat\nservices: {web: {package-manager: " + tt.manager + ", node: 26.10.0, dev: node a.js}}\n", packageFile: "{}"}
			for name, text := range tt.files {
				files[name] = text
			}
			before := &Compose{Services: map[string]ComposeService{"web": {Name: "web", Volumes: []ComposeMount{{Target: AppDir}}}}}
			var hidden []string
			for _, m := range projectOf(t, files).HidePnP(before).Services["web"].Volumes[1:] {
				if m.Source != "/dev/null" || m.Type != "bind" || !m.ReadOnly {
					t.Errorf("the mount is %+v", m)
				}
				hidden = append(hidden, m.Target)
			}
			if !slices.Equal(hidden, tt.hidden) {
				t.Errorf("hidden are %q, want %q", hidden, tt.hidden)
			}
			if len(before.Services["web"].Volumes) != 1 {
				t.Error("the project that was given has changed")
			}
		})
	}
}

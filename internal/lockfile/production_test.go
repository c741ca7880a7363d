package lockfile

import (
	"maps"
	"slices"
	"testing"
)

func TestProductionLeavesOutWhatOnlyDevelopmentNeeds(t *testing.T) {
	const manifest = `{"dependencies":{"a":"^1.0.0"},"devDependencies":{"dev":"^1.0.0"}}`
	tests := []struct {
		file, lock string
		want       []string
	}{
		{
			"package-lock.json", `{"lockfileVersion":3,"packages":{"":{"dependencies":{"a":"^1.0.0"},"devDependencies":{"dev":"^1.0.0"}},
"node_modules/a":{"version":"1.0.0"},"node_modules/b":{"version":"2.0.0","devOptional":true},"node_modules/dev":{"version":"1.0.0","dev":true}}}`,
			[]string{"a", "b"},
		},
		{"yarn.lock", `# yarn lockfile v1

a@^1.0.0:
  version "1.0.0"
  resolved "https://registry.example/a/-/a-1.0.0.tgz#0000000000000000000000000000000000000000"
  dependencies:
    b "^2.0.0"

b@^2.0.0:
  version "2.0.0"
  resolved "https://registry.example/b/-/b-2.0.0.tgz#0000000000000000000000000000000000000000"

dev@^1.0.0:
  version "1.0.0"
  resolved "https://registry.example/dev/-/dev-1.0.0.tgz#0000000000000000000000000000000000000000"
  dependencies:
    only "^1.0.0"

only@^1.0.0:
  version "1.0.0"
  resolved "https://registry.example/only/-/only-1.0.0.tgz#0000000000000000000000000000000000000000"
`, []string{"a", "b"}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			l, err := Parse(tt.file, []byte(tt.lock))
			if err != nil {
				t.Fatal(err)
			}
			m, err := ParseManifest(".", []byte(manifest))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, id := range slices.Sorted(maps.Keys(l.Production([]*Manifest{m}))) {
				got = append(got, l.Package(id).Name)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("production needs %q, want %q", got, tt.want)
			}
		})
	}
}

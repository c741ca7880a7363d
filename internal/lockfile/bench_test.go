package lockfile

import (
	"fmt"
	"strings"
	"testing"
)

// bigNPM is a lock of about the given number of megabytes.
func bigNPM(megabytes int) string {
	var b strings.Builder
	b.WriteString(`{"name": "big", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {"": {"name": "big"}`)
	for i := 0; b.Len() < megabytes<<20; i++ {
		fmt.Fprintf(&b, ",\n    \"node_modules/package-%d\": {\n      \"version\": \"1.%d.0\",\n      \"resolved\": \"https://registry.example.com/package-%d/-/package-%d-1.%d.0.tgz\",\n", i, i, i, i, i)
		fmt.Fprintf(&b, "      \"integrity\": \"sha512-%088d\",\n      \"license\": \"MIT\",\n", i)
		fmt.Fprintf(&b, "      \"dependencies\": {\n        \"package-%d\": \"^1.0.0\",\n        \"package-%d\": \"^1.0.0\"\n      },\n      \"engines\": {\n        \"node\": \">=18\"\n      }\n    }", i/2, i/3)
	}
	b.WriteString("\n  }\n}\n")
	return b.String()
}

func bigPNPM(packages int) string {
	var b, snapshots strings.Builder
	b.WriteString("lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      package-0:\n        specifier: ^1.0.0\n        version: 1.0.0\n\npackages:\n")
	snapshots.WriteString("\nsnapshots:\n")
	for i := range packages {
		fmt.Fprintf(&b, "\n  'package-%d@1.%d.0':\n    resolution: {integrity: sha512-%088d}\n    engines: {node: '>=18'}\n", i, i, i)
		fmt.Fprintf(&snapshots, "\n  'package-%d@1.%d.0':\n    dependencies:\n      package-%d: 1.%d.0\n", i, i, i/2, i/2)
	}
	return b.String() + snapshots.String()
}

func BenchmarkParse(b *testing.B) {
	for _, bench := range []struct{ name, file, text string }{
		{"npm 1 MB", "package-lock.json", bigNPM(1)},
		{"npm 50 MB", "package-lock.json", bigNPM(50)},
		{"pnpm 3000 packages", "pnpm-lock.yaml", bigPNPM(3000)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			data := []byte(bench.text)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(bench.file, data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkInStep(b *testing.B) {
	lock, err := Parse("package-lock.json", []byte(bigNPM(1)))
	if err != nil {
		b.Fatal(err)
	}
	root, err := ParseManifest(".", []byte(`{"dependencies": {"package-2000": "^1.0.0", "package-1999": "*"}}`))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		lock.InStep([]*Manifest{root})
	}
}

func BenchmarkDigest(b *testing.B) {
	lock, err := Parse("package-lock.json", []byte(bigNPM(1)))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		lock.Digest()
	}
}

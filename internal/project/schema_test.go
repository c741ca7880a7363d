package project

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// goldenDoc compares with a file of the documentation.
func goldenDoc(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("..", "..", "docs", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what the tables say; go test -update writes it (-want +got):\n%s", file, diff)
	}
}

func TestModelDocs(t *testing.T) {
	goldenDoc(t, "devbox-yaml.md", ModelDocs())
	goldenDoc(t, "devbox.schema.json", ModelSchema())
}

// documented are all keys with where they stand.
func documented() map[string]keyDoc {
	all := map[string]keyDoc{}
	collect(all, "", modelKeys)
	collect(all, "lock.", lockKeys)
	collect(all, "volumes.", volumeKeys)
	collect(all, "watch.", settingKeys)
	collect(all, "services.web.", serviceKeys)
	collect(all, "services.web.watch.", watchKeys)
	collect(all, "services.db.", backingKeys)
	return all
}

func collect[T any](all map[string]keyDoc, path string, keys []key[T]) {
	for _, k := range keys {
		all[path+k.name] = k.doc
	}
}

func TestEveryKeyHasAnExampleThatLoads(t *testing.T) {
	for path, doc := range documented() {
		t.Run(path, func(t *testing.T) {
			if doc.Text == "" || doc.Type == "" || doc.Example == "" {
				t.Fatalf("it is not documented: %+v", doc)
			}
			if _, err := Load([]byte(fileWith(path, doc.Example)), "app", nil); err != nil {
				t.Errorf("%v\n%s", err, fileWith(path, doc.Example))
			}
		})
	}
	if _, err := Load([]byte(exampleModel), "app", nil); err != nil {
		t.Error(err)
	}
}

// fileWith is a whole devbox.yaml around the example of a key.
func fileWith(path, example string) string {
	switch {
	case path == "services":
		return example
	case strings.HasPrefix(path, "services.web."):
		service := "    " + strings.ReplaceAll(example, "\n", "\n    ")
		if path == "services.web.dev" {
			return "services:\n  web:\n" + service
		}
		return "services:\n  web:\n    dev: node x\n" + service + "\n  db: {use: postgres@15}"
	}
	if strings.HasPrefix(path, "services.db.") {
		return "services:\n  web: {dev: node x}\n  db:\n    " + strings.ReplaceAll(example, "\n", "\n    ")
	}
	return "services: {web: {dev: node x}}\n" + example
}

func TestTheSchemaSaysWhatLoadingSays(t *testing.T) {
	schema := compileSchema(t)
	cases := []struct {
		text string
		// finer are mistakes that a schema cannot see.
		finer bool
	}{
		{text: exampleModel},
		{text: "services: {web: {dev: node x}}"},
		{text: in("prod: []")},
		{text: in("build: [a, 1, true]")},
		{text: in("environment: {A: 1, B: true, C: x, D: 1.5}")},
		{text: in("compose: {a: {b: [c]}}")},
		{text: "services: {}"},
		{text: "name: x"},
		{text: "name: A\n" + in("")},
		{text: "name: 3\n" + in("")},
		{text: in("prot: 1")},
		{text: in("node: 26")},
		{text: in("node: ^26.1.0")},
		{text: in("package-manager: npm")},
		{text: in("package-manager: npm@11.21.2")},
		{text: in("port: '3000'")},
		{text: in("port: 65536")},
		{text: in("port: -1")},
		{text: in("prod: ''")},
		{text: in("prod: 3")},
		{text: in("build: []")},
		{text: in("prod: [[x]]")},
		{text: in("health: x")},
		{text: in("environment: [A=b]")},
		{text: in("environment: {A: [b]}")},
		{text: in("environment: {A=b: c}")},
		{text: in("watch: {ignore: x}")},
		{text: in("watch: {other: []}")},
		{text: in("watch: {paths: x}")},
		{text: "watch: {settle: 20ms, ceiling: 2s, poll: true}\n" + in("")},
		{text: "watch: {settle: 20}\n" + in("")},
		{text: "watch: {settle: 1m}\n" + in("")},
		{text: "watch: {poll: often}\n" + in("")},
		{text: "watch: {ignore: [a]}\n" + in("")},
		{text: in("compose: []")},
		{text: "lock: {prod: update}\n" + in("")},
		{text: "lock: {dev: ignore, prod: ignore}\n" + in("")},
		{text: "services: {Web: {dev: x}}"},
		{text: "services: {web: {port: 1}}"},
		{text: in("prod: node 'x"), finer: true},
		{text: "services: {a-b: {dev: x}, a_b: {dev: x}}", finer: true},
		{text: in("dir: apps/api")},
		{text: in("dir: ''")},
		{text: in("dir: ../other"), finer: true},
		{text: in("needs: [db, cache]"), finer: true},
		{text: in("needs: [db]") + "\n  db: {use: postgres@15}"},
		{text: in("needs: [Db]")},
		{text: in("env-file: [.env]")},
		{text: in("env-file: {dev: [.env], prod: [.env.production]}")},
		{text: in("env-file: {test: [.env]}")},
		{text: in("required: [API_KEY]")},
		{text: in("required: [API-KEY]")},
		{text: in("secrets: {key: secrets/key}")},
		{text: in("secrets: [key]")},
		{text: in("build-packages: [python3, g++]")},
		{text: in("build-packages: ['a b']")},
		{text: in("dockerfile: docker/Dockerfile")},
		{text: in("dockerfile: {file: Dockerfile, context: ., dev: development, prod: production}")},
		{text: in("dockerfile: {dev: development}")},
		{text: "files: beside\n" + in("")},
		{text: "files: elsewhere\n" + in("")},
		{text: "services: {web: {dev: x}, db: {use: postgres@15, publish: 5432, environment: {TZ: UTC}}}"},
		{text: "services: {web: {dev: x}, db: {use: postgres@15, port: 5432}}"},
		{text: "services: {web: {dev: x}, db: {use: 'postgres 15'}}"},
		{text: "services: {web: {dev: x}, mail: {compose: {image: axllent/mailpit}}}"},
		{text: "services: {web: {dev: x}, mail: {compose: {ports: ['1:1']}}}"},
		{text: "services: {db: {use: postgres@15}}", finer: true},
	}
	for _, c := range cases {
		var document any
		if err := yaml.Unmarshal([]byte(c.text), &document); err != nil {
			t.Fatal(err)
		}
		_, loadErr := Load([]byte(c.text), "app", nil)
		schemaErr := schema.Validate(asJSON(t, document))
		if (loadErr == nil) != (schemaErr == nil) && !c.finer {
			t.Errorf("%s\nloading says: %v\nthe schema says: %v", c.text, loadErr, schemaErr)
		}
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(ModelSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("devbox.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("devbox.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func asJSON(t *testing.T, v any) any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

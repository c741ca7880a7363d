package project

import (
	"fmt"
	"strings"
)

const docsHead = `# devbox.yaml

The model of a project: only what cannot be found in the folder, or what you chose.
` + "`devbox init`" + ` writes it, ` + "`devbox render`" + ` makes the Dockerfile and the Compose files from it.

<!-- Made from internal/project/schema.go: go test ./internal/project -run TestModelDocs -update -->

%s
An editor that knows YAML schemas checks the file while you type, if its first line names a
copy of [devbox.schema.json](devbox.schema.json):

` + "```yaml" + `
# yaml-language-server: $schema=./devbox.schema.json
` + "```" + `

The file is UTF-8, at most 1 MB and 100 levels deep. It takes no anchors and aliases. A key
that devbox does not know is an error, with its line and column.

## Keys of the file
`

// ModelDocs is the reference of devbox.yaml in Markdown.
func ModelDocs() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, docsHead, fence(exampleModel))
	writeKeys(&b, "", modelKeys)
	b.WriteString("\n## Keys of lock\n")
	writeKeys(&b, "lock.", lockKeys)
	b.WriteString("\n## Keys of volumes\n")
	writeKeys(&b, "volumes.", volumeKeys)
	b.WriteString("\n## Keys of watch\n")
	writeKeys(&b, "watch.", settingKeys)
	b.WriteString("\n## Keys of an app\n")
	writeKeys(&b, "services.NAME.", serviceKeys)
	b.WriteString("\n## Keys of an app's watch\n")
	writeKeys(&b, "services.NAME.watch.", watchKeys)
	b.WriteString("\n## Keys of a service that is no app\n")
	writeKeys(&b, "services.NAME.", backingKeys)
	return []byte(b.String())
}

const exampleModel = `name: chat
services:
  web:
    node: ` + defaultNode + `
    package-manager: npm@` + defaultNpm + `
    port: 3000
    dev: node index.js
    prod: node index.js
lock: {dev: frozen, prod: frozen}`

func writeKeys[T any](b *strings.Builder, path string, keys []key[T]) {
	for _, k := range keys {
		fmt.Fprintf(b, "\n### `%s%s`\n\n%s\n\n- Value: %s\n", path, k.name, k.doc.Text, k.doc.Type)
		if k.doc.Default == "" {
			b.WriteString("- Required\n")
		} else {
			fmt.Fprintf(b, "- Default: %s\n", k.doc.Default)
		}
		b.WriteString("\n" + fence(k.doc.Example))
	}
}

func fence(text string) string { return "```yaml\n" + text + "\n```\n" }

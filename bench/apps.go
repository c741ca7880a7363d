package main

import (
	"fmt"
	"strings"
)

// app is a program whose answer is edited. Every project has all of them, each
// in a folder of its own; index.js imports the one that is measured.
type app struct {
	name string
	// entry is what index.js imports, edited the file that an edit changes.
	entry, edited string
	// files are the files that no edit changes.
	files func() map[string]string
	// source is the edited file with an answer.
	source func(words string) string
}

const modules = 300

func apps() []app {
	return []app{
		{name: "bare http", entry: "bare/index.js", edited: "bare/index.js", source: bareServer},
		{name: "express", entry: "express/index.js", edited: "express/index.js", source: expressServer},
		{name: fmt.Sprintf("%d modules", modules), entry: "modules/index.js", edited: "modules/words.js", files: moduleFiles, source: wordsModule},
		{name: "typescript", entry: "typescript/index.ts", edited: "typescript/index.ts", source: typedServer},
	}
}

const listen = `
server.listen(process.env.PORT || 3000);
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeAllConnections(); });
`

func bareServer(words string) string {
	return fmt.Sprintf("import http from 'node:http';\nconst server = http.createServer((request, response) => response.end(%q));", words) + listen
}

func expressServer(words string) string {
	return fmt.Sprintf(`import http from 'node:http';
import express from 'express';
const app = express();
app.use(express.json());
app.get('/', (request, response) => response.send(%q));
const server = http.createServer(app);`, words) + listen
}

func typedServer(words string) string {
	return fmt.Sprintf(`import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
interface Answer { words: string }
const answer: Answer = { words: %q };
const server = http.createServer((request: IncomingMessage, response: ServerResponse) => { response.end(answer.words); });`, words) + listen
}

func wordsModule(words string) string { return fmt.Sprintf("export const words = %q;\n", words) }

// moduleFiles are modules that import each other, three each, down to the words.
func moduleFiles() map[string]string {
	files := map[string]string{"modules/index.js": "import http from 'node:http';\nimport { words } from './m0.js';\n" +
		"const server = http.createServer((request, response) => response.end(words));" + listen}
	for i := range modules {
		var b strings.Builder
		for child := 3*i + 1; child <= 3*i+3 && child < modules; child++ {
			fmt.Fprintf(&b, "import './m%d.js';\n", child)
		}
		b.WriteString("export { words } from './words.js';\n")
		for f := range 20 {
			fmt.Fprintf(&b, "export function f%d(value) { return value ? { module: %d, value } : undefined; }\n", f, i)
		}
		files[fmt.Sprintf("modules/m%d.js", i)] = b.String()
	}
	return files
}

// addApps writes all apps into a project.
func (p *project) addApps() error {
	for _, a := range apps() {
		if a.files != nil {
			for name, content := range a.files() {
				if err := p.write(name, content); err != nil {
					return err
				}
			}
		}
		if err := p.write(a.edited, a.source("first")); err != nil {
			return err
		}
	}
	return p.choose(apps()[0])
}

// choose makes an app the one that runs.
func (p *project) choose(a app) error {
	return p.write("index.js", fmt.Sprintf("import './%s';\n", a.entry))
}

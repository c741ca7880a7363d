package project

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v4"
)

// The tables of this file are the one place where the keys of devbox.yaml are
// written down: loading goes by them, docs/devbox-yaml.md and
// docs/devbox.schema.json are made from them.

// keyDoc is what people and editors are told about a key.
type keyDoc struct {
	// Type is the form of the value in a few words.
	Type string
	// Text is a sentence or more for people.
	Text string
	// Default says what holds without the key; empty means that it is required.
	Default string
	// Example is YAML with the key in it.
	Example string
	// Schema is the value's JSON schema.
	Schema map[string]any
}

var modelKeys = []key[Model]{
	{"name", keyDoc{
		Type:    "name",
		Text:    "The name of the Compose project. Images, containers and volumes are named after it.",
		Default: "the folder's name",
		Example: "name: chat",
		Schema:  map[string]any{"type": "string", "pattern": nameSchema, "maxLength": maxName},
	}, readName},
	{"services", keyDoc{
		Type:    "mapping of services",
		Text:    "The processes of the project, each with a container of its own, in the order in which they are shown. A service's name is also its host name in the project's network.",
		Example: "services:\n  web:\n    dev: node index.js",
	}, readServices},
	{"lock", keyDoc{
		Type:    "mapping",
		Text:    "Who may write the package manager's lock file, in each of the two modes.",
		Default: "{dev: frozen, prod: frozen}",
		Example: "lock: {dev: update, prod: frozen}",
	}, readLock},
	{"volumes", keyDoc{
		Type:    "mapping",
		Text:    "About the volumes that hold node_modules, one for each state of the lock.",
		Default: fmt.Sprintf("{keep: %d}", DefaultKeep),
		Example: "volumes: {keep: 8}",
	}, func(r *reader, n *yaml.Node, m *Model) { readKeys(r, n, "volumes", volumeKeys, &m.Volumes) }},
	{"watch", keyDoc{
		Type:    "mapping",
		Text:    "How the folder is watched for edits.",
		Default: "file events where they work, else polling",
		Example: "watch: {settle: 10ms, poll: false}",
	}, func(r *reader, n *yaml.Node, m *Model) { readKeys(r, n, "watch", settingKeys, &m.Watch) }},
	{"files", keyDoc{
		Type:    "standard or beside",
		Text:    "The names of the rendered files. standard: Dockerfile, .dockerignore, compose.yaml and compose.prod.yaml. beside: devbox.Dockerfile, devbox.Dockerfile.dockerignore, devbox.compose.yaml and devbox.compose.prod.yaml, for a project that has files of its own under the other names.",
		Default: string(StandardFiles),
		Example: "files: beside",
		Schema:  map[string]any{"enum": []any{string(StandardFiles), string(BesideFiles)}},
	}, readFileNames},
	{"compose", keyDoc{
		Type:    "mapping",
		Text:    "Networks, volumes, secrets and configs in Compose's own words, merged into both rendered Compose files. What a service has to say in them stands in its own compose.",
		Default: "nothing",
		Example: "compose:\n  volumes: {data: {external: true}}",
		Schema: map[string]any{
			"type": "object", "additionalProperties": false, "patternProperties": map[string]any{"^x-": map[string]any{}},
			"properties": map[string]any{"networks": anyMapping, "volumes": anyMapping, "secrets": anyMapping, "configs": anyMapping},
		},
	}, readTopCompose},
}

// mostKept bounds volumes.keep.
const mostKept = 100

var volumeKeys = []key[VolumeRules]{
	{"keep", keyDoc{
		Type:    "number",
		Text:    "How many of them are kept, those in use included: going back to a branch whose volume is still there installs nothing. The ones used longest ago are removed first.",
		Default: strconv.Itoa(DefaultKeep),
		Example: "volumes: {keep: 8}",
		Schema:  map[string]any{"type": "integer", "minimum": 1, "maximum": mostKept},
	}, readKeep},
}

var settingKeys = []key[WatchSettings]{
	{"settle", keyDoc{
		Type:    "time, such as 10ms",
		Text:    "How long nothing must happen after a save until it counts. A save of several files takes longer, up to ten times that. At 50ms and less, the app that an edit of one file restarts is stopped at once, and started when that has settled.",
		Default: "10ms",
		Example: "watch: {settle: 50ms}",
		Schema:  durationSchema,
	}, func(r *reader, n *yaml.Node, w *WatchSettings) {
		w.Settle = r.duration(n, "watch.settle", time.Millisecond, 10*time.Second)
	}},
	{"ceiling", keyDoc{
		Type:    "time, such as 500ms",
		Text:    "The longest wait while files are written all the time. It is twenty times as high while a tool rewrites 50 files and more.",
		Default: "500ms",
		Example: "watch: {ceiling: 2s}",
		Schema:  durationSchema,
	}, func(r *reader, n *yaml.Node, w *WatchSettings) {
		w.Ceiling = r.duration(n, "watch.ceiling", 10*time.Millisecond, time.Minute)
	}},
	{"poll", keyDoc{
		Type:    "true or false",
		Text:    "Looks at all files twice a second instead of relying on file events. devbox does so by itself where it finds that events do not work. Taking it out again counts from the next `devbox up` on.",
		Default: "false",
		Example: "watch: {poll: true}",
		Schema:  map[string]any{"type": "boolean"},
	}, func(r *reader, n *yaml.Node, w *WatchSettings) { w.Poll = r.boolean(n, "watch.poll") }},
}

var durationSchema = map[string]any{"type": "string", "pattern": duration.String()}

var lockKeys = []key[LockPolicies]{
	{"dev", keyDoc{
		Type:    "frozen, update or ignore",
		Text:    "In development: `frozen` installs exactly the lock and fails when it disagrees with package.json; `update` brings a lock that disagrees in step first, and says what changed; `ignore` installs without reading or writing one.",
		Default: "frozen",
		Example: "lock: {dev: update}",
		Schema:  map[string]any{"enum": []any{"frozen", "update", "ignore"}},
	}, func(r *reader, n *yaml.Node, p *LockPolicies) { p.Dev = r.policy(n, Dev, Frozen, Update, Ignore) }},
	{"prod", keyDoc{
		Type:    "frozen or ignore",
		Text:    "In production. A production build never changes the lock; `ignore` is for projects that keep none.",
		Default: "frozen",
		Example: "lock: {prod: frozen}",
		Schema:  map[string]any{"enum": []any{"frozen", "ignore"}},
	}, func(r *reader, n *yaml.Node, p *LockPolicies) { p.Prod = r.policy(n, Prod, Frozen, Ignore) }},
}

const commandText = " A string of plain words is run as it is, without a shell; where it has operators, variables, globs or assignments, /bin/sh runs it. A list is exec form and taken as it is. Programs of installed packages are found by their names."

var serviceKeys = slices.Concat(placeKeys, appKeys, writesKeys, needKeys, ownWordKeys(appWords, ownWordExamples{
	both: "compose:\n  depends_on: [db]",
	dev:  "compose-dev:\n  ports: [\"127.0.0.1:9229:9229\"]",
	prod: "compose-prod:\n  deploy:\n    replicas: 2",
}))

var appKeys = []key[Service]{
	{"node", keyDoc{
		Type:    "exact version",
		Text:    "The exact Node.js version. The image is the official one of that tag.",
		Default: "what .nvmrc, .node-version, .tool-versions or package.json ask for, else the newest long-term version that this devbox knows",
		Example: "node: " + defaultNode,
		Schema:  map[string]any{"type": "string", "pattern": exactNode.String()},
	}, readNode},
	{"package-manager", keyDoc{
		Type:    "name@version",
		Text:    "The package manager, npm, yarn, pnpm or bun, and its exact version.",
		Default: "packageManager of package.json, else the one that the lock file belongs to, else npm",
		Example: "package-manager: npm@" + defaultNpm,
		Schema:  map[string]any{"type": "string", "pattern": managerSchema},
	}, readManager},
	{"port", keyDoc{
		Type:    "number from 0 to 65535",
		Text:    "The port that the service listens on. It answers on the same port of 127.0.0.1 on the host, which has to be free; the variable DEVBOX_<SERVICE>_PORT chooses another one, in production DEVBOX_<SERVICE>_PROD_PORT. 0 means that it listens on none.",
		Default: "in a project of one service what its framework uses, else " + strconv.Itoa(defaultPort) + "; with several services 0",
		Example: "port: 3000",
		Schema:  map[string]any{"type": "integer", "minimum": 0, "maximum": lastPort},
	}, readPort},
	{"publish", keyDoc{
		Type:    "number from 1 to 65535",
		Text:    "The port of 127.0.0.1 on the host under which the app is reached in development, where it is another one than the port that it listens on.",
		Default: "port",
		Example: "port: 80\npublish: 8080",
		Schema:  map[string]any{"type": "integer", "minimum": 0, "maximum": lastPort},
	}, func(r *reader, n *yaml.Node, s *Service) { s.Publish = r.port(n, "publish of service "+show(s.Name)) }},
	{"dev", keyDoc{
		Type:    "command",
		Text:    "The command that runs in development. It should be the app itself: devbox restarts it after an edit, so it needs no nodemon, and signals would not come through npm; node's own --watch is left out when it runs. With stdin_open or tty in the service's Compose words an edit restarts the whole container." + commandText,
		Example: "dev: node index.js",
		Schema:  commandSchema(1),
	}, func(r *reader, n *yaml.Node, s *Service) { s.Dev = r.command(n, s, "dev", 1) }},
	{"build", keyDoc{
		Type:    "command",
		Text:    "The command that builds the app for production, with development dependencies installed." + commandText,
		Default: "nothing is built",
		Example: "build: npm run build",
		Schema:  commandSchema(1),
	}, func(r *reader, n *yaml.Node, s *Service) { s.Build = r.command(n, s, "build", 1) }},
	{"prod", keyDoc{
		Type:    "command",
		Text:    "The command that runs in production, without development dependencies. An empty list means that the service has no production side." + commandText,
		Default: "dev, if that is plain node with a file; else no production side",
		Example: "prod: [node, dist/index.js]",
		Schema:  commandSchema(0),
	}, func(r *reader, n *yaml.Node, s *Service) { s.Prod = r.command(n, s, "prod", 0) }},
	{"health", keyDoc{
		Type:    "path",
		Text:    "The HTTP path that the health check of production asks for. It starts with /.",
		Default: "a TCP connection to the port is enough",
		Example: "health: /healthz",
		Schema:  map[string]any{"type": "string", "pattern": healthPath.String()},
	}, readHealth},
	{"environment", keyDoc{
		Type:    "mapping of variables",
		Text:    "Environment variables for both modes. Values are taken as they are written and never interpolated. Keep secrets out of it.",
		Default: "none",
		Example: "environment:\n  LOG_LEVEL: debug",
		Schema:  environmentSchema,
	}, readEnvironment},
	{"watch", keyDoc{
		Type:    "mapping",
		Text:    "What an edit means for this service.",
		Default: "every file restarts it, but for node_modules, .git, what .gitignore and .dockerignore name, build output such as dist/ and coverage/, logs, documents such as README.md, settings of linters and editors, and editors' temporary files",
		Example: "watch:\n  ignore: [data/]",
	}, readWatch},
	{"standby", keyDoc{
		Type:    "`auto`, `on` or `off`",
		Text:    "What waits beside the app in development, so that an edit answers sooner. auto: where the command is node with a file, a Node process that has started and has run nothing of the app. on: it has also loaded the CommonJS dependencies that the last run used; for apps that set no environment variable and install no hook that their dependencies see while they load. off: nothing, every start is a cold one.",
		Default: "auto",
		Example: "standby: on",
		Schema:  map[string]any{"enum": []any{string(StandbyAuto), string(StandbyOn), string(StandbyOff)}},
	}, readStandby},
}

var patternsSchema = map[string]any{"type": "array", "items": map[string]any{"type": "string", "minLength": 1}}

var watchKeys = []key[WatchRules]{
	{"paths", keyDoc{
		Type:    "list of patterns",
		Text:    "Patterns in .gitignore's form, relative to the project: what the service uses of it. An edit of any other source restarts other services only.",
		Default: "the whole project",
		Example: "watch:\n  paths: [api/, packages/shared/]",
		Schema:  patternsSchema,
	}, func(r *reader, n *yaml.Node, w *WatchRules) { w.Paths = r.patterns(n, "watch.paths") }},
	{"ignore", keyDoc{
		Type:    "list of patterns",
		Text:    "Patterns in .gitignore's form, relative to the project: an edit of such a file does not restart this service. A pattern with ! brings back what would be left out: !dist/.",
		Default: "none",
		Example: "watch:\n  ignore: [data/, \"*.log\"]",
		Schema:  patternsSchema,
	}, func(r *reader, n *yaml.Node, w *WatchRules) { w.Ignore = r.patterns(n, "watch.ignore") }},
}

// commandSchema is a string or a list of at least so many words.
func commandSchema(least int) map[string]any {
	return map[string]any{"oneOf": []any{
		map[string]any{"type": "string", "pattern": `\S`},
		map[string]any{
			"type": "array", "minItems": least,
			"items": map[string]any{"type": []any{"string", "number", "boolean"}},
		},
	}}
}

package project

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// placeKeys say where in the project an app is.
var placeKeys = []key[Service]{
	{"dir", keyDoc{
		Type:    "folder",
		Text:    "The app's folder, relative to the project. Its commands run there, and the package.json there is its own; in a workspace the lock above it governs.",
		Default: "the project's folder",
		Example: "dir: apps/api",
		Schema:  map[string]any{"type": "string", "minLength": 1},
	}, readDir},
}

// needKeys say what an app needs around it.
var needKeys = []key[Service]{
	{"needs", keyDoc{
		Type:    "list of services",
		Text:    "The services that have to be there before this one starts: healthy, where they have a health check. Of those that devbox knows the app gets variables such as DATABASE_URL.",
		Default: "none",
		Example: "needs: [db]",
		Schema:  wordsSchema(plainName.String()),
	}, func(r *reader, n *yaml.Node, s *Service) {
		s.Needs = r.words(n, "needs of service "+show(s.Name), checkServiceName)
	}},
	{"migrate", keyDoc{
		Type:    "command",
		Text:    "Brings the data up to date before the app starts, in both modes. The app waits for it, and does not start when it fails; so does one without a migration of its own that needs the same database." + commandText,
		Default: "nothing runs before the app",
		Example: "migrate: npx prisma migrate deploy",
		Schema:  commandSchema(1),
	}, func(r *reader, n *yaml.Node, s *Service) { s.Migrate = r.command(n, s, "migrate", 1) }},
	{"seed", keyDoc{
		Type:    "command",
		Text:    "Fills new data with a start, in development, after migrate. It runs when the data is new: the first time, and after a reset." + commandText,
		Default: "new data stays empty",
		Example: "seed: node seed.js",
		Schema:  commandSchema(1),
	}, func(r *reader, n *yaml.Node, s *Service) { s.Seed = r.command(n, s, "seed", 1) }},
	{"env-file", keyDoc{
		Type:    "list of files, or one for each of dev and prod",
		Text:    "Files of environment variables in Compose's form, relative to the project; later ones win, and environment wins over all. They have to be there.",
		Default: "none",
		Example: "env-file: {dev: [.env], prod: [.env.production]}",
		Schema: map[string]any{"oneOf": []any{
			pathsSchema,
			map[string]any{
				"type": "object", "additionalProperties": false,
				"properties": map[string]any{"dev": pathsSchema, "prod": pathsSchema},
			},
		}},
	}, readEnvFiles},
	{"required", keyDoc{
		Type:    "list of variables",
		Text:    "Variables that must have a value before the app starts, from environment, env-file, the folder's .env or the shell that devbox is called from.",
		Default: "none",
		Example: "required: [STRIPE_KEY]",
		Schema:  wordsSchema(shellVariable.String()),
	}, func(r *reader, n *yaml.Node, s *Service) {
		s.Required = r.words(n, "required of service "+show(s.Name), checkShellVariable)
	}},
	{"secrets", keyDoc{
		Type:    "mapping of names to files",
		Text:    "Files, relative to the project, that the app finds under /run/secrets by these names. They come into no image and no rendered file.",
		Default: "none",
		Example: "secrets: {stripe_key: secrets/stripe_key}",
		Schema: map[string]any{
			"type": "object", "propertyNames": map[string]any{"pattern": secretName.String()},
			"additionalProperties": map[string]any{"type": "string", "minLength": 1},
		},
	}, readSecrets},
	{"build-packages", keyDoc{
		Type:    "list of Debian packages",
		Text:    "What installing packages and building needs of the system, such as a compiler. It is not in the image of production.",
		Default: "none",
		Example: "build-packages: [python3, make, g++]",
		Schema:  wordsSchema(debianPackage.String()),
	}, func(r *reader, n *yaml.Node, s *Service) {
		s.BuildPackages = r.words(n, "build-packages of service "+show(s.Name), checkDebianPackage)
	}},
	{"system-packages", keyDoc{
		Type:    "list of Debian packages",
		Text:    "What the app needs of the system, in both modes.",
		Default: "none",
		Example: "system-packages: [openssl]",
		Schema:  wordsSchema(debianPackage.String()),
	}, func(r *reader, n *yaml.Node, s *Service) {
		s.SystemPackages = r.words(n, "system-packages of service "+show(s.Name), checkDebianPackage)
	}},
	{"dockerfile", keyDoc{
		Type:    "file, or mapping of file, context, dev and prod",
		Text:    "A Dockerfile of the project's own that makes the images in place of devbox's. context is the folder that it is built from; dev and prod are the stages of the two modes.",
		Default: "the one that devbox renders; else for context the file's folder, for dev and prod the last stage",
		Example: "dockerfile: {file: docker/Dockerfile, context: ., dev: development}",
		Schema: map[string]any{"oneOf": []any{
			map[string]any{"type": "string", "minLength": 1},
			map[string]any{
				"type": "object", "additionalProperties": false, "required": []any{"file"},
				"properties": map[string]any{
					"file":    map[string]any{"type": "string", "minLength": 1},
					"context": map[string]any{"type": "string", "minLength": 1},
					"dev":     map[string]any{"type": "string", "pattern": stageName.String()},
					"prod":    map[string]any{"type": "string", "pattern": stageName.String()},
				},
			},
		}},
	}, readDockerfile},
}

// backingKeys are the keys of a service that is no app.
var backingKeys = slices.Concat(backingOwnKeys, ownWordKeys(backingWords, ownWordExamples{
	both: "compose:\n  image: nats:2.11",
	dev:  "use: redis@7\ncompose-dev:\n  mem_limit: 256m",
	prod: "use: redis@7\ncompose-prod:\n  mem_limit: 2g",
}))

var backingOwnKeys = []key[Backing]{
	{"use", keyDoc{
		Type:    "name@version",
		Text:    "A service that devbox knows how to run: postgres, mysql, mariadb, mongo, redis, rabbitmq, mailpit or minio, and its version. It gets a health check, a volume for its data and a password of its own. A service without it and without dev is one in Compose's own words.",
		Default: "the service is what compose says",
		Example: "use: postgres@15",
		Schema:  map[string]any{"type": "string", "pattern": useForm.String()},
	}, readUse},
	{"publish", keyDoc{
		Type:    "number from 0 to 65535",
		Text:    "The port of 127.0.0.1 on the host by which tools of yours reach it in development.",
		Default: "0: only the project's own services reach it",
		Example: "use: postgres@15\npublish: 5432",
		Schema:  map[string]any{"type": "integer", "minimum": 0, "maximum": lastPort},
	}, func(r *reader, n *yaml.Node, b *Backing) {
		b.Publish = r.port(n, "publish of service "+show(b.Name))
	}},
	{"environment", keyDoc{
		Type:    "mapping of variables",
		Text:    "Environment variables for both modes. Values are taken as they are written and never interpolated. Keep secrets out of it.",
		Default: "none",
		Example: "use: postgres@15\nenvironment:\n  TZ: UTC",
		Schema:  environmentSchema,
	}, func(r *reader, n *yaml.Node, b *Backing) { b.Environment = r.environment(n, b.Name) }},
}

var environmentSchema = map[string]any{
	"type": "object", "propertyNames": map[string]any{"pattern": variableName.String()},
	"additionalProperties": map[string]any{"type": []any{"string", "number", "boolean"}},
}

var pathsSchema = map[string]any{"type": "array", "items": map[string]any{"type": "string", "minLength": 1}}

// wordsSchema is a list of words of a form.
func wordsSchema(pattern string) map[string]any {
	return map[string]any{"type": "array", "items": map[string]any{"type": "string", "pattern": pattern}}
}

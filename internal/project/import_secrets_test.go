package project

import (
	"strings"
	"testing"
)

func TestPasswordsInClearAreSaid(t *testing.T) {
	_, findings, err := adopted(t, map[string]string{
		"package.json": importedPackage, "server.js": "require('http').createServer().listen(4000)", "Dockerfile": "FROM node:24\nCMD node server.js\n",
		"docker-compose.yml": `services:
  web: {build: ., environment: {JWT_SECRET: abc, MODE: fast, DATABASE_URL: "postgres://u:p@db/x"}}
  db: {image: postgres:15, environment: {POSTGRES_PASSWORD: x, POSTGRES_USER: me, POSTGRES_HOST_AUTH_METHOD: trust}}
  other: {image: postgres:15, environment: ["POSTGRES_PASSWORD=${PASSWORD}", "POSTGRES_PASSWORD_FILE=/run/secrets/x"]}
`,
	}, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, f := range findings {
		if f.Warning && strings.Contains(f.Source, "in clear") {
			said = append(said, f.What+" "+f.Source)
		}
	}
	want := []string{
		"environment docker-compose.yml:2: DATABASE_URL, JWT_SECRET stand in clear there, and so in devbox.yaml; write ${DATABASE_URL} in both, and the value into .env, to keep it out of git",
		"db docker-compose.yml:3: POSTGRES_PASSWORD stands in clear there, and so in devbox.yaml; write ${POSTGRES_PASSWORD} in both, and the value into .env, to keep it out of git",
	}
	if strings.Join(said, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}

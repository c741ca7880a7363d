package project

import (
	"fmt"
	"strings"
	"testing"
)

func TestPasswordsInClearAreSaid(t *testing.T) {
	m, findings, err := adopted(t, map[string]string{
		"package.json": importedPackage, "server.js": "require('http').createServer().listen(4000)", "Dockerfile": "FROM node:24\nCMD node server.js\n",
		"docker-compose.yml": `services:
  web: {build: ., environment: {JWT_SECRET: a$$c, MODE: fast, DATABASE_URL: "postgres://u:p@db/x"}}
  db: {image: postgres:15, environment: {POSTGRES_PASSWORD: x, POSTGRES_USER: me, POSTGRES_HOST_AUTH_METHOD: trust}}
  other:
    image: postgres:15
    environment: ["POSTGRES_PASSWORD=y", "POSTGRES_PASSWORD_FILE=/run/secrets/x"]
  third: {image: postgres:15, environment: ["POSTGRES_PASSWORD=${PASSWORD}"]}
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
	const tail = ", and works as it is; to keep it out of git write ${%[1]s} in place of the value in both files, %[1]s='the value' into .env, and .env into .gitignore"
	want := []string{
		"environment docker-compose.yml:2: DATABASE_URL stands in clear there, and so in devbox.yaml (services.web.compose.environment)" + fmt.Sprintf(tail, "DATABASE_URL"),
		"environment docker-compose.yml:2: JWT_SECRET stands in clear there, and so in devbox.yaml (services.web.compose.environment)" + fmt.Sprintf(tail, "JWT_SECRET"),
		"db docker-compose.yml:3: POSTGRES_PASSWORD stands in clear there, and so in devbox.yaml (services.db.compose.environment)" + fmt.Sprintf(tail, "DB_POSTGRES_PASSWORD"),
		"other docker-compose.yml:6: POSTGRES_PASSWORD stands in clear there, and so in devbox.yaml (services.other.compose.environment)" + fmt.Sprintf(tail, "OTHER_POSTGRES_PASSWORD"),
	}
	if strings.Join(said, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
	// What is said is to work: only Compose's words take a variable.
	model, err := Load([]byte(m), "x", nil)
	if err != nil {
		t.Fatal(err)
	}
	web, _ := model.Service("web")
	if env := fmt.Sprint(web.Compose["environment"]); len(web.Environment) != 1 || env != "map[DATABASE_URL:postgres://u:p@db/x JWT_SECRET:a$$c]" {
		t.Errorf("the app has %v, and in Compose's words %s", web.Environment, env)
	}
}

// An app that has run on the host gets the password with the address of the database:
// there it has to be replaced, too.
func TestPasswordsInClearAreSaidOfWhatIsMadeOfThem(t *testing.T) {
	_, findings, err := adopted(t, map[string]string{
		"package.json": `{"scripts":{"start":"node server.js"},"dependencies":{"pg":"8"}}`, "server.js": "new Pool({connectionString: process.env.DATABASE_URL})",
		"docker-compose.yml": "services:\n  db:\n    image: postgres:15\n    environment:\n      POSTGRES_PASSWORD: s3cret\n",
	}, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const want = "docker-compose.yml:5: POSTGRES_PASSWORD stands in clear there, and so in devbox.yaml (services.db.compose.environment, DATABASE_URL of web)"
	if !strings.Contains(about("db", findings), want) {
		t.Errorf("got %s", about("db", findings))
	}
}

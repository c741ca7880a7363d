package project

import (
	"strings"
	"testing"
)

func TestDevStyle(t *testing.T) {
	pkg := &PackageJSON{Scripts: map[string]string{
		"dev": "vite --host", "start": "node server.js", "watch": "npm run dev", "watched": "node --watch server.js", "next": "NODE_ENV=development next dev --turbo",
		"circle": "npm run circle", "built": "npm run build && node dist/main.js", "build": "tsc -p .",
		"prestart:dist": "tsc", "start:dist": "node dist/main.js", "dev:api": "tsx watch api.ts", "dev:web": "vite",
		"both": "concurrently -n api,web -c red,blue npm:dev:*", "mixed": "run-p dev start", "beside": `concurrently "tsc -w" "node dist/main.js"`,
	}}
	tests := []struct {
		dev  string
		want DevStyle
	}{
		// The app itself.
		{"node index.js", DevStyle{Entry: "index.js"}},
		{"node src/index.ts", DevStyle{Entry: "src/index.ts"}},
		{"node --import tsx -r dotenv/config ./src/index.ts --watch", DevStyle{Entry: "src/index.ts"}},
		{"node --env-file .env server.js", DevStyle{Entry: "server.js"}},
		{"bun index.ts", DevStyle{Entry: "index.ts"}},
		{"tsx src/index.ts", DevStyle{}},
		{"npm start", DevStyle{Entry: "server.js"}},
		{"node server.js | pino-pretty", DevStyle{Entry: "server.js"}},
		{"PORT=1 node server.js 2>err.log", DevStyle{Entry: "server.js"}},
		// Tools that take in edits by themselves.
		{"vite", DevStyle{Reloads: "vite"}},
		{"vite --port 3000", DevStyle{Reloads: "vite"}},
		{"vite ./app", DevStyle{Reloads: "vite"}},
		{"npx vite", DevStyle{Reloads: "vite"}},
		{"./node_modules/.bin/vite dev", DevStyle{Reloads: "vite dev"}},
		{"node node_modules/next/dist/bin/next dev", DevStyle{Reloads: "next dev"}},
		{"next dev", DevStyle{Reloads: "next dev"}},
		{"nuxt dev", DevStyle{Reloads: "nuxt dev"}},
		{"astro dev", DevStyle{Reloads: "astro dev"}},
		{"remix vite:dev", DevStyle{Reloads: "remix vite:dev"}},
		{"react-router dev", DevStyle{Reloads: "react-router dev"}},
		{"webpack serve --mode development", DevStyle{Reloads: "webpack serve"}},
		{"ng serve", DevStyle{Reloads: "ng serve"}},
		{"nest start --watch", DevStyle{Reloads: "nest start --watch"}},
		{"tsx watch src/index.ts", DevStyle{Reloads: "tsx watch"}},
		{"ts-node-dev --respawn src/index.ts", DevStyle{Reloads: "ts-node-dev"}},
		{"nodemon -w src index.js", DevStyle{Reloads: "nodemon"}},
		{"turbo dev", DevStyle{Reloads: "turbo"}},
		{"turbo run dev --filter=web", DevStyle{Reloads: "turbo"}},
		{"turbo run start", DevStyle{}},
		{"nx serve api", DevStyle{Reloads: "nx"}},
		{"nx run api:serve:development", DevStyle{Reloads: "nx"}},
		{"npx nx run-many --targets=serve,lint", DevStyle{Reloads: "nx"}},
		{"nx run api:start", DevStyle{}},
		{"bunx --bun vite", DevStyle{Reloads: "vite"}},
		{"bun --watch index.ts", DevStyle{Reloads: "bun --watch"}},
		{"bun --hot run index.ts", DevStyle{Reloads: "bun --hot"}},
		{"tsc --watch", DevStyle{Reloads: "tsc --watch"}},
		{"prisma generate && next dev", DevStyle{Reloads: "next dev"}},
		{"cross-env NODE_ENV=development webpack serve", DevStyle{Reloads: "webpack serve"}},
		// One that loses edits.
		{"node --watch --import tsx src/x.ts", DevStyle{Loses: "node --watch", Entry: "src/x.ts"}},
		{"node --watch-path=./src index.js", DevStyle{Loses: "node --watch", Entry: "index.js"}},
		{"npm run watched", DevStyle{Loses: "node --watch", Entry: "server.js"}},
		{`concurrently vite "node --watch api.js"`, DevStyle{Loses: "node --watch", Entry: "api.js"}},
		// The same behind scripts.
		{"npm run dev", DevStyle{Reloads: "vite"}},
		{"npm run watch", DevStyle{Reloads: "vite"}},
		{"yarn dev", DevStyle{Reloads: "vite"}},
		{"pnpm run --silent dev", DevStyle{Reloads: "vite"}},
		{"bun run dev", DevStyle{Reloads: "vite"}},
		{"node --run dev", DevStyle{Reloads: "vite"}},
		{"npm run next -- --port 3000", DevStyle{Reloads: "next dev"}},
		{"npm run both", DevStyle{Reloads: "tsx watch"}},
		// What only looks like it.
		{"vite preview", DevStyle{}},
		{"vite build", DevStyle{}},
		{"next start", DevStyle{}},
		{"nest start", DevStyle{}},
		{"node server.js --watch", DevStyle{Entry: "server.js"}},
		{"npm run mixed", DevStyle{Entry: "server.js"}},
		{"npm run circle", DevStyle{}},
		{"npm run missing", DevStyle{}},
		{"(vite)", DevStyle{}},
		{"vite $(cat flags)", DevStyle{}},
		{"./dev.sh", DevStyle{}},
		// Build output.
		{"node dist/main.js", DevStyle{Entry: "dist/main.js"}},
		{"tsc --watch & node dist/main.js", DevStyle{Entry: "dist/main.js"}},
		{"npm run beside", DevStyle{Entry: "dist/main.js"}},
		{"tsc && node dist/main.js", DevStyle{Entry: "dist/main.js", Builds: true}},
		{"npm run built", DevStyle{Entry: "dist/main.js", Builds: true}},
		{"npm run start:dist", DevStyle{Entry: "dist/main.js", Builds: true}},
		{"make; node dist/main.js", DevStyle{Entry: "dist/main.js", Builds: true}},
		{"prisma migrate deploy && node dist/main.js", DevStyle{Entry: "dist/main.js"}},
	}
	for _, tt := range tests {
		t.Run(tt.dev, func(t *testing.T) {
			c, err := ParseCommand(tt.dev)
			if err != nil {
				t.Fatal(err)
			}
			if got := DevStyleOf(c, pkg); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	if got := DevStyleOf(Command{"npm", "run", "dev"}, nil); got != (DevStyle{}) {
		t.Errorf("without a package.json: %+v", got)
	}
	if got := DevStyleOf(nil, nil); got != (DevStyle{}) {
		t.Errorf("without a command: %+v", got)
	}
}

func TestWithoutWatch(t *testing.T) {
	tests := []struct{ dev, want string }{
		{"node --watch index.js", "node index.js"},
		{"node --enable-source-maps --watch --watch-preserve-output -r ./x.js index.js --watch", "node --enable-source-maps -r ./x.js index.js --watch"},
		{"node --watch-path src --watch-path=lib --inspect=0.0.0.0 index.js", "node --inspect=0.0.0.0 index.js"},
		{"node index.js --watch", "node index.js --watch"},
		{"node --watch --test", "node --watch --test"},
		{"npm run watch", "npm run watch"},
		{"nodemon --watch src index.js", "nodemon --watch src index.js"},
	}
	for _, tt := range tests {
		if got := strings.Join(withoutWatch(strings.Fields(tt.dev)), " "); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.dev, got, tt.want)
		}
	}
	if got := withoutWatch(nil); len(got) != 0 {
		t.Errorf("of no command: %q", got)
	}
}

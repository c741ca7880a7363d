package project

import (
	"slices"
	"strings"
)

// devServer is a development server and what it needs in a container.
type devServer struct {
	// words are the command, not the second words with which it is no server.
	words, not string
	// host are the flags that make it listen on all addresses of its container:
	// on its loopback nobody outside finds it. Empty where it does so anyway.
	host string
	// port is what it listens on if nothing else is said; 0 where the code or the
	// tool that it starts decides that.
	port int
	// drop are its flags that open a browser or poll for files, dropValue those
	// with a value: a container has no browser, and edits arrive as events.
	drop, dropValue string
	// env are variables that it should have, NAME=value.
	env string
	// readsPort tells that it listens on the PORT that it is given.
	readsPort bool
}

// turboEnv lets turbo hand on the variables that devbox sets, print lines, and keep
// to itself.
const turboEnv = "TURBO_TELEMETRY_DISABLED=1 TURBO_UI=false TURBO_ENV_MODE=loose"

// devServers are the development servers that devbox knows; longer commands
// stand before shorter ones.
var devServers = []devServer{
	{words: "vite", not: "build optimize preview", host: "--host", port: 5173, drop: "--open -o"},
	{words: "vitepress dev", host: "--host", port: 5173, drop: "--open"},
	{words: "remix vite:dev", host: "--host", port: 5173, drop: "--open"},
	{words: "remix dev", port: 3000, readsPort: true},
	{words: "react-router dev", host: "--host", port: 5173, drop: "--open"},
	{words: "next dev", port: 3000, readsPort: true},
	{words: "nuxt dev", host: "--host", port: 3000, drop: "--open -o", readsPort: true},
	{words: "nuxi dev", host: "--host", port: 3000, drop: "--open -o", readsPort: true},
	{words: "astro dev", host: "--host", port: 4321, drop: "--open"},
	{words: "ng serve", host: "--host 0.0.0.0", port: 4200, drop: "--open -o --open=true", dropValue: "--poll", env: "NG_CLI_ANALYTICS=false"},
	{words: "ng s", host: "--host 0.0.0.0", port: 4200, drop: "--open -o --open=true", dropValue: "--poll", env: "NG_CLI_ANALYTICS=false"},
	{words: "react-scripts start", port: 3000, env: "BROWSER=none", readsPort: true},
	{words: "craco start", port: 3000, env: "BROWSER=none", readsPort: true},
	{words: "vue-cli-service serve", port: 8080, drop: "--open", readsPort: true},
	{words: "gatsby develop", host: "--host 0.0.0.0", port: 8000, drop: "--open -o"},
	{words: "webpack serve", host: "--host 0.0.0.0", port: 8080, drop: "--open"},
	{words: "webpack-dev-server", host: "--host 0.0.0.0", port: 8080, drop: "--open"},
	{words: "rspack serve", host: "--host 0.0.0.0", port: 8080, drop: "--open"},
	{words: "rspack dev", host: "--host 0.0.0.0", port: 8080, drop: "--open"},
	{words: "rsbuild dev", host: "--host", port: 3000, drop: "--open -o"},
	{words: "parcel", not: "build watch", port: 1234, drop: "--open"},
	{words: "docusaurus start", host: "--host 0.0.0.0", port: 3000, drop: "--open", dropValue: "--poll"},
	{words: "wrangler dev", host: "--ip 0.0.0.0", port: 8787},
	{words: "vinxi dev", host: "--host", port: 3000},
	{words: "nitro dev", host: "--host", port: 3000},
	{words: "nitropack dev", host: "--host", port: 3000},
	{words: "fastify start", host: "--address 0.0.0.0", port: 3000, drop: "-w --watch", readsPort: true},
	{words: "json-server", host: "--host 0.0.0.0", port: 3000, drop: "-w --watch"},
	{words: "strapi develop", port: 1337, drop: "--open", env: "HOST=0.0.0.0", readsPort: true},
	{words: "strapi start", port: 1337, env: "HOST=0.0.0.0", readsPort: true},
	{words: "node ace", port: 3333, env: "HOST=0.0.0.0", readsPort: true},
	{words: "nx serve", port: 3000, readsPort: true, env: "NX_DAEMON=false NX_TUI=false"},
	{words: "nx dev", port: 3000, readsPort: true, env: "NX_DAEMON=false NX_TUI=false"},
	{words: "nx run", readsPort: true, env: "NX_DAEMON=false NX_TUI=false"},
	{words: "nx run-many", readsPort: true, env: "NX_DAEMON=false NX_TUI=false"},
	{words: "turbo dev", readsPort: true, env: turboEnv},
	{words: "turbo run", readsPort: true, env: turboEnv},
	{words: "turbo watch", readsPort: true, env: turboEnv},
	{words: "nest start"},
}

// serverOf finds the server that a command runs.
func serverOf(words []string) (devServer, bool) {
	if len(words) > 2 && words[0] == "bunx" && words[1] == "--bun" {
		words = words[2:]
	}
	for _, s := range devServers {
		own := strings.Fields(s.words)
		if len(words) < len(own) || !slices.Equal(words[:len(own)], own) {
			continue
		}
		if len(words) > len(own) && listed(s.not, words[len(own)]) {
			continue
		}
		return s, true
	}
	return devServer{}, false
}

// reachable gives a development server the flags that it needs in a container
// and takes those off that make no sense in one.
func (c commandFinder) reachable(subject string, words []string, pick *commandPick) []string {
	server, known := c.facts.serverOf(words)
	if !known {
		return words
	}
	rest := server.dropped(words)
	if left := removedWords(words, rest); left != "" {
		pick.note(subject, left+" is left out: a container has no browser, and devbox brings edits as events", false)
	}
	for pair := range strings.FieldsSeq(server.env) {
		pick.env = append(pick.env, pair)
	}
	if server.host == "" || slices.ContainsFunc(rest, isHostFlag) {
		return rest
	}
	pick.note(subject, server.host+" is added, because on its loopback nobody outside the container finds the server", false)
	return append(slices.Clone(rest), strings.Fields(server.host)...)
}

// dropped are the words without the flags to leave out.
func (s devServer) dropped(words []string) []string {
	var rest []string
	for i := 0; i < len(words); i++ {
		flag, _, joined := strings.Cut(words[i], "=")
		switch {
		case listed(s.drop, words[i]), joined && listed(s.dropValue, flag):
		case listed(s.dropValue, words[i]):
			i++
		default:
			rest = append(rest, words[i])
		}
	}
	return rest
}

// removedWords are the words that are in one list and not in the other.
func removedWords(words, rest []string) string {
	var gone []string
	for _, w := range words {
		if !slices.Contains(rest, w) {
			gone = append(gone, w)
		}
	}
	return strings.Join(gone, " ")
}

func isHostFlag(word string) bool {
	name, _, _ := strings.Cut(word, "=")
	return slices.Contains([]string{"--host", "-H", "--hostname", "--address", "-a", "--ip", "--"}, name)
}

package project

import (
	"fmt"
	"slices"
	"strings"
)

// didYouMean is the suggestion for a word that is none of the known ones. It
// is empty when nothing is near enough.
func didYouMean(word string, known []string) string {
	if best, ok := nearest(word, known); ok {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return ""
}

// nearest finds the known word that was most likely meant: the same but for
// case and separators, or the one that the fewest edits lead to.
func nearest(word string, known []string) (string, bool) {
	folded := fold(word)
	if folded == "" || len(folded) > 64 {
		return "", false
	}
	best, distance := "", len(folded)
	for _, k := range known {
		if d := edits(folded, fold(k)); d < distance {
			best, distance = k, d
		}
	}
	// A third of the letters may be wrong; in a short word one letter may.
	return best, best != "" && distance <= max(1, len(folded)/3)
}

// fold makes packageManager, package_manager and Package-Manager one word.
func fold(word string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(word))
}

// edits counts insertions, removals, replacements and swaps of neighbours that
// turn a into b (the optimal string alignment distance).
func edits(a, b string) int {
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+boolInt(a[i-1] != b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// otherNames maps what people write, from Compose and package.json, to the
// key of a service that means it.
var otherNames = map[string]string{
	"cmd": "dev", "command": "dev", "start": "prod", "run": "dev",
	"env": "environment", "envs": "environment", "ports": "port", "expose": "port",
	"healthcheck": "health", "npm": "package-manager", "manager": "package-manager",
	"nodejs": "node", "version": "node", "ignore": "watch", "develop": "watch",
}

// composeKeys are the keys of a Compose service that people may expect here.
var composeKeys = []string{
	"image", "volumes", "depends_on", "networks", "env_file", "restart", "user", "entrypoint", "working_dir",
	"labels", "deploy", "logging", "extra_hosts", "secrets", "configs", "cap_add", "cap_drop", "privileged",
	"profiles", "container_name", "hostname", "init", "read_only", "tmpfs", "ulimits", "platform", "stdin_open",
	"tty", "security_opt", "shm_size", "stop_grace_period", "stop_signal", "sysctls", "links", "dns",
}

// suggestKey is the suggestion for an unknown key. inService says that the
// key was met in a service, where Compose's words may be expected.
func suggestKey(key string, known []string, inService bool) string {
	if inService {
		if slices.Contains(composeKeys, key) {
			return fmt.Sprintf("Compose's own keys go under compose: {%s: …}", key)
		}
		if meant, ok := otherNames[fold(key)]; ok {
			return fmt.Sprintf("did you mean %q?", meant)
		}
	}
	if hint := didYouMean(key, known); hint != "" {
		return hint
	}
	return "known are " + strings.Join(known, ", ")
}

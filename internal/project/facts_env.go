package project

import (
	"io/fs"
	"slices"
	"strings"
)

// EnvFacts is what the files of variables in a folder say.
type EnvFacts struct {
	// File names the file that development reads, .env; empty where there is
	// none. Example names the example of it.
	File, Example string
	// Wanted are the variables of the example, in its order.
	Wanted []EnvWish
	// Set are the variables that File sets to a value, and what of it matters.
	Set map[string]EnvSet
}

// EnvWish is a variable that an example of an .env file names.
type EnvWish struct {
	Name string
	// Value is what the example says, if that can be used; secrets and stand-ins
	// for a value are left out.
	Value string
	// Empty tells that there is no value or a stand-in for one.
	Empty bool
	// Optional tells that the file calls it optional.
	Optional bool
	// Host is the host name, where the value is a URL or a host.
	Host string
}

// EnvSet is a variable that is set. The value is not kept: it may be a secret.
type EnvSet struct {
	// Host is the host name, where the value is a URL or a host.
	Host string
}

var (
	envExamples  = []string{".env.example", ".env.template", ".env.sample", ".env.dist", ".env.defaults", "env.example", ".env.local.example", ".env.development.example"}
	envOwn       = []string{".env", ".env.development", ".env.local"}
	envLine      = lazy(`^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$`)
	envStandIn   = lazy(`(?i)^(?:<.*>|\[.*\]|\{\{.*\}\}|x{3,}|\*{2,}|\.{2,}|…|todo|tbd|none|null|undefined|fixme|secret|password|pass|token|key|(?:change|replace|fill)[-_ ]?(?:me|it|this|with|in).*|(?:put|insert|enter|add|paste|set|some)[-_ ].*|.*(?:\byour|_your|your_|your-).*|.*place-?holder.*)$`)
	envSecret    = lazy(`(?i)(?:SECRET|PASSW|PASSPHRASE|(?:^|_)PASS(?:_|$)|TOKEN|PRIVATE|CREDENTIAL|API_?KEY|ACCESS_?KEY|_KEY$|^KEY$|SALT|DSN$|(?:^|_)AUTH(?:_|$))`)
	envOptional  = lazy(`(?i)\boptional\b`)
	envHost      = lazy(`^[a-z][a-z0-9+.-]*://(?:[^@/\s]*@)?(\[[0-9a-fA-F:]+\]|[^:/?#\s]+)`)
	plainHost    = lazy(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	hostVariable = lazy(`HOST(?:NAME)?$|_SERVER$|_ADDR(?:ESS)?$`)
)

// readEnvFacts reads the example and the file of variables that are there.
func readEnvFacts(fsys fs.FS) (EnvFacts, error) {
	env := EnvFacts{Set: map[string]EnvSet{}}
	for _, name := range envExamples {
		text, err := readOptional(fsys, name, peekSize)
		if err != nil {
			return env, err
		}
		if text != "" {
			env.Example, env.Wanted = name, envWishes(text)
			break
		}
	}
	if isRegular(fsys, envOwn[0]) {
		env.File = envOwn[0]
	}
	for _, name := range envOwn {
		text, err := readOptional(fsys, name, peekSize)
		if err != nil {
			return env, err
		}
		for line := range strings.Lines(text) {
			if variable, value, ok := envAssignment(line); ok && value != "" {
				env.Set[variable] = EnvSet{Host: hostOf(variable, value)}
			}
		}
	}
	return env, nil
}

// envWishes reads an example: the variables that are not commented out.
func envWishes(text string) []EnvWish {
	var wishes []EnvWish
	optional := false
	for line := range strings.Lines(text) {
		variable, value, ok := envAssignment(line)
		if !ok {
			// A remark holds for the line behind it.
			optional = strings.HasPrefix(strings.TrimSpace(line), "#") && envOptional().MatchString(line)
			continue
		}
		wish := EnvWish{Name: variable, Empty: value == "" || envStandIn().MatchString(value), Optional: optional || envOptional().MatchString(line)}
		if !wish.Empty {
			wish.Host = hostOf(variable, value)
		}
		if !wish.Empty && !isSecret(variable, value) {
			wish.Value = value
		}
		optional = false
		if !slices.ContainsFunc(wishes, func(w EnvWish) bool { return w.Name == variable }) {
			wishes = append(wishes, wish)
		}
	}
	return wishes
}

// envAssignment reads a line of an .env file. Comments behind a value and
// quotes around it are taken off.
func envAssignment(line string) (name, value string, ok bool) {
	m := envLine().FindStringSubmatch(strings.TrimSpace(line))
	if m == nil {
		return "", "", false
	}
	value = m[2]
	if value != "" && strings.ContainsRune(`"'`+"`", rune(value[0])) {
		if end := strings.IndexByte(value[1:], value[0]); end >= 0 {
			return m[1], value[1 : 1+end], true
		}
	}
	if strings.HasPrefix(value, "#") {
		value = ""
	}
	value, _, _ = strings.Cut(value, " #")
	return m[1], strings.TrimSpace(value), true
}

// isSecret tells whether a value may be one that nobody else should see.
func isSecret(name, value string) bool {
	if envSecret().MatchString(name) {
		return true
	}
	m := dataURL().FindStringSubmatch(value)
	return m != nil && m[3] != "" || strings.Contains(value, "@") && strings.Contains(value, "://")
}

// hostOf is the host in the value of a variable, if that is a URL or a host.
func hostOf(name, value string) string {
	if m := envHost().FindStringSubmatch(value); m != nil {
		return strings.Trim(m[1], "[]")
	}
	if hostVariable().MatchString(name) && plainHost().MatchString(value) {
		return value
	}
	return ""
}

// isLocal tells whether a host is this machine, or a name that only a Compose
// project knows.
func isLocal(host string) bool {
	return host == "::1" || strings.HasPrefix(host, "127.") || host == "0.0.0.0" || host == "host.docker.internal" || !strings.Contains(host, ".") && !strings.Contains(host, ":")
}

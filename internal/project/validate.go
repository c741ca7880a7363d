package project

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const lastPort = 65535

// nameSchema is the form of a project's name: a Compose project, and a part
// of the names of images.
const nameSchema = `^[a-z0-9]+((__|_|-+)[a-z0-9]+)*$`

// managerSchema is the form of package-manager.
const managerSchema = `^(npm|yarn|pnpm|bun)@\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`

var (
	projectName  = regexp.MustCompile(nameSchema)
	exactManager = regexp.MustCompile(managerSchema)
	variableName = regexp.MustCompile(`^[^=\s\x00-\x1f\x7f]+$`)
	managerNames = []string{"npm", "yarn", "pnpm", "bun"}
	nameForm     = fmt.Sprintf("must be at most %d lower-case letters and digits, joined by - or _", maxName)
)

// The checks below are the rules for values. Each takes what the file says and
// gives the rest of a sentence that starts with the value's key.

func checkProjectName(name string) verdict {
	if projectName.MatchString(name) && len(name) <= maxName {
		return verdict{}
	}
	return verdict{fmt.Sprintf("%s, not %s", nameForm, show(name)), tryInstead(Slug(name))}
}

func checkServiceName(name string) verdict {
	if plainName.MatchString(name) && len(name) <= maxName {
		return verdict{}
	}
	return verdict{nameForm, tryInstead(Slug(name))}
}

func tryInstead(value string) string { return "try " + value }

func checkPolicy(policy LockPolicy, known []LockPolicy) verdict {
	if slices.Contains(known, policy) {
		return verdict{}
	}
	words := make([]string, len(known))
	for i, k := range known {
		words[i] = string(k)
	}
	v := verdict{text: fmt.Sprintf("must be %s, not %s", orList(words), show(string(policy)))}
	v.hint = didYouMean(string(policy), words)
	if policy == Update {
		v.hint = "a production build never changes the lock"
	}
	return v
}

// orList is a, b or c.
func orList(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func checkNodeVersion(version string) verdict {
	if exactNode.MatchString(version) {
		return verdict{}
	}
	v := verdict{text: "must be an exact version such as " + defaultNode + ", not " + show(version)}
	if known, ok := resolveNode(version); ok {
		v.hint = tryInstead(known.version)
	}
	return v
}

func checkManager(text string) verdict {
	if exactManager.MatchString(text) {
		return verdict{}
	}
	name, version, _ := strings.Cut(text, "@")
	if !slices.Contains(managerNames, name) {
		return verdict{fmt.Sprintf("must be %s, not %s", orList(managerNames), show(name)), didYouMean(name, managerNames)}
	}
	exact, _, _ := strings.Cut(version, "+")
	if !exactVersion.MatchString(exact) {
		exact = defaultManager(name).Version
	}
	return verdict{"must have an exact version, not " + show(text), tryInstead(name + "@" + exact)}
}

func checkPort(text string) verdict {
	port, err := strconv.Atoi(text)
	if err == nil && port >= 0 && port <= lastPort && strconv.Itoa(port) == text {
		return verdict{}
	}
	return verdict{fmt.Sprintf("must be a number from 0 to %d, not %s", lastPort, cutText(text)), ""}
}

// cutText is a number as it stands in the file, if it is not a hundred digits.
func cutText(text string) string {
	if len(text) > 20 {
		return show(text)
	}
	return text
}

func checkHealth(path string) verdict {
	switch {
	case healthPath.MatchString(path):
		return verdict{}
	case !strings.HasPrefix(path, "/"):
		return verdict{"must start with /, not be " + show(path), tryIfHealthy("/" + path)}
	}
	return verdict{"must be a path without spaces, in ASCII, not " + show(path), ""}
}

func tryIfHealthy(path string) string {
	if healthPath.MatchString(path) {
		return tryInstead(path)
	}
	return ""
}

func checkVariable(name string) verdict {
	if variableName.MatchString(name) {
		return verdict{}
	}
	return verdict{"has the variable " + show(name) + ", which is no name", "use letters, digits and _"}
}

func checkPattern(pattern string) verdict {
	if strings.TrimSpace(pattern) == "" {
		return verdict{"is empty", ""}
	}
	if strings.IndexFunc(pattern, unicode.IsControl) >= 0 {
		return verdict{"holds a control character", ""}
	}
	return verdict{}
}

// duration is the form of a time: milliseconds or seconds.
var duration = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9})?(ms|s)$`)

func checkDuration(text string, least, most time.Duration) verdict {
	if isDigits(text) {
		return verdict{"needs a unit, not just " + cutText(text), tryInstead(text + "ms")}
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil || !duration.MatchString(text):
		return verdict{"must be a time such as 10ms or 2s, not " + show(text), ""}
	case d < least || d > most:
		return verdict{fmt.Sprintf("must be a time from %s to %s, not %s", yamlDuration(least), yamlDuration(most), text), ""}
	}
	return verdict{}
}

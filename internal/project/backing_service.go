package project

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// kind is the row of the catalog; false where the service is in Compose's words.
func (b Backing) kind() (backingKind, bool) {
	k, ok := catalog[b.Use]
	return k, ok
}

// version is the one that devbox.yaml names, or the catalog's.
func (b Backing) version() string {
	if b.Version == "" {
		return catalog[b.Use].version
	}
	return b.Version
}

// Image is what a service of a known kind runs; empty for others.
func (b Backing) Image() string {
	if k, ok := b.kind(); ok {
		return k.image + ":" + k.tag(b.version())
	}
	return ""
}

// Major is the version whose form the service's data has, such as 15; empty
// where versions do not matter.
func (b Backing) Major() string {
	if k, ok := b.kind(); ok && k.parts > 0 {
		return majorOf(b.version(), k.parts)
	}
	return ""
}

// Reads tells whether the service can use data that another version of it made. Of
// versions of which one says less than the other, that is taken for granted.
func (b Backing) Reads(made string) bool {
	k, wants := catalog[b.Use], b.Major()
	if made == wants || strings.HasPrefix(made, wants+".") || strings.HasPrefix(wants, made+".") {
		return true
	}
	has, now := formNumbers(made), formNumbers(wants)
	return k.takesOver != nil && len(has) > 0 && len(now) > 0 && slices.Compare(has, now) < 0 && k.takesOver(has, now)
}

// formNumbers are those of a version; none where it has other words.
func formNumbers(version string) []int {
	var list []int
	for word := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil
		}
		list = append(list, n)
	}
	return list
}

// VersionFiles are the files among the data that say which version made it,
// relative to its volume: the first one that is there counts. Of other kinds only
// the server itself can tell.
func (b Backing) VersionFiles() []string {
	switch b.Use {
	case "postgres":
		if strings.HasSuffix(b.DataDir(), "/data") {
			return []string{"PG_VERSION"}
		}
		return []string{b.Major() + "/docker/PG_VERSION"}
	case "mariadb":
		return []string{"mariadb_upgrade_info", "mysql_upgrade_info", mysqlHistory}
	case "mysql":
		return []string{mysqlHistory, "mysql_upgrade_info", "mariadb_upgrade_info"}
	}
	return nil
}

// mysqlHistory is JSON, with the versions in the order in which they had the data.
const mysqlHistory = "mysql_upgrade_history"

var versionWord = regexp.MustCompile(`\d+\.\d+\.\d+(-MariaDB)?`)

// VersionIn is the version whose form data has that has such a file, as Major says
// it, and the kind that made it; empty where the file does not tell.
func (b Backing) VersionIn(data []byte) (kind, major string) {
	if b.Use == "postgres" {
		return b.Use, strings.TrimSpace(string(data))
	}
	all := versionWord.FindAllString(string(data), -1)
	if len(all) == 0 {
		return "", ""
	}
	version, maria := strings.CutSuffix(all[len(all)-1], "-MariaDB")
	kind = "mysql"
	if maria {
		kind = "mariadb"
	}
	return kind, majorOf(version, catalog[kind].parts)
}

// DataVolume is the key of the volume with the service's data in the rendered
// files, and DataDir where it is mounted; empty where there is none.
func (b Backing) DataVolume() string {
	if b.DataDir() == "" {
		return ""
	}
	return b.Name + "_data"
}

// DataDir is where the service's data is in its container; empty where there is none.
func (b Backing) DataDir() string {
	if k, ok := b.kind(); ok {
		return k.data(b.version())
	}
	return ""
}

// Page is the port in its container of the page for people that a service publishes;
// 0 where there is none.
func (b Backing) Page() int {
	if k, _ := b.kind(); k.page && b.Publish != 0 {
		return k.published
	}
	return 0
}

// PasswordVar is the variable that gives Compose the service's password; empty
// where there is none.
func (b Backing) PasswordVar() string {
	if k, ok := b.kind(); ok && k.password {
		return serviceVar(b.Name, "PASSWORD")
	}
	return ""
}

// PasswordEnv is the variable by which the service's container has the password;
// empty where there is none.
func (b Backing) PasswordEnv() string {
	k, ok := b.kind()
	if !ok || !k.password {
		return ""
	}
	env, _ := k.service(b.Name, b.password())["environment"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if env[name] == b.password() {
			return name
		}
	}
	return ""
}

// StandIn gives variables for passwords a word of no meaning, where they have
// none: for a project that is looked at and not started.
func (m *Model) StandIn(vars map[string]string) {
	for _, b := range m.Backing {
		if name := b.PasswordVar(); name != "" && vars[name] == "" {
			vars[name] = "none"
		}
	}
}

// RunsIn tells whether the service is part of a mode.
func (b Backing) RunsIn(mode Mode) bool {
	k, ok := b.kind()
	return !ok || mode == Dev || !k.devOnly
}

// HasHealth tells whether the service says when it is ready. Of one in Compose's
// own words that is known only to the loaded project.
func (b Backing) HasHealth(c *Compose) bool {
	h := c.Services[b.Name].HealthCheck
	return h != nil && !h.Disable && len(h.Test) > 0 && h.Test[0] != "NONE"
}

// password is the service's password as the rendered files have it: Compose
// fills it in, and says what to do where it is not set.
func (b Backing) password() string {
	return "${" + b.PasswordVar() + ":?set it to the password of " + b.Name + "}"
}

// backingService is the service before its own Compose words are merged over it.
func backingService(b Backing, mode Mode) map[string]any {
	k, known := b.kind()
	c := map[string]any{}
	if known {
		c = k.service(b.Name, b.password())
		c["image"], c["cap_drop"], c["security_opt"] = b.Image(), []any{"ALL"}, []any{"no-new-privileges:true"}
		if k.steps {
			c["cap_add"] = rootThatSteps
		} else {
			c["init"] = true
		}
		if dir := b.DataDir(); dir != "" {
			c["volumes"] = []any{map[string]any{"type": "volume", "source": b.DataVolume(), "target": dir}}
		}
		if b.Publish != 0 && mode == Dev {
			c["ports"] = []any{publishAs(b.Publish, k.published, PortVar(b.Name))}
		}
		if mode == Prod {
			c["restart"], c["logging"] = "unless-stopped", logRotation()
		}
	}
	if len(b.Environment) > 0 {
		env, _ := c["environment"].(map[string]any)
		if env == nil {
			env = map[string]any{}
		}
		for name, value := range b.Environment {
			env[name] = literal(value)
		}
		c["environment"] = env
	}
	return c
}

// dataVolume is the declaration of the volume with the service's data.
func dataVolume(b Backing) map[string]any {
	labels := map[string]any{LabelBacking: b.Name, LabelKind: b.Use}
	if major := b.Major(); major != "" {
		labels[LabelMajor] = major
	}
	return map[string]any{"labels": labels}
}

// addBacking adds the backing services of a mode to a rendered project.
func addBacking(project map[string]any, m *Model, mode Mode) {
	services := section(project, "services")
	for _, b := range m.Backing {
		if !b.RunsIn(mode) {
			continue
		}
		services[b.Name] = backingService(b, mode)
		if key := b.DataVolume(); key != "" {
			section(project, "volumes")[key] = dataVolume(b)
		}
	}
}

func section(project map[string]any, key string) map[string]any {
	s, _ := project[key].(map[string]any)
	if s == nil {
		s = map[string]any{}
		project[key] = s
	}
	return s
}

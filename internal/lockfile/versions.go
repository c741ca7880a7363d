package lockfile

import (
	"fmt"

	"github.com/devbox-node/devbox/internal/semver"
)

// reader are the versions of a package manager whose exact install takes a
// lock of a format and version.
type reader struct {
	format  Format
	version string // of the lock; empty means any
	takes   string // range of the package manager's versions
	needs   string // the same in words
}

// readers hold what the package managers were seen to do. What is not in here
// they may or may not take.
var readers = []reader{
	{NPM, "3", ">=7.0.0-0", "npm 7 or newer"},
	{YarnClassic, "", "<2.0.0-0", "yarn 1"},
	{YarnBerry, "", ">=2.0.0-0", "yarn 2 or newer"},
	{PNPM, "5.3", "<10.0.0-0", "pnpm 9 or older"},
	{PNPM, "5.4", "<10.0.0-0", "pnpm 9 or older"},
	{PNPM, "6.0", ">=8.0.0-0 <10.0.0-0", "pnpm 8 or 9"},
	{PNPM, "9.0", ">=9.0.0-0", "pnpm 9 or newer"},
	{Bun, "", ">=1.1.39", "bun 1.1.39 or newer"},
}

// CheckManager tells whether a version of the lock's own package manager takes
// a lock of this format. It is nil where it does or where that is not known,
// else an *Error of the kind ErrNewer.
func (l *Lock) CheckManager(version string) error {
	v, ok := semver.Parse(version)
	if !ok {
		return nil
	}
	v.Pre = nil // a pre-release reads what its release does
	for _, r := range readers {
		if r.format != l.Format || r.version != "" && r.version != l.Version {
			continue
		}
		if takes, known := semver.ParseRange(r.takes); known && !takes.Has(v) {
			manager := l.Format.Manager()
			return &Error{
				File: l.File, Kind: ErrNewer,
				Text:   fmt.Sprintf("%s %s does not read a lock of %s: it takes %s", manager, plain(version), l.formatName(), r.needs),
				Remedy: fmt.Sprintf("use %s in devbox.yaml's package-manager, or let `%s` write the lock anew", r.needs, installCommand(l.File)),
			}
		}
	}
	return nil
}

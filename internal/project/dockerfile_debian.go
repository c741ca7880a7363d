package project

import "strings"

// aptMounts keep what apt downloads from build to build, and out of the image.
var aptMounts = []string{
	"type=cache,id=devbox-apt-bookworm,target=/var/cache/apt,sharing=locked",
	"type=cache,id=devbox-apt-lists-bookworm,target=/var/lib/apt,sharing=locked",
}

// debian installs packages of the distribution. Their versions are those of the
// base image's release of Debian.
func (d *dockerfile) debian(packages []string) {
	if len(packages) == 0 {
		return
	}
	// docker-clean empties the cache after each install.
	d.run(aptMounts, "rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && "+
		"DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "+strings.Join(packages, " "))
}

// buildBase is the stage with what installs and builds need of the system; it
// is left out where they need nothing.
func (d *dockerfile) buildBase(g image) {
	if packages := g.Services[0].BuildPackages; len(packages) > 0 {
		d.stage("What compiles packages, which production does not get.", g.target("base"), g.target(buildBaseStage))
		d.debian(packages)
	}
}

const buildBaseStage = "build-base"

// tools names the stage that installs and builds start from.
func (g image) tools() string {
	if len(g.Services[0].BuildPackages) > 0 {
		return g.target(buildBaseStage)
	}
	return g.target("base")
}

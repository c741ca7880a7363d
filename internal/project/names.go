package project

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// Compose is a loaded Compose project.
type Compose = types.Project

// ComposeService is a service of a loaded Compose project.
type ComposeService = types.ServiceConfig

// ComposeVolume is a named volume of a loaded Compose project.
type ComposeVolume = types.VolumeConfig

// ComposeMount is a mount of a service of a loaded Compose project.
type ComposeMount = types.ServiceVolumeConfig

// Variables that the rendered Compose files leave open, each with a default
// that plain `docker compose` uses.
const (
	// VarProject is the name of the Compose project: each checkout has its own.
	VarProject = "DEVBOX_PROJECT"
	// VarUID and VarGID are who a development container runs as.
	VarUID = "DEVBOX_UID"
	VarGID = "DEVBOX_GID"
)

// PlainUser is the user and group id of the plain user in the base images.
const PlainUser = 1000

// VolumeVar is the variable that names a service's node_modules volume.
func VolumeVar(service string) string { return serviceVar(service, "NODE_MODULES") }

// PortVar is the variable for the host's port of a service in development.
func PortVar(service string) string { return serviceVar(service, "PORT") }

// ProdPortVar is the variable for the host's port of a service in production.
func ProdPortVar(service string) string { return serviceVar(service, "PROD_PORT") }

// BaseImage is the official image that a service is built on.
func BaseImage(s Service) string { return "node:" + s.Node + "-bookworm-slim" }

// checkoutName is what the rendered files have where the name of the checkout
// stands.
func checkoutName(m *Model) string { return variable(VarProject, m.Name) }

// ProdName is the name of the Compose project of the production side, which
// runs beside the development side.
func ProdName(project string) string { return project + "-prod" }

func serviceVar(service, what string) string { return "DEVBOX_" + envName(service) + "_" + what }

// envName is a service's name as a part of a variable's.
func envName(service string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || r == '.' {
			return '_'
		}
		return r
	}, service))
}

// checkVariables makes sure that no two services share a variable.
func checkVariables(services []Service, backing ...Backing) error {
	taken := map[string]string{}
	take := func(service string, variables ...string) error {
		for _, v := range variables {
			if other, ok := taken[v]; ok {
				return fmt.Errorf("services %q and %q would share the variable %s: rename one of them", other, service, v)
			}
			taken[v] = service
		}
		return nil
	}
	for _, s := range services {
		if err := take(s.Name, VolumeVar(s.Name), PortVar(s.Name), ProdPortVar(s.Name)); err != nil {
			return err
		}
	}
	for _, b := range backing {
		if err := take(b.Name, append(b.portNames(), serviceVar(b.Name, "PASSWORD"))...); err != nil {
			return err
		}
	}
	return nil
}

// nodeModulesVolume is the key of a service's node_modules volume in compose.yaml.
func nodeModulesVolume(service string) string { return service + "_node_modules" }

// ModulesPlace is where a service's container has the packages that devbox mounts,
// empty for a service that devbox has not rendered.
func ModulesPlace(c *Compose, service string) string {
	for _, v := range c.Services[service].Volumes {
		if v.Source == nodeModulesVolume(service) {
			return v.Target
		}
	}
	return ""
}

// MemberVolume is the name of a member's node_modules volume in the set that
// another one's name stands for.
func MemberVolume(set, dir string) string { return set + "_" + folderName(dir) }

// folderName is a folder of the project as a part of a volume's name. Two folders
// never get the same one.
func folderName(dir string) string {
	safe := func(r rune) rune {
		if r == '/' || r == '_' || r == '.' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}
	name := strings.Map(safe, dir)
	exact := name == dir && !strings.Contains(dir, "_")
	if name = strings.ReplaceAll(name, "/", "_"); !exact {
		const digits = 6
		sum := sha256.Sum256([]byte(dir))
		name += "_" + hex.EncodeToString(sum[:])[:digits]
	}
	return name
}

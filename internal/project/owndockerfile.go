package project

import (
	"os"
	"path"
	"path/filepath"
)

// used tells whether there is one.
func (d OwnDockerfile) used() bool { return d.File != "" }

// stage is the stage of a mode.
func (d OwnDockerfile) stage(mode Mode) string {
	if mode == Prod {
		return d.Prod
	}
	return d.Dev
}

// buildSection is how Compose builds the image of a mode from it.
func (d OwnDockerfile) buildSection(mode Mode) map[string]any {
	file, err := filepath.Rel(filepath.FromSlash(d.Context), filepath.FromSlash(d.File))
	if err != nil {
		file = d.File // both are relative, so there is a way from one to the other
	}
	b := map[string]any{"context": "./" + path.Clean(d.Context), "dockerfile": filepath.ToSlash(file)}
	if path.Clean(d.Context) == "." {
		b["context"] = "."
	}
	if stage := d.stage(mode); stage != "" {
		b["target"] = stage
	}
	return b
}

// imagePath is the PATH of the official images.
const imagePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// ownDev makes a development service of an image that the user's Dockerfile
// makes: it finds the packages' programs, as in devbox's images.
func (s Service) ownDev(c map[string]any) {
	if env, ok := c["environment"].(map[string]any); ok && s.Dockerfile.used() && env["PATH"] == nil {
		env["PATH"] = path.Join(AppDir, s.Dir, nodeModules, ".bin") + ":" + imagePath
		env["HOME"] = "/tmp" // whoever owns the source has no home in the image
	}
}

// ownProd makes a production service of one as it is: its user, its command
// unless the model has one, and its own health check.
func (s Service) ownProd(c map[string]any) {
	if !s.Dockerfile.used() {
		return
	}
	for _, key := range []string{"cap_drop", "security_opt", "read_only", "tmpfs"} {
		delete(c, key)
	}
	if len(s.Prod) == 0 {
		delete(c, "command")
	}
	if s.Health == "" {
		delete(c, "healthcheck")
	}
}

// OwnDockerfileDigest is the digest of the Dockerfile of the project's own that
// makes a service's image; empty where devbox's makes it or it cannot be read.
func (p *Project) OwnDockerfileDigest(s Service) string {
	if !s.Dockerfile.used() {
		return ""
	}
	data, err := readLimited(os.DirFS(p.Dir), s.Dockerfile.File, maxDockerfileSize)
	if err != nil {
		return ""
	}
	return bodyDigest(data)
}

package session

import (
	"errors"
	"strings"
	"testing"

	"github.com/devbox-node/devbox/internal/engine"
)

func TestTaskErrorNamesCauseAndRemedy(t *testing.T) {
	tests := []struct {
		name, output string
		kind         engine.Kind
		remedy       string
	}{
		{"a full disk", "npm error code ENOSPC\nnpm error nospc", engine.ErrDiskFull, "docker system df"},
		{"a lock that disagrees", "npm error `npm ci` can only install packages when your package.json and package-lock.json are in sync", engine.ErrBuild, "devbox lock status"},
		{"a lock without the peers of what is in it", "npm error `npm ci` can only install packages when your package.json and package-lock.json are in sync\nnpm error Missing: a@1.0.0 from lock file", engine.ErrBuild, "devbox update"},
		{"a lock without a package that the registry lacks", "npm error `npm ci` can only install packages when your package.json and package-lock.json are in sync\nnpm error Missing: @a/b@ from lock file", engine.ErrBuild, "lock: {dev: update}"},
		{"another content than the lock says", "npm error code EINTEGRITY", engine.ErrBuild, "find out why"},
		{"no network", "npm error code ENOTFOUND\nnpm error errno ENOTFOUND", engine.ErrBuild, "cannot be reached"},
		{"no login", "npm error code E401", engine.ErrBuild, ".npmrc"},
		{"no such package", "npm error code E404", engine.ErrBuild, "check its name"},
		{"a package manager that is too old", "ERR_PNPM_META_FETCH_FAIL  GET x: Value of \"this\" must be of type URLSearchParams", engine.ErrBuild, "to a newer release of it"},
		{"a yarn that is too old", "YN0001: │ TypeError: (0 , o.isDate) is not a function", engine.ErrBuild, "to a newer release of it"},
		{"no such package, in bun's words", "error: failed to download a@0.9.26: 404 Not Found", engine.ErrBuild, "check its name"},
		{"no compiler", "gyp ERR! stack Error: not found: make", engine.ErrBuild, "compiler"},
		{"a code in a checksum", "npm error sha512-xE404y/E401+ wanted", engine.ErrBuild, ""},
		{"a limit of watchers", "Error: ENOSPC: System limit for number of file watchers reached", engine.ErrBuild, ""},
		{"anything else", "npm error something", engine.ErrBuild, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := taskError("install", "exit status 1", tt.output)
			var e *engine.Error
			if !errors.As(err, &e) || e.Kind != tt.kind || !strings.Contains(e.Remedy, tt.remedy) || tt.remedy == "" && e.Remedy != "" {
				t.Errorf("error %+v, want %q with remedy %q", e, tt.kind, tt.remedy)
			}
		})
	}
}

func TestTheUsageOfNPMHidesNoCause(t *testing.T) {
	output := "npm error Missing: a@1.0.0 from lock file\nnpm error\nnpm error Usage:\nnpm error npm ci\n" + strings.Repeat("npm error   --flag\nnpm error     what it does\n", 30) +
		"npm error Run \"npm help ci\" for more info\nnpm error A complete log is elsewhere"
	var e *engine.Error
	want := "npm error Missing: a@1.0.0 from lock file|npm error|npm error A complete log is elsewhere"
	if errors.As(taskError("install", "exit status 1", output), &e); strings.Join(e.Detail, "|") != want {
		t.Errorf("it shows %q", e.Detail)
	}
}

func TestWhatYarnFetchesHidesNoCause(t *testing.T) {
	output := "YN0000: ┌ Fetch step\nYN0001: │ TypeError: x\n" + strings.Repeat("YN0013: │ a can't be found in the cache and will be fetched\nYN0013: │ b can't be found in the cache and will be fetched\n", 30) + "YN0000: Failed with errors"
	var e *engine.Error
	want := "YN0000: ┌ Fetch step|YN0001: │ TypeError: x|YN0000: Failed with errors"
	if errors.As(taskError("install", "exit status 1", output), &e); strings.Join(e.Detail, "|") != want {
		t.Errorf("it shows %q", e.Detail)
	}
}

func TestLostFilesAreSeenThoughTheInstallEndsWell(t *testing.T) {
	const output = "npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write\n"
	if got := lostFiles(strings.Repeat(output, 3) + "\nadded 68 packages in 10s\n"); got != strings.TrimSpace(output) {
		t.Errorf("lost files: %q", got)
	}
	if got := lostFiles("npm warn deprecated x\nadded 68 packages in 10s\n"); got != "" {
		t.Errorf("lost files: %q", got)
	}
}

package gitrev

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const limit = 1 << 20

// vars is an environment in which only the test's own settings count.
func vars(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": t.TempDir(), "GIT_CONFIG_NOSYSTEM": "1",
		"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
	}
}

// git runs git in a folder.
func git(t *testing.T, env map[string]string, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir, cmd.Env = dir, environment(env)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// history is a repository: first has package-lock.json "one", HEAD has
// npm-shrinkwrap.json "two" and app/package-lock.json "three".
func history(t *testing.T) (dir string, env map[string]string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir, env = t.TempDir(), vars(t)
	git(t, env, dir, "init", "-q", "-b", "main")
	write(t, dir, "package-lock.json", "one")
	git(t, env, dir, "add", ".")
	git(t, env, dir, "commit", "-q", "-m", "first")
	git(t, env, dir, "tag", "first")
	git(t, env, dir, "mv", "package-lock.json", "npm-shrinkwrap.json")
	write(t, dir, "npm-shrinkwrap.json", "two")
	write(t, dir, "app/package-lock.json", "three")
	git(t, env, dir, "add", ".")
	git(t, env, dir, "commit", "-q", "-m", "second subject")
	return dir, env
}

func read(t *testing.T, env map[string]string, dir, rev string) (name, content string, err error) {
	t.Helper()
	r, err := Open(t.Context(), dir, env)
	if err != nil {
		return "", "", err
	}
	c, err := r.Commit(t.Context(), rev)
	if err != nil {
		return "", "", err
	}
	name, data, err := r.File(t.Context(), c, limit, "npm-shrinkwrap.json", "package-lock.json")
	return name, string(data), err
}

func TestAFileIsReadAsItWasInARevision(t *testing.T) {
	dir, env := history(t)
	worktree := filepath.Join(t.TempDir(), "other")
	git(t, env, dir, "worktree", "add", "-q", worktree, "first")
	hook := vars(t)
	hook["GIT_DIR"], hook["GIT_INDEX_FILE"] = filepath.Join(dir, "nowhere"), "/none"
	tests := []struct {
		name, dir, rev string
		env            map[string]string
		file, content  string
	}{
		{"the newest", dir, "HEAD", env, "npm-shrinkwrap.json", "two"},
		{"a tag, before the file was renamed", dir, "first", env, "package-lock.json", "one"},
		{"counted from a branch", dir, "main~1", env, "package-lock.json", "one"},
		{"by words of the message", dir, ":/second subject", env, "npm-shrinkwrap.json", "two"},
		{"a folder of the repository", filepath.Join(dir, "app"), "HEAD", env, "package-lock.json", "three"},
		{"a worktree", worktree, "HEAD", env, "package-lock.json", "one"},
		{"called by a hook of another repository", dir, "HEAD", hook, "npm-shrinkwrap.json", "two"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file, content, err := read(t, tt.env, tt.dir, tt.rev)
			if err != nil || file != tt.file || content != tt.content {
				t.Errorf("%s is %q, %v; want %s, %q", file, content, err, tt.file, tt.content)
			}
		})
	}
}

func TestASparseCheckoutHasAllFilesInItsHistory(t *testing.T) {
	dir, env := history(t)
	git(t, env, dir, "sparse-checkout", "set", "elsewhere")
	app := filepath.Join(dir, "app")
	if _, err := os.Stat(app); err == nil {
		t.Fatal("the checkout is not sparse")
	}
	write(t, app, "devbox.yaml", "")
	if _, content, err := read(t, env, app, "HEAD"); content != "three" {
		t.Errorf("read %q, %v", content, err)
	}
}

func TestWhatGitCannotAnswerIsSaid(t *testing.T) {
	dir, env := history(t)
	shallow := filepath.Join(t.TempDir(), "shallow")
	git(t, env, dir, "clone", "-q", "--depth", "1", "file://"+dir, shallow)
	unborn := t.TempDir()
	git(t, env, unborn, "init", "-q")
	bare := filepath.Join(t.TempDir(), "bare.git")
	git(t, env, dir, "clone", "-q", "--bare", ".", bare)
	without := vars(t)
	without["PATH"] = t.TempDir()
	outside := vars(t)
	alone := t.TempDir()
	outside["GIT_CEILING_DIRECTORIES"] = filepath.Dir(alone)
	tests := []struct {
		name, dir, rev string
		env            map[string]string
		kind           error
		words          string
	}{
		{"no repository", alone, "HEAD", outside, ErrNoRepository, alone},
		{"a bare repository", bare, "HEAD", env, ErrNoRepository, "work tree"},
		{"no commit", unborn, "HEAD", env, ErrNoRevision, "no commit yet"},
		{"an unknown revision", dir, "nope", env, ErrNoRevision, `"nope"`},
		{"a revision that a shallow clone has not", shallow, "HEAD~1", env, ErrNoRevision, "--unshallow"},
		{"a range", dir, "first..main", env, ErrNoRevision, "first..main"},
		{"a file and no commit", dir, "HEAD:npm-shrinkwrap.json", env, ErrNoRevision, "HEAD:"},
		{"an option", dir, "--output=x", env, ErrNoRevision, "--output=x"},
		{"two lines", dir, "HEAD\nHEAD", env, ErrNoRevision, `"HEAD\nHEAD"`},
		{"nothing", dir, "", env, ErrNoRevision, `""`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := read(t, tt.env, tt.dir, tt.rev)
			wantError(t, err, tt.kind, tt.words)
		})
	}
	t.Run("neither file", func(t *testing.T) {
		r, err := Open(t.Context(), dir, env)
		if err != nil {
			t.Fatal(err)
		}
		c, err := r.Commit(t.Context(), "first")
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = r.File(t.Context(), c, limit, "yarn.lock", "bun.lock")
		wantError(t, err, ErrNotInRevision, "yarn.lock or bun.lock in first")
		_, _, err = r.File(t.Context(), c, 1, "package-lock.json")
		wantError(t, err, ErrTooLarge, "package-lock.json")
	})
	t.Run("no git", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, err := Open(t.Context(), dir, without)
		wantError(t, err, ErrNoGit, "git is not installed")
	})
}

func wantError(t *testing.T, err, kind error, words string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, kind) || !strings.Contains(e.Text+e.Remedy, words) {
		t.Errorf("error %v (%+v), want %v with %q", err, e, kind, words)
	}
}

func TestGitGetsAnEnvironmentThatLeadsItNowhere(t *testing.T) {
	got := environment(map[string]string{
		"HOME": "/h", "LC_ALL": "de_DE.UTF-8", "GIT_DIR": "/x", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.pager",
		"GIT_TRACE": "1", "GIT_CONFIG_GLOBAL": "/g",
	})
	want := []string{"GIT_CONFIG_GLOBAL=/g", "HOME=/h", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C"}
	if !slices.Equal(got, want) {
		t.Errorf("environment %q, want %q", got, want)
	}
}

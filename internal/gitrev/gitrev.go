// Package gitrev reads files as they were in a revision of a git repository. It
// asks the git program, which alone knows every form of repository (worktrees,
// partial clones, alternates, reftables). Nothing of a user's words becomes an
// argument of git: names of objects go through its standard input.
package gitrev

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Kinds of failures, for errors.Is.
var (
	ErrNoGit         = errors.New("git is not installed")
	ErrNoRepository  = errors.New("not a git repository")
	ErrNoRevision    = errors.New("no such revision")
	ErrNotInRevision = errors.New("not in that revision")
	ErrTooLarge      = errors.New("too large")
)

// Error is why git cannot answer.
type Error struct {
	// Kind is one of the Err values of this package, or nil.
	Kind error
	Text string
	// Remedy says what to do; it may be empty.
	Remedy string
}

func (e *Error) Error() string { return e.Text }

// Unwrap is the kind.
func (e *Error) Unwrap() error { return e.Kind }

// Hint says what the user can do.
func (e *Error) Hint() string { return e.Remedy }

// Repo is a folder of a repository's work tree.
type Repo struct {
	dir     string
	env     []string
	shallow bool
}

// Commit is one commit.
type Commit struct {
	// Name is what it was asked for by, ID its full name.
	Name, ID string
}

// Open finds the repository that a folder is in. vars is the environment.
func Open(ctx context.Context, dir string, vars map[string]string) (*Repo, error) {
	r := &Repo{dir: dir, env: environment(vars)}
	out, err := r.git(ctx, "", "rev-parse", "--is-inside-work-tree", "--is-shallow-repository")
	if err != nil {
		return nil, err
	}
	answers := strings.Fields(string(out))
	if len(answers) == 0 || answers[0] != "true" {
		return nil, &Error{Kind: ErrNoRepository, Text: dir + " is not in the work tree of a git repository"}
	}
	r.shallow = len(answers) > 1 && answers[1] == "true"
	return r, nil
}

// Commit finds the commit that a revision names: HEAD, main~3, a tag, the
// beginning of an ID, whatever gitrevisions(7) knows.
func (r *Repo) Commit(ctx context.Context, rev string) (Commit, error) {
	if rev == "" || rev[0] == '-' || strings.ContainsFunc(rev, unicode.IsControl) {
		return Commit{}, &Error{Kind: ErrNoRevision, Text: fmt.Sprintf("%q is no revision of git", rev)}
	}
	o, err := r.object(ctx, rev, 0)
	if err == nil && o.kind == "tag" {
		o, err = r.object(ctx, o.id+"^{commit}", 0)
	}
	switch {
	case err != nil:
		return Commit{}, err
	case o.state == "ambiguous":
		return Commit{}, &Error{Kind: ErrNoRevision, Text: fmt.Sprintf("%q fits several commits", rev), Remedy: "give more of its letters"}
	case o.kind != "commit":
		return Commit{}, r.noRevision(rev)
	}
	return Commit{Name: rev, ID: o.id}, nil
}

func (r *Repo) noRevision(rev string) error {
	e := &Error{Kind: ErrNoRevision, Text: fmt.Sprintf("git has no revision %q here", rev), Remedy: "`git log --oneline` shows what there is"}
	switch {
	case r.shallow:
		e.Remedy = "this is a shallow clone, which has the newest commits only: `git fetch --unshallow`"
	case rev == "HEAD":
		e.Text, e.Remedy = "the repository has no commit yet", ""
	}
	return e
}

// File reads the first of several files, by their names in the folder, that a
// commit has. Where it has none, that is ErrNotInRevision. A file above limit
// bytes is ErrTooLarge.
func (r *Repo) File(ctx context.Context, c Commit, limit int64, names ...string) (name string, data []byte, err error) {
	for _, name := range names {
		if strings.ContainsFunc(name, unicode.IsControl) {
			continue
		}
		o, err := r.object(ctx, c.ID+":./"+name, limit)
		if err != nil {
			return "", nil, err
		}
		if o.kind == "blob" {
			return name, o.data, nil
		}
	}
	return "", nil, &Error{Kind: ErrNotInRevision, Text: fmt.Sprintf("there is no %s in %s", strings.Join(names, " or "), c.Name)}
}

// object is what git says of a name.
type object struct {
	// state is found, missing or ambiguous.
	state    string
	id, kind string
	data     []byte
}

// object asks for an object; its content is read where limit is not 0.
func (r *Repo) object(ctx context.Context, name string, limit int64) (object, error) {
	out, err := r.git(ctx, name+"\n", "cat-file", "--batch-check")
	if err != nil {
		return object{}, err
	}
	o, size := parseHeader(string(out))
	if limit == 0 || o.kind != "blob" {
		return o, nil
	}
	if size > limit {
		return object{}, &Error{Kind: ErrTooLarge, Text: fmt.Sprintf("%s is larger than the %d MB that devbox reads", name, limit>>20)}
	}
	// The ID comes from git and is hexadecimal, so it can be an argument.
	o.data, err = r.git(ctx, "", "cat-file", "blob", o.id)
	return o, err
}

// parseHeader reads a line of cat-file: ID, kind and size, or a name and what
// is wrong with it.
func parseHeader(line string) (object, int64) {
	line = strings.TrimSuffix(line, "\n")
	fields := strings.Fields(line)
	const parts = 3
	if len(fields) == parts {
		if size, err := strconv.ParseInt(fields[2], 10, 64); err == nil {
			return object{state: "found", id: fields[0], kind: fields[1]}, size
		}
	}
	if strings.HasSuffix(line, " ambiguous") {
		return object{state: "ambiguous"}, 0
	}
	return object{state: "missing"}, 0
}

// gitTime is how long git may take. It may fetch objects of a partial clone.
const gitTime = time.Minute

func (r *Repo) git(ctx context.Context, input string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = r.dir, r.env, strings.NewReader(input)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	const drain = time.Second
	cmd.WaitDelay = drain
	err := cmd.Run()
	switch {
	case err == nil:
		return stdout.Bytes(), nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("run git %s: %w", args[0], context.Cause(ctx))
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, exec.ErrDot):
		return nil, &Error{Kind: ErrNoGit, Text: "git is not installed here, and only git can tell what a lock was before", Remedy: "install git; `devbox lock status` works without"}
	}
	return nil, complaint(r.dir, args[0], strings.TrimSpace(stderr.String()), err)
}

// complaint says in our words what git says in its own.
func complaint(dir, command, words string, err error) error {
	switch {
	case strings.Contains(words, "not a git repository"), strings.Contains(words, "must be run in a work tree"):
		return &Error{Kind: ErrNoRepository, Text: dir + " is not in a git repository"}
	case strings.Contains(words, "dubious ownership"):
		return &Error{
			Text:   "git does not trust the repository of " + dir + ", because it belongs to another user",
			Remedy: "if you trust it: `git config --global --add safe.directory DIR`, with the folder that holds .git",
		}
	case words == "":
		return fmt.Errorf("run git %s: %w", command, err)
	}
	first, _, _ := strings.Cut(words, "\n")
	return &Error{Text: fmt.Sprintf("git %s: %s", command, first)}
}

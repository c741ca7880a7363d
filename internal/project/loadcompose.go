package project

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// Labels that Compose gives to what it makes, and finds it by. They are the
// ones of github.com/docker/compose/v5/pkg/api, which only the engine knows.
const (
	labelProject     = "com.docker.compose.project"
	labelService     = "com.docker.compose.service"
	labelWorkingDir  = "com.docker.compose.project.working_dir"
	labelConfigFiles = "com.docker.compose.project.config_files"
	labelOneOff      = "com.docker.compose.oneoff"
)

// LoadCompose loads the Compose project of a folder as `docker compose` does
// there: in development compose.yaml and its override file if there is one, in
// production compose.prod.yaml alone; variables from env, and from the folder's
// .env where env has none. The name is the one that env has for it, else that of
// the file. Paths come out absolute, and services carry the
// labels that Compose's own commands know their containers by.
func LoadCompose(ctx context.Context, dir string, mode Mode, env map[string]string) (*Compose, error) {
	return loadComposeFiles(ctx, dir, fileNamesIn(dir), mode, env)
}

// fileNamesIn tells by which names the rendered files of a folder go.
func fileNamesIn(dir string) FileNames {
	if _, err := os.Stat(filepath.Join(dir, BesideFiles.Compose(Dev))); err == nil {
		return BesideFiles
	}
	return StandardFiles
}

// LoadCompose loads the Compose project of the folder, see the function
// LoadCompose. Files beside the user's own have no override.
func (p *Project) LoadCompose(ctx context.Context, mode Mode, env map[string]string) (*Compose, error) {
	if err := p.Model.checkSide(mode); err != nil {
		return nil, err
	}
	return loadComposeFiles(ctx, p.Dir, p.Model.Files, mode, env)
}

// LoadComposeBare is LoadCompose without the values of env files, which need not
// be there: for what starts nothing.
func (p *Project) LoadComposeBare(ctx context.Context, mode Mode, env map[string]string) (*Compose, error) {
	if err := p.Model.checkSide(mode); err != nil {
		return nil, err
	}
	return loadComposeFiles(ctx, p.Dir, p.Model.Files, mode, env, cli.WithoutEnvironmentResolution)
}

func loadComposeFiles(ctx context.Context, dir string, names FileNames, mode Mode, env map[string]string, more ...cli.ProjectOptionsFn) (*Compose, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("load Compose project: %w", err)
	}
	files := composeFiles(dir, names, mode)
	for _, f := range files {
		if err := checkYAMLFile(f); err != nil {
			return nil, &ComposeError{Op: fmt.Sprintf("read Compose file %q", filepath.Base(f)), Err: err}
		}
	}
	c, err := loadCompose(ctx, dir, mode, files, env, more...)
	if err != nil {
		return nil, &ComposeError{Op: "load " + filepath.Base(files[0]), Err: err}
	}
	return labelled(c), nil
}

// LookCompose loads the Compose project of a folder to be looked at, not to be
// started: a password that env does not have stands as a word of no meaning, and
// env files are not read.
func LookCompose(ctx context.Context, dir string, mode Mode, env map[string]string) (*Compose, error) {
	vars := map[string]string{}
	for _, f := range composeFiles(dir, fileNamesIn(dir), mode) {
		data, err := os.ReadFile(f)
		if err != nil {
			continue // loading says so
		}
		for _, m := range passwordVar.FindAllSubmatch(data, -1) {
			vars[string(m[1])] = "none"
		}
	}
	maps.Copy(vars, env)
	return loadComposeFiles(ctx, dir, fileNamesIn(dir), mode, vars, cli.WithoutEnvironmentResolution)
}

// passwordVar is a password in a rendered file.
var passwordVar = regexp.MustCompile(`\$\{(DEVBOX_[A-Z0-9_]+_PASSWORD):\?`)

// ComposeError says that a Compose file of the project cannot be used.
type ComposeError struct {
	// Op says what was being done, and to which file.
	Op  string
	Err error
}

func (e *ComposeError) Error() string { return fmt.Sprintf("%s: %v", e.Op, e.Err) }

// Unwrap is what Compose says about it.
func (e *ComposeError) Unwrap() error { return e.Err }

// Hint is for a file that devbox renders.
func (e *ComposeError) Hint() string {
	return "`devbox render --diff` shows how the file differs from what " + ModelFile + " says"
}

// ProjectInvalid marks the errors that a file of the project causes.
func (e *ComposeError) ProjectInvalid() bool { return true }

// composeFiles lists the files of a mode, the override last.
func composeFiles(dir string, names FileNames, mode Mode) []string {
	files := []string{filepath.Join(dir, names.Compose(mode))}
	if mode == Prod || names == BesideFiles {
		return files
	}
	for _, name := range cli.DefaultOverrideFileNames {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return append(files, filepath.Join(dir, name))
		}
	}
	return files
}

func loadCompose(ctx context.Context, dir string, mode Mode, files []string, env map[string]string, more ...cli.ProjectOptionsFn) (*Compose, error) {
	opts, err := cli.NewProjectOptions(files, append([]cli.ProjectOptionsFn{
		cli.WithWorkingDirectory(dir),
		cli.WithName(chosenName(mode, env)),
		withVariables(env),
		withDotEnv(dir, env),
		withProfiles,
		cli.WithResourceLoader(yamlGuard{dir}),
	}, more...)...)
	if err != nil {
		return nil, err
	}
	c, err := opts.LoadProject(ctx)
	if err != nil {
		return nil, err
	}
	if c.Name == "" {
		return nil, errors.New("it has no project name")
	}
	return c.WithoutUnnecessaryResources(), nil
}

// chosenName is the Compose project's name where env has one. It counts whatever
// the file says, because devbox knows its containers by it.
func chosenName(mode Mode, env map[string]string) string {
	name := env[VarProject]
	if name != "" && mode == Prod {
		name = ProdName(name)
	}
	return name
}

// withVariables gives Compose a copy: it adds to the map that it gets.
func withVariables(env map[string]string) cli.ProjectOptionsFn {
	return func(o *cli.ProjectOptions) error {
		maps.Copy(o.Environment, env)
		return nil
	}
}

// withProfiles takes in what COMPOSE_PROFILES names, and the services that plain
// Compose leaves out at a start because devbox knows when they are due.
func withProfiles(o *cli.ProjectOptions) error {
	profiles := []string{seedProfile}
	for name := range strings.SplitSeq(o.Environment[consts.ComposeProfiles], ",") {
		profiles = append(profiles, strings.TrimSpace(name))
	}
	return cli.WithProfiles(profiles)(o)
}

// Variables are those that Compose files of a folder see: env, and those of the
// folder's .env that env does not have.
func Variables(dir string, env map[string]string) (map[string]string, error) {
	opts, err := cli.NewProjectOptions(nil, cli.WithWorkingDirectory(dir), withVariables(env), withDotEnv(dir, env))
	if err != nil {
		return nil, &ComposeError{Op: "read variables", Err: err}
	}
	return opts.Environment, nil
}

// withDotEnv reads the folder's .env as Compose does. cli.WithEnvFiles would
// look into this process's environment for the switch that turns it off.
func withDotEnv(dir string, env map[string]string) cli.ProjectOptionsFn {
	return func(o *cli.ProjectOptions) error {
		if off, _ := strconv.ParseBool(env[consts.ComposeDisableDefaultEnvFile]); off {
			return nil
		}
		file := filepath.Join(dir, ".env")
		info, err := os.Stat(file)
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && info.IsDir():
			return nil
		case err != nil:
			return fmt.Errorf("read .env: %w", err)
		case !info.Mode().IsRegular() || info.Size() > maxYAMLSize:
			return fmt.Errorf("read .env: it is not a file of at most %d bytes", maxYAMLSize)
		}
		o.EnvFiles = []string{file}
		if err := cli.WithDotEnv(o); err != nil {
			return dotenvProblem(".env", err)
		}
		return nil
	}
}

// labelled gives every service the labels that Compose finds containers by.
func labelled(c *Compose) *Compose {
	for name, s := range c.Services {
		s.CustomLabels = types.Labels{
			labelProject:     c.Name,
			labelService:     name,
			labelWorkingDir:  c.WorkingDir,
			labelConfigFiles: strings.Join(c.ComposeFiles, ","),
			labelOneOff:      "False",
		}
		c.Services[name] = s
	}
	return c
}

// checkYAMLFile looks at a file before a parser does.
func checkYAMLFile(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return cause(err)
	}
	if !info.Mode().IsRegular() {
		return ErrSpecial
	}
	f, err := os.Open(file)
	if err != nil {
		return cause(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxYAMLSize+1))
	if err != nil {
		return cause(err)
	}
	return prescanYAML(data)
}

// cause is what is behind an error that names the path.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// yamlGuard looks at the files that a Compose file includes or extends before
// they are parsed. It takes over only files that it refuses.
type yamlGuard struct{ dir string }

var _ loader.ResourceLoader = yamlGuard{}

func (g yamlGuard) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(g.dir, p)
}

// Accept takes a file over that must not be parsed.
func (g yamlGuard) Accept(p string) bool {
	info, err := os.Stat(g.path(p))
	return err == nil && info.Mode().IsRegular() && checkYAMLFile(g.path(p)) != nil
}

// Load says why.
func (g yamlGuard) Load(_ context.Context, p string) (string, error) {
	return "", fmt.Errorf("read Compose file %q: %w", p, checkYAMLFile(g.path(p)))
}

// Dir is the folder of the file.
func (g yamlGuard) Dir(p string) string { return filepath.Dir(p) }

package session

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/devbox-node/devbox/internal/engine"
	"github.com/devbox-node/devbox/internal/project"
)

// A backing service's password is made once, for its data: most of them take it
// in when the data is made, and never look at it again. So it is kept where the
// data is, as the label of a volume that is there for nothing else: it lives as
// long as the data, the engine gives it to those who could read it from the
// container anyway, and of two who make one at a time the first counts. A copy
// in .devbox is for people and for the day somebody prunes that volume.

// passwords are the passwords of a project's backing services by the variables
// that give them to Compose.
func (e *Environment) passwords(ctx context.Context, d *Desired) (map[string]string, error) {
	vars := map[string]string{}
	for _, b := range d.Project.Model.Backing {
		if b.PasswordVar() == "" || !b.RunsIn(d.Mode) {
			continue
		}
		password, err := e.password(ctx, d, b)
		if err != nil {
			return nil, err
		}
		vars[b.PasswordVar()] = password
	}
	return vars, nil
}

// password is the one that the user gives, or the one that the data has, or a
// new one.
func (e *Environment) password(ctx context.Context, d *Desired, b project.Backing) (string, error) {
	given, err := e.givenPassword(b)
	if err != nil {
		return "", err
	}
	kept := keptPassword(d.Data, composeName(d), b.Name)
	if kept == "" {
		password, err := e.knownPassword(ctx, d, b, given)
		if err != nil {
			return "", err
		}
		if kept, err = e.keepPassword(ctx, d, b, password); err != nil {
			return "", err
		}
	}
	if given != "" {
		return given, nil
	}
	return kept, e.writePassword(d.Mode, b.Name, kept)
}

// knownPassword is one for data that carries none: it may have lost it, or may
// not be there yet.
func (e *Environment) knownPassword(ctx context.Context, d *Desired, b project.Backing, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	if password := e.containerPassword(ctx, d, b); password != "" {
		return password, nil
	}
	if password := e.readPassword(d.Mode, b.Name); password != "" {
		return password, nil
	}
	if v, there := dataVolume(d.Data, composeName(d), b.Name); there && b.Use != "redis" {
		lost := &PasswordLostError{Service: b.Name, Volume: v.Name, Var: b.PasswordVar()}
		if b.Use == "postgres" {
			lost.Container = composeName(d) + "-" + b.Name + "-1"
		}
		return "", lost
	}
	return strings.ToLower(rand.Text()), nil
}

// PasswordLostError says that there is data whose password nobody knows.
type PasswordLostError struct {
	Service, Volume, Var string
	// Container, where there is a name, is that of a database that trusts whoever is
	// inside of its container, and so can be given another password.
	Container string
}

func (e *PasswordLostError) Error() string {
	return fmt.Sprintf("the password of service %q is not known, and volume %s holds data that needs it", e.Service, e.Volume)
}

// Unwrap is ErrDataUnusable.
func (e *PasswordLostError) Unwrap() error { return ErrDataUnusable }

// Hint says how to go on.
func (e *PasswordLostError) Hint() string {
	if e.Container == "" {
		return fmt.Sprintf("set %s to it, or begin with new data: `devbox db reset %s`", e.Var, e.Service)
	}
	return fmt.Sprintf("set %[1]s to it; or keep the data and give them another: set %[1]s=NEW in .env, `devbox up --detach`, "+
		"`docker exec %[2]s psql -U %[3]s -c \"ALTER ROLE %[3]s PASSWORD 'NEW'\"`, `devbox up --detach`; or begin with new data: `devbox db reset %[4]s`",
		e.Var, e.Container, project.BackingUser, e.Service)
}

// givenPassword is the password that the environment or the folder's .env gives.
func (e *Environment) givenPassword(b project.Backing) (string, error) {
	given := e.Vars[b.PasswordVar()]
	if given == "" {
		// A .env that cannot be read is an error where the project is loaded.
		vars, _ := project.Variables(e.Dir, e.Vars)
		given = vars[b.PasswordVar()]
	}
	if why := project.CheckPassword(given); why != "" {
		return "", &PasswordFormError{Var: b.PasswordVar(), Why: why}
	}
	return given, nil
}

// PasswordFormError says that a password that was given cannot be used.
type PasswordFormError struct{ Var, Why string }

func (e *PasswordFormError) Error() string {
	return fmt.Sprintf("the password in %s: %s", e.Var, e.Why)
}

// ProjectInvalid marks the errors that the project's own settings cause.
func (e *PasswordFormError) ProjectInvalid() bool { return true }

// composeName is the name of the Compose project that is desired.
func composeName(d *Desired) string {
	if d.Mode == project.Prod {
		return project.ProdName(d.Project.Name)
	}
	return d.Project.Name
}

// keptPassword is what the volume for it says; empty where there is none.
func keptPassword(list []engine.Volume, project, service string) string {
	name := passwordVolume(project, service)
	for _, v := range list {
		if v.Name == name {
			return v.Labels[engine.LabelPassword]
		}
	}
	return ""
}

func passwordVolume(project, service string) string { return ownVolume("password", project, service) }

// dataVolume is the volume with the data of a service.
func dataVolume(list []engine.Volume, name, service string) (engine.Volume, bool) {
	for _, v := range list {
		if v.Labels[project.LabelKind] != "" && v.Labels[project.LabelBacking] == service && v.Labels[engine.LabelComposeProject] == name {
			return v, true
		}
	}
	return engine.Volume{}, false
}

// keepPassword keeps a password with the data, and gives the one that is kept:
// another devbox may have been quicker.
func (e *Environment) keepPassword(ctx context.Context, d *Desired, b project.Backing, password string) (string, error) {
	name := composeName(d)
	if err := e.Engine.CreateVolume(ctx, passwordVolume(name, b.Name), e.passwordLabels(name, b.Name, password)); err != nil {
		return "", err
	}
	list, err := e.Engine.Volumes(ctx, project.LabelBacking+"="+b.Name)
	if err != nil {
		return "", err
	}
	if kept := keptPassword(list, name, b.Name); kept != "" {
		return kept, nil
	}
	return "", fmt.Errorf("keep the password of service %q: %w", b.Name, &TakenVolumeError{passwordVolume(name, b.Name)})
}

// takePasswords makes passwords those of the services' data, by the services.
func (e *Environment) takePasswords(ctx context.Context, name string, passwords map[string]string) error {
	for _, service := range slices.Sorted(maps.Keys(passwords)) {
		if err := e.removeOwn(ctx, passwordVolume(name, service), project.LabelBacking, service); err != nil {
			return err
		}
		if err := e.makeOwn(ctx, passwordVolume(name, service), project.LabelBacking, e.passwordLabels(name, service, passwords[service])); err != nil {
			return err
		}
	}
	return nil
}

func (e *Environment) passwordLabels(name, service, password string) map[string]string {
	return map[string]string{
		project.LabelBacking: service, engine.LabelPassword: password, engine.LabelComposeProject: name, engine.LabelDir: e.Dir,
	}
}

// forgetData removes what was noted of a project's data, when that is gone.
func (e *Environment) forgetData(ctx context.Context, name string) error {
	list, err := e.Engine.Volumes(ctx, project.LabelBacking)
	if err != nil {
		return err
	}
	var noted []string
	for _, v := range list {
		if v.Labels[engine.LabelComposeProject] == name && v.Labels[project.LabelKind] == "" {
			noted = append(noted, v.Name)
		}
	}
	_, err = e.removeVolumes(ctx, noted)
	return err
}

// containerPassword is the password that the service's container runs with.
func (e *Environment) containerPassword(ctx context.Context, d *Desired, b project.Backing) string {
	c, err := e.serviceContainer(ctx, composeName(d), b.Name)
	if err != nil {
		return ""
	}
	for _, v := range c.Env {
		if value, ok := strings.CutPrefix(v, b.PasswordEnv()+"="); ok && project.CheckPassword(value) == "" {
			return value
		}
	}
	return ""
}

const secretsDir = project.StateDir + "/secrets"

func secretFile(mode project.Mode, service string) string {
	return path.Join(secretsDir, string(mode), service)
}

// readPassword is the copy in the state folder; empty where there is none.
func (e *Environment) readPassword(mode project.Mode, service string) string {
	root, err := os.OpenRoot(e.Dir)
	if err != nil {
		return ""
	}
	defer root.Close()
	data, err := project.ReadFile(root, secretFile(mode, service))
	if password := strings.TrimSpace(string(data)); err == nil && project.CheckPassword(password) == "" {
		return password
	}
	return ""
}

// writePassword puts the copy into the state folder, where it is not there.
func (e *Environment) writePassword(mode project.Mode, service, password string) error {
	if e.readPassword(mode, service) == password {
		return nil
	}
	root, err := os.OpenRoot(e.Dir)
	if err != nil {
		return fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	if err := project.EnsureStateDir(root); err != nil {
		return err
	}
	for _, dir := range []string{secretsDir, path.Join(secretsDir, string(mode))} {
		if err := project.EnsureDir(root, dir); err != nil {
			return err
		}
	}
	name := secretFile(mode, service)
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write %s: %w", name, err)
	}
	f, err := project.OpenState(root, strings.TrimPrefix(name, project.StateDir+"/"), os.O_WRONLY|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = f.WriteString(password + "\n")
	return errors.Join(err, f.Close())
}

// hidden is a text without the passwords of the project.
func (d *Desired) hidden(text string) string {
	for _, password := range d.Passwords {
		const shortest = 4 // a shorter one would blank out words
		if len(password) >= shortest {
			text = strings.ReplaceAll(text, password, "***")
		}
	}
	return text
}

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/session"
)

// oneOffOptions are the arguments of run and shell.
type oneOffOptions struct {
	service string
	command []string
	noTTY   bool
}

func newShellCmd(d *deps, run func(context.Context, oneOffOptions) error) *cobra.Command {
	var o oneOffOptions
	if run == nil {
		run = func(ctx context.Context, o oneOffOptions) error { return runOneOff(ctx, d, o) }
	}
	cmd := &cobra.Command{
		Use:   "shell [SERVICE]",
		Short: "Open a shell in a container of its own",
		Long: `Opens a shell in a new container of the service, with the source mounted and the
packages there. The container is removed afterwards. The exit status is the
shell's.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.service = args[0]
			}
			o.command = []string{"/bin/sh", "-c", "command -v bash >/dev/null && exec bash; exec sh"}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVarP(&o.noTTY, "no-tty", "T", false, "give the shell no terminal")
	return cmd
}

func newRunCmd(d *deps, run func(context.Context, oneOffOptions) error) *cobra.Command {
	var o oneOffOptions
	if run == nil {
		run = func(ctx context.Context, o oneOffOptions) error { return runOneOff(ctx, d, o) }
	}
	cmd := &cobra.Command{
		Use:   "run [SERVICE --] COMMAND [ARG...]",
		Short: "Run a command in a container of its own",
		Long: `Runs a command in a new container of the service, with the source mounted and the
packages there. The container is removed afterwards. The exit status is the
command's.`,
		Example: `  devbox run npm test
  devbox run web -- node --version`,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.service, o.command, err = splitRunArgs(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().SetInterspersed(false)
	cmd.Flags().BoolVarP(&o.noTTY, "no-tty", "T", false, "give the command no terminal")
	return cmd
}

// splitRunArgs tells the service from the command: only what stands before --
// can be a service.
//
// Flags end at the first word that is none, so a -- behind the service is still
// among the arguments.
func splitRunArgs(args []string) (service string, command []string, err error) {
	const hint = "devbox run npm test, or devbox run web -- npm test"
	if len(args) > 1 && args[1] == "--" {
		service, args = args[0], args[2:]
	}
	if len(args) == 0 {
		return "", nil, &usageError{text: "no command to run", hint: hint}
	}
	return service, args, nil
}

// runOneOff makes image and volume ready and runs the command.
func runOneOff(ctx context.Context, d *deps, o oneOffOptions) error {
	if err := d.knowsApp(o.service); err != nil {
		return err // before minutes go into a build for it
	}
	opened, err := d.openEnvironment(ctx, d.talk())
	if err != nil {
		return err
	}
	defer opened.client.Close()
	env := opened.env
	desired, err := env.Converge(ctx, project.Dev, session.PlanOptions{Lenient: true})
	if err != nil {
		return err
	}
	service, err := pickService(desired.Project, o.service)
	if err != nil {
		return err
	}
	code, err := env.OneOff(ctx, desired, session.OneOffOptions{
		Service: service, Command: o.command, Stdin: true, TTY: d.inTTY && d.outTTY && !o.noTTY, Term: d.vars["TERM"],
	})
	if err != nil {
		return err
	}
	if code != 0 {
		return &statusError{code}
	}
	return nil
}

// knowsApp makes sure that a name, if there is one, is that of an app.
func (d *deps) knowsApp(name string) error {
	if name == "" {
		return nil
	}
	p, err := d.openProject()
	if err != nil {
		return err
	}
	_, err = pickService(p, name)
	return err
}

// pickService is the service that was named, or the first one.
func pickService(p *project.Project, name string) (string, error) {
	if name == "" {
		return p.Model.Services[0].Name, nil
	}
	if _, ok := p.Model.Service(name); !ok {
		return "", noService(name, p.Model.Names())
	}
	return name, nil
}

// noService says that a service is not one of those that there are.
func noService(name string, there []string) error {
	return &usageError{text: fmt.Sprintf("there is no service %q", name), hint: "services: " + strings.Join(there, ", ")}
}

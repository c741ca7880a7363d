package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/term"
	"github.com/devbox-node/devbox/internal/ui/plain"
)

type renderOptions struct {
	check, diff, force bool
	stdout             string
}

func newRenderCmd(d *deps, run func(context.Context, renderOptions) error) *cobra.Command {
	var o renderOptions
	if run == nil {
		run = func(_ context.Context, o renderOptions) error { return runRender(d, o) }
	}
	cmd := &cobra.Command{
		Use:   "render",
		Short: "Write Dockerfile and Compose files from devbox.yaml",
		Long: `Writes Dockerfile, .dockerignore, compose.yaml and compose.prod.yaml from
devbox.yaml. A file that was edited by hand is kept and shown as a diff; --force
replaces it and keeps a copy.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.check, "check", false, "write nothing; exit with 3 when a file is out of date or edited")
	f.BoolVar(&o.diff, "diff", false, "write nothing; show what would change")
	f.BoolVar(&o.force, "force", false, "replace files edited by hand too, and keep a copy")
	f.StringVar(&o.stdout, "stdout", "", "write nothing; print the Compose file of `mode` dev or prod")
	exclusive(cmd, "check", "diff", "force", "stdout")
	return cmd
}

// errOutOfDate is render --check's finding.
var errOutOfDate = &outOfDateError{}

type outOfDateError struct{}

func (*outOfDateError) Error() string { return "rendered files are not what devbox.yaml says" }

func (*outOfDateError) Hint() string {
	return "`devbox render --diff` shows how; `devbox render` writes what is out of date, and with --force what was edited too"
}
func (*outOfDateError) ProjectInvalid() bool { return true }

func runRender(d *deps, o renderOptions) error {
	p, err := d.openProject()
	if err != nil {
		return err
	}
	if o.stdout != "" {
		return printRendered(d, p, project.Mode(o.stdout))
	}
	plan, err := p.Plan()
	if err != nil {
		return err
	}
	if o.force {
		plan = plan.Forced()
	}
	switch {
	case o.check:
		fmt.Fprint(d.out, plan)
		if !plan.Clean() {
			return errOutOfDate
		}
		return nil
	case o.diff:
		_, err := fmt.Fprint(d.out, term.Text(plan.Diff(), term.Options{}))
		return err
	}
	_, err = p.Write(plan)
	fmt.Fprint(d.err, plan)
	for _, f := range plan.Files {
		if err == nil && f.Action == project.KeepEdited {
			_, err = fmt.Fprint(d.err, term.Text(f.Diff(), term.Options{}))
		}
	}
	return err
}

func printRendered(d *deps, p *project.Project, mode project.Mode) error {
	if mode != project.Dev && mode != project.Prod {
		return &usageError{text: fmt.Sprintf("--stdout takes dev or prod, not %q", mode)}
	}
	files, err := p.Render()
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Name == p.Model.Files.Compose(mode) {
			_, err := d.out.Write(f.Data)
			return err
		}
	}
	return errors.New("no such file")
}

func newConfigCmd(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Print the resolved model: devbox.yaml with everything that was found",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p, err := d.openProject()
			if err != nil {
				return err
			}
			_, err = d.out.Write(p.Model.Masked().YAML())
			return err
		},
	}
}

// versions is what `version --json` prints.
type versions struct {
	Devbox  string `json:"devbox"`
	Go      string `json:"go"`
	Compose string `json:"compose"`
	Builder string `json:"buildkit"`
	Engine  string `json:"engine,omitempty"`
	API     string `json:"api,omitempty"`
	Host    string `json:"host,omitempty"`
}

func newVersionCmd(d *deps) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of devbox, of what it embeds, and of the engine",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runVersion(cmd.Context(), d, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func runVersion(ctx context.Context, d *deps, asJSON bool) error {
	v := versions{Devbox: version, Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			switch dep.Path {
			case "github.com/docker/compose/v5":
				v.Compose = dep.Version
			case "github.com/moby/buildkit":
				v.Builder = dep.Version
			}
		}
	}
	// The versions are worth showing without an engine too, so its absence is a line.
	c, err := d.open(ctx, d.engineOptions(d.talk()))
	if err == nil {
		defer c.Close()
		v.Engine, v.API, v.Host = c.Info().Version, c.Info().APIVersion, c.Info().Host
	}
	if asJSON {
		return plain.WriteJSON(d.out, v)
	}
	fmt.Fprintf(d.out, "devbox    %s (%s)\ncompose   %s\nbuildkit  %s\n", v.Devbox, v.Go, v.Compose, v.Builder)
	if err != nil {
		fmt.Fprintf(d.out, "engine    none: %v\n", err)
		return nil
	}
	fmt.Fprintf(d.out, "engine    Docker %s, API %s at %s\n", v.Engine, v.API, v.Host)
	return nil
}

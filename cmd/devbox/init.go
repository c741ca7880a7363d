package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/devbox-node/devbox/internal/project"
	"github.com/devbox-node/devbox/internal/term"
	"github.com/devbox-node/devbox/templates"
)

// initOptions are the flags of init.
type initOptions struct {
	dir      string
	template string
	yes      bool
	dryRun   bool
	imports  project.ImportOptions
	choices  project.Choices
}

func newInitCmd(d *deps, run func(context.Context, initOptions) error) *cobra.Command {
	var o initOptions
	if run == nil {
		run = func(ctx context.Context, o initOptions) error { return runInit(ctx, d, o) }
	}
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Make a project: from a template, or of the app that is in the folder",
		Long: `Makes a folder a project of devbox. In a folder with a package.json it finds the
Node.js version, the package manager, apps, commands, ports and databases, and says
from where; in an empty one it writes the files of a template. It writes
devbox.yaml, Dockerfile, .dockerignore, compose.yaml and compose.prod.yaml, and
never touches a file of yours.

A Dockerfile or Compose file of yours is imported: what it says goes into
devbox.yaml, the file stays as it is, and devbox's own are named devbox.Dockerfile,
devbox.compose.yaml and so on. docs/importing.md has the rules.

Templates:
` + templateList(),
		Example: "  devbox init --template chat mychat",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = d.dir
			if len(args) == 1 {
				o.dir = args[0]
			}
			return run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.template, "template", "t", "", "the `name` of a template")
	f.StringVar(&o.choices.Name, "name", "", "the project's `name` (default: from package.json or the folder)")
	f.StringVar(&o.choices.Node, "node", "", "the `version` of Node.js, such as 24 or 26.10.0")
	f.StringVar(&o.choices.PackageManager, "package-manager", "", "the `name` of the package manager, with or without a version")
	f.StringArrayVar(&o.choices.Use, "use", nil, "a `service` to add, such as postgres@15; may be given several times")
	f.BoolVar(&o.choices.NoServices, "no-services", false, "add no databases by itself")
	f.IntVar(&o.choices.Port, "port", -1, "the `port` that the app listens on, 0 for none (default: as found)")
	f.Lookup("port").DefValue = "0" // -1 would be shown
	f.BoolVarP(&o.yes, "yes", "y", false, "ask nothing; an empty folder becomes the minimal template")
	f.BoolVar(&o.imports.IgnoreCompose, "ignore-compose", false, "take nothing from a Compose file that is there")
	f.BoolVar(&o.dryRun, "dry-run", false, "write nothing; print the files")
	return cmd
}

func templateList() string {
	var b strings.Builder
	for _, s := range templates.Starters() {
		fmt.Fprintf(&b, "  %-12s %s\n", s.Name, s.Title)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// runInit plans all files first, so that nothing is written when any is in the way.
func runInit(ctx context.Context, d *deps, o initOptions) error {
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	o.choices.Folder, o.choices.RootOwned = filepath.Base(dir), project.IsRootOwned(dir)
	facts, err := detect(dir, o.imports)
	if err != nil {
		return err
	}
	if !facts.HasApp() && o.template == "" {
		if o.template, err = d.chooseTemplate(ctx, o); err != nil {
			return err
		}
	}
	if o.template == "" && !o.yes && d.inTTY && d.errTTY {
		if err := d.ask(ctx, facts, &o.choices); err != nil {
			return err
		}
	}
	files, findings, err := plannedFiles(dir, facts, o)
	if err != nil {
		return err
	}
	if o.dryRun {
		d.sayFound(findings)
		return d.printFiles(files)
	}
	written, err := createProject(dir, files)
	if err != nil {
		return err
	}
	d.sayMade(dir, written, findings)
	return nil
}

// detect reads the facts of a folder that may not be there yet.
func detect(dir string, o project.ImportOptions) (*project.Facts, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return &project.Facts{}, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	if _, err := root.Lstat(project.ModelFile); err == nil {
		return nil, &project.ExistsError{Project: true}
	}
	facts, err := project.DetectAll(root.FS())
	if err != nil {
		return nil, err
	}
	facts.Imports, err = project.ReadImports(root, facts, o)
	return facts, err
}

// chooseTemplate asks which template to use, if there is somebody to ask.
func (d *deps) chooseTemplate(ctx context.Context, o initOptions) (string, error) {
	if o.yes {
		return templates.Starters()[0].Name, nil
	}
	if !d.inTTY || !d.errTTY {
		return "", &usageError{
			text: "there is no package.json, and no template was chosen",
			hint: "choose one with --template:\n" + templateList(),
		}
	}
	fmt.Fprintf(d.err, "There is no package.json here. Which template?\n%s\n[%s] ", templateList(), templates.Starters()[0].Name)
	name, err := d.answer(ctx)
	if err != nil {
		return "", err
	}
	return cmp.Or(name, templates.Starters()[0].Name), nil
}

// readLine reads an answer, until ctx ends: a read from a terminal cannot be
// interrupted, so it is left to the end of the process.
func (d *deps) readLine(ctx context.Context) (string, error) {
	answer := make(chan string, 1)
	go func() {
		defer close(answer)
		if d.lines == nil {
			d.lines = bufio.NewReader(d.in)
		}
		if line, err := d.lines.ReadString('\n'); err == nil {
			answer <- line
		}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case line, ok := <-answer:
		if !ok {
			return "", &usageError{text: "there was no answer", hint: "`devbox init --yes` asks nothing; --template chooses a template"}
		}
		return line, nil
	}
}

func plannedFiles(dir string, facts *project.Facts, o initOptions) ([]project.File, []project.Finding, error) {
	var starter []project.File
	if o.template != "" {
		if facts.Package != nil {
			return nil, nil, &usageError{text: "there is a package.json already: a template is for an empty folder", hint: "leave --template out to use the app that is there"}
		}
		if _, ok := templates.FindStarter(o.template); !ok {
			return nil, nil, &usageError{text: fmt.Sprintf("there is no template %q", o.template), hint: "templates:\n" + templateList()}
		}
		list, err := templates.StarterFiles(o.template, nameOf(o))
		if err != nil {
			return nil, nil, err
		}
		for _, f := range list {
			starter = append(starter, project.File{Name: f.Path, Data: f.Data})
		}
		there := facts.Files
		if facts, err = project.Detect(project.FilesFS(starter)); err != nil {
			return nil, nil, err
		}
		facts.Files = there
		o.choices.NoServices = true // a template knows what it needs
	}
	model, findings, err := project.InitModel(facts, o.choices)
	if err != nil {
		return nil, nil, err
	}
	findings = append(findings, model.UseStarter(o.template)...)
	var fsys fs.FS
	if root, err := os.OpenRoot(dir); err == nil {
		defer root.Close()
		fsys = root.FS()
	}
	files, err := project.Scaffold(fsys, model, facts, starter)
	return files, findings, err
}

func nameOf(o initOptions) string {
	if o.choices.Name != "" {
		return o.choices.Name
	}
	return o.choices.Folder
}

// createProject writes the files, into a folder that it makes if it must.
func createProject(dir string, files []project.File) (written []string, err error) {
	made := false
	if _, statErr := os.Stat(dir); errors.Is(statErr, fs.ErrNotExist) {
		const open = 0o755
		if err := os.MkdirAll(dir, open); err != nil {
			return nil, fmt.Errorf("make project folder: %w", err)
		}
		made = true
	}
	defer func() {
		if made && err != nil {
			_ = os.Remove(dir)
		}
	}()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open project folder: %w", err)
	}
	defer root.Close()
	if err := project.CheckFree(root, files); err != nil {
		return nil, err
	}
	return project.Create(root, files)
}

func (d *deps) printFiles(files []project.File) error {
	for _, f := range files {
		if _, err := fmt.Fprintf(d.out, "=== %s\n%s", f.Name, term.Text(string(f.Data), term.Options{})); err != nil {
			return err
		}
	}
	return nil
}

// sayMade tells what was found and written, and what comes next.
func (d *deps) sayMade(dir string, written []string, findings []project.Finding) {
	d.sayFound(findings)
	fmt.Fprintf(d.err, "made %s in %s\n", strings.Join(written, ", "), term.Clean(dir))
	next := "devbox up"
	if here, err := filepath.Abs("."); err != nil || here != dir {
		next = project.Command{"cd", dir}.String() + " && devbox up"
	}
	fmt.Fprintf(d.err, "next: %s\n", next)
}

package project

import (
	"io/fs"
)

// Survey is what a folder shows of an app beside the facts that every command
// needs. Only init reads it: it looks into the sources.
type Survey struct {
	// Sources is what the code says.
	Sources Sources
	// Env is what the examples of .env files say, and .env itself.
	Env EnvFacts
	// Locked are the packages that the lock names and that matter here, with
	// their versions.
	Locked map[string]string
	// Data says which databases the settings of tools name: postgres (prisma).
	Data []Fact
	// Nodemon are nodemon's own settings, from nodemon.json or package.json.
	Nodemon Nodemon
	// OutDir is the folder that the TypeScript compiler writes to, if it says.
	OutDir Fact
	// Built is the file that a build makes and production runs, where the
	// settings of a tool say so.
	Built Fact
	// Missing are files that scripts and main name and that are not there.
	Missing []string
	// EnvFiles are the files of variables that scripts name and that are there.
	EnvFiles []string
	// ToolPort is the port in the settings of a development server.
	ToolPort Fact
	// Root is the package.json that says the package manager, where that is the
	// one of the workspace above.
	Root *PackageJSON
	// Apps are the packages of the folder that may be apps of their own.
	Apps []AppFacts
}

// AppFacts are the facts of a package in a folder of the project.
type AppFacts struct {
	// Dir is its folder, relative to the project and slash-separated.
	Dir string
	// Member tells that it is a member of the project's workspaces.
	Member bool
	*Facts
}

// DetectAll reads the facts of a folder and all that init wants to know beside
// them. It looks at no more files than its limits allow, however large the
// folder is.
func DetectAll(fsys fs.FS) (*Facts, error) {
	f, err := Detect(fsys)
	if err != nil {
		return nil, err
	}
	dirs, member := packageFolders(fsys, f)
	if f.Survey, err = survey(fsys, f, dirs); err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		app, err := detectApp(fsys, dir)
		if err != nil {
			f.Survey.Sources.Unread = append(f.Survey.Sources.Unread, Fact{err.Error(), dir})
			continue
		}
		f.Survey.Apps = append(f.Survey.Apps, AppFacts{Dir: dir, Member: member[dir], Facts: app})
	}
	return f, nil
}

func detectApp(fsys fs.FS, dir string) (*Facts, error) {
	sub, err := fs.Sub(fsys, dir)
	if err != nil {
		return nil, fileError("read", dir, err)
	}
	f, err := Detect(sub)
	if err != nil {
		return nil, err
	}
	f.Survey, err = survey(sub, f, nil)
	return f, err
}

// survey reads what DetectAll adds for one package. The folders of others in
// it are left out.
func survey(fsys fs.FS, f *Facts, others []string) (Survey, error) {
	env, err := readEnvFacts(fsys)
	if err != nil {
		return Survey{}, err
	}
	s := Survey{Env: env, Sources: readSources(fsys, others), Nodemon: readNodemon(fsys)}
	if name := f.Lock(); name != "" {
		s.Locked = lockedPackages(fsys, name)
	}
	s.Data = dataSettings(fsys, f.Package)
	s.OutDir = outDir(fsys)
	s.Missing = missingFiles(fsys, f.Package)
	s.EnvFiles = namedEnvFiles(fsys, f.Package)
	s.ToolPort = toolPort(fsys)
	s.Built = builtFile(fsys)
	return s, nil
}

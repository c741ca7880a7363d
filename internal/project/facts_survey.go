package project

import (
	"io/fs"
	"strings"
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
	// Migrations are the files and folders of tools for migrations that are there.
	Migrations []string
	// Nodemon are nodemon's own settings, from nodemon.json or package.json.
	Nodemon Nodemon
	// OutDir is the folder that the TypeScript compiler writes to, if it says.
	OutDir Fact
	// Writes are folders that tools and the app write, as settings say; Deletes is
	// one that a build removes before.
	Writes  []Written
	Deletes Fact
	// TopFiles are files at the top of the folder that tools write there.
	TopFiles []Written
	// Proxies are addresses of this machine that a development server passes
	// requests on to.
	Proxies []Proxy
	// Built is the file that a build makes and production runs, where the
	// settings of a tool say so.
	Built Fact
	// Missing are files that scripts and main name and that are not there.
	Missing []string
	// Typed are those of them that have their TypeScript beside them.
	Typed []string
	// EnvFiles are the files of variables that scripts name and that are there.
	EnvFiles []string
	// ToolPort is the port in the settings of a development server.
	ToolPort Fact
	// Root is the package.json that says the package manager, where that is the
	// one of the workspace above.
	Root *PackageJSON
	// Unread say which packages could not be read, and why.
	Unread []string
	// Nx is what the tasks of Nx say of the app.
	Nx *NxApp
	// Apps are the packages of the folder that may be apps of their own.
	Apps []AppFacts
}

// AppFacts are the facts of a package in a folder of the project.
type AppFacts struct {
	// Dir is its folder, relative to the project and slash-separated.
	Dir string
	// Member tells that it is a member of the project's workspaces.
	Member bool
	// Built is the file by which others load it and that its build has to make;
	// empty where it runs as it is.
	Built string
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
	dirs, member, unread := packageFolders(fsys, f)
	var apps []AppFacts
	var failed []string
	for _, dir := range dirs {
		app, err := detectIn(fsys, dir)
		if err != nil {
			if unread == nil {
				failed = append(failed, dir+": "+err.Error())
			}
			continue
		}
		apps = append(apps, AppFacts{Dir: dir, Member: member[dir], Built: builtEntry(subFS{fsys, dir}, app.Package), Facts: app})
	}
	if f.Survey, err = survey(fsys, f, dirs, mostSources); err != nil {
		return nil, err
	}
	f.Survey.Unread = failed
	if unread != nil {
		f.Survey.Unread = append(f.Survey.Unread, unread.Error())
	}
	f.Survey.Apps = apps
	if err := surveyApps(fsys, apps); err != nil {
		return nil, err
	}
	return f, f.addNx(fsys)
}

// surveyApps looks into the packages that are started; of the others no more is
// wanted than what they are.
func surveyApps(fsys fs.FS, apps []AppFacts) error {
	started := 0
	for _, app := range apps {
		if app.isApp() {
			started++
		}
	}
	for _, app := range apps {
		if !app.isApp() && !app.Package.storesData() {
			continue
		}
		sub, err := fs.Sub(fsys, app.Dir)
		if err != nil {
			return fileError("read", app.Dir, err)
		}
		if app.Facts.Survey, err = survey(sub, app.Facts, nil, max(leastSources, mostSources/started)); err != nil {
			return err
		}
	}
	return nil
}

// detectApp reads all facts of a package in a folder.
func detectApp(fsys fs.FS, dir string) (*Facts, error) {
	f, err := detectIn(fsys, dir)
	if err != nil {
		return nil, err
	}
	sub, err := fs.Sub(fsys, dir)
	if err != nil {
		return nil, fileError("read", dir, err)
	}
	f.Survey, err = survey(sub, f, nil, mostSources)
	return f, err
}

func detectIn(fsys fs.FS, dir string) (*Facts, error) {
	sub, err := fs.Sub(fsys, dir)
	if err != nil {
		return nil, fileError("read", dir, err)
	}
	return Detect(sub)
}

// survey reads what DetectAll adds for one package, of its code so many files.
// The folders of others in it are left out.
func survey(fsys fs.FS, f *Facts, others []string, most int) (Survey, error) {
	env, err := readEnvFacts(fsys)
	if err != nil {
		return Survey{}, err
	}
	s := Survey{Env: env, Sources: readSources(fsys, others, most), Nodemon: readNodemon(fsys)}
	if name := f.Lock(); name != "" {
		s.Locked = lockedPackages(fsys, name)
	}
	s.Data = dataSettings(fsys, f.Package)
	s.Migrations = migrationSigns(fsys, f.Package, s.Data)
	s.OutDir = outDir(fsys)
	s.Writes, s.Deletes = writtenFolders(fsys, f.Package, s.OutDir), deletedFolder(fsys, s.OutDir)
	s.TopFiles = topFiles(fsys, f.Package)
	s.Proxies = proxies(fsys)
	s.Missing = missingFiles(fsys, f.Package)
	for _, name := range s.Missing {
		if isRegular(fsys, strings.TrimSuffix(name, ".js")+".ts") {
			s.Typed = append(s.Typed, name)
		}
	}
	s.EnvFiles = namedEnvFiles(fsys, f.Package)
	s.ToolPort = toolPort(fsys)
	s.Built = builtFile(fsys)
	return s, nil
}
